"""A group's own year, for itself: one picture, what it entered, and the district beside it. docs/adr/0026."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, abort, url_for

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.domain.measures import Number
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor
from portal.indicators.queries import PEOPLE
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import district, moved, subsidy, words, year_words
from portal.reporting import queries as reports
from portal.reporting.terms import Mine, everything, own_periods
from portal.reporting.year import AHEAD, ASKED, CONFIRMED, MISSING, WAITING, Period, Year, of, summed
from portal.web.filters import NOTHING, amount, month
from portal.web.hypermedia import render_page

MAIN = ("attendance", "acted", "visits")  # what the picture of a year shows, of the standard forms
OTHERS_MONTHS = 3  # of fewer months than this a predecessor's total would be almost a month's record


@dataclass(frozen=True)
class Bar:
    """One month of the picture. `waits`: sent, and not confirmed; `known`: whether the year has a figure."""

    label: str
    name: str
    this: Number | None
    last: Number | None
    waits: bool = False


@dataclass(frozen=True)
class Chart:
    """Twelve months of a year beside those of the year before."""

    year: int
    measure: Measure
    bars: list[Bar]

    @property
    def high(self) -> float:
        known = [value for bar in self.bars for value in (bar.this, bar.last) if value is not None]
        return float(max(known, default=0)) or 1.0

    @property
    def highest_value(self) -> float:
        """Of the year alone: a card shows no other."""
        return float(max((bar.this for bar in self.bars if bar.this is not None), default=0)) or 1.0

    @property
    def highest(self) -> int | None:
        """The place of the year's highest month: it bears its figure."""
        known = [(bar.this, place) for place, bar in enumerate(self.bars) if bar.this]
        return max(known, key=lambda row: (row[0], -row[1]))[1] if known else None

    @property
    def compares(self) -> bool:
        return any(bar.last is not None for bar in self.bars)


def main_measure(data_set: DataSet) -> Measure | None:
    """What a form's year is told by: of a form of the city's own, its first count of people."""
    rows = summed(data_set)
    usual = [row for code in MAIN for row in rows if row.code == code]
    people = [row for row in rows if row.units and row.units.get("ja") == PEOPLE]
    return next(iter([*usual, *people, *rows]), None)


def years(organisation: Organisation) -> list[int]:
    """The fiscal years that there is something of, and the running one; newest first."""
    both = [organisation, *organisations.merged_into(organisation)]
    sent = [period for one in both for period in reports.sent_periods(one.id)]
    found = {Month.parse(period).fiscal_year for period in sent}
    return sorted(found | {FiscalYear.of(clock.today()).year}, reverse=True)


def chosen(organisation: Organisation, asked: int | None) -> int:
    """The year asked for; by itself the running one, in April (nothing of it can be here) the one before."""
    known = years(organisation)
    if asked is not None:
        return asked if asked in known else abort(404)
    return (
        known[1] if clock.today().month == FiscalYear(known[0]).first.month and len(known) > 1 else known[0]
    )


def forms(organisation: Organisation) -> list[DataSet]:
    found = {row.data_set.id: row.data_set for row in datasets.assignments_of(organisation.id)}
    return list(found.values())


def show(actor: Actor, organisation: Organisation, asked: int | None) -> Response:
    year = chosen(organisation, asked)
    mine = own_periods(actor, organisation)
    own_forms = forms(organisation)
    parts = [_part(organisation, data_set, year, mine) for data_set in own_forms]
    earlier = organisations.merged_into(organisation)
    parts += [_earlier(other, data_set, year) for other in earlier for data_set in forms(other)]
    for part in parts:
        part["under"] = _under(part["year"], earlier)
    return render_page(
        "reporting/year.html",
        layout="layouts/reporter.html",
        holder=organisation.names or organisation.name,
        office=own_forms[0].reviewing_office if own_forms else None,
        commissioner=organisation.side == "commissioner",
        year=year,
        years=years(organisation),
        parts=[part for part in parts if part["year"].periods],
        area=[row for data_set in own_forms for row in _area(organisation, data_set, year, mine)],
        subsidy_url=url_for("year.subsidy", year=year) if subsidy.of(organisation, year) else "",
        any_confirmed=any(part["year"].confirmed for part in parts),
    )


def _earlier(other: Organisation, data_set: DataSet, number: int) -> dict[str, Any]:
    """The history of a group that is part of this one by now, as far as it stands under its own name only."""
    part = _part(other, data_set, number, everything)
    since = other.merged_from or ""
    rows = tuple(row for row in part["year"].periods if row.key < since and row.state not in (MISSING, AHEAD))
    part["year"] = replace(part["year"], periods=rows)
    return part | {"earlier": other.names or {"ja": other.name}, "open": [], "moved": [], "district": None}


