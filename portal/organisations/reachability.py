"""Whether a contact may be written to by e-mail: an address that works, and no wish to be left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from portal import clock
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.audit import record
from portal.organisations.models import Contact
from portal.organisations.services import CONTACT_ROLES


def reference(contact: Contact) -> str:
    """How a mail names whom it is for."""
    return f"contact:{contact.id}"


def by_reference(text: str) -> Contact | None:
    kind, _colon, number = text.partition(":")
    return db.session.get(Contact, int(number)) if kind == "contact" and number.isdecimal() else None


def is_reachable(contact: Contact) -> bool:
    """Is there an address, not refused by its server, of somebody who has not unsubscribed?"""
    email = contact.email or ""
    whole = "@" in email[1:-1] and not any(c.isspace() for c in email) and email.isascii()
    return whole and contact.email_refused_at is None and contact.unsubscribed_at is None


def present_contacts(organisation_ids: Iterable[int], on: date | None = None) -> dict[int, list[Contact]]:
    """Each organisation's present contacts, the leader first, in one query."""
    on = on or clock.today()
    found: dict[int, list[Contact]] = {}
    rows = db.session.scalars(
        select(Contact)
        .where(
            Contact.organisation_id.in_(set(organisation_ids)),
            Contact.starts_on <= on,
            or_(Contact.ends_on.is_(None), Contact.ends_on >= on),
        )
        .order_by(Contact.organisation_id, Contact.id)
    )
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    for contacts in found.values():
        contacts.sort(key=lambda c: CONTACT_ROLES.index(c.role) if c.role in CONTACT_ROLES else 99)
    return found


def note_refused(text: str) -> None:
    """A mail server said that there is no such address; flush. Staff see it beside the address."""
    contact = by_reference(text)
    if contact is not None and contact.email_refused_at is None:
        contact.email_refused_at = clock.now()
        _record(contact, "email_refused")


def unsubscribe(contact: Contact) -> None:
    """No more reminders by e-mail; flush. Once more changes nothing."""
    if contact.unsubscribed_at is None:
        contact.unsubscribed_at = clock.now()
        _record(contact, "unsubscribed")


def subscribe_again(contact: Contact) -> None:
    """Reminders by e-mail after all; flush."""
    if contact.unsubscribed_at is not None:
        contact.unsubscribed_at = None
        _record(contact, "subscribed_again")


def _record(contact: Contact, action: str) -> None:
    """By the link in a mail or by a mail server: nobody is signed in."""
    db.session.flush()
    record("organisation", contact.organisation_id, f"contact_{action}", SYSTEM, contact=contact.id)
