"""How posted figures become an indicator's value.

One rule stands above all: a value that is missing is None and never 0, because 0 is a result and "not
yet reported" is not. How many of how many reported goes beside the value, as its coverage.

Sources: the plan prints no formulas; which indicator is added up how is in the plan file, with the
questions that still wait for the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from portal.domain.errors import Invalid
from portal.domain.periods import FiscalYear, Month

Value = int | Decimal | None


def flow(values: Iterable[Value]) -> Value:
    """What happened during a year: the sum of the figures that there are; None if there are none."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def stock_month(months: Mapping[Month, Value], year: FiscalYear) -> Month | None:
    """The last month of the fiscal year that has a figure: what a stock is "as of"."""
    return max((month for month in year.months() if months.get(month) is not None), default=None)


def stock(months: Mapping[Month, Value], year: FiscalYear) -> Value:
    """What stood at a month's end: the year's latest figure. Months are never added up, and the year
    before is never carried over.
    """
    latest = stock_month(months, year)
    return None if latest is None else months[latest]


def distinct(items: Iterable[object] | None) -> int | None:
    """How many different ones (districts, groups) there were; None if nobody has said, 0 if none."""
    return None if items is None else len(set(items))


def ratio(numerator: Value, denominator: Value, rate: Value = None, *, places: int = 2) -> Value:
    """Percent, from its numerator and denominator: 1.34, not 0.0134. Rounded half up (四捨五入).

    A given rate is used only where neither is known (as printed in an old report). Rates are never
    averaged: add up numerators and denominators first. None without a denominator, or with 0.
    """
    if numerator is None and denominator is None:
        return rate
    if numerator is None or not denominator:
        return None
    percent = Decimal(numerator) * 100 / Decimal(denominator)
    return percent.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def parts(values: Iterable[Value]) -> Value:
    """The sum of the sections' parts, None as long as one of them is missing."""
    total: int | Decimal | None = None
    for value in values:
        if value is None:
            return None
        total = value if total is None else total + value
    return total


class Dated(NamedTuple):
    """A stage and the day since which it holds."""

    day: date
    stage: str


def stage(dated: Iterable[Dated], at: date | None = None) -> str | None:
    """The latest stage (by `at`, if given). Of two on one day, the one recorded later."""
    latest: Dated | None = None
    for entry in dated:
        if (at is None or entry.day <= at) and (latest is None or entry.day >= latest.day):
            latest = entry
    return latest.stage if latest else None


class Registers(NamedTuple):
    """Two registers counted together. `total` counts twice what stands in both, `distinct` once."""

    total: int
    overlap: int
    distinct: int


def registers(first: Iterable[object], second: Iterable[object]) -> Registers:
    """地域福祉活動への参加団体数: subsidised groups and 通いの場. The plan does not print whether a group in
    both counts twice, so both counts are kept and the city's setting chooses which one is published.
    """
    one, other = set(first), set(second)
    return Registers(len(one) + len(other), len(one & other), len(one | other))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Out of how many the value is: 42 of 50 organisations, 7 of 12 months."""

    reported: int
    expected: int
    of: Literal["organisations", "months"]

    def __post_init__(self) -> None:
        if not 0 <= self.reported <= self.expected:
            raise Invalid("coverage", reported=self.reported, expected=self.expected)

    @property
    def complete(self) -> bool:
        return self.reported == self.expected

    def to_json(self) -> dict[str, int | str]:
        """{"reported": 42, "expected": 50, "of": "organisations"}"""
        return {"reported": self.reported, "expected": self.expected, "of": self.of}
