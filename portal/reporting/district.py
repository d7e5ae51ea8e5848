"""A district's months, as one of the groups in it may see them.

Districts are not published, so the release cannot be asked, and an open page onto the ledger would move with
each approval: before minus after is one group's figure. The rules (docs/adr/0026): a month is shown once the
month after it is over too, with all that came until then, and moves from then on by three groups at once or
not at all (domain/disclosure.in_company); only while three groups outside the district are in the city's
figure too, or city minus district would be somebody's; small counts of people, and all small counts of a
confidential form, are withheld and enter no sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from portal import clock
from portal.datasets.models import DataSet, Measure
from portal.domain import disclosure
from portal.domain.measures import Number
from portal.domain.periods import FiscalYear, Month
from portal.ground import settings
from portal.indicators.queries import PEOPLE, PEOPLE_BELOW
from portal.ledger import queries as ledger
from portal.organisations.models import District

GROUPS_BELOW = "disclosure.groups_below"  # the setting: fewer groups than this are not shown together


@dataclass(frozen=True)
class Trend:
    """Month sums by period, and how many groups are in them at most. Empty: nothing may be shown."""

    months: dict[str, Number]
    groups: int

    def total(self, keys: list[str]) -> Number | None:
        known = [self.months[key] for key in keys if key in self.months]
        return sum(known) if known else None


def trend(district: District, data_set: DataSet, measure: Measure, year: int) -> Trend:
    """The settled months of that fiscal year and of the one before."""
    newest = Month.of(clock.today()).previous()
    both = (*FiscalYear(year - 1).months(), *FiscalYear(year).months())
    periods = [month.key for month in both if month < newest]
    least = max(int(settings.get(GROUPS_BELOW, disclosure.COMPANY)), disclosure.COMPANY)
    others = ledger.elsewhere(measure.id, district.code, periods)
    groups = 0
    sums: dict[str, Number] = {}
    for period, moves in ledger.moves(measure.id, district.code, periods, _settled).items():
        company = disclosure.in_company(moves, least)
        if company is not None and others.get(period, 0) >= least:
            sums[period] = company.total
            groups = max(groups, company.members)
    shown = disclosure.disclose(sums, _below(data_set, measure)).shown
    return Trend(shown, groups if shown else 0)


def _settled(period: str) -> datetime:
    """The end of the month after: by then most of a month is here, and what was mistyped is put right."""
    shown_from = Month.parse(period).plus(2).first_day
    return datetime.combine(shown_from, time(), clock.local(clock.now()).tzinfo)


def _below(data_set: DataSet, measure: Measure) -> int:
    people = measure.units is not None and measure.units.get("ja") == PEOPLE
    if not (people or data_set.confidential):
        return 0
    return int(settings.get(PEOPLE_BELOW, disclosure.PEOPLE_BELOW))
