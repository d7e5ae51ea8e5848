"""What is drawn of an indicator: its years, its months, how it was counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal.domain.indicators import Coverage
from portal.indicators.models import Statement

Number = int | Decimal


@dataclass(frozen=True)
class YearValue:
    """One fiscal year of an indicator. `value` None: missing, never 0. `stage` for those that have stages.

    `as_of`: the last day that it covers; in a running year the end of the last full month. `provisional`
    until the year is closed; `reference` for a year that belongs to no plan. `counted` is what the count
    says where another official figure is `adopted` in its place. `collecting`: its months are not all in,
    so it is compared with nothing. `broke`: from this year on it is counted in another way; `broken`: since
    the base it has. `since`: the statement of its stage. `one_person`: nobody else has looked at it.
    """

    fiscal_year: int
    value: Number | None
    stage: str | None
    coverage: Coverage | None
    provisional: bool
    reference: bool
    as_of: date
    suppressed: bool = False
    counted: Number | None = None
    adopted: Statement | None = None
    collecting: bool = False
    broke: Statement | None = None
    broken: bool = False
    since: Statement | None = None
    one_person: bool = False


@dataclass(frozen=True)
class MonthValue:
    """One month of a flow: its sum, and how many of how many reported."""

    period: str
    value: Number | None
    reported: int
    expected: int
    suppressed: bool = False


@dataclass(frozen=True)
class Counting:
    """Two registers counted both ways; `published` names the way that the city has chosen.

    `registered`: what stands in the registers, that is, what the year may come to.
    """

    sum: int
    overlap: int
    distinct: int
    published: str
    registered: int


@dataclass(frozen=True)
class IndicatorFigures:
    """Everything that is drawn for one indicator."""

    code: str
    values: list[YearValue]
    months: list[MonthValue] = field(default_factory=list)
    counting: Counting | None = None
    answers: dict[int, Number] = field(default_factory=dict)  # of a survey: how many answered, by year
