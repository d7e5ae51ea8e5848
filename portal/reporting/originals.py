"""The original of a keyed-in report: pictures of the sheet, kept until the report has long been approved.

For groups only: a commissioner's record is never photographed (glossary: confidential form).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from portal import clock
from portal.domain.errors import Invalid, NotPermitted
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM, Actor, Permission, require
from portal.domain.workflow import EventKind, State
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.reporting.desk import Desk
from portal.reporting.models import Original, Submission, SubmissionEvent
from portal.reporting.pictures import Picture

MOST = 4  # pages of one sitting
KEPT, SIZE = "original.months", "original.megabytes"  # the city's settings, with their defaults
DEFAULTS = {KEPT: 3, SIZE: 20}
LEFT_BEHIND = timedelta(days=1)  # taken, but the report was never sent
AT_MOST = 12  # months: of a report that nobody ever approves


def months_kept() -> int:
    return int(settings.get(KEPT, DEFAULTS[KEPT]))


def most_bytes() -> int:
    """How large one file may be before it is made smaller."""
    return int(settings.get(SIZE, DEFAULTS[SIZE])) * 1024 * 1024


def may_have_one(desk: Desk) -> bool:
    """May a picture go with this report? Only with what staff key in for a group."""
    return desk.keying and desk.organisation.side == "group" and not desk.data_set.confidential


def _of_this_sitting(desk: Desk, batch: Any) -> ColumnElement[bool]:
    """Pages that wait for this very report, added by this very person."""
    return and_(
        Original.batch == batch,
        Original.submission_id.is_(None),
        Original.added_by == desk.actor.key,
        Original.organisation_id == desk.organisation.id,
        Original.data_set_id == desk.data_set.id,
        Original.period == desk.period,
    )


def waiting(desk: Desk, batch: str) -> list[Original]:
    """The pages that will go with this report when it is sent, in order."""
    found = select(Original).where(_of_this_sitting(desk, batch)).order_by(Original.id)
    return list(db.session.scalars(found))


def mine(desk: Desk, public_id: str) -> Original | None:
    """A page that waits for this report, if this actor added it."""
    found = select(Original).where(Original.public_id == public_id, _of_this_sitting(desk, Original.batch))
    return db.session.scalars(found).one_or_none()


def add(desk: Desk, batch: str, picture: Picture) -> Original:
    """Keep one more page for this report; flush. Invalid("picture_too_many") beyond four."""
    require(desk.actor, Permission.REPORT_FILL, desk.subject)
    if not may_have_one(desk) or desk.actor.kind != "staff":
        raise NotPermitted(Permission.REPORT_FILL.value)
    pages = waiting(desk, batch)
    if (again := next((page for page in pages if page.content == picture.content), None)) is not None:
        return again  # the same file chosen twice, or the form sent twice
    if len(pages) >= MOST:
        raise Invalid("picture_too_many")
    row = Original(
        public_id=uuid.uuid4().hex,
        batch=batch,
        organisation_id=desk.organisation.id,
        data_set_id=desk.data_set.id,
        period=desk.period,
        added_by=desk.actor.key,
        added_at=clock.now(),
        width=picture.width,
        height=picture.height,
        content=picture.content,
    )
    db.session.add(row)
    db.session.flush()
    return row


def take_out(desk: Desk, batch: str, public_ids: Collection[str]) -> None:
    """Drop pages that are not wanted after all; flush."""
    if public_ids:
        chosen = and_(_of_this_sitting(desk, batch), Original.public_id.in_(public_ids))
        db.session.execute(delete(Original).where(chosen))


def attach(desk: Desk, batch: str, submission: Submission) -> None:
    """The report has been sent: its pages belong to it from now on; flush."""
    pages = waiting(desk, batch)
    for page in pages:
        page.submission_id, page.version = submission.id, submission.version
    if pages:
        _note(submission.id, "original_added", desk.actor, version=submission.version, pages=len(pages))


def of(submission: Submission) -> list[Original]:
    """The pages of a report, those of its newest version first."""
    mine = select(Original).where(Original.submission_id == submission.id)
    return list(db.session.scalars(mine.order_by(Original.version.desc(), Original.id)))


def looked_at(actor: Actor, page: Original) -> None:
    """Keep that somebody looked at a page; flush."""
    assert page.submission_id is not None  # noqa: S101 - what is not sent yet is seen by its keyer only
    _note(page.submission_id, "original_looked_at", actor, original=page.id)


def _note(submission_id: int, action: str, actor: Actor, **data: int) -> None:
    """Add to the report's audit trail, one at a time: a page with four pictures is four looks at once."""
    alone = update(Submission).where(Submission.id == submission_id).values(version=Submission.version)
    db.session.execute(alone.execution_options(synchronize_session=False))
    record("submission", submission_id, action, actor, **data)


def tidy() -> str:
    """Delete what is no longer needed; flush. In words what was done, or nothing."""
    due = list(db.session.execute(select(Original.id, Original.submission_id).where(_no_longer_needed())))
    if not due:
        return ""
    db.session.execute(delete(Original).where(Original.id.in_([page for page, _submission in due])))
    for submission, pages in Counter(row.submission_id for row in due).items():
        if submission is not None:
            _note(submission, "original_deleted", SYSTEM, pages=pages)
    return f"Pictures of paper sheets deleted: {len(due)}"


def _no_longer_needed() -> ColumnElement[bool]:
    """Approved long enough ago, kept for a year without ever being approved, or never sent."""
    months = months_kept()
    approved = (
        select(SubmissionEvent.submission_id)
        .where(SubmissionEvent.kind == EventKind.APPROVED.value)
        .group_by(SubmissionEvent.submission_id)
        .having(func.max(SubmissionEvent.at) < _months_ago(months))
    )
    done = select(Submission.id).where(Submission.state == State.APPROVED.value, Submission.id.in_(approved))
    return or_(
        Original.submission_id.in_(done),
        Original.added_at < _months_ago(months + AT_MOST),
        and_(Original.submission_id.is_(None), Original.added_at < clock.now() - LEFT_BEHIND),
    )


def _months_ago(months: int) -> datetime:
    """The same day and hour so many months ago, or the last day of a shorter month."""
    now = clock.local(clock.now())
    month = Month.of(now.date()).plus(-months)
    day = month.first_day.replace(day=min(now.day, month.days))
    return datetime.combine(day, time(now.hour, now.minute, now.second), now.tzinfo)
