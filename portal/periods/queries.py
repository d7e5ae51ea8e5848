"""Reads of the reporting calendar: which years are closed, and by when a report is due."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import jpholiday
from sqlalchemy import select

from portal.domain.periods import Cadence, Month
from portal.domain.periods import due_on as by_rule
from portal.extensions import db
from portal.ground import settings
from portal.periods.models import ClosedYear, DueDay


class Reported(Protocol):
    """What the calendar needs to know of a data set."""

    @property
    def code(self) -> str: ...
    @property
    def cadence(self) -> str: ...
    @property
    def due_day(self) -> int: ...


def is_holiday(day: date) -> bool:
    """National holidays, and 29 December to 3 January (行政機関の休日に関する法律 第1条)."""
    new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return new_year or bool(jpholiday.is_holiday(day))


def closed_years() -> frozenset[int]:
    """The fiscal years whose figures are final."""
    return frozenset(db.session.scalars(select(ClosedYear.fiscal_year)))


def closings() -> dict[int, ClosedYear]:
    """Closed years with when and by whom."""
    rows = db.session.scalars(select(ClosedYear).order_by(ClosedYear.fiscal_year))
    return {row.fiscal_year: row for row in rows}


def is_closed(year: int) -> bool:
    return db.session.scalar(select(ClosedYear.fiscal_year).where(ClosedYear.fiscal_year == year)) is not None


def due_on(data_set: Reported, period: str, district: str | None = None) -> date:
    """The last day to report a period: a named exception, else the data set's rule.

    An exception for the district comes before one for all districts. Yearly figures may be given more
    months by the setting `due_months_after.<data set>` (1: April, 2: May). One or two queries: for many
    reports at once take a `Calendar`.
    """
    wanted = ("", district) if district else ("",)
    rows = db.session.execute(
        select(DueDay.district, DueDay.due_on).where(
            DueDay.data_set == data_set.code, DueDay.period == period, DueDay.district.in_(wanted)
        )
    )
    found = dict(rows.all())
    return found.get(district or "") or found.get("") or _by_rule(data_set, period)


def _by_rule(data_set: Reported, period: str) -> date:
    months = 1
    if data_set.cadence == Cadence.YEARLY:
        months = int(settings.get(f"due_months_after.{data_set.code}", 1))
    return by_rule(Month.parse(period), data_set.due_day, is_holiday, months_after=months)


class Calendar:
    """All of it, read once: for lists, so that a row costs no query."""

    def __init__(self) -> None:
        self.closed = closed_years()
        rows = db.session.execute(select(DueDay.data_set, DueDay.period, DueDay.district, DueDay.due_on))
        self._exceptions = {(code, period, district): day for code, period, district, day in rows}
        self._rules: dict[tuple[str, str], date] = {}

    def is_closed(self, year: int) -> bool:
        return year in self.closed

    def due_on(self, data_set: Reported, period: str, district: str | None = None) -> date:
        """As the function of that name."""
        key = (data_set.code, period)
        named = self._exceptions.get((*key, district or "")) or self._exceptions.get((*key, ""))
        if named:
            return named
        if key not in self._rules:
            self._rules[key] = _by_rule(data_set, period)
        return self._rules[key]
