"""Exceptions to a lock as staff read them: whose, until when, by whom, why. Words and reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts import queries as accounts
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, FiscalYear, Month, Standing, expected_periods
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.periods.models import PeriodException
from portal.reporting.desk import DESKS, Desk
from portal.web.filters import day, short_day
from portal.web.i18n import _, plain


@dataclass(frozen=True)
class Told:
    """One exception. `words`: who granted it, and why; `running`: it holds today."""

    row: PeriodException
    organisation: Organisation
    data_set: DataSet
    words: str
    running: bool
    may_end: bool

    @property
    def until(self) -> Any:
        return self.row.until


@dataclass(frozen=True)
class Short:
    """An exception beside the report that it is for."""

    until: Any
    words: str


def told(row: PeriodException, names: dict[str, str]) -> Short:
    return Short(row.until, why(row, names))


def why(row: PeriodException, names: dict[str, str]) -> str:
    """Who granted it, and the reason as long as it has not been erased."""
    by = names.get(row.granted_by, row.granted_by)
    return f"{by} ({row.reason})" if row.reason else by


def of(actor: Actor, organisation: Organisation) -> list[Told]:
    """All that an organisation ever had, the newest first, as far as this actor may know of its form."""
    return _told(actor, periods.exceptions(organisation.id))


def in_force(actor: Actor) -> list[Told]:
    """All that hold today, by the day on which they end."""
    found = _told(actor, periods.exceptions(on=clock.today()))
    return sorted(found, key=lambda one: (one.row.until, one.organisation.name))


def _told(actor: Actor, rows: list[PeriodException]) -> list[Told]:
    if not rows:
        return []
    names, forms = accounts.names(), {row.code: row for row in datasets.all_data_sets()}
    query = select(Organisation).where(Organisation.id.in_({row.organisation_id for row in rows}))
    groups = {o.id: o for o in db.session.scalars(query.options(joinedload(Organisation.district)))}
    found = []
    for row in rows:
        data_set, organisation = forms[row.data_set], groups[row.organisation_id]
        subject = datasets.subject(data_set, organisation)
        if _sees(actor, subject):
            running = row.ended_at is None and row.until >= clock.today()
            mine = may(actor, Permission.REVIEW_DECIDE, subject)
            found.append(Told(row, organisation, data_set, why(row, names), running, running and mine))
    return found


def _sees(actor: Actor, subject: Subject) -> bool:
    """Whoever may see that the report is in; of what is not confidential, whoever sees the organisation."""
    if may(actor, Permission.REVIEW_READ, subject):
        return True
    return not subject.confidential and may(actor, Permission.ORGANISATIONS_READ, subject)


def choice(actor: Actor, organisation: Organisation) -> list[tuple[DataSet, str, Standing]]:
    """The organisation's reports that an exception can be granted for: past due or locked, newest first."""
    today, calendar = clock.today(), periods.Calendar()
    first = FiscalYear.of(today).previous().first
    district = organisation.district.code if organisation.district else ""
    found = []
    for assignment in datasets.assignments_of(organisation.id):
        data_set, cadence = assignment.data_set, Cadence(assignment.cadence)
        if not may(actor, Permission.REVIEW_DECIDE, datasets.subject(data_set, organisation)):
            continue
        ends = [d for d in (assignment.ends_on, organisation.closed_on) if d]
        opened, closed = max(assignment.starts_on, organisation.opened_on), min(ends, default=None)
        for month in expected_periods(cadence, opened, closed, first, Month.of(today).previous()):
            where = calendar.standing(data_set, month.key, district)
            if where in (Standing.PAST_DUE, Standing.LOCKED):
                found.append((data_set, month.key, where))
    return sorted(found, key=lambda one: one[1], reverse=True)


def lock_of(desk: Desk, names: dict[str, str]) -> dict[str, str] | None:
    """What a report's page says of its lock: locked since when, or who lets it be sent until when."""
    calendar = periods.Calendar()
    last = calendar.last_day(desk.data_set, desk.period, desk.district)
    if last is None or last >= clock.today() or desk.closed:
        return None
    subject = desk.subject
    mine = may(desk.actor, Permission.REVIEW_DECIDE, subject) and desk.organisation.side not in DESKS
    url = url_for("exceptions.show", public_id=desk.organisation.public_id) if mine else ""
    granted = calendar.exception(desk.organisation.id, desk.data_set.code, desk.period)
    if granted:
        title = _("This month is locked, but may be sent until %(day)s", day=day(granted.until))
        return {"title": title, "text": plain(why(granted, names)), "url": url}
    title = _("This month is locked since %(day)s", day=short_day(last))
    text = _("What is here is reviewed as always. To change the figures, let the group send until a day.")
    return {"title": title, "text": text, "url": url}
