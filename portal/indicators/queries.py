"""Indicators drawn from the ledger: values by year, months, coverage. A fixed number of queries in all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.datasets import queries as datasets
from portal.datasets.models import Measure
from portal.domain import disclosure
from portal.domain import indicators as rules
from portal.domain.disclosure import Disclosed
from portal.domain.indicators import Coverage, Dated
from portal.domain.periods import FiscalYear, Month
from portal.extensions import db
from portal.ground import settings
from portal.indicators import statements
from portal.indicators.models import Statement
from portal.indicators.subjects import subject as subject
from portal.indicators.values import Counting, IndicatorFigures, MonthValue, Number, YearValue
from portal.ledger import queries as ledger
from portal.ledger.queries import Sums
from portal.organisations import queries as organisations
from portal.organisations.models import BY_CARD, Registration
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.plan.models import Indicator

PEOPLE = "人"  # the unit of what counts people
# Figures that grow from nothing every April: half a year of them is no year.
GROWING = ("sum", "distinct_options", "distinct_organisations", "registers")
COUNTINGS = ("distinct", "sum")  # the ways to count two registers; the first until the city decides


class _Ground:
    """What all indicators of one drawing share, read once."""

    def __init__(self, as_of: date, rows: list[Indicator], public: bool) -> None:
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
        wanted = {s.measure_id for row in rows if _by_group(row) for s in row.sources if s.measure_id}
        self.sums: Sums = ledger.sums(first, self.newest, wanted | set(self.reported.values()))
        self.expected = datasets.expected_by_data_set(FiscalYear(first).first, self.newest)
        self.registers = _registrations()
        self.statements = statements.in_force()
        self.one_person = ledger.one_person(first)
        self.merged = organisations.merged_groups()
        self.people_below = settings.get(PEOPLE_BELOW, disclosure.PEOPLE_BELOW) if public else 0
        self.counting = {
            row.code: settings.get(counting_setting(row.code), COUNTINGS[0])
            for row in rows
            if row.aggregation == "registers"
        }

    def months(self, year: int) -> list[Month]:
        """The months of a year that are over."""
        return [month for month in FiscalYear(year).months() if month <= self.newest]

    def by_month(self, measure_id: int, year: int) -> dict[str, Number]:
        """A measure's sums of the months of a year that are over, where anybody has reported it."""
        found = self.sums.months.get(measure_id, {})
        return {m.key: found[m.key][""].total for m in self.months(year) if "" in found.get(m.key, {})}

    def total(self, measure_id: int, year: int) -> Number | None:
        """The sum of those months; None where nobody has reported it."""
        return rules.flow(self.by_month(measure_id, year).values())

    def disclosed(self, row: Indicator, year: int) -> Disclosed:
        """A flow's months as this drawing may show them; its measures together."""
        months: dict[str, Number] = {}
        for measure in _measures(row, "value"):
            for key, total in self.by_month(measure.id, year).items():
                months[key] = months.get(key, 0) + total
        people = row.participation and row.units is not None and row.units.get("ja") == PEOPLE
        return disclosure.disclose(months, self.people_below if people else 0)

    def newest_of(self, measure_id: int, year: int) -> Number | None:
        """What was reported last in a year: stocks, accounts, a section's yearly answer. Never a sum."""
        found = self.sums.months.get(measure_id, {})
        known = {m: found[m.key][""].total for m in self.months(year) if "" in found.get(m.key, {})}
        return rules.stock(known, FiscalYear(year))

    def organisations(self, measure_id: int, year: int) -> dict[int, Number]:
        found: dict[int, Number] = {}
        for organisation, total in self.sums.organisations.get(measure_id, {}).get(year, {}).items():
            one = self.merged.in_year(organisation, year)
            found[one] = found.get(one, 0) + total
        return found

    def owing(self, data_set_id: int, year: int) -> set[int]:
        """The organisations that owe a data set's report for at least one month that is over."""
        owed = self.expected.get(data_set_id, {})
        found = set().union(*(owed.get(month.key, set()) for month in self.months(year)))
        return {self.merged.in_year(organisation, year) for organisation in found}

    def stated(self, row: Indicator, kind: str) -> dict[Any, Statement]:
        """What is stated of an indicator: by its year, a stage by its day; the newest statement stands."""
        rows = self.statements.get(row.code, [])
        return {one.day if kind == "stage" else one.fiscal_year: one for one in rows if one.kind == kind}

    def covered_to(self, year: int) -> date:
        """The last day that a year's figures cover; in its first month, before any is over, today."""
        months = self.months(year)
        return months[-1].last_day if months else self.as_of


