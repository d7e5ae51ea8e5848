"""Saying that two lines are the same event, or that they are two; and taking that back. Never more than rows
added: who decided what, when and why stays to be read.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from portal import clock
from portal.domain.errors import Conflict, Invalid, StaleVersion
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db, insert_into
from portal.ground.audit import record
from portal.review import event_ledger, event_pairs
from portal.review.event_pairs import Pair
from portal.review.models import EventDecision, EventPair

KINDS = {"link": "linked", "dismiss": "dismissed", "undo": "undone"}
LONGEST = 300


def decide(actor: Actor, pair: Pair, action: str, reason: str, seq: int, keeps: str = "") -> EventPair:
    """Link, dismiss, or undo; flush. `seq`: the last decision that the actor saw; `keeps`: the line that goes
    on counting where the two count in different indicators.

    The pair has been found for this actor, who may therefore decide about both reports. Raises
    Invalid("reason_missing" | "keeps_missing" | "unknown_action"), StaleVersion where somebody was faster,
    Conflict("decided"), PeriodLocked where a figure of a closed year would move.
    """
    require(actor, Permission.REVIEW_DECIDE)
    if action not in KINDS:
        raise Invalid("unknown_action")
    if not reason.strip():
        raise Invalid("reason_missing", field="reason")
    if (action == "undo") == (pair.state == event_pairs.OPEN):
        raise Conflict("decided")
    if action != "link" or not pair.counts_twice:
        keeps = ""
    elif keeps not in (pair.one.key, pair.other.key):
        raise Invalid("keeps_missing", field="keeps")
    row = _row(pair)
    if row.last_seq != seq:
        raise StaleVersion("stale", expected=seq, actual=row.last_seq)
    _append(row, actor, KINDS[action], keeps, reason.strip()[:LONGEST])
    event_ledger.settle(row, actor)
    return row


def _row(pair: Pair) -> EventPair:
    """The pair's row, made where there is none, with both lines as they stand now."""
    one, other = pair.one.snapshot(), pair.other.snapshot()
    year = pair.one.submission.period
    values = {"key": pair.key, "one": one, "other": other, "state": "open", "keeps": "", "last_seq": 0}
    db.session.execute(
        insert_into(EventPair)
        .values(**values, fiscal_year=Month.parse(year).fiscal_year)
        .on_conflict_do_nothing(index_elements=["key"])
    )
    return db.session.scalars(select(EventPair).where(EventPair.key == pair.key)).one()


def _append(row: EventPair, actor: Actor, kind: str, keeps: str, reason: str) -> None:
    seq = row.last_seq + 1
    decision = EventDecision(
        pair_id=row.id, seq=seq, kind=kind, keeps=keeps, reason=reason, at=clock.now(), actor=actor.key
    )
    db.session.add(decision)
    db.session.flush()
    db.session.expire(row, ["decisions"])
    row.state, row.keeps, row.last_seq = event_ledger.folded(row.decisions)
    db.session.flush()
    digest = hashlib.sha256(reason.encode()).hexdigest()
    told = {"keeps": keeps, "reason_sha256": digest, "year": row.fiscal_year}
    record("event_pair", row.key, kind, actor, **told)


def carry_out(actor: Actor) -> int:
    """Bring the ledger to what the city's setting says, in all open years; flush. Returns how many moved."""
    require(actor, Permission.YEAR_CLOSE)
    rows = event_ledger.unsettled()
    for row in rows:
        event_ledger.settle(row, actor)
    if rows:
        record("event_pair", "all", "carried_out", actor, pairs=len(rows))
    return len(rows)
