"""From a release to what its lists show, in the reader's language. Nothing but the release comes in.

One indicator's own page is made in present_indicator.py.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from portal.domain.periods import FiscalYear, Month
from portal.publication import words
from portal.publication.current import Current
from portal.web.filters import fiscal_year

Data = dict[str, Any]
ON_SUMMARY = 3  # participation figures on the first page


def newest_month(release: Current) -> Month:
    """The last full month before the release's day."""
    return Month.parse(release.as_of[:7]).previous()


def summary(release: Current) -> Data:
    """The first page: the plan's sentence, what residents did, the goals, whom to ask."""
    monthly = [row for row in release.data["participation"] if row["months"]]
    monthly.sort(key=lambda row: row["filed_by"] != "group")  # what residents do comes first
    people = [card(release, row) for row in monthly[:ON_SUMMARY]]
    people.sort(key=lambda one: -(one["this_sum"] or 0))
    return {
        "release": release,
        "plan": release.data["plan"],
        "goals": [{**goal, **_standing(release, goal)} for goal in release.data["goals"]],
        "sentences": words.SENTENCES.get(release.data["plan"]["code"], {}),
        "people": people,
        "period": words.months_of_year(newest_month(release)),
        "offices": release.data["help"],
    }


def _standing(release: Current, goal: Data) -> Data:
    """How a goal stands: how many of its figures this year has, and the newest confirmed verdicts."""
    codes = dict.fromkeys(code for direction in goal["directions"] for code in direction["indicators"])
    rows = [release.indicators[code] for code in codes]
    year = newest_month(release).fiscal_year
    newest = [value for row in rows for value in row["values"] if value["fiscal_year"] == year]
    judged = [row["status"] for row in rows if row["status"]]
    last = max((status["fiscal_year"] for status in judged), default=None)
    return {
        "figures": len(rows),
        "known": sum(value["value"] is not None or bool(value["stage"]) for value in newest),
        "year": year,
        "judged": Counter(s["verdict"] for s in judged if s["fiscal_year"] == last),
        "judged_year": last,
    }


def card(release: Current, row: Data) -> Data:
    """A participation figure with what must stand beside it: when, of how many, last year."""
    year = newest_month(release).fiscal_year
    value = next((v for v in row["values"] if v["fiscal_year"] == year), None)
    return {"row": row, "title": words.title(row["names"])[0], "value": value, **months(release, row)}


def months(release: Current, row: Data) -> Data:
    """Twelve months of this fiscal year beside last year's; both sums are of the same months.

    `newest`: the place of the newest month that is known; `newest_said`: how many have reported it.
    """
    newest = newest_month(release)
    year = FiscalYear(newest.fiscal_year)
    known = {m["period"]: m for m in row["months"]}
    this = [known.get(m.key) for m in year.months()]
    last = [known.get(m.key) for m in year.previous().months()]
    known_now = [place for place, m in enumerate(this) if m and m["value"] is not None]
    newest_row = this[known_now[-1]] if known_now else None
    return {
        "labels": [str(m.month) for m in year.months()],
        "names": [words.short_month(m) for m in year.months()],
        "this": [m["value"] if m else None for m in this],
        "last": [m["value"] if m else None for m in last],
        "coverage": [(m["reported"], m["expected"]) if m and m["expected"] else None for m in this],
        "newest": known_now[-1] if known_now else None,
        "this_sum": _sum(this),
        "last_sum": _sum([last[place] for place in known_now]),
        "newest_said": words.month_coverage(newest_row, row["filed_by"]) if newest_row else "",
        "to_come": newest_row is not None and newest_row["reported"] < newest_row["expected"],
        "broke": any(v.get("series_break") for v in row["values"] if v["fiscal_year"] == newest.fiscal_year),
        "withheld": any(m["suppressed"] for m in (*this, *last) if m),
    }


def _sum(rows: list[Data | None]) -> int | float | None:
    """Of the months that are known; None if none is."""
    known = [row["value"] for row in rows if row and row["value"] is not None]
    return sum(known) if known else None


def index(release: Current) -> Data:
    """All indicators by goal and direction."""
    goals = [
        {**goal, "directions": [_with_rows(release, direction) for direction in goal["directions"]]}
        for goal in release.data["goals"]
    ]
    return {"release": release, "goals": goals, "period": words.months_of_year(newest_month(release))}


def direction(release: Current, row: Data) -> Data:
    """One direction: its figures, what residents do, and the programmes of both sides."""
    sides = [
        {"side": side, "groups": _by_heading([p for p in row["programmes"] if p["side"] == side])}
        for side in ("city", "shakyo")
    ]
    return {
        "release": release,
        "goal": next(g for g in release.data["goals"] if g["number"] == row["goal"]),
        "direction": _with_rows(release, row),
        "sides": [side for side in sides if side["groups"]],
        "period": words.months_of_year(newest_month(release)),
    }


def _with_rows(release: Current, direction_: Data) -> Data:
    known = release.indicators
    return {
        **direction_,
        "rows": [_row(release, known[code]) for code in direction_["indicators"]],
        "people": [_person_row(release, known[code]) for code in direction_["participation"]],
    }


def _row(release: Current, row: Data) -> Data:
    """One of the plan's indicators in a list: base, newest, target."""
    newest = newest_value(row)
    return {
        "code": row["code"],
        "title": words.title(row["names"])[0],
        "base": words.printed(row, row["base"]),
        "now": words.said(row, newest),
        "when": when(release, row, newest) if newest else "",
        "newest": newest,
        "of_how_many": words.of_how_many(newest),
        "target": words.printed(row, row["target"]),
    }


def _person_row(release: Current, row: Data) -> Data:
    """A participation indicator in a list: this year so far, and the same months of last year."""
    one = card(release, row)
    value = one["this_sum"] if row["months"] else (one["value"] or {}).get("value")
    before = one["last_sum"] if row["months"] else None
    return {
        "code": row["code"],
        "title": one["title"],
        "now": words.figure(row, value),
        "before": words.figure(row, before),
        "newest_said": one["newest_said"],
    }


def newest_value(row: Data) -> Data | None:
    """The last year of which something is known."""
    known = [v for v in row["values"] if v["value"] is not None or v["stage"] or v["suppressed"]]
    return known[-1] if known else None


def grows(release: Current, row: Data, value: Data) -> bool:
    """Is this figure still counted up from April, so that it can't be held against a whole year?

    A release says so itself; those before did not, and are asked for the running year.
    """
    if "collecting" in value:
        return bool(value["collecting"])
    newest = newest_month(release)
    running = value["fiscal_year"] == newest.fiscal_year and newest != FiscalYear(newest.fiscal_year).last
    return running and bool(value["provisional"]) and row["aggregation"] in words.CUMULATIVE


def when(release: Current, row: Data, value: Data) -> str:
    """The year of a figure; of one that still grows, its months."""
    if value["fiscal_year"] == newest_month(release).fiscal_year and grows(release, row, value):
        return words.months_of_year(newest_month(release))
    return fiscal_year(value["fiscal_year"])


def _by_heading(programmes: list[Data]) -> list[Data]:
    groups: list[Data] = []
    for row in programmes:
        if not groups or groups[-1]["heading"] != row["heading"]:
            groups.append({"heading": row["heading"], "programmes": []})
        groups[-1]["programmes"].append(row)
    return groups
