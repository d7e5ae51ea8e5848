"""Months, Japanese fiscal years (April to March), eras, cadences and due days.

A period is always named by its last month: April to June 2026 of a quarterly cadence is 2026-06. So a
yearly report, a quarterly and a monthly one can stand in one column and be compared.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.errors import Invalid

_MONTH_KEY = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR_KEY = re.compile(r"FY([0-9]{4})")
APRIL = 4


COMMISSIONERS_BEGAN = 2025  # terms begin on 1 December of this year and of every third one (一斉改選)


def term_end(day: date) -> date:
    """The last day of the 民生委員 term that a day lies in: 30 November of every third year (同法 10条)."""
    year = day.year if day <= date(day.year, 11, 30) else day.year + 1
    return date(year + (COMMISSIONERS_BEGAN - year) % 3, 11, 30)


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month. Raises Invalid("month") for a month that no calendar has."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2999):
            raise Invalid("month", value=f"{self.year}-{self.month}")

    @classmethod
    def parse(cls, key: str) -> Month:
        """Read 2026-10 as Month(2026, 10); anything else raises Invalid("month")."""
        if not (match := _MONTH_KEY.fullmatch(key)):
            raise Invalid("month", value=key)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day lies in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """Such as 2026-10: sorts as text, goes into addresses and the ledger."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def fiscal_year(self) -> int:
        """January to March belong to the fiscal year that began the April before."""
        return self.year if self.month >= APRIL else self.year - 1

    @property
    def days(self) -> int:
        """How many days it has: nobody can be active on more."""
        return calendar.monthrange(self.year, self.month)[1]

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, self.days)

    def plus(self, months: int) -> Month:
        """So many months later (earlier, if negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def next(self) -> Month:
        return self.plus(1)

    def previous(self) -> Month:
        return self.plus(-1)

    def year_before(self) -> Month:
        """The same month of last year, which is what a seasonal activity is compared with."""
        return self.plus(-12)


def months_between(first: Month, last: Month) -> list[Month]:
    """Every month from first to last, both included; empty if last comes before first."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [first.plus(step) for step in range(count)]


@dataclass(frozen=True, order=True, slots=True)
class FiscalYear:
    """April to March, named by the year of its April: 令和8年度 = FiscalYear(2026)."""

    year: int

    @classmethod
    def parse(cls, key: str) -> FiscalYear:
        """Read FY2026 as FiscalYear(2026); anything else raises Invalid("fiscal_year")."""
        if not (match := _YEAR_KEY.fullmatch(key)):
            raise Invalid("fiscal_year", value=key)
        return cls(int(match[1]))

    @classmethod
    def of(cls, moment: date | Month) -> FiscalYear:
        """The fiscal year that a day or a month lies in."""
        month = moment if isinstance(moment, Month) else Month.of(moment)
        return cls(month.fiscal_year)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        return f"FY{self.year}"

    @property
    def first(self) -> Month:
        return Month(self.year, APRIL)

    @property
    def last(self) -> Month:
        return Month(self.year + 1, APRIL - 1)

    def months(self) -> list[Month]:
        """The twelve months, April first."""
        return months_between(self.first, self.last)

    def months_ended(self, at: date) -> list[Month]:
        """Those of its months that are over on that day: what a running year can be asked for."""
        return [month for month in self.months() if month.last_day < at]

    def is_over(self, at: date) -> bool:
        return self.last.last_day < at

    def next(self) -> FiscalYear:
        return FiscalYear(self.year + 1)

    def previous(self) -> FiscalYear:
        return FiscalYear(self.year - 1)


# --- eras -----------------------------------------------------------------------------------------------

# Newest first: name, letter, first day. 元号法に基づく政令; a new era is one more row.
ERAS = (
    ("reiwa", "R", date(2019, 5, 1)),
    ("heisei", "H", date(1989, 1, 8)),
    ("showa", "S", date(1926, 12, 25)),
)


def era_year(when: date | int) -> tuple[str, int]:
    """The era's letter and year: ("R", 8) for 2026. Year 1 is written 元年.

    A day belongs to the era in force on that day. A year by itself belongs to the era that began in it
    (2019 -> R1). Before 昭和 raises Invalid("year_too_early").
    """
    year = when.year if isinstance(when, date) else when
    for _name, letter, began in ERAS:
        if (when >= began) if isinstance(when, date) else (year >= began.year):
            return letter, year - began.year + 1
    raise Invalid("year_too_early", value=str(when))


