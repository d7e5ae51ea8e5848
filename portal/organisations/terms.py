"""Terms of 民生委員: prolonging, ending and beginning one, and taking back one that has not begun.

Services flush and never commit. Each leaves an audit event that says what stood there before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.domain.errors import Conflict
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.ground.models import AuditEvent
from portal.organisations import queries
from portal.organisations.models import Contact, Organisation
from portal.organisations.services import Person

ROLE = "commissioner"


def contacts_of(areas: Iterable[Organisation]) -> dict[int, list[Contact]]:
    """area -> who has held it or will, in the order of their first days; one query for all."""
    found: dict[int, list[Contact]] = defaultdict(list)
    ids = [area.id for area in areas]
    query = select(Contact).where(Contact.organisation_id.in_(ids), Contact.role == ROLE)
    for contact in db.session.scalars(query.order_by(Contact.starts_on, Contact.id)):
        found[contact.organisation_id].append(contact)
    return found


def on_duty(contacts: Iterable[Contact], day: date) -> Contact | None:
    """Who holds the area on that day."""
    during = [c for c in contacts if c.starts_on <= day and (c.ends_on is None or c.ends_on >= day)]
    return during[-1] if during else None


def coming(contacts: Iterable[Contact], day: date) -> Contact | None:
    """Who is named already for the time after that day."""
    return next((c for c in contacts if c.starts_on > day), None)


def set_end(actor: Actor, area: Organisation, contact: Contact, ends_on: date | None) -> bool:
    """The last day of a term; None: no end is known. False where it stands so already."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(area))
    if contact.ends_on == ends_on:
        return False
    told = {"contact": contact.id, "ends_on": _iso(ends_on), "had": _iso(contact.ends_on)}
    contact.ends_on = ends_on
    db.session.flush()
    record("organisation", area.id, "term_set", actor, **told)
    return True


def begin(
    actor: Actor, area: Organisation, person: Person, starts_on: date, before: Contact | None
) -> Contact:
    """Somebody's term begins; whoever had the area (`before`) ends the day before."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(area))
    had = _iso(before.ends_on) if before else None
    if before is not None:
        before.ends_on = starts_on - timedelta(days=1)
    row = Contact(
        organisation_id=area.id,
        role=ROLE,
        name=person.name or None,
        phone=person.phone or None,
        email=person.email or None,
        language=person.language or "ja",
        starts_on=starts_on,
    )
    db.session.add(row)
    db.session.flush()
    told = {"contact": row.id, "ended": before.id if before else None, "had": had}
    record("organisation", area.id, "term_began", actor, **told)
    return row


def take_back(actor: Actor, area: Organisation, contact: Contact, before: Contact | None) -> None:
    """A term that has not begun goes, with the name in it; the one before has the end again that it had.

    Its cards have to be gone already. Conflict("term_began") from its first day on: then months are theirs.
    """
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(area))
    if contact.starts_on <= clock.today():
        raise Conflict("term_began")
    event = _began(area, contact)
    if before is not None and event is not None and event.data.get("ended") == before.id:
        before.ends_on = date.fromisoformat(event.data["had"]) if event.data.get("had") else None
    gone = contact.id
    db.session.delete(contact)
    db.session.flush()
    record("organisation", area.id, "term_taken_back", actor, contact=gone)


def _began(area: Organisation, contact: Contact) -> AuditEvent | None:
    rows = db.session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.subject_type == "organisation",
            AuditEvent.subject_id == str(area.id),
            AuditEvent.action == "term_began",
        )
        .order_by(AuditEvent.id.desc())
    )
    return next((row for row in rows if row.data.get("contact") == contact.id), None)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
