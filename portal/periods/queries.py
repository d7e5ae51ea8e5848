"""Reads of the reporting calendar: closed years, due days, locks and the exceptions to them."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import jpholiday
from sqlalchemy import select

from portal import clock
from portal.domain.periods import Cadence, Month, Standing, locks_after, standing
from portal.domain.periods import due_on as by_rule
from portal.extensions import db
from portal.ground import settings
from portal.periods.models import ClosedYear, DueDay, PeriodException, YearClosing

LOCK_DAYS = "periods.lock_days"  # the setting: a month locks so many days after its due day; None: never
CLOSED, LOCKED = "closed_year", "locked_period"  # why a report is not taken


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


def closing_history() -> list[YearClosing]:
    """Every closing that there was, the newest first."""
    return list(db.session.scalars(select(YearClosing).order_by(YearClosing.id.desc())))


def first_closings() -> dict[int, YearClosing]:
    """The closing that first made each year's figures final: what later figures are a revision of."""
    return {row.fiscal_year: row for row in closing_history()}  # the oldest of each year comes last


def lock_days() -> int | None:
    """How many days after its due day a month locks; None: it never does."""
    days = settings.get(LOCK_DAYS)
    return None if days is None else int(days)


def due_days() -> list[DueDay]:
    """The exceptions to due days, the newest period first."""
    order = (DueDay.period.desc(), DueDay.data_set, DueDay.district)
    return list(db.session.scalars(select(DueDay).order_by(*order)))


def exceptions(organisation_id: int | None = None, *, on: date | None = None) -> list[PeriodException]:
    """Exceptions, the newest first: of one organisation, or only those that hold on a day."""
    query = select(PeriodException).order_by(PeriodException.id.desc())
    if organisation_id is not None:
        query = query.where(PeriodException.organisation_id == organisation_id)
    if on is not None:
        query = query.where(PeriodException.until >= on, PeriodException.ended_at.is_(None))
    return list(db.session.scalars(query))


Granted = dict[tuple[int, str, str], PeriodException]  # by organisation, data set and period


def granted() -> Granted:
    """The exceptions that hold today; where there are several for a report, the newest."""
    found = reversed(exceptions(on=clock.today()))
    return {(row.organisation_id, row.data_set, row.period): row for row in found}


def refusal(data_set: Reported, period: str, organisation_id: int, district: str) -> str:
    """Why this organisation's report is not taken today: CLOSED, LOCKED, or "" where it is.

    One query and a setting where the city has no lock. For many reports take a `Calendar`.
    """
    if is_closed(Month.parse(period).fiscal_year):
        return CLOSED
    if lock_days() is None:
        return ""
    return Calendar().refusal(data_set, period, organisation_id, district)


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
        self.lock_days = lock_days()
        self._granted = granted()

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

    def last_day(self, data_set: Reported, period: str, district: str | None = None) -> date | None:
        """The last day on which a report is taken without an exception; None: until its year is closed."""
        return locks_after(data_set.cadence, self.due_on(data_set, period, district), self.lock_days)

    def standing(self, data_set: Reported, period: str, district: str | None = None) -> Standing:
        """Where a report that is not in stands today, exceptions for one organisation left aside."""
        month, due = Month.parse(period), self.due_on(data_set, period, district)
        last = self.last_day(data_set, period, district)
        return standing(month, due, last, clock.today(), closed=self.is_closed(month.fiscal_year))

    def exception(self, organisation_id: int, data_set: str, period: str) -> PeriodException | None:
        """The exception that holds today for one organisation's report, the newest if there are several."""
        return self._granted.get((organisation_id, data_set, period))

    def refusal(self, data_set: Reported, period: str, organisation_id: int, district: str) -> str:
        """As the function of that name."""
        where = self.standing(data_set, period, district)
        if where is Standing.CLOSED:
            return CLOSED
        granted = self.exception(organisation_id, data_set.code, period)
        return LOCKED if where is Standing.LOCKED and granted is None else ""