def _under(year: Year, earlier: list[Organisation]) -> list[tuple[Any, str]]:
    """Whose reports are in a year besides the group's own: (its names, months in words)."""
    found = []
    for other in earlier:
        months = [month(row.key) for row in year.periods if row.under == other.id]
        if months:
            found.append((other.names or {"ja": other.name}, words.joined(months)))
    return found


def _part(organisation: Organisation, data_set: DataSet, number: int, mine: Mine) -> dict[str, Any]:
    """All that is said of a year on one form."""
    year, before = of(organisation, data_set, number, mine), of(organisation, data_set, number - 1, mine)
    main, totals = main_measure(data_set), _totals(year, before)
    return {
        "year": year,
        "names": data_set.names,
        "lead": year_words.lead(year, main),
        "changes": year_words.changes(year, before, main),
        "chart": chart(year, before, main) if main and year.confirmed else None,
        "open": _open(year),
        "totals": totals,
        "compares": any(row["before"] != NOTHING for row in totals),
        "moved": moved.by_direction(moved.moved(year)),
        "district": _district(year, main),
    }


def chart(year: Year, before: Year, main: Measure) -> Chart:
    now = {row.key: row for row in year.periods}
    then = {row.key: row.figures.get(main.code) for row in before.periods}
    bars = []
    for one in FiscalYear(year.year).months():
        row = now.get(one.key)
        bars.append(
            Bar(
                label=str(one.month),
                name=month(one),
                this=row.figures.get(main.code) if row else None,
                last=then.get(one.year_before().key),
                waits=row is not None and row.state in (WAITING, ASKED),
            )
        )
    return Chart(year.year, main, bars)


def _open(year: Year) -> list[dict[str, Any]]:
    """What is not in the figures yet, with the way to it as long as the year is not closed."""
    closed = periods.is_closed(year.year)
    return [
        {
            "name": period_name(row),
            "tag": year_words.TAGS[row.state],
            "words": str(year_words.STATES.get(row.state, "")),
            "url": "" if closed else _address(year, row),
        }
        for row in year.periods
        if row.state not in (CONFIRMED, AHEAD)
    ]


def _address(year: Year, row: Period) -> str:
    step = "form" if row.state == "missing" else "report"
    return url_for(f"reporting.{step}", data_set=year.data_set.code, period=row.key)


def period_name(row: Period) -> str:
    """October; of a longer period its first and last month."""
    whole = row.months
    return month(whole[-1]) if len(whole) == 1 else f"{month(whole[0])}–{month(whole[-1])}"


def _totals(year: Year, before: Year) -> list[dict[str, Any]]:
    """Each measure's total, beside the same months of last year. A record's many zeros are left out."""
    rows = []
    for measure in summed(year.data_set):
        total = year.total(measure.code)
        if total is None or (year.data_set.confidential and not total):
            continue
        _now, then = year_words.same_periods(year, before, measure.code)
        rows.append(
            {
                "names": measure.names,
                "now": amount(total, measure.units),
                "before": amount(then, measure.units),
            }
        )
    return rows


def _district(year: Year, main: Measure | None) -> dict[str, Any] | None:
    """The district's months as this group may see them; None for a group in no district."""
    place = year.organisation.district
    if place is None or main is None:
        return None
    trend = district.trend(place, year.data_set, main, year.year)
    months = FiscalYear(year.year).months()
    both = [one for one in months if one.key in trend.months and one.year_before().key in trend.months]
    bars = [
        Bar(str(one.month), month(one), trend.months.get(one.key), trend.months.get(one.year_before().key))
        for one in months
    ]
    return {
        "names": place.names,
        "groups": trend.groups,
        "chart": Chart(year.year, main, bars),
        "shown": any(bar.this is not None for bar in bars),
        "now": amount(trend.total([one.key for one in both]), main.units) if both else "",
        "before": amount(trend.total([one.year_before().key for one in both]), main.units) if both else "",
    }


def _area(
    organisation: Organisation, data_set: DataSet, number: int, mine: Mine
) -> list[tuple[dict[str, str], Number]]:
    """What the area did in a year that is over and was not this card's alone: its totals, and no month.

    Not where somebody else wrote a few months only: the rest of the total would be their record.
    """
    if organisation.side != "commissioner" or not FiscalYear(number).is_over(clock.today()):
        return []
    whole = of(organisation, data_set, number)
    others = [row for row in whole.confirmed if not mine(row.key)]
    if len(others) < OTHERS_MONTHS:
        return []
    sums = [(row.names, whole.total(row.code)) for row in summed(data_set)]
    return [(names, total) for names, total in sums if total]
