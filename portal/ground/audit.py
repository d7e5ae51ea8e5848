"""The audit trail: one hash chain per subject, so that no lock is global and a cut shows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal import clock
from portal.domain.permissions import Actor
from portal.domain.workflow import GENESIS, chain
from portal.extensions import db
from portal.ground.models import AuditEvent


def payload(seq: int, at: str, actor: str, action: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is hashed of one event; `at` is ISO 8601 in UTC."""
    return {"seq": seq, "at": at, "actor": actor, "action": action, "data": data}


def record(subject_type: str, subject_id: object, action: str, actor: Actor, **data: Any) -> AuditEvent:
    """Add an event to a subject's chain. `data`: ids, codes and numbers only, never names or free text."""
    last = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_type == subject_type, AuditEvent.subject_id == str(subject_id))
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    ).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    at = clock.now()
    event = AuditEvent(
        subject_type=subject_type,
        subject_id=str(subject_id),
        seq=seq,
        at=at,
        actor=actor.key,
        action=action,
        data=data,
        previous=previous,
        hash=chain(previous, payload(seq, at.isoformat(), actor.key, action, data)),
    )
    db.session.add(event)
    db.session.flush()
    return event


def first_broken() -> tuple[int, str | None]:
    """(events read, the first subject whose chain does not hold, or None)."""
    previous: dict[tuple[str, str], tuple[int, str]] = {}
    read = 0
    events = db.session.scalars(
        select(AuditEvent).order_by(AuditEvent.subject_type, AuditEvent.subject_id, AuditEvent.seq)
    )
    for event in events:
        read += 1
        key = (event.subject_type, event.subject_id)
        seq, link = previous.get(key, (0, GENESIS))
        content = payload(event.seq, event.at.isoformat(), event.actor, event.action, event.data)
        if event.seq != seq + 1 or event.previous != link or event.hash != chain(link, content):
            return read, f"audit {event.subject_type} {event.subject_id} event {event.seq}"
        previous[key] = (event.seq, event.hash)
    return read, None
