"""The reporting calendar as it stands today, in rows: each form's newest periods and what holds for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, FiscalYear, Month, Standing
from portal.domain.permissions import SYSTEM
from portal.organisations import queries as organisations
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.review import completeness

BEHIND, AHEAD = 2, 1  # periods that are over, besides the newest; and those that run or are to come
CHOICE_BEHIND, CHOICE_AHEAD = 12, 6  # months for whose reports a due day can be set


@dataclass(frozen=True)
class Elsewhere:
    """A district whose due day is another, and how its reports stand."""

    names: dict[str, str]
    due_on: date
    standing: Standing


@dataclass(frozen=True)
class Line:
    """A form and period. `here` of `owed`: None while the period runs."""

    data_set: DataSet
    period: str
    due_on: date
    standing: Standing
    last_day: date | None
    here: int | None
    owed: int | None
    elsewhere: list[Elsewhere]


def lines() -> list[Line]:
    """Each form's newest periods, the running one first."""
    calendar, districts = periods.Calendar(), organisations.districts()
    found = []
    for data_set in datasets.all_data_sets():
        counts = _counts(data_set)
        for month in _periods(data_set, BEHIND + 1, AHEAD):
            due = calendar.due_on(data_set, month.key)
            count = counts.get(month.key)
            elsewhere = [
                Elsewhere(row.names, there, calendar.standing(data_set, month.key, row.code))
                for row in districts
                if (there := calendar.due_on(data_set, month.key, row.code)) != due
            ]
            found.append(
                Line(
                    data_set,
                    month.key,
                    due,
                    calendar.standing(data_set, month.key),
                    calendar.last_day(data_set, month.key),
                    count.here if count else None,
                    count.owed if count else None,
                    elsewhere,
                )
            )
    return found


def _counts(data_set: DataSet) -> dict[str, completeness.Count]:
    running = FiscalYear.of(clock.today())
    reports = [
        row
        for year in (running.previous().year, running.year)
        for row in completeness.owed(SYSTEM, data_set, year)
    ]
    return completeness.by_period(data_set, reports)


def _periods(data_set: DataSet, behind: int, ahead: int) -> list[Month]:
    """The form's own periods around today, the latest first: `ahead` not over yet, `behind` over."""
    cadence = Cadence(data_set.cadence)
    running = cadence.period_of(Month.of(clock.today()))
    newest = running.plus(cadence.length * (ahead - 1))
    found = [newest.plus(-cadence.length * step) for step in range(ahead + behind)]
    base = plan.facts().get("base_year")
    return [month for month in found if base is None or month.fiscal_year > int(str(base))]


def choice() -> list[str]:
    """The months for whose reports a due day can be set, the latest first: of open years."""
    closed, today = periods.closed_years(), Month.of(clock.today())
    months = [today.plus(step) for step in range(CHOICE_AHEAD, -CHOICE_BEHIND - 1, -1)]
    return [month.key for month in months if month.fiscal_year not in closed]


def years() -> list[int]:
    """The fiscal years that can be closed or are closed, the running one first."""
    running = FiscalYear.of(clock.today()).year
    base = plan.facts().get("base_year")
    first = running - 3 if base is None else max(int(str(base)) + 1, running - 6)
    return sorted({*range(min(first, running), running + 1), *periods.closed_years()}, reverse=True)
