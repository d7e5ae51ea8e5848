"""Appending an event: the only way that a submission's state changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.domain import workflow
from portal.domain.errors import StaleVersion
from portal.domain.permissions import Actor
from portal.domain.workflow import Action, Event, EventKind, SubmissionState
from portal.extensions import db
from portal.reporting.models import Submission, SubmissionEvent, SubmissionNote


def payload(
    seq: int, kind: str, version: int, at: datetime, actor: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """What is hashed of an event; `at` in UTC."""
    return {
        "seq": seq,
        "kind": kind,
        "version": version,
        "at": at.isoformat(),
        "actor": actor,
        "data": dict(data),
    }


def folded(events: list[SubmissionEvent]) -> SubmissionState | None:
    """The state that the stored events make."""
    return workflow.fold(
        Event(row.seq, EventKind(row.kind), row.version, row.data.get("reasons", {})) for row in events
    )


def project(submission: Submission, state: SubmissionState) -> None:
    """Write the state beside the events it was folded from."""
    submission.state = state.state.value
    submission.version = state.version
    submission.approved_version = state.approved_version
    submission.last_seq = state.last_seq


def append(
    submission: Submission,
    action: Action,
    expected_seq: int,
    actor: Actor,
    *,
    reasons: Mapping[str, str] | None = None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> SubmissionEvent:
    """Append the event of an action and project the new state; flush.

    Raises StaleVersion if somebody acted since `expected_seq` (told by the events' unique number, so two
    at once can't both succeed), Conflict or Invalid as the workflow says. A note is stored beside the
    event, which keeps its digest only.
    """
    events = list(
        db.session.scalars(
            select(SubmissionEvent)
            .where(SubmissionEvent.submission_id == submission.id)
            .order_by(SubmissionEvent.seq)
        )
    )
    step = workflow.apply(folded(events), action, expected_seq, reasons)
    stored: dict[str, Any] = dict(data or {})
    if reasons:
        stored["reasons"] = dict(reasons)
    if note:
        stored["note_sha256"] = hashlib.sha256(note.encode()).hexdigest()
    at = clock.now()
    previous = events[-1].hash if events else workflow.GENESIS
    content = payload(step.event.seq, step.event.kind.value, step.event.version, at, actor.key, stored)
    event = SubmissionEvent(
        submission_id=submission.id,
        seq=step.event.seq,
        kind=step.event.kind.value,
        version=step.event.version,
        at=at,
        actor=actor.key,
        data=stored,
        previous=previous,
        hash=workflow.chain(previous, content),
    )
    if note:
        event.note = SubmissionNote(text=note)
    db.session.add(event)
    project(submission, step.state)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise StaleVersion("stale", expected=expected_seq) from error
    return event
