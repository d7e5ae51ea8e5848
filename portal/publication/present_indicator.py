"""One indicator's page, out of a release, in the reader's language."""

from __future__ import annotations

from typing import Any

from portal.publication import present, words
from portal.publication.current import Current
from portal.web.filters import day, fiscal_year, short_year
from portal.web.i18n import _, ruby, tr_plain

Data = dict[str, Any]
LAST_MONTH = 3  # of a fiscal year
LONGEST_NOTE = 6  # letters that fit under one year of the chart


def page(release: Current, row: Data) -> Data:
    """Everything of one indicator's page, the plan's or the city's own."""
    main, rest = words.title(row["names"])
    newest = present.newest_value(row)
    places = [release.directions[p["goal"], p["direction"]] for p in row["placements"]]
    return {
        "release": release,
        "row": row,
        "title": main,
        "title_rest": rest,
        "place": places[0],
        "places": places,
        "newest": newest,
        "now": words.said(row, newest),
        "when": present.when(release, row, newest) if newest else "",
        "unit": tr_plain(row["units"]) if row["units"] else "",
        "months": present.months(release, row) if row["months"] else None,
        "marks": _marks(newest),
        "collecting": newest is not None and present.grows(release, row, newest),
        "period": words.months_of_year(present.newest_month(release)),
        "definition": words.definition(row),
        "source": words.source(row),
        "revised": _revised(row, newest),
        **({} if row["participation"] else _of_plan(release, row, newest)),
    }


def _revised(row: Data, value: Data | None) -> str:
    """That a figure of a closed year is another by now: since when, and what it was. "" where not."""
    found = value.get("revised") if value else None
    if not found:
        return ""
    staged = row["kind"] == "stage"
    was = {"stage": found["from"] if staged else None, "value": None if staged else found["from"]}
    said = words.said(row, was)
    return _("Revised on %(day)s. When the year was closed it was %(was)s.", day=day(found["on"]), was=said)


def _of_plan(release: Current, row: Data, newest: Data | None) -> Data:
    """What only the plan's indicators have: base, target, the way between them, a verdict."""
    points = _points(release, row)
    return {
        "base": words.printed(row, row["base"]),
        "target": words.printed(row, row["target"]),
        "before": _year_before(release, row, newest),
        "way": row["target_kind"] in ("reach", "at_most")
        and row["base"]["value"] is not None
        and not any(value.get("series_break") for value in row["values"]),
        "chart": [point | {"value": None, "kind": "none"} if point["grows"] else point for point in points],
        "points": points,
        "aim": _aim(release, row),
        "drawn": sum(point["value"] is not None and not point["grows"] for point in points) > 1,
    }


def _marks(newest: Data | None) -> Data:
    """What was stated of the newest year's figure; releases of earlier days say nothing of it."""
    names = ("adopted", "series_break", "stage_since", "one_person")
    return {name: (newest or {}).get(name) for name in names}


def _year_before(release: Current, row: Data, newest: Data | None) -> str:
    """The figure of the year before the newest, where there is one and no months to compare.

    None beside a year that is still being added up, or that is counted in another way.
    """
    if newest is None or row["months"] or newest.get("series_break") or present.grows(release, row, newest):
        return ""
    found = next((v for v in row["values"] if v["fiscal_year"] == newest["fiscal_year"] - 1), None)
    return words.said(row, found) if found and (found["value"] is not None or found["stage"]) else ""


def _points(release: Current, row: Data) -> list[Data]:
    """The years from base to target, as far as they are known; marks for the chart, words for the table."""
    plan = release.data["plan"]
    values = {v["fiscal_year"]: v for v in row["values"]}
    points = [_point(release, row, year, values.get(year)) for year in _years(plan)]
    known = row["base"]["value"] is not None
    points[0] |= {"value": row["base"]["value"], "kind": "final", "note": _("base")}
    points[0]["words"] = ruby(_("base") if known else _("not done yet"))
    points[-1]["note"] = points[-1]["note"] or _("target")
    if any(len(point["note"]) > LONGEST_NOTE for point in points):
        for point in points:
            point["note"] = ""  # they would run into each other; the legend and the table say it
    _mark_breaks(points)
    return points


def _mark_breaks(points: list[Data]) -> None:
    """No line is drawn over a break: `cut` stands at the first known figure after one."""
    broken = False
    for point in points:
        broken = broken or point["broke"]
        if point["value"] is not None and not point["grows"]:
            point["cut"], broken = broken, False


def _years(plan: Data) -> range:
    return range(plan["base_year"], plan["target_year"] + 1)


def _point(release: Current, row: Data, year: int, value: Data | None) -> Data:
    point = {
        "year": ruby(fiscal_year(year)),
        "short": short_year(year),
        "note": "",
        "value": None,
        "kind": "none",
        "words": "",
        "grows": False,
        "revised": ruby(_revised(row, value)),
        "broke": bool(value and value.get("series_break")),
        "cut": False,
        "adopted": bool(value and value.get("adopted")),
        "alone": bool(value and value.get("one_person")),
    }
    if value is None or value["value"] is None:
        return point | {"words": ruby(_("no figure yet")) if value else ""}
    point |= {"value": value["value"], "grows": present.grows(release, row, value)}
    if value["reference"]:
        return point | {"kind": "reference", "note": _("reference")}
    if not value["provisional"]:
        return point | {"kind": "final"}
    if point["grows"]:
        newest = present.newest_month(release)
        running = value["fiscal_year"] == newest.fiscal_year and newest.month != LAST_MONTH
        return point | {"kind": "now", "words": ruby(words.so_far(newest) if running else words.collecting())}
    return point | {"kind": "now", "note": _("now")}


def _aim(release: Current, row: Data) -> Data | None:
    """The target as the chart takes it: its value, and at which of the years it stands."""
    if row["target"]["value"] is None:
        return None
    return {"value": row["target"]["value"], "index": len(_years(release.data["plan"])) - 1}
