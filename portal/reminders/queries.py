"""Reads: which reports are owed and not in, and who may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Month
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations import reachability
from portal.organisations.models import Contact, Organisation
from portal.periods import queries as periods
from portal.reminders.intervals import Intervals
from portal.reminders.models import Reminder
from portal.reporting.models import Submission

BACK = 6  # months: no due day is further from its period (yearly figures have two months, exceptions more)


@dataclass(frozen=True, slots=True)
class Owed:
    """A report that is not in. `kind`: the reminder that is due today, or "" for a letter at any time."""

    organisation: Organisation
    data_set: DataSet
    period: str
    due_on: date
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that is to be sent, and to whom."""

    owed: Owed
    contact: Contact


def due_today(intervals: Intervals) -> list[Owed]:
    """Every report for which a reminder is due today, by organisation, form and period. Six queries."""
    today = clock.today()
    first, last = Month.of(today).plus(-BACK), Month.of(today)
    expected = datasets.expected_by_data_set(first, last)
    owed = {
        (organisation_id, data_set_id, period)
        for data_set_id, by_period in expected.items()
        for period, organisation_ids in by_period.items()
        for organisation_id in organisation_ids
    }
    sent = select(Submission.organisation_id, Submission.data_set_id, Submission.period)
    there = sent.where(Submission.period >= first.key, Submission.state != State.WITHDRAWN)
    arrived = {tuple(row) for row in db.session.execute(there)}
    missing = sorted(owed - arrived)
    organisations = _organisations({organisation_id for organisation_id, _data_set, _period in missing})
    forms = {data_set.id: data_set for data_set in datasets.all_data_sets()}
    calendar = periods.Calendar()
    found = []
    for organisation_id, data_set_id, period in missing:
        if calendar.is_closed(Month.parse(period).fiscal_year):
            continue
        organisation, data_set = organisations[organisation_id], forms[data_set_id]
        due = calendar.due_on(data_set, period, _district(organisation))
        if calendar.refusal(data_set, period, organisation_id, _district(organisation)):
            continue  # nobody is asked for what is no longer taken
        if kind := intervals.kind(due, today):
            found.append(Owed(organisation, data_set, period, due, kind))
    return found


def planned(intervals: Intervals) -> list[Planned]:
    """What `portal remind` sends today: somebody can be reached, and has not been told of it yet."""
    owed = due_today(intervals)
    contacts = reachability.present_contacts(row.organisation.id for row in owed)
    told = _told(owed)
    found = []
    for row in owed:
        key = (row.organisation.id, row.data_set.id, row.period, row.kind)
        reached = next(filter(reachability.is_reachable, contacts.get(row.organisation.id, [])), None)
        if reached is not None and key not in told:
            found.append(Planned(row, reached))
    return found


def reminders_of(organisation_id: int) -> list[Reminder]:
    """What was sent to an organisation, the newest first."""
    query = select(Reminder).where(Reminder.organisation_id == organisation_id)
    return list(db.session.scalars(query.order_by(Reminder.queued_at.desc(), Reminder.id.desc())))


def _told(owed: list[Owed]) -> set[tuple[int, int, str, str]]:
    query = select(Reminder.organisation_id, Reminder.data_set_id, Reminder.period, Reminder.kind)
    rows = db.session.execute(query.where(Reminder.period.in_({row.period for row in owed})))
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def _organisations(ids: set[int]) -> dict[int, Organisation]:
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    return {row.id: row for row in db.session.scalars(query)}


def _district(organisation: Organisation) -> str:
    return organisation.district.code if organisation.district else ""
