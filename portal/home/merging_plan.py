"""What becomes of everything when two groups are made one: worked out before anybody presses, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.models import Card, CardGroup
from portal.datasets import queries as datasets
from portal.datasets.models import Assignment, DataSet
from portal.domain.errors import Conflict
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Contact, Organisation, Registration
from portal.periods import queries as periods
from portal.reporting import queries as reports
from portal.reporting.models import CallRequest, Draft, Submission

TWICE, ONE = "twice", "one"  # entered twice by mistake; two that have become one
REASONS = (TWICE, ONE)
GROUP = "group"


@dataclass(frozen=True)
class Clash:
    """Both have reported the same period: which of the two stays? `locked`: of neither may it be decided."""

    data_set: DataSet
    period: str
    old: Submission
    into: Submission

    @property
    def name(self) -> str:
        return f"keep-{self.data_set.code}-{self.period}"


@dataclass
class Plan:
    """Two groups and what would happen. `merged_from`: the first period in which they are one."""

    old: Organisation
    into: Organisation
    reason: str
    merged_from: str
    contacts: list[Contact] = field(default_factory=list)
    ended: list[Contact] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    places: list[CardGroup] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    stay: list[Submission] = field(default_factory=list)
    earlier: int = 0
    clashes: list[Clash] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    doubled: list[Registration] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    dropped_drafts: list[Draft] = field(default_factory=list)
    calls: list[CallRequest] = field(default_factory=list)


def check(actor: Actor, old: Organisation, into: Organisation) -> None:
    """May these two be made one by this actor? Both in reach, both groups, both still there.

    Raises NotPermitted, Conflict("not_two_groups" | "merged_already" | "has_merged").
    """
    for group in (old, into):
        require(actor, Permission.ORGANISATIONS_WRITE, organisations.subject(group))
        require(actor, Permission.CARDS_ISSUE, organisations.subject(group))
    if old.id == into.id or {old.side, into.side} != {GROUP}:
        raise Conflict("not_two_groups")
    if old.merged_into_id or into.merged_into_id or into.closed_on:
        raise Conflict("merged_already")
    if organisations.merged_into(old):
        raise Conflict("has_merged")


def choices(actor: Actor, old: Organisation, text: str) -> list[Organisation]:
    """The groups that it could be made one with; without words those of its own district."""
    filters = organisations.Filters(
        side=GROUP,
        on=clock.today(),
        text=text,
        district=None if text or not old.district else old.district.code,
    )
    return [
        row
        for row in organisations.listed(actor, filters)
        if row.id != old.id
        and not row.closed_on
        and may(actor, Permission.ORGANISATIONS_WRITE, organisations.subject(row))
        and may(actor, Permission.CARDS_ISSUE, organisations.subject(row))
    ]


def merged_from(reason: str) -> str:
    """Entered twice: since the first year that is open. Become one: since this month."""
    today = clock.today()
    if reason == ONE:
        return Month.of(today).key
    running = FiscalYear.of(today)
    open_years = [year for year in (running.year - 1, running.year) if not periods.is_closed(year)]
    return FiscalYear(min(open_years, default=running.year)).first.key


def plan(actor: Actor, old: Organisation, into: Organisation, reason: str) -> Plan:
    """Everything that would happen; nothing is written."""
    check(actor, old, into)
    found = Plan(old, into, reason, merged_from(reason))
    _people(found)
    _cards(found)
    _reports(found)
    _registers(found)
    _waiting(found)
    return found


def _people(found: Plan) -> None:
    """A role that the other has filled stays with whoever has it."""
    for contact in organisations.contacts(found.old):
        if organisations.is_present(contact):
            free = organisations.present_contact(found.into, contact.role) is None
            (found.contacts if free else found.ended).append(contact)


def _cards(found: Plan) -> None:
    found.cards = accounts.open_cards([found.old.id])
    found.places = accounts.on_cards_of_others([found.old.id])
    today = clock.today()
    mine, theirs = (
        [row for row in datasets.assignments(organisation_id=one.id) if _in_force(row)]
        for one in (found.old, found.into)
    )
    files = {row.data_set_id for row in theirs}
    found.assignments = [row for row in mine if row.data_set_id not in files and row.starts_on <= today]


def _in_force(row: Assignment) -> bool:
    return row.ends_on is None or row.ends_on >= clock.today()


def _reports(found: Plan) -> None:
    mine, theirs = (
        {(row.data_set_id, row.period): row for row in reports.sent(one.id)}
        for one in (found.old, found.into)
    )
    for key, row in sorted(mine.items(), key=lambda item: item[0][1]):
        if row.period < found.merged_from or periods.is_closed(Month.parse(row.period).fiscal_year):
            found.earlier += 1
        elif key in theirs:
            found.clashes.append(Clash(row.data_set, row.period, row, theirs[key]))
        else:
            found.stay.append(row)


def _registers(found: Plan) -> None:
    """Of the years in which the two are one all through."""
    query = select(Registration).where(Registration.organisation_id.in_((found.old.id, found.into.id)))
    rows = list(db.session.scalars(query.order_by(Registration.fiscal_year, Registration.register)))
    theirs = {(row.register, row.fiscal_year) for row in rows if row.organisation_id == found.into.id}
    for row in rows:
        whole = FiscalYear(row.fiscal_year).first.key >= found.merged_from
        if row.organisation_id == found.old.id and whole and not periods.is_closed(row.fiscal_year):
            both = (row.register, row.fiscal_year) in theirs
            (found.doubled if both else found.registrations).append(row)


def _waiting(found: Plan) -> None:
    """What was typed and not sent, and who asked to be called."""
    here, there = (
        list(db.session.scalars(select(Draft).where(Draft.organisation_id == one.id)))
        for one in (found.old, found.into)
    )
    taken = {(row.data_set_id, row.period) for row in there}
    taken |= {(row.data_set_id, row.period) for row in reports.sent(found.into.id)}
    taken |= {(row.data_set_id, row.period) for row in found.stay}
    for row in here:
        free = row.period >= found.merged_from and (row.data_set_id, row.period) not in taken
        (found.drafts if free else found.dropped_drafts).append(row)
    query = select(CallRequest).where(CallRequest.done_at.is_(None))
    waits = {row.asked_on for row in db.session.scalars(query.filter_by(organisation_id=found.into.id))}
    asked = db.session.scalars(query.filter_by(organisation_id=found.old.id))
    found.calls = [row for row in asked if row.asked_on not in waits]
