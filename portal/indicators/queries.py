"""Indicators drawn from the ledger: values by year, months, coverage. A fixed number of queries in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.domain import indicators as rules
from portal.domain.indicators import Coverage
from portal.domain.periods import FiscalYear, Month
from portal.extensions import db
from portal.ground import settings
from portal.ledger import queries as ledger
from portal.ledger.queries import Sums
from portal.organisations.models import Registration
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.plan.models import Indicator, IndicatorSource

Number = int | Decimal


@dataclass(frozen=True)
class YearValue:
    """One fiscal year of an indicator. `value` None: missing, never 0. `stage` for those that have stages."""

    fiscal_year: int
    value: Number | None
    stage: str | None
    coverage: Coverage | None
    provisional: bool
    reference: bool
    as_of: date
    suppressed: bool = False


@dataclass(frozen=True)
class MonthValue:
    """One month of a flow: its sum, and how many of how many reported."""

    period: str
    value: Number | None
    reported: int
    expected: int


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


class _Ground:
    """What all indicators of one drawing share, read once."""

    def __init__(self, as_of: date, rows: list[Indicator]) -> None:
        facts: Mapping[str, Any] = plan.facts()
        self.as_of = as_of
        self.newest = Month.of(as_of).previous()
        self.running = FiscalYear.of(as_of).year
        first = int(facts.get("base_year", self.running - 1)) + 1
        self.years = list(range(first, self.running + 1))
        self.reference = set(facts.get("reference_years", []))
        self.closed = periods.closed_years()
        self.data_sets = {row.id: row for row in datasets.all_data_sets()}
        self.reported = {m.data_set_id: m.id for m in datasets.measures([datasets.REPORTED])}
        wanted = {s.measure_id for row in rows for s in row.sources if s.measure_id and _by_group(row, s)}
        self.sums: Sums = ledger.sums(first, self.running, wanted | set(self.reported.values()))
        self.expected = datasets.expected_by_data_set(FiscalYear(first).first, self.newest)
        self.registers = _registrations()
        self.counting = {
            row.code: settings.get(f"counting.{row.code}", "distinct")
            for row in rows
            if row.aggregation == "registers"
        }

    def months(self, year: int) -> list[Month]:
        """The months of a year that are over."""
        return [month for month in FiscalYear(year).months() if month <= self.newest]

    def total(self, measure_id: int, year: int) -> Number | None:
        """A measure's sum over the months of a year that are over; None where nobody has reported it."""
        found = self.sums.months.get(measure_id, {})
        return rules.flow(
            found[m.key][""].total if m.key in found and "" in found[m.key] else None
            for m in self.months(year)
        )

    def organisations(self, measure_id: int, year: int) -> dict[int, Number]:
        return self.sums.organisations.get(measure_id, {}).get(year, {})


def _by_group(row: Indicator, source: IndicatorSource) -> bool:
    return row.aggregation in ("distinct_organisations", "registers")


def _registrations() -> dict[tuple[str, int], set[int]]:
    found: dict[tuple[str, int], set[int]] = {}
    for row in db.session.scalars(select(Registration)):
        found.setdefault((row.register, row.fiscal_year), set()).add(row.organisation_id)
    return found


def figures(as_of: date) -> list[IndicatorFigures]:
    """Every indicator of the plan and every participation indicator, as of that day, in the plan's order.

    The running year counts its months up to the last full one. Only approved figures are in the ledger.
    """
    rows = plan.indicators()
    ground = _Ground(as_of, rows)
    return [_figures(ground, row) for row in rows]


def figure(code: str, as_of: date) -> IndicatorFigures | None:
    return next((row for row in figures(as_of) if row.code == code), None)


def _figures(ground: _Ground, row: Indicator) -> IndicatorFigures:
    values = [_year(ground, row, year) for year in ground.years]
    months: list[MonthValue] = []
    if row.kind == "flow" and row.source == "computed" and row.sources and row.sources[0].measure:
        months = _months(ground, row.sources[0].measure)
    counting = _counting(ground, row, ground.running) if row.aggregation == "registers" else None
    return IndicatorFigures(row.code, values, months, counting)


def _year(ground: _Ground, row: Indicator, year: int) -> YearValue:
    value, stage = _DRAWN[row.aggregation](ground, row, year)
    return YearValue(
        fiscal_year=year,
        value=value,
        stage=stage,
        coverage=_coverage(ground, row, year),
        provisional=year not in ground.closed,
        reference=year in ground.reference,
        as_of=ground.as_of,
    )


Drawn = tuple[Number | None, str | None]


def _measures(row: Indicator, role: str) -> list[Measure]:
    return [s.measure for s in row.sources if s.role == role and s.measure is not None]


def _sum(ground: _Ground, row: Indicator, year: int) -> Drawn:
    return ground.total(_measures(row, "value")[0].id, year), None