def fiscal_year_era(year: int) -> tuple[str, int]:
    """The era's name and year of a fiscal year: ("reiwa", 8) for 2026.

    The whole of fiscal 2019 is 令和元年度, its April under 平成 included (改元に伴う元号による年表示の
    取扱いについて, 2019-04-01), so the fiscal year takes the era that began in that calendar year.
    """
    letter, number = era_year(year)
    return next(name for name, its_letter, _ in ERAS if its_letter == letter), number


# --- cadence --------------------------------------------------------------------------------------------


class Cadence(StrEnum):
    """How often an organisation reports. All are counted from April, as the fiscal year is."""

    MONTHLY = "monthly"
    BIMONTHLY = "bimonthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"

    @property
    def length(self) -> int:
        """Months in one period."""
        return _LENGTHS[self]

    def period_of(self, month: Month) -> Month:
        """The period (its last month) that a month lies in: May 2026, quarterly -> 2026-06."""
        since_april = (month.month - APRIL) % 12
        return month.plus(self.length - 1 - since_april % self.length)

    def months_of(self, period: Month) -> list[Month]:
        """The months of a period, in order. Raises Invalid("period") for a month that ends none."""
        if self.period_of(period) != period:
            raise Invalid("period", value=period.key, cadence=self.value)
        return months_between(period.plus(1 - self.length), period)


_LENGTHS = {
    Cadence.MONTHLY: 1,
    Cadence.BIMONTHLY: 2,
    Cadence.QUARTERLY: 3,
    Cadence.HALF_YEARLY: 6,
    Cadence.YEARLY: 12,
}


def expected_periods(
    cadence: Cadence, opened: date, closed: date | None, first: Month, last: Month
) -> list[Month]:
    """The periods ending from `first` to `last` that an organisation owes a report for.

    It owes one for each period in which it existed on at least one day; `closed` is its last day. So a
    commissioner whose term ends on 30 November still owes November's record, and the successor starts
    with December's.
    """
    start = max(cadence.period_of(Month.of(opened)), cadence.period_of(first))
    end = last if closed is None else min(last, cadence.period_of(Month.of(closed)))
    return [month for month in months_between(start, end) if cadence.period_of(month) == month]


# --- due days -------------------------------------------------------------------------------------------


def due_on(period: Month, due_day: int, is_holiday: Callable[[date], bool], *, months_after: int = 1) -> date:
    """The last day to report a period: `due_day` of the month after it, moved on to a working day.

    A month without that day takes its last one. `months_after` is 1 by default and a setting for yearly
    figures, whose sections need April or May to close their books (1 or 2). Saturdays, Sundays and
    whatever `is_holiday` knows are moved over, also into the next month.
    """
    if not 1 <= due_day <= 31:
        raise Invalid("due_day", value=due_day)
    month = period.plus(months_after)
    due = month.first_day.replace(day=min(due_day, month.days))
    while due.weekday() >= calendar.SATURDAY or is_holiday(due):
        due += timedelta(days=1)
    return due


def working_day(day: date, steps: int, is_holiday: Callable[[date], bool]) -> date:
    """The working day so many working days after a day (before it, if negative); 0: the day itself."""
    step = timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += step
        while day.weekday() >= calendar.SATURDAY or is_holiday(day):
            day += step
    return day


class Standing(StrEnum):
    """What may be done about a report that is not in: each is another word to the group and to staff."""

    RUNNING = "running"  # its period is not over: it may be written ahead
    OPEN = "open"  # before its due day, or on it
    PAST_DUE = "past_due"  # late, and still taken
    LOCKED = "locked"  # taken only where an exception names the organisation
    CLOSED = "closed"  # its fiscal year's figures are final


def locks_after(cadence: str, due: date, lock_days: int | None) -> date | None:
    """The last day on which a report is taken without an exception; None: until its year is closed.

    A month is locked `lock_days` days after its due day, where the city has chosen a number. Yearly
    figures are not: the closing of the year is their lock.
    """
    if lock_days is None or cadence == Cadence.YEARLY:
        return None
    return due + timedelta(days=lock_days)


def standing(period: Month, due: date, last_day: date | None, at: date, *, closed: bool) -> Standing:
    """Where a report that is not in stands on a day; `last_day` as `locks_after` says."""
    if closed:
        return Standing.CLOSED
    if last_day is not None and at > last_day:
        return Standing.LOCKED
    if is_late(period, due, at):
        return Standing.PAST_DUE
    return Standing.OPEN if at > period.last_day else Standing.RUNNING


def days_left(due: date, at: date) -> int:
    """Days until the due day: 0 on the day itself, negative after it."""
    return (due - at).days


def is_late(period: Month, due: date, at: date) -> bool:
    """Whether a report still missing on that day is late: past its due day, and its period over."""
    return at > max(due, period.last_day)
