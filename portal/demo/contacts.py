"""Whom to call in the demo, and what became of the last reminders. Invented and deterministic.

048-000-… is nobody's telephone number, and example.jp belongs to nobody (JPRS keeps it for samples).
Every name begins with 見本, "sample".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal.datasets.models import DataSet
from portal.demo.city import LANGUAGES, ZONE, DemoGroup, stable_id
from portal.demo.commissioners import DemoVolunteer
from portal.domain.periods import Month
from portal.extensions import db
from portal.ground.models import Mail
from portal.organisations.models import Contact, Organisation
from portal.reminders.models import Reminder

SAMPLE = "見本"
GIVEN = (
    "さくら",
    "いずみ",
    "ひかり",
    "あゆむ",
    "みのる",
    "すみれ",
    "つばさ",
    "のぞみ",
    "かおる",
    "まこと",
    "ちはる",
)
OFFICE_PHONE = "048-000-0100"  # further offices and sections count up from here


def people(row: Organisation, number: int, language: str, as_of: date) -> list[Contact]:
    """A group's leader, and for every fourth group a deputy. Not everybody has an e-mail address."""
    since = max(row.opened_on, date(as_of.year - 2, 4, 1))
    at = datetime.combine(as_of - timedelta(days=40), time(9), ZONE)
    leader = Contact(
        organisation_id=row.id,
        role="leader",
        name=None if number % 20 == 14 else f"{SAMPLE} {GIVEN[number % len(GIVEN)]}",
        phone=f"048-000-{1000 + number:04}",
        email=None if number % 3 == 0 else f"group{number:03}@example.jp",
        language=language,
        starts_on=since,
    )
    if leader.email and number % 13 == 8:
        leader.email_refused_at = at
    if leader.email and number % 17 == 10:
        leader.unsubscribed_at = at
    if number % 4:
        return [leader]
    deputy = Contact(
        organisation_id=row.id,
        role="deputy",
        name=f"{SAMPLE} {GIVEN[(number + 5) % len(GIVEN)]}",
        phone=f"048-000-{2000 + number:04}",
        language="ja",
        starts_on=since,
    )
    return [leader, deputy]


def of_groups(pairs: list[tuple[DemoGroup, Organisation]], as_of: date) -> None:
    """Contacts of the salons, and the reminders that went to some of them; flush."""
    db.session.add_all(
        contact
        for group, row in pairs
        for contact in people(row, group.number, group.language, as_of)
        if row.closed_on is None
    )
    db.session.flush()
    salon = db.session.scalars(select(DataSet).where(DataSet.code == "salon")).one()
    leaders = select(Contact).where(Contact.role == "leader", Contact.email.is_not(None))
    by_row = {leader.organisation_id: leader for leader in db.session.scalars(leaders)}
    for group, row in pairs:
        if (leader := by_row.get(row.id)) is not None:
            db.session.add_all(_reminded(group, leader, salon, as_of))
    db.session.flush()


def of_volunteer(group: DemoVolunteer, row: Organisation, as_of: date) -> None:
    """Contacts of a volunteer group; flush."""
    number = 200 + group.number
    db.session.add_all(people(row, number, LANGUAGES[number % len(LANGUAGES)], as_of))
    db.session.flush()


def offices() -> None:
    """Telephone numbers of the offices and sections, for letters, cards and receipts; flush."""
    rows = select(Organisation).where(Organisation.side.in_(("office", "section"))).order_by(Organisation.id)
    for number, row in enumerate(db.session.scalars(rows)):
        row.phone = row.phone or f"{OFFICE_PHONE[:-4]}{100 + number:04}"
    db.session.flush()


def _reminded(group: DemoGroup, leader: Contact, salon: DataSet, as_of: date) -> Iterator[Reminder]:
    """A third got a mail for the month before last; two of those who owe the last one may not have."""
    newest = Month.of(as_of).previous()
    if leader.email_refused_at:
        yield _reminder(leader, salon, newest.previous(), leader.email_refused_at, "bounced")
    elif group.number % 3 == 1 and not leader.unsubscribed_at:
        day = newest.first_day + timedelta(days=4)
        yield _reminder(leader, salon, newest.previous(), datetime.combine(day, time(8), ZONE), "sent")
    if group.number in (16, 28):
        yesterday = datetime.combine(as_of - timedelta(days=1), time(8), ZONE)
        yield _reminder(leader, salon, newest, yesterday, "unclear")


def _reminder(leader: Contact, salon: DataSet, period: Month, at: datetime, state: str) -> Reminder:
    mail = Mail(
        public_id=stable_id("mail", leader.organisation_id, period.key),
        reference=f"contact:{leader.id}",
        recipient=leader.email if state == "unclear" else None,
        subject=f"{SAMPLE} {period.key}" if state == "unclear" else None,
        text=SAMPLE if state == "unclear" else None,
        headers={},
        state=state,
        attempts=1,
        created_at=at,
        next_try_at=at,
        expires_at=at + timedelta(days=10),
        settled_at=None if state == "unclear" else at,
        answer={"bounced": "550 5.1.1", "sent": "250"}.get(state),
    )
    db.session.add(mail)
    db.session.flush()
    return Reminder(
        organisation_id=leader.organisation_id,
        data_set_id=salon.id,
        period=period.key,
        kind="soon",
        contact_id=leader.id,
        mail_id=mail.id,
        queued_at=at,
    )