PEOPLE_BELOW = "disclosure.people_below"  # the setting: fewer people than this in a month are not published


def counting_setting(code: str) -> str:
    """The setting that says which count of an indicator of registers is published: sum or distinct."""
    return f"counting.{code}"


def _by_group(row: Indicator) -> bool:
    return row.aggregation in ("distinct_organisations", "registers")


def _registrations() -> dict[tuple[str, int], set[int]]:
    found: dict[tuple[str, int], set[int]] = {}
    for row in db.session.scalars(select(Registration)):
        found.setdefault((row.register, row.fiscal_year), set()).add(row.organisation_id)
    return found


def figures(as_of: date, *, public: bool = False) -> list[IndicatorFigures]:
    """Every indicator of the plan and every participation indicator, as of that day, in the plan's order.

    The running year counts its months up to the last full one. Only approved figures are in the ledger.
    `public`: as everybody may see them, small counts of people withheld (domain/disclosure).
    """
    rows = plan.indicators()
    ground = _Ground(as_of, rows, public)
    return [_figures(ground, row) for row in rows]


def figure(code: str, as_of: date) -> IndicatorFigures | None:
    """One indicator's figures; None for an unknown code."""
    return next((row for row in figures(as_of) if row.code == code), None)


def _figures(ground: _Ground, row: Indicator) -> IndicatorFigures:
    values = [_year(ground, row, year) for year in ground.years]
    months: list[MonthValue] = []
    if row.kind == "flow" and row.source == "computed" and row.sources and row.sources[0].measure:
        months = _months(ground, row)
    counting = _counting(ground, row, ground.running) if row.aggregation == "registers" else None
    return IndicatorFigures(row.code, values, months, counting, _answers(ground, row))


def _year(ground: _Ground, row: Indicator, year: int) -> YearValue:
    counted, stage = _DRAWN[row.aggregation](ground, row, year)
    hidden = row.aggregation == "sum" and counted is None and bool(ground.disclosed(row, year).withheld)
    adopted = ground.stated(row, "adopted").get(year)
    breaks = ground.stated(row, "break")
    coverage = None if adopted else _coverage(ground, row, year)
    return YearValue(
        fiscal_year=year,
        value=adopted.value if adopted else counted,
        stage=stage,
        coverage=coverage,
        provisional=year not in ground.closed,
        reference=year in ground.reference,
        as_of=ground.covered_to(year),
        suppressed=hidden and not adopted,
        counted=counted,
        adopted=adopted,
        collecting=not adopted and _collecting(ground, row, year, coverage),
        broke=breaks.get(year),
        broken=any(since <= year for since in breaks),
        since=_stage_since(ground, row, year) if stage else None,
        one_person=_one_person(ground, row, year, adopted),
    )


def _collecting(ground: _Ground, row: Indicator, year: int, coverage: Coverage | None) -> bool:
    """集計中: a figure that grows from April on, as long as months of its year are missing."""
    if row.aggregation not in GROWING or year in ground.closed:
        return False
    over = FiscalYear(year).last <= ground.newest
    return not over or (coverage is not None and coverage.of == "months" and not coverage.complete)


def _one_person(ground: _Ground, row: Indicator, year: int, adopted: Statement | None) -> bool:
    if adopted is not None:
        return adopted.one_person
    since = _stage_since(ground, row, year)
    counted = any((s.measure_id, year) in ground.one_person for s in row.sources if s.measure_id)
    return since.one_person if since else counted


Drawn = tuple[Number | None, str | None]


def _measures(row: Indicator, role: str) -> list[Measure]:
    return [s.measure for s in row.sources if s.role == role and s.measure is not None]


def _sum(ground: _Ground, row: Indicator, year: int) -> Drawn:
    return ground.disclosed(row, year).total, None


