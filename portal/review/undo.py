"""What somebody has just approved and can still take back, one by one or all that were approved together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.domain.errors import Conflict
from portal.domain.permissions import Actor
from portal.domain.workflow import UNDO_FOR
from portal.extensions import db
from portal.reporting.models import Submission, SubmissionEvent
from portal.review import services


@dataclass(frozen=True)
class Done:
    """Reports approved with one press. `key`: the batch, or the public id of a single one."""

    key: str
    names: tuple[str, ...]
    until: datetime


def of(actor: Actor) -> list[Done]:
    """What this person approved in the last ten minutes and nobody has touched since; newest first."""
    found: dict[str, list[tuple[str, datetime]]] = {}
    for event, submission in _recent(actor):
        key = event.data.get("batch") or submission.public_id
        found.setdefault(key, []).append((submission.organisation.name, event.at))
    return [
        Done(key, tuple(name for name, _at in rows), min(at for _name, at in rows) + UNDO_FOR)
        for key, rows in found.items()
    ]


def take_back(actor: Actor, key: str) -> int:
    """Take back what was approved with one press; flush. Returns how many.

    All that is still to be taken back, or nothing: Conflict("too_late") where none is left.
    """
    chosen = [s for event, s in _recent(actor) if key in (event.data.get("batch"), s.public_id)]
    if not chosen:
        raise Conflict("too_late")
    for submission in chosen:
        services.withdraw_approval(actor, submission, submission.last_seq)
    return len(chosen)


def _recent(actor: Actor) -> list[tuple[SubmissionEvent, Submission]]:
    query = (
        select(SubmissionEvent, Submission)
        .join(
            Submission,
            and_(Submission.id == SubmissionEvent.submission_id, Submission.last_seq == SubmissionEvent.seq),
        )
        .where(
            SubmissionEvent.at >= clock.now() - UNDO_FOR,
            SubmissionEvent.actor == actor.key,
            SubmissionEvent.kind == "approved",
        )
        .options(
            joinedload(Submission.organisation),
            joinedload(Submission.data_set),
            selectinload(Submission.versions),
            selectinload(Submission.events),
        )
        .order_by(SubmissionEvent.at.desc(), SubmissionEvent.id)
    )
    return [(event, submission) for event, submission in db.session.execute(query).unique()]