def _last(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """A stock: the newest month's end that was reported. Months are never added."""
    found = ground.sums.months.get(_measures(row, "value")[0].id, {})
    months = {m: found[m.key][""].total for m in ground.months(year) if "" in found.get(m.key, {})}
    return rules.stock(months, FiscalYear(year)), None


def _distinct_options(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """How many options (districts) were chosen in the year; None while nobody has reported."""
    measure = _measures(row, "value")[0]
    found = ground.sums.months.get(measure.id, {})
    reported = ground.sums.months.get(ground.reported.get(measure.data_set_id, 0), {})
    months = ground.months(year)
    if not any(m.key in reported for m in months):
        return None, None
    return rules.distinct(option for m in months for option in found.get(m.key, {}) if option), None


def _distinct_organisations(ground: _Ground, row: Indicator, year: int) -> Drawn:
    measure = _measures(row, "value")[0]
    if not ground.organisations(ground.reported.get(measure.data_set_id, 0), year):
        return None, None
    active = [o for o, total in ground.organisations(measure.id, year).items() if total >= 1]
    return rules.distinct(active), None


def _registers(ground: _Ground, row: Indicator, year: int) -> Drawn:
    counting = _counting(ground, row, year)
    if counting is None:
        return None, None
    return (counting.sum if counting.published == "sum" else counting.distinct), None


def _counting(ground: _Ground, row: Indicator, year: int) -> Counting | None:
    """補助金交付団体 and 通いの場: the latter count once they have met in the year."""
    names = [s.register for s in row.sources if s.register]
    lists = {name: ground.registers.get((str(name), year), set()) for name in names}
    if not any(lists.values()):
        return None
    measure = _measures(row, "activity")[0]
    active = {o for o, total in ground.organisations(measure.id, year).items() if total >= 1}
    backed = [members & active if name == "kayoinoba" else members for name, members in lists.items()]
    counted = rules.registers(backed[0], backed[1])
    registered: set[int] = set().union(*lists.values())
    return Counting(
        counted.total, counted.overlap, counted.distinct, ground.counting[row.code], len(registered)
    )


def _value(ground: _Ground, row: Indicator, year: int) -> Drawn:
    return ground.total(_measures(row, "value")[0].id, year), None


def _ratio(ground: _Ground, row: Indicator, year: int) -> Drawn:
    def known(role: str) -> Number | None:
        found = _measures(row, role)
        return ground.total(found[0].id, year) if found else None

    denominator = known("denominator")
    if row.source == "survey" and denominator is not None and denominator < 10:
        return None, None  # a rate of fewer than ten answers says nothing
    return rules.ratio(known("numerator"), denominator, known("rate")), None


def _parts(ground: _Ground, row: Indicator, year: int) -> Drawn:
    return rules.parts([ground.total(m.id, year) for m in _measures(row, "part")]), None


def _stage(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """The stage that was reported last in the year."""
    found = ground.sums.months.get(_measures(row, "stage")[0].id, {})
    for month in reversed(ground.months(year)):
        chosen = [option for option in found.get(month.key, {}) if option]
        if chosen:
            return None, chosen[0]
    return None, None


_DRAWN = {
    "sum": _sum,
    "last": _last,
    "distinct_options": _distinct_options,
    "distinct_organisations": _distinct_organisations,
    "registers": _registers,
    "value": _value,
    "ratio": _ratio,
    "parts": _parts,
    "stage": _stage,
}


def _coverage(ground: _Ground, row: Indicator, year: int) -> Coverage | None:
    """Out of how many the value is: months for an office's form, organisations for groups', else None."""
    measure = next((s.measure for s in row.sources if s.measure is not None), None)
    if row.source != "computed" or measure is None:
        return None
    data_set: DataSet = ground.data_sets[measure.data_set_id]
    months = ground.months(year)
    reported_by = ground.reported.get(data_set.id, 0)
    if data_set.filed_by != "group":
        sent = ground.sums.months.get(reported_by, {})
        return Coverage(sum(1 for m in months if m.key in sent), len(months), "months") if months else None
    reported = set(ground.organisations(reported_by, year))
    if row.aggregation == "registers":
        expected: set[int] = set().union(
            *(ground.registers.get((r, year), set()) for r in ("subsidy", "kayoinoba"))
        )
        reported &= expected
    else:
        owed = ground.expected.get(data_set.id, {})
        expected = set().union(*(owed.get(m.key, set()) for m in months)) | reported
    return Coverage(len(reported), len(expected), "organisations")


def _months(ground: _Ground, measure: Measure) -> list[MonthValue]:
    """This fiscal year's months and last year's, as far as they are over."""
    found = ground.sums.months.get(measure.id, {})
    reported = ground.sums.months.get(ground.reported.get(measure.data_set_id, 0), {})
    owed = ground.expected.get(measure.data_set_id, {})
    rows = []
    for year in (ground.running - 1, ground.running):
        for month in ground.months(year):
            sent = reported.get(month.key, {}).get("")
            total = found.get(month.key, {}).get("")
            count = sent.reports if sent else 0
            rows.append(
                MonthValue(
                    month.key, total.total if total else None, count, max(count, len(owed.get(month.key, ())))
                )
            )
    return rows
