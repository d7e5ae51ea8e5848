"""Writes: one reminder of each kind for each report, claimed and queued in the same unit of work."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from portal import clock
from portal.extensions import db, insert_into
from portal.ground import mail
from portal.organisations import reachability
from portal.reminders import letter, links, queries
from portal.reminders.intervals import Intervals
from portal.reminders.models import Reminder
from portal.reminders.queries import Planned


def queue_all(intervals: Intervals) -> list[Planned]:
    """Queue what is due today; gives what this run queued and no other did. Flush."""
    return [row for row in queries.planned(intervals) if _queue(row, intervals)]


def _queue(planned: Planned, intervals: Intervals) -> bool:
    claimed = _claim(planned)
    if claimed is None:
        return False
    owed, contact = planned.owed, planned.contact
    locale = letter.language(contact)
    made = mail.queue(
        mail.Letter(
            reference=reachability.reference(contact),
            recipient=contact.email or "",
            subject=letter.subject(owed, locale),
            text=letter.mail_text(owed, contact, owed.data_set.reviewing_office),
            headers={
                "Content-Language": locale.html_lang,
                "List-Unsubscribe": f"<{links.unsubscribe(contact, locale.slug)}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            },
            expires_at=_expires(planned, intervals),
        )
    )
    claimed.mail_id = made.id
    db.session.flush()
    return True


def _claim(planned: Planned) -> Reminder | None:
    """The one row of this reminder; None where another run has it. The unique constraint decides."""
    owed = planned.owed
    key = {
        "organisation_id": owed.organisation.id,
        "data_set_id": owed.data_set.id,
        "period": owed.period,
        "kind": owed.kind,
    }
    row = {**key, "contact_id": planned.contact.id, "queued_at": clock.now()}
    insert = insert_into(Reminder).values(**row).on_conflict_do_nothing().returning(Reminder.id)
    made = db.session.scalar(insert)  # not the row count: on PostgreSQL it is unknown
    return db.session.get_one(Reminder, made) if made is not None else None


def _expires(planned: Planned, intervals: Intervals) -> datetime:
    """The end of the last day on which its words are true: a mail that waited for weeks is not sent."""
    due = planned.owed.due_on
    last = due if planned.owed.kind == "soon" else intervals.late_until(due)
    return datetime.combine(last + timedelta(days=1), time(0), clock.local(clock.now()).tzinfo)
