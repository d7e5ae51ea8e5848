"""Reads of the report forms, and of who owes which report."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.datasets import definition
from portal.datasets.definition import Form
from portal.datasets.models import Assignment, DataSet, DataSetVersion, Measure, MergedMonth
from portal.domain.periods import Cadence, Month, expected_periods
from portal.domain.permissions import Subject
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Contact, District, Organisation

REPORTED = "reported"  # the measure that each approved report posts 1 for: coverage is read from the ledger

Expected = dict[str, set[int]]  # period -> ids of the organisations that owe a report for it


def data_set(code: str) -> DataSet | None:
    """The data set of that code, with measures and versions."""
    return db.session.scalars(_with_form().where(DataSet.code == code)).one_or_none()


def all_data_sets() -> list[DataSet]:
    """Every data set with measures and versions, in the plan's order."""
    return list(db.session.scalars(_with_form().order_by(DataSet.position, DataSet.id)))


def _with_form() -> Select[DataSet]:
    return select(DataSet).options(selectinload(DataSet.measures), selectinload(DataSet.versions))


def form(edition: DataSetVersion, organisation: Organisation) -> Form:
    """The form of that edition as this organisation sees it: a section is asked its own figures only."""
    return definition.form(edition.definition, asked=organisation.code)


def measures(codes: list[str] | None = None) -> list[Measure]:
    """Measures by code (all, if none are named), by data set and position."""
    query = select(Measure).order_by(Measure.data_set_id, Measure.position, Measure.id)
    if codes is not None:
        query = query.where(Measure.code.in_(codes))
    return list(db.session.scalars(query))


def subject(data_set: DataSet, organisation: Organisation, entered_by: str | None = None) -> Subject:
    """An organisation's report on a form as permissions see it. What is confidential is said here only."""
    return Subject(
        data_set=data_set.code,
        district=organisation.district.code if organisation.district else None,
        organisation_id=organisation.id,
        entered_by=entered_by,
        second_person=data_set.second_person,
        confidential=data_set.confidential,
    )


# --- who files what ---------------------------------------------------------------------------------


def assignments(organisation_id: int | None = None, data_set_id: int | None = None) -> list[Assignment]:
    """Assignments, past ones too, with their data sets; by organisation, data set and first day."""
    query = select(Assignment).options(joinedload(Assignment.data_set), joinedload(Assignment.organisation))
    if organisation_id is not None:
        query = query.where(Assignment.organisation_id == organisation_id)
    if data_set_id is not None:
        query = query.where(Assignment.data_set_id == data_set_id)
    order = (Assignment.organisation_id, Assignment.data_set_id, Assignment.starts_on)
    return list(db.session.scalars(query.order_by(*order)))


def assignments_of(organisation_id: int) -> list[Assignment]:
    """What an organisation files and has filed, in the forms' order."""
    found = assignments(organisation_id=organisation_id)
    return sorted(found, key=lambda row: (row.data_set.position, row.starts_on))


def is_assigned(organisation_id: int, data_set: DataSet, period: str) -> bool:
    """Whether the organisation owes this data set for the period that ends with that month."""
    try:
        month = Month.parse(period)
    except ValueError:
        return False
    mine = expected_by_data_set(month, month, [data_set.id], organisation_id=organisation_id)
    return organisation_id in mine.get(data_set.id, {}).get(period, set())


def cadence_of(organisation_id: int, data_set: DataSet, on: date | None = None) -> Cadence:
    """How often the organisation files it on that day (today); the data set's own where none is assigned."""
    on = on or clock.today()
    found = db.session.scalars(
        select(Assignment.cadence)
        .where(
            Assignment.organisation_id == organisation_id,
            Assignment.data_set_id == data_set.id,
            Assignment.starts_on <= on,
            or_(Assignment.ends_on.is_(None), Assignment.ends_on >= on),
        )
        .order_by(Assignment.starts_on.desc())
        .limit(1)
    ).first()
    return Cadence(found or data_set.cadence)


def cadences(on: date | None = None) -> dict[tuple[int, int], Cadence]:
    """(organisation id, data set id) -> cadence on that day, for whole lists at once."""
    on = on or clock.today()
    rows = db.session.execute(
        select(Assignment.organisation_id, Assignment.data_set_id, Assignment.cadence)
        .where(Assignment.starts_on <= on, or_(Assignment.ends_on.is_(None), Assignment.ends_on >= on))
        .order_by(Assignment.starts_on)
    )
    return {(organisation, data_set): Cadence(cadence) for organisation, data_set, cadence in rows}


