"""Public words for codes, figures and names. All languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.domain.periods import FiscalYear, Month
from portal.organisations.models import BY_CARD
from portal.web.filters import NOTHING, amount, fiscal_year, month, number
from portal.web.i18n import _, _l, in_language, ngettext, ruby, tr
from portal.web.locale import current_locale

Data = dict[str, Any]
TRAILING = re.compile(r"(.+?)\s*([（(].+[）)])")
TOTAL = "延べ"  # printed before a figure that counts the same person several times

# How the figure is made, by its aggregation: one sentence that a resident can check.
DEFINITIONS: dict[str, LazyString] = {
    "sum": _l("The months of the fiscal year are added up."),
    "last": _l("The number at the end of the newest month. Months are not added up."),
    "distinct_options": _l("Each district counts once in a fiscal year."),
    "distinct_organisations": _l("Each group counts once in a fiscal year, however often it reports."),
    "registers": _l(
        "Groups with a subsidy, and Kayoi-no-ba groups that met at least once in the fiscal year."
    ),
    "value": _l("One figure for the whole fiscal year."),
    "ratio": _l("A share, worked out from the two numbers behind it."),
    "parts": _l("The parts are added up. If one part is missing, there is no sum."),
    "stage": _l("Not a number: the plan names the stage that things have reached."),
}
# Where it comes from: by who files the reports, or how it is asked.
SOURCES: dict[str, LazyString] = {
    "group": _l(
        "From the monthly reports of salons, Kayoi-no-ba and other groups. "
        "Only what the office has confirmed is counted."
    ),
    "commissioner": _l(
        "From the monthly records of the Minsei-iin and child welfare commissioners, added up for the whole "
        "city. No single record is published."
    ),
    "office": _l(
        "From the monthly records of the social welfare council (Shakyo). Reports of residents are not added."
    ),
    "registers": _l("From the register of groups, and the monthly reports of Kayoi-no-ba."),
    "entered": _l("Entered once a year by the section in charge, with the document it comes from."),
    "survey": _l("From the answers to a survey, entered with the number of answers."),
}
# The columns of indicators.csv, by what they tell.
COLUMNS: tuple[tuple[str, LazyString], ...] = (
    ("synthetic", _l("1 where the data are made up")),
    ("release, as_of", _l("which release, of which day")),
    ("code, participation, name_ja, name_en, unit_ja", _l("which indicator, and in what it is counted")),
    ("side, kind, target_kind", _l("whose it is, how it is counted, what its target asks")),
    (
        "base_fiscal_year, base_value, target_fiscal_year, target_value",
        _l("where it began and what it aims at; empty where there is none"),
    ),
    ("fiscal_year, value, stage", _l("the year (April to March) and its figure or stage")),
    ("reported, expected, coverage_of", _l("how many have reported, of how many groups or months")),
    ("provisional, reference, suppressed", _l("1 where it applies: not final, for reference, withheld")),
    (
        "revised_from, revised_on",
        _l("what it was when its year was closed, and since when it is another; empty where it is the same"),
    ),
    (
        "collecting, adopted, series_break, one_person",
        _l(
            "1 where it applies: months are missing, an official figure was taken over, counted in another "
            "way from this year on, entered and confirmed by one person"
        ),
    ),
)
# The goals in plain words. A plan gives only their names, so a city's sentences stand here by its code.
SENTENCES: dict[str, dict[int, LazyString]] = {
    "asaka-2026": {
        1: _l("Problems are taken up together, and those who help are helped."),
        2: _l("People learn about each other, and everybody's rights are respected."),
        3: _l("There is a place to ask about money, work or family."),
        4: _l("Neighbours look out for each other, so that all can live in safety."),
    }
}
# Figures that grow from nothing every April: half a year of them is no point on a yearly line.
CUMULATIVE = ("sum", "distinct_options", "distinct_organisations", "registers")


def definition(row: Data) -> str:
    return str(DEFINITIONS[row["aggregation"]])


def source(row: Data) -> str:
    """Where an indicator's figure comes from."""
    if row["aggregation"] == "registers":
        return str(SOURCES["registers"])
    if row["source"] == "computed":
        return str(SOURCES[row["filed_by"] if row["filed_by"] in BY_CARD else "office"])
    return str(SOURCES[row["source"]])


