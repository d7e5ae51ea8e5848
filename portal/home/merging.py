"""Making two groups one, and separating them again. docs/adr/0039.

The ledger is not touched but for a month that both have reported: of that one, the report that does not stay
is taken back by events of the workflow. History stays where it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal import clock
from portal.accounts.models import Card, CardGroup
from portal.datasets import services as datasets
from portal.datasets.models import Assignment, DataSet, MergedMonth
from portal.domain.errors import Conflict, Invalid
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import State
from portal.extensions import db
from portal.ground.audit import record
from portal.home.merging_plan import REASONS, Clash, Plan, plan
from portal.organisations import queries as organisations
from portal.organisations import services
from portal.organisations.models import Contact, Organisation, OrganisationMerge, Registration
from portal.periods import queries as periods
from portal.reporting.models import CallRequest, Draft, Submission
from portal.review import taking_back

KEEP = ("into", "old")


def merge(
    actor: Actor, old: Organisation, into: Organisation, reason: str, keeps: Mapping[str, str], seen: str
) -> OrganisationMerge:
    """Make `old` part of `into`; flush. `keeps`: a clash's name -> "into" or "old"; `seen`: the fingerprint
    of the preview, so that nothing happens that it did not list.

    Raises NotPermitted, Conflict (see merging_plan.check; "changed_meanwhile"), Invalid("reason_missing" |
    "keep_missing").
    """
    if reason not in REASONS:
        raise Invalid("merge_reason_missing", field="reason")
    found = plan(actor, old, into, reason)
    if fingerprint(found) != seen:
        raise Conflict("changed_meanwhile")
    for clash in found.clashes:
        if keeps.get(clash.name) not in KEEP:
            raise Invalid("keep_missing", field=clash.name)
    moved: dict[str, Any] = {"closed_on": old.closed_on.isoformat() if old.closed_on else None}
    taken = [_take_back(actor, clash, keeps[clash.name]) for clash in found.clashes]
    moved["taken_back"] = [row.id for row in taken]
    _months(found, keeps)
    moved |= {"contacts": _contacts(actor, found), "cards": _cards(found), "places": _places(found)}
    moved |= {"registrations": _registrations(found), "assignments": _assignments(actor, found)}
    _drafts(found)
    old.merged_into_id, old.merged_from = into.id, found.merged_from
    old.closed_on = min(filter(None, (old.closed_on, max(clock.today(), old.opened_on))))
    row = OrganisationMerge(
        organisation_id=old.id,
        into_id=into.id,
        reason=reason,
        merged_from=found.merged_from,
        moved=moved,
        at=clock.now(),
        actor=actor.key,
    )
    db.session.add(row)
    db.session.flush()
    told = {"into": into.id, "why": reason, "since": found.merged_from, "taken_back": moved["taken_back"]}
    record("organisation", old.id, "merged", actor, **told)
    db.session.expire_all()
    return row


def fingerprint(found: Plan) -> str:
    """What the preview was made from: reports by their last event, cards, contacts."""
    parts = [found.reason, found.merged_from]
    parts += [f"{c.name}:{c.old.last_seq}:{c.into.last_seq}" for c in found.clashes]
    parts += [f"{row.id}:{row.last_seq}" for row in found.stay]
    parts += [f"c{row.id}" for row in found.cards] + [f"p{row.id}" for row in found.contacts]
    return "|".join(parts)


def _take_back(actor: Actor, clash: Clash, keep: str) -> Submission:
    """The report that does not stay, with every version that counts or waits: its history stays."""
    gone = clash.old if keep == "into" else clash.into
    while gone.state != State.WITHDRAWN:
        taking_back.take_back(actor, gone, gone.last_seq)
    return gone


def _months(found: Plan, keeps: Mapping[str, str]) -> None:
    standing = [*found.stay, *(c.old for c in found.clashes if keeps[c.name] == "old")]
    db.session.add_all(
        MergedMonth(organisation_id=found.old.id, data_set_id=row.data_set_id, period=row.period)
        for row in standing
    )


def _contacts(actor: Actor, found: Plan) -> list[list[int]]:
    """Somebody whose role is free over there takes it; all end here. [[old contact, new contact or 0]]."""
    made = []
    today = clock.today()
    for contact in [*found.contacts, *found.ended]:
        new = 0
        if contact in found.contacts:
            person = services.Person(contact.name, contact.phone, contact.email, contact.language)
            row = services.begin_contact(actor, found.into, contact.role, person, today)
            row.unsubscribed_at, row.email_refused_at = contact.unsubscribed_at, contact.email_refused_at
            new = row.id
        contact.ends_on = max(contact.starts_on, today - timedelta(days=1))
        made.append([contact.id, new])
    return made


def _cards(found: Plan) -> list[int]:
    """What is printed on paper goes on working: the card is the other group's from now on."""
    for card in found.cards:
        for row in [row for row in card.further if row.organisation_id == found.into.id]:
            card.further.remove(row)
        card.organisation_id = found.into.id
    return [card.id for card in found.cards]