def _last(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """A stock: the newest month's end that was reported. Months are never added."""
    return ground.newest_of(_measures(row, "value")[0].id, year), None


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
    measures = _measures(row, "value")
    if not any(ground.organisations(ground.reported.get(m.data_set_id, 0), year) for m in measures):
        return None, None
    counted = (ground.organisations(measure.id, year).items() for measure in measures)
    return rules.distinct(o for rows in counted for o, total in rows if total >= 1), None


def _registers(ground: _Ground, row: Indicator, year: int) -> Drawn:
    counting = _counting(ground, row, year)
    if counting is None:
        return None, None
    return (counting.sum if counting.published == "sum" else counting.distinct), None


def _counting(ground: _Ground, row: Indicator, year: int) -> Counting | None:
    """補助金交付団体 and 通いの場: the latter count once they have met in the year.

    None where nobody stands in a register of that year. A year begins with few of its 通いの場, so
    `registered` tells what it may come to, and nobody is "behind" in April.
    """
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
    """As a section entered it for the year: the accounts' figure (募金実績額) is no sum of months."""
    return ground.newest_of(_measures(row, "value")[0].id, year), None


def _ratio(ground: _Ground, row: Indicator, year: int) -> Drawn:
    def known(role: str) -> Number | None:
        found = _measures(row, role)
        return ground.total(found[0].id, year) if found else None

    denominator = known("denominator")
    if row.source == "survey" and denominator is not None and denominator < 10:
        return None, None  # a rate of fewer than ten answers says nothing
    return rules.ratio(known("numerator"), denominator, known("rate")), None


def _answers(ground: _Ground, row: Indicator) -> dict[int, Number]:
    """A rate says little without the number of answers behind it."""
    of = _measures(row, "denominator") if row.source == "survey" else []
    found = {year: ground.total(of[0].id, year) for year in ground.years} if of else {}
    return {year: number for year, number in found.items() if number is not None}


def _parts(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """The sections' parts together; None as long as one of them has not answered."""
    return rules.parts(ground.newest_of(m.id, year) for m in _measures(row, "part")), None


def _stage(ground: _Ground, row: Indicator, year: int) -> Drawn:
    """The stage that was reported last in the year, or stated since. A stated stage holds until it moves."""
    stated = [Dated(one.day, one.stage or "") for one in ground.stated(row, "stage").values()]
    at = min(ground.as_of, FiscalYear(year).last.last_day)
    found = ground.sums.months.get(_measures(row, "stage")[0].id, {})
    years = [y for y in ground.years if y == year or (stated and y < year)]
    reported = [
        Dated(month.last_day, option)
        for month in (month for y in years for month in ground.months(y))
        for option in [o for o in found.get(month.key, {}) if o][:1]
    ]
    return None, rules.stage([*reported, *sorted(stated)], at)


def _stage_since(ground: _Ground, row: Indicator, year: int) -> Statement | None:
    """The statement behind a year's stage; None where the stage comes from a yearly answer."""
    if row.aggregation != "stage":
        return None
    _none, stage = _stage(ground, row, year)
    at = min(ground.as_of, FiscalYear(year).last.last_day)
    known = [one for one in ground.stated(row, "stage").values() if one.day <= at]
    newest = max(known, key=lambda one: (one.day, one.id), default=None)
    return newest if newest is not None and newest.stage == stage else None


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


def _data_sets(row: Indicator) -> list[int]:
    """The data sets that an indicator is drawn from, each once."""
    return list(dict.fromkeys(s.measure.data_set_id for s in row.sources if s.measure is not None))


def _coverage(ground: _Ground, row: Indicator, year: int) -> Coverage | None:
    """Out of how many the value is: months for an office's form, organisations for groups', else None."""
    data_sets = _data_sets(row)
    if row.source != "computed" or not data_sets:
        return None
    months = ground.months(year)
    if ground.data_sets[data_sets[0]].filed_by not in BY_CARD:
        sent = ground.sums.months.get(ground.reported.get(data_sets[0], 0), {})
        return Coverage(sum(1 for m in months if m.key in sent), len(months), "months") if months else None
    reported: set[int] = set()
    expected: set[int] = set()
    for data_set in data_sets:
        reported |= set(ground.organisations(ground.reported.get(data_set, 0), year))
        expected |= ground.owing(data_set, year)
    expected |= reported  # who reported unasked was evidently there
    if row.aggregation == "registers":
        listed = (ground.registers.get((s.register, year), set()) for s in row.sources if s.register)
        expected &= set().union(*listed)  # of the groups in the registers, those that file this form
    return Coverage(len(reported & expected), len(expected), "organisations")


def _months(ground: _Ground, row: Indicator) -> list[MonthValue]:
    """The newest month's fiscal year and the one before, as far as they are over.

    In April that is still the year that has just ended: a new year without a month says nothing.
    """
    newest = ground.newest.fiscal_year
    rows = []
    for year in (newest - 1, newest):
        disclosed = ground.disclosed(row, year)
        for month in ground.months(year):
            count = expected = 0
            for data_set in _data_sets(row):
                sent = ground.sums.months.get(ground.reported.get(data_set, 0), {}).get(month.key, {}).get("")
                reports = sent.reports if sent else 0
                count += reports
                expected += max(reports, len(ground.expected.get(data_set, {}).get(month.key, ())))
            value, hidden = disclosed.shown.get(month.key), month.key in disclosed.withheld
            rows.append(MonthValue(month.key, value, count, expected, hidden))
    return rows
