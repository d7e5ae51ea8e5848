"""The report form for a grant at the year's end (助成金の実績報告): only the accounts are left to write.

What it looks like is a city's data, the setting `subsidy.reports`: {register, data_set, title, to, columns
(measures), income, expenditure (lines to write), notes, sample}. A sample says so on the paper: the real form
stands in the rules (要綱) of 社協 or the city. In Japanese, since that is what the office keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.domain.periods import FiscalYear
from portal.ground import settings
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import something_back
from portal.reporting import staff_subsidy_words as words
from portal.reporting.year import AHEAD, CONFIRMED, Period, Year
from portal.reporting.year import of as year_of
from portal.web.filters import amount, day, fiscal_year, month, number
from portal.web.hypermedia import render_page
from portal.web.i18n import speaking, tr_plain
from portal.web.locale import LOCALES

FORMS = "subsidy.reports"


@dataclass(frozen=True)
class Form:
    """One form as the city has written it."""

    register: str
    data_set: str
    title: str
    to: str
    columns: tuple[str, ...]
    income: tuple[str, ...]
    expenditure: tuple[str, ...]
    notes: tuple[str, ...] = ()
    sample: bool = False


@dataclass(frozen=True)
class Line:
    """One period of the sheet: its figures, or why there are none."""

    name: str
    cells: tuple[str, ...]
    remark: str


@dataclass(frozen=True)
class Sheet:
    """One group's page, all of it in Japanese."""

    form: Form
    organisation: Organisation
    district: str
    year: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[str, ...]
    condition: str
    sample_condition: bool
    not_in: tuple[str, ...]
    running: bool
    as_of: str
    words: dict[str, str]


def all_forms() -> list[Form]:
    return [_form(row) for row in settings.get(FORMS, [])]


def _form(row: dict[str, Any]) -> Form:
    lists: dict[str, tuple[str, ...]] = {
        key: tuple(row.get(key, ())) for key in ("columns", "income", "expenditure", "notes")
    }
    return Form(
        register=row["register"],
        data_set=row["data_set"],
        title=row["title"],
        to=row["to"],
        sample=bool(row.get("sample")),
        **lists,
    )


def of(organisation: Organisation, year: int) -> list[Form]:
    """The forms that a group has to hand in for a year: those of the registers that it stands in."""
    registered = organisations.registrations(organisation)
    return [form for form in all_forms() if year in registered.get(form.register, ())]


def show_own(organisation: Organisation, year: int, back_url: str) -> Response | None:
    """A group's own sheets; None where it has none to hand in."""
    made = []
    for form in of(organisation, year):
        data_set = datasets.data_set(form.data_set)
        if data_set is not None:
            made.append(draw(form, data_set, year_of(organisation, data_set, year)))
    return page(made, "layouts/reporter.html", back_url) if made else None


def page(sheets: Sequence[Sheet], layout: str, back_url: str) -> Response:
    own = sheets[0].organisation
    return render_page(
        "reporting/subsidy.html",
        layout=layout,
        holder=own.names or own.name,
        section="review",
        sheets=sheets,
        sample=any(sheet.form.sample for sheet in sheets),
        back_url=back_url,
    )


def draw(form: Form, data_set: DataSet, year: Year) -> Sheet:
    """One group's sheet. A period that is not confirmed has no figure, and says why."""
    measures = {row.code: row for row in data_set.measures}
    columns = [measures[code] for code in form.columns if code in measures]
    place = year.organisation.district
    with speaking(LOCALES["ja"]):
        condition, sample = _condition(form, year, measures)
        return Sheet(
            form=form,
            organisation=year.organisation,
            district=tr_plain(place.names) if place else "",
            year=fiscal_year(year.year),
            heads=tuple(_head(row) for row in columns),
            lines=tuple(_line(row, columns) for row in year.periods),
            totals=tuple(number(year.total(row.code)) for row in columns),
            condition=condition,
            sample_condition=sample,
            not_in=tuple(
                str(words.SENTENCES["not_in"]) % {"month": name(row), "why": words.REMARKS[row.state]}
                for row in year.periods
                if row.state not in (CONFIRMED, AHEAD)
            ),
            running=not FiscalYear(year.year).is_over(clock.today()),
            as_of=str(words.SENTENCES["as_of"]) % {"day": day(clock.today())},
            words={key: str(text) for key, text in words.SHEET.items()},
        )


def _head(measure: Measure) -> str:
    unit = tr_plain(measure.units) if measure.units else ""
    return f"{tr_plain(measure.names)} {unit}" if unit else tr_plain(measure.names)


def name(row: Period) -> str:
    whole = row.months
    return month(whole[-1]) if len(whole) == 1 else f"{month(whole[0])}〜{month(whole[-1])}"


def _line(row: Period, columns: Sequence[Measure]) -> Line:
    cells = tuple(number(row.figures.get(m.code)) if row.confirmed else "" for m in columns)
    said = row.state != CONFIRMED or row.not_held
    return Line(name(row), cells, str(words.REMARKS[row.state]) if said else "")


def _condition(form: Form, year: Year, measures: dict[str, Measure]) -> tuple[str, bool]:
    """The same grant's condition in words, against what is confirmed; ("", False) where there is none."""
    rule = condition(form)
    if rule is None:
        return "", False
    units = measures[rule["measure"]].units if rule["measure"] in measures else None
    said = str(words.SENTENCES["condition"]) % {
        "wanted": amount(rule["at_least"], units),
        "done": amount(year.total(rule["measure"]) or 0, units),
    }
    return said, bool(rule.get("sample"))


def condition(form: Form) -> dict[str, Any] | None:
    """The condition of the grant that the form reports on (something_back)."""
    rules: list[dict[str, Any]] = settings.get(something_back.RULES, [])
    same = (form.register, form.data_set)
    return next((rule for rule in rules if (rule["register"], rule["data_set"]) == same), None)
