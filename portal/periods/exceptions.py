"""Exceptions to a lock: one organisation may send one report until a day. They end by themselves."""

from __future__ import annotations

from datetime import date

from portal import clock
from portal.domain.errors import Invalid, NotFound
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, Subject, require
from portal.extensions import db
from portal.ground.audit import record
from portal.periods.models import PeriodException
from portal.periods.services import LONGEST_REASON, digest_of, require_open


def grant(actor: Actor, subject: Subject, period: str, until: date | None, reason: str) -> PeriodException:
    """Let the subject's organisation send its form for a period until that day; flush.

    By whoever reviews its reports. Raises NotPermitted, PeriodLocked in a closed year (that is opened
    again first), Invalid("until_missing" | "until_past" | "reason_missing").
    """
    require(actor, Permission.REVIEW_DECIDE, subject)
    require_open([Month.parse(period).fiscal_year])
    reason = reason.strip()[:LONGEST_REASON]
    if until is None:
        raise Invalid("until_missing", field="until")
    if until < clock.today():
        raise Invalid("until_past", field="until")
    if not reason:
        raise Invalid("reason_missing", field="reason")
    row = PeriodException(
        organisation_id=subject.organisation_id,
        data_set=subject.data_set,
        period=period,
        until=until,
        reason=reason,
        granted_at=clock.now(),
        granted_by=actor.key,
    )
    db.session.add(row)
    db.session.flush()
    told = {"data_set": row.data_set, "period": period, "until": until.isoformat()}
    record("period_exception", row.id, "granted", actor, **told, reason_sha256=digest_of(reason))
    return row


def end(actor: Actor, subject: Subject, exception_id: int) -> None:
    """End it before its day; flush. One that has ended already stays as it was. NotFound for another's."""
    require(actor, Permission.REVIEW_DECIDE, subject)
    row = db.session.get(PeriodException, exception_id)
    if row is None or (row.organisation_id, row.data_set) != (subject.organisation_id, subject.data_set):
        raise NotFound("period_exception")
    if row.ended_at is not None or row.until < clock.today():
        return
    row.ended_at, row.ended_by = clock.now(), actor.key
    record("period_exception", row.id, "ended", actor)
