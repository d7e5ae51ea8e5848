"""How many of how many reports are in, and how many by the due day: by month and district.

Counts only. Of a confidential form the punctuality of very few is withheld: one late record of two would
be somebody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import Assignment, DataSet
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.extensions import db
from portal.organisations.models import District, Organisation
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.reporting.models import Submission, SubmissionEvent

FEWEST = 3  # confidential forms: among fewer than this nobody's punctuality is told
YEARS = 3  # to look back at


@dataclass(frozen=True, slots=True)
class Count:
    """`here` of `owed` are in, `on_time` of them by their due day (None: withheld)."""

    owed: int = 0
    here: int = 0
    on_time: int | None = 0


@dataclass(frozen=True)
class Report:
    """One that is owed: by whom, for when, from which district, and when it first came in."""

    organisation_id: int
    period: str
    district: str
    due_on: date
    came_on: date | None

    @property
    def on_time(self) -> bool:
        return self.came_on is not None and self.came_on <= self.due_on


def forms(actor: Actor) -> list[DataSet]:
    """The forms of which this actor may follow who is in, for at least one organisation."""
    places: dict[int, set[tuple[int, str | None]]] = defaultdict(set)
    query = (
        select(Assignment.data_set_id, Organisation.id, District.code)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .outerjoin(District, District.id == Organisation.district_id)
    )
    for data_set_id, organisation_id, district in db.session.execute(query):
        places[data_set_id].add((organisation_id, district))
    return [
        data_set
        for data_set in datasets.all_data_sets()
        if any(_follows(actor, data_set, *place) for place in places[data_set.id])
    ]


def _follows(actor: Actor, data_set: DataSet, organisation_id: int, district: str | None) -> bool:
    subject = Subject(data_set.code, district, organisation_id, confidential=data_set.confidential)
    return may(actor, Permission.REVIEW_READ, subject)


def _districts() -> list[str]:
    return list(db.session.scalars(select(District.code).order_by(District.position)))


def years() -> list[int]:
    """The fiscal years to choose from, the running one first."""
    running = FiscalYear.of(clock.today()).year
    earliest = int(str(plan.facts().get("base_year", running - YEARS))) + 1
    return [year for year in range(running, running - YEARS, -1) if year >= min(earliest, running)]


def owed(actor: Actor, data_set: DataSet, year: int) -> list[Report]:
    """Every report of a year's months that are over, of the organisations that the actor follows."""
    months = FiscalYear(year).months_ended(clock.today())
    if not months:
        return []
    expected = datasets.expected_by_data_set(months[0], months[-1], [data_set.id]).get(data_set.id, {})
    districts = _followed(actor, data_set, set().union(*expected.values()))
    came, calendar = _came(data_set, months[0], months[-1]), periods.Calendar()
    found = []
    for period, organisations in expected.items():
        for one in organisations & districts.keys():
            due = calendar.due_on(data_set, period, districts[one])
            found.append(Report(one, period, districts[one], due, came.get((one, period))))
    return found


def _followed(actor: Actor, data_set: DataSet, ids: set[int]) -> dict[int, str]:
    """organisation id -> its district's code, "" for none: those whose reports the actor follows."""
    query = (
        select(Organisation.id, District.code)
        .outerjoin(District, District.id == Organisation.district_id)
        .where(Organisation.id.in_(ids))
    )
    rows = db.session.execute(query)
    return {one: district or "" for one, district in rows if _follows(actor, data_set, one, district)}


def _came(data_set: DataSet, first: Month, last: Month) -> dict[tuple[int, str], date]:
    """(organisation id, period) -> the day on which its report first came in."""
    query = (
        select(Submission.organisation_id, Submission.period, func.min(SubmissionEvent.at))
        .join(SubmissionEvent, SubmissionEvent.submission_id == Submission.id)
        .where(
            Submission.data_set_id == data_set.id,
            Submission.period >= first.key,
            Submission.period <= last.key,
            Submission.state != "withdrawn",
            SubmissionEvent.kind == "sent",
        )
        .group_by(Submission.organisation_id, Submission.period)
    )
    return {(one, period): clock.local(at).date() for one, period, at in db.session.execute(query)}


def counted(data_set: DataSet, reports: Iterable[Report]) -> Count:
    """One cell of a table."""
    found = list(reports)
    here = sum(row.came_on is not None for row in found)
    few = data_set.confidential and len({row.organisation_id for row in found}) < FEWEST
    return Count(len(found), here, None if few else sum(row.on_time for row in found))


def by_period(data_set: DataSet, reports: Iterable[Report]) -> dict[str, Count]:
    """By month, the newest first."""
    grouped = _grouped(reports, lambda row: row.period)
    return {key: counted(data_set, grouped[key]) for key in sorted(grouped, reverse=True)}


def by_district(data_set: DataSet, reports: Iterable[Report]) -> dict[str, Count]:
    """By district's code, in the districts' order; "" for what lies in none comes last."""
    grouped = _grouped(reports, lambda row: row.district)
    order = {code: place for place, code in enumerate(_districts())}
    keys = sorted(grouped, key=lambda code: order.get(code, len(order)))
    return {key: counted(data_set, grouped[key]) for key in keys}


def _grouped(reports: Iterable[Report], key: Callable[[Report], str]) -> Mapping[str, list[Report]]:
    found: dict[str, list[Report]] = defaultdict(list)
    for row in reports:
        found[key(row)].append(row)
    return found
