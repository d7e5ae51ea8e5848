"""Mail as rows: written in the unit of work of its cause, claimed one at a time, settled, and wiped.

A row is claimed (and that is committed) before a word goes to the mail server. If the machine stops
between the server's "yes" and our note of it, the row is found claimed: it is then called unclear and
not sent again by itself. So a mail goes out at most once (docs/adr/0022).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from portal import clock
from portal.extensions import db
from portal.ground.models import Mail

# How long to wait after the first, second ... try that did not work; then it has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440))
A_RUN_TAKES = timedelta(minutes=15)  # nobody holds a mail longer: a claim that is older was cut off


@dataclass(frozen=True, slots=True)
class Letter:
    """What to send, and until when it makes sense to. `headers`: further ones, such as List-Unsubscribe."""

    reference: str
    recipient: str
    subject: str
    text: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this run alone sends, free of the database session."""

    id: int
    public_id: str
    reference: str
    recipient: str
    subject: str
    text: str
    headers: Mapping[str, str]


def queue(letter: Letter) -> Mail:
    """Write a mail down, to be sent by the next run; flush."""
    now = clock.now()
    row = Mail(
        public_id=uuid.uuid4().hex,
        reference=letter.reference,
        recipient=letter.recipient,
        subject=letter.subject,
        text=letter.text,
        headers=dict(letter.headers),
        state="waiting",
        attempts=0,
        created_at=now,
        next_try_at=now,
        expires_at=letter.expires_at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def waiting() -> int:
    """How many may be sent now."""
    query = select(func.count()).where(Mail.state == "waiting", Mail.next_try_at <= clock.now())
    return db.session.scalar(query) or 0


def claim() -> Claimed | None:
    """The next mail, for this run alone; flush. Of two runs at once only one gets it."""
    due = (Mail.state == "waiting", Mail.next_try_at <= clock.now())
    while (
        row := db.session.scalars(select(Mail).where(*due).order_by(Mail.id).limit(1)).first()
    ) is not None:
        taken = db.session.scalar(
            update(Mail)
            .where(Mail.id == row.id, Mail.state == "waiting")
            .values(state="sending", attempts=Mail.attempts + 1, next_try_at=clock.now())
            .returning(Mail.id)
        )
        if taken is not None:
            return Claimed(
                row.id,
                row.public_id,
                row.reference,
                row.recipient or "",
                row.subject or "",
                row.text or "",
                dict(row.headers),
            )
        db.session.expire_all()
    return None


def settle(mail_id: int, state: str, answer: str) -> None:
    """What became of it, for good; whom it went to and what it said are wiped. Flush."""
    row = db.session.get_one(Mail, mail_id)
    row.state, row.answer, row.settled_at = state, answer[:200], clock.now()
    if state != "unclear":
        _wipe(row)
    db.session.flush()


def put_off(mail_id: int, answer: str) -> None:
    """It did not go through this time: later, until the tries are used up. Flush."""
    row = db.session.get_one(Mail, mail_id)
    if row.attempts > len(PAUSES):
        settle(mail_id, "failed", answer)
        return
    row.state, row.answer = "waiting", answer[:200]
    row.next_try_at = clock.now() + PAUSES[row.attempts - 1]
    db.session.flush()


def give_back(mail_id: int) -> None:
    """Nothing of it was said to the server: as if it had not been claimed. Flush."""
    row = db.session.get_one(Mail, mail_id)
    row.state, row.attempts = "waiting", row.attempts - 1
    db.session.flush()


def tidy() -> None:
    """Before each run: what is too late to send, and what an earlier run was cut off from. Flush."""
    now = clock.now()
    kept = Mail.state.in_(("waiting", "unclear"))
    for row in db.session.scalars(select(Mail).where(kept, Mail.expires_at < now)):
        row.state, row.settled_at = "expired", now
        _wipe(row)
    for row in db.session.scalars(
        select(Mail).where(Mail.state == "sending", Mail.next_try_at < now - A_RUN_TAKES)
    ):
        row.state = "unclear"
    db.session.flush()


def unclear() -> int:
    """How many may have gone out or not: an operator decides (`portal jobs run --unclear`)."""
    return db.session.scalar(select(func.count()).where(Mail.state == "unclear")) or 0


def send_unclear_again() -> None:
    """Put back what is unclear, at the price that somebody may get it twice. Flush."""
    for row in db.session.scalars(select(Mail).where(Mail.state == "unclear")):
        row.state, row.next_try_at = "waiting", clock.now()
    db.session.flush()


def forget(reference: str) -> None:
    """Nothing more goes to them, and nothing that went is kept in words. Flush."""
    for row in db.session.scalars(select(Mail).where(Mail.reference == reference)):
        if row.state in ("waiting", "unclear"):
            row.state, row.settled_at = "expired", clock.now()
        _wipe(row)
    db.session.flush()


def _wipe(row: Mail) -> None:
    row.recipient = row.subject = row.text = None
    row.headers = {}
