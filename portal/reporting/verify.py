"""Every submission folded and its chain walked again, against what stands beside it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.domain import workflow
from portal.domain.errors import DomainError
from portal.domain.measures import answers_from_json, content_digest
from portal.domain.workflow import Link
from portal.extensions import db
from portal.reporting import events
from portal.reporting.models import Submission

BATCH = 500


def verify() -> tuple[dict[str, int], str | None]:
    """({what was counted: how many}, the first mismatch or None)."""
    counted = {"submissions": 0, "submission events": 0, "submission versions": 0}
    last = 0
    while batch := _batch(last):
        for submission in batch:
            counted["submissions"] += 1
            counted["submission events"] += len(submission.events)
            counted["submission versions"] += len(submission.versions)
            if fault := _fault(submission):
                return counted, f"submission {submission.public_id}: {fault}"
        last = batch[-1].id
        db.session.expunge_all()
    return counted, None


def _batch(after: int) -> list[Submission]:
    return list(
        db.session.scalars(
            select(Submission)
            .where(Submission.id > after)
            .order_by(Submission.id)
            .limit(BATCH)
            .options(selectinload(Submission.events), selectinload(Submission.versions))
        )
    )


def _fault(submission: Submission) -> str | None:
    try:
        state = events.folded(submission.events)
    except (DomainError, ValueError) as error:
        return f"its events don't fold ({error})"
    projected = (submission.state, submission.version, submission.approved_version, submission.last_seq)
    if state is None or projected != (
        state.state.value,
        state.version,
        state.approved_version,
        state.last_seq,
    ):
        return "its state is not what its events make"
    broken = workflow.verify_chain(
        Link(events.payload(e.seq, e.kind, e.version, e.at, e.actor, e.data), e.previous, e.hash)
        for e in submission.events
    )
    if broken is not None:
        return f"the chain breaks at event {broken + 1}"
    if [v.version for v in submission.versions] != list(range(1, state.version + 1)):
        return "a version is missing"
    for version in submission.versions:
        if content_digest(answers_from_json(version.values)) != version.content_digest:
            return f"version {version.version} was changed"
    return None