def _places(found: Plan) -> list[list[int]]:
    """Where it was a further group of a card: [[card, whether the other takes its place]]."""
    made = []
    for row in found.places:
        card, there = row.card, {group.id for group in row.card.groups}
        card.further.remove(row)
        db.session.flush()
        takes = found.into.id not in there
        if takes:
            db.session.add(CardGroup(card_id=card.id, organisation_id=found.into.id))
        made.append([card.id, int(takes)])
    return made


def _registrations(found: Plan) -> list[list[Any]]:
    made = []
    for row in [*found.registrations, *found.doubled]:
        takes = row in found.registrations
        db.session.delete(row)
        if takes:
            new = Registration(
                organisation_id=found.into.id, register=row.register, fiscal_year=row.fiscal_year
            )
            db.session.add(new)
        made.append([row.register, row.fiscal_year, int(takes)])
    return made


def _assignments(actor: Actor, found: Plan) -> list[int]:
    """The other files what it did not: from the first period in which they are one, or its own first day."""
    starts_on = max(Month.parse(found.merged_from).first_day, found.into.opened_on)
    made = []
    for row in found.assignments:
        data_set = db.session.get_one(DataSet, row.data_set_id)
        made.append(datasets.assign(actor, found.into, data_set, row.cadence, starts_on).id)
    return made


def _drafts(found: Plan) -> None:
    for row in found.drafts:
        key = {"organisation_id": found.old.id, "data_set_id": row.data_set_id, "period": row.period}
        db.session.execute(update(Draft).filter_by(**key).values(organisation_id=found.into.id))
    for call in found.calls:
        db.session.execute(
            update(CallRequest).where(CallRequest.id == call.id).values(organisation_id=found.into.id)
        )
    db.session.flush()


# --- separating -----------------------------------------------------------------------------------------


def running(organisation: Organisation) -> OrganisationMerge | None:
    """The merge that stands."""
    query = select(OrganisationMerge).where(
        OrganisationMerge.organisation_id == organisation.id, OrganisationMerge.separated_at.is_(None)
    )
    return db.session.scalars(query.order_by(OrganisationMerge.id.desc())).first()


def separate(actor: Actor, old: Organisation) -> None:
    """Two groups again, with what went over; flush. Reports that were taken back stay taken back.

    Raises NotPermitted, Conflict("not_merged" | "year_closed_since"): figures of a closed year do not move.
    """
    row = running(old)
    if row is None:
        raise Conflict("not_merged")
    into = db.session.get_one(Organisation, row.into_id)
    for group in (old, into):
        require(actor, Permission.ORGANISATIONS_WRITE, organisations.subject(group))
        require(actor, Permission.CARDS_ISSUE, organisations.subject(group))
    first = Month.parse(row.merged_from).fiscal_year
    if any(year >= first for year in periods.closed_years()):
        raise Conflict("year_closed_since")
    _put_back(actor, old, into, row.moved)
    old.merged_into_id = old.merged_from = None
    closed = row.moved["closed_on"]
    old.closed_on = date.fromisoformat(closed) if closed else None
    row.separated_at, row.separated_by = clock.now(), actor.key
    db.session.execute(delete(MergedMonth).where(MergedMonth.organisation_id == old.id))
    db.session.flush()
    record("organisation", old.id, "separated", actor, into=into.id)
    db.session.expire_all()


def _put_back(actor: Actor, old: Organisation, into: Organisation, moved: Mapping[str, Any]) -> None:
    today = clock.today()
    for was, new in moved["contacts"]:
        db.session.get_one(Contact, was).ends_on = None
        if new and (row := db.session.get(Contact, new)) is not None and row.ends_on is None:
            row.ends_on = max(row.starts_on, today - timedelta(days=1))
    for card in moved["cards"]:
        db.session.get_one(Card, card).organisation_id = old.id
    for card, took in moved["places"]:
        if took and (place := db.session.get(CardGroup, (card, into.id))) is not None:
            db.session.delete(place)
        db.session.add(CardGroup(card_id=card, organisation_id=old.id))
    for register, year, took in moved["registrations"]:
        if took and (entry := db.session.get(Registration, (into.id, register, year))) is not None:
            db.session.delete(entry)
        db.session.add(Registration(organisation_id=old.id, register=register, fiscal_year=year))
    for number in moved["assignments"]:
        duty = db.session.get_one(Assignment, number)
        if duty.ends_on is None:
            datasets.end_assignment(actor, duty, max(duty.starts_on, today))
    db.session.flush()