# --- who owes a report ------------------------------------------------------------------------------


class _Duty(NamedTuple):
    """One assignment with the days on which the organisation exists."""

    data_set_id: int
    organisation_id: int
    cadence: str
    starts_on: date
    ends_on: date | None
    opened_on: date
    closed_on: date | None
    side: str
    merged_from: str | None

    def periods(self, first: Month, last: Month) -> list[Month]:
        opened = max(self.starts_on, self.opened_on)
        closed = min((day for day in (self.ends_on, self.closed_on) if day), default=None)
        if closed is not None and closed < opened:
            return []
        return expected_periods(Cadence(self.cadence), opened, closed, first, last)


def expected(data_set: DataSet, first: Month, last: Month, district: str | None = None) -> Expected:
    """Who owes this data set for the periods ending from `first` to `last`, in one query.

    By each organisation's own cadence, its first and last day, and the days of its assignment. A period
    that nobody owes is not in the answer. `district`: only the organisations of that district's code.
    """
    return expected_by_data_set(first, last, [data_set.id], district).get(data_set.id, {})


def expected_by_data_set(
    first: Month,
    last: Month,
    data_set_ids: list[int] | None = None,
    district: str | None = None,
    organisation_id: int | None = None,
) -> dict[int, Expected]:
    """The same for several data sets (all of them by default), still in one query: {data set id: ...}."""
    query = select(
        Assignment.data_set_id,
        Assignment.organisation_id,
        Assignment.cadence,
        Assignment.starts_on,
        Assignment.ends_on,
        Organisation.opened_on,
        Organisation.closed_on,
        Organisation.side,
        Organisation.merged_from,
    ).join(Organisation, Organisation.id == Assignment.organisation_id)
    if data_set_ids is not None:
        query = query.where(Assignment.data_set_id.in_(data_set_ids))
    if organisation_id is not None:
        query = query.where(Assignment.organisation_id == organisation_id)
    if district is not None:
        query = query.join(District, District.id == Organisation.district_id).where(District.code == district)
    found: dict[int, Expected] = defaultdict(lambda: defaultdict(set))
    duties = [_Duty(*row) for row in db.session.execute(query)]
    merged = _merged_months(duties, organisation_id)
    held = _terms({duty.organisation_id for duty in duties if duty.side == "commissioner"})
    for duty in duties:
        for period in duty.periods(first, last):
            if not merged.owes(duty, period.key):
                continue
            if duty.side != "commissioner" or organisations.holder(held[duty.organisation_id], period):
                found[duty.data_set_id][period.key].add(duty.organisation_id)
    return {data_set_id: dict(sorted(periods.items())) for data_set_id, periods in found.items()}


class Merged(NamedTuple):
    """Which months of merged groups stand under which of the two. `own`: (old group, data set, period);
    `others`: (the group it is part of, data set, period) -> old group.
    """

    own: set[tuple[int, int, str]]
    others: dict[tuple[int, int, str], int]

    def owes(self, duty: _Duty, period: str) -> bool:
        """Two that have become one owe one report: each month stands under the one that has sent it."""
        key = (duty.organisation_id, duty.data_set_id, period)
        if duty.merged_from is not None and period >= duty.merged_from:
            return key in self.own
        return key not in self.others


def merged_months(into: int | None = None) -> Merged:
    """The months that stand under a merged group: all, or those of the groups merged into one."""
    query = select(
        MergedMonth.organisation_id, MergedMonth.data_set_id, MergedMonth.period, Organisation.merged_into_id
    ).join(Organisation, Organisation.id == MergedMonth.organisation_id)
    if into is not None:
        query = query.where(or_(Organisation.merged_into_id == into, Organisation.id == into))
    rows = db.session.execute(query).all()
    return Merged({(o, d, p) for o, d, p, _into in rows}, {(i, d, p): o for o, d, p, i in rows if i})


def _merged_months(duties: list[_Duty], organisation_id: int | None) -> Merged:
    """Nothing is asked where nothing was ever merged."""
    if organisation_id is None and not any(duty.merged_from for duty in duties):
        return Merged(set(), {})
    return merged_months(organisation_id)


def _terms(areas: set[int]) -> dict[int, list[Contact]]:
    """Who has held each commissioner's area: nobody owes the record of a vacant one."""
    found: dict[int, list[Contact]] = defaultdict(list)
    if areas:
        query = select(Contact).where(Contact.organisation_id.in_(areas), Contact.role == "commissioner")
        for contact in db.session.scalars(query.order_by(Contact.id)):
            found[contact.organisation_id].append(contact)
    return found