def title(names: Mapping[str, str]) -> tuple[Markup, Markup]:
    """A name, and apart from it what stands in brackets at its end: headings stay short."""
    text, fallback = in_language(names, current_locale().slug)
    match = TRAILING.fullmatch(text)
    main, rest = match.groups() if match else (text, "")
    if fallback:
        mark = Markup('<span lang="ja">{}</span>')
        return mark.format(ruby(main)), mark.format(ruby(rest)) if rest else Markup("")
    return ruby(main), ruby(rest)


def figure(row: Data, value: int | float | None) -> str:
    """A figure with its unit; in Japanese with the plan's own 延べ."""
    said = amount(value, row["units"])
    printed = f"{row['base']['printed'] or ''}{row['target']['printed'] or ''}"
    return TOTAL + said if TOTAL in printed and value is not None and current_locale().slug == "ja" else said


def stage(row: Data, code: str) -> Markup:
    names = next((s["names"] for s in row["stages"] if s["code"] == code), {"ja": code})
    return tr(names)


def said(row: Data, value: Data | None) -> str:
    """A year's figure or stage; a dash where there is none."""
    if value is None:
        return NOTHING
    return stage(row, value["stage"]) if value["stage"] else figure(row, value["value"])


def printed(row: Data, part: Data) -> str:
    """A base or target; the plan's “-” in words, never 0."""
    if part["stage"]:
        return stage(row, part["stage"])
    if part["value"] is None:
        return _("not done yet") if part["printed"] == "-" else NOTHING
    return figure(row, part["value"])


def short_month(value: Month) -> str:
    """A month for a narrow table: 10月, Oct."""
    return str(current_locale().babel.months["format"]["abbreviated"][value.month])


def months_of_year(newest: Month) -> str:
    """What the figures of a year that is still growing cover: 令和8年度(2026年度) 4月〜10月."""
    year = FiscalYear(newest.fiscal_year)
    if newest == year.first:
        return _("%(year)s, %(month)s", year=fiscal_year(year.year), month=month(newest))
    return _(
        "%(year)s, %(first)s to %(last)s",
        year=fiscal_year(year.year),
        first=month(year.first),
        last=month(newest),
    )


def so_far(newest: Month) -> str:
    """The same without its year, for a table whose rows are years: 4月〜10月(速報)."""
    first = FiscalYear(newest.fiscal_year).first
    if newest == first:
        return _("%(month)s only (provisional)", month=month(newest))
    return _("%(first)s to %(last)s (provisional)", first=month(first), last=month(newest))


def collecting() -> str:
    """集計中: a year that is over, and of which months are still missing."""
    return _("still being added up (provisional)")


def of_how_many(value: Data | None) -> str:
    """How many have reported a year's figure, in short for a table: 6/7 months; "" where nobody counts."""
    coverage = value and value["coverage"]
    if not coverage:
        return ""
    shown = f"{number(coverage['reported'])}/{number(coverage['expected'])}"
    if coverage["of"] == "months":
        return ngettext("%(shown)s month", "%(shown)s months", coverage["expected"], shown=shown)
    return ngettext("%(shown)s group", "%(shown)s groups", coverage["expected"], shown=shown)


def month_coverage(row: Data, filed_by: str | None) -> str:
    """How many have reported one month; a month's newest bar is low as long as many have not."""
    if filed_by == "commissioner":
        return ngettext(
            "%(month)s: %(reported)s of %(num)s Minsei-iin has reported",
            "%(month)s: %(reported)s of %(num)s Minsei-iin have reported",
            row["expected"],
            month=month(row["period"]),
            reported=row["reported"],
        )
    return ngettext(
        "%(month)s: %(reported)s of %(num)s group has reported",
        "%(month)s: %(reported)s of %(num)s groups have reported",
        row["expected"],
        month=month(row["period"]),
        reported=row["reported"],
    )
