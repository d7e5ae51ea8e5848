"""Reads: whom reminders reach, and what became of the last one sent to each organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.ground.models import AuditEvent, Mail
from portal.organisations import queries as organisations
from portal.organisations import reachability
from portal.organisations.models import BY_CARD, Contact, Organisation
from portal.reminders.intervals import DEFAULTS
from portal.reminders.models import Reminder

LOOKED_BACK = timedelta(days=200)  # a half-yearly report's reminder is still among them


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation. `reach`: "mail", "refused", "unsubscribed", "no_address" or "nobody".

    `became`: the state of the last reminder's mail; "" where there was none.
    """

    organisation: Organisation
    contacts: list[Contact]
    reach: str
    last: Reminder | None = None
    became: str = ""


# What a list can be narrowed down to, in the order of urgency.
GROUPS: dict[str, Callable[[Line], bool]] = {
    "doubtful": lambda line: line.became in ("unclear", "failed"),
    "refused": lambda line: line.reach == "refused",
    "unsubscribed": lambda line: line.reach == "unsubscribed",
    "none": lambda line: line.reach in ("no_address", "nobody"),
    "mail": lambda line: line.reach == "mail",
}


def lines(actor: Actor, district: str = "") -> list[Line]:
    """Everybody who reports by card (and whoever else has a contact), as far as the actor sees them."""
    filters = organisations.Filters(district=district or None, on=clock.today())
    listed = [row for row in organisations.listed(actor, filters) if _may_see(actor, row)]
    contacts = reachability.present_contacts(row.id for row in listed)
    last = _last_reminders([row.id for row in listed])
    return [
        Line(row, contacts.get(row.id, []), _reach(contacts.get(row.id, [])), *last.get(row.id, (None, "")))
        for row in listed
        if row.side in BY_CARD or row.id in contacts
    ]


def _may_see(actor: Actor, organisation: Organisation) -> bool:
    """A reminder tells that a record is not in: of a commissioner's that is for whom it is entrusted to."""
    if organisation.side != "commissioner":
        return True
    return may(actor, Permission.REVIEW_READ, organisations.subject(organisation))


def _reach(contacts: list[Contact]) -> str:
    """By mail, if anybody is; else why the first one is not."""
    if any(map(reachability.is_reachable, contacts)):
        return "mail"
    if not contacts:
        return "nobody"
    return min(map(why_not, contacts), key=("refused", "unsubscribed", "no_address").index)


def why_not(contact: Contact) -> str:
    """Why a contact is not reached by mail."""
    if contact.email_refused_at:
        return "refused"
    return "unsubscribed" if contact.unsubscribed_at else "no_address"


def _last_reminders(ids: list[int]) -> dict[int, tuple[Reminder, str]]:
    """organisation -> its last reminder and what became of the mail, in one query."""
    rows = db.session.execute(
        select(Reminder, Mail.state)
        .outerjoin(Mail, Mail.id == Reminder.mail_id)
        .where(Reminder.organisation_id.in_(ids), Reminder.queued_at > clock.now() - LOOKED_BACK)
        .order_by(Reminder.queued_at, Reminder.id)
    )
    return {reminder.organisation_id: (reminder, state or "") for reminder, state in rows}


def changes(most: int = 5) -> list[AuditEvent]:
    """The last changes of the intervals, the newest first."""
    query = select(AuditEvent).where(
        AuditEvent.subject_type == "setting", AuditEvent.subject_id.in_(list(DEFAULTS))
    )
    return list(db.session.scalars(query.order_by(AuditEvent.id.desc()).limit(most)))
