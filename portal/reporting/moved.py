"""Where a group's year went: the indicators that its approved figures moved, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.measures import Number
from portal.ground import settings
from portal.indicators.queries import COUNTINGS, counting_setting
from portal.organisations import queries as organisations
from portal.plan import queries as plan
from portal.plan.models import Direction, Indicator
from portal.reporting import queries
from portal.reporting.year import Year, summed


@dataclass(frozen=True)
class Moved:
    """One indicator, and what this group has put into it."""

    indicator: Indicator
    by: Number


def moved(year: Year) -> list[Moved]:
    """The plan's first, in its order. What was answered with 0, and what is not approved, moved nothing."""
    totals = {row.code: year.total(row.code) or 0 for row in summed(year.data_set)}
    parts: dict[Indicator, Number] = {}
    for indicator, code in queries.fed_by(
        year.data_set.id, [code for code, total in totals.items() if total]
    ):
        parts[indicator] = parts.get(indicator, 0) + totals[code]
    found = [
        Moved(row, 1 if row.aggregation == "distinct_organisations" else by) for row, by in parts.items()
    ]
    return [*(Moved(row, 1) for row in _registers(year, totals)), *found]


def _registers(year: Year, totals: dict[str, Number]) -> list[Indicator]:
    """Those that count the groups of two registers, where it was this group's meetings that made it count.

    A group with a subsidy is counted whether it reports or not; if it stands in both registers, its
    meetings count only where the city adds the two up.
    """
    registered = organisations.registrations(year.organisation)
    stands = {name for name, years in registered.items() if year.year in years}
    if "kayoinoba" not in stands:
        return []
    return [
        row
        for row in plan.indicators()
        if row.aggregation == "registers" and _met(row, year, totals) and _counts(row, stands)
    ]


def _met(row: Indicator, year: Year, totals: dict[str, Number]) -> bool:
    measures = [source.measure for source in row.sources if source.role == "activity" and source.measure]
    return any(m.data_set_id == year.data_set.id and totals.get(m.code, 0) >= 1 for m in measures)


def _counts(row: Indicator, stands: set[str]) -> bool:
    own = stands & {str(source.register) for source in row.sources if source.register}
    both_count = settings.get(counting_setting(row.code), COUNTINGS[0]) == "sum"
    return "kayoinoba" in own and (len(own) == 1 or both_count)


def by_direction(rows: list[Moved]) -> list[tuple[Direction, list[Moved]]]:
    """The directions of the plan that they belong to, in printed order; an indicator may stand in two."""
    found: dict[Direction, list[Moved]] = {}
    for row in rows:
        for place in row.indicator.placements:
            found.setdefault(place.direction, []).append(row)
    return sorted(found.items(), key=lambda item: (item[0].goal.number, item[0].number))
