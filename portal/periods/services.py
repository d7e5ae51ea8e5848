"""Closing a fiscal year, opening it again, exceptions to a due day, and when a month locks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from portal import clock
from portal.domain.errors import Conflict, Invalid, PeriodLocked
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.periods import locks, queries
from portal.periods.models import ClosedYear, DueDay, YearClosing

LONGEST_REASON = 300
LONGEST_LOCK = 366


def close_year(actor: Actor, year: int) -> ClosedYear:
    """The year's figures are final from now on; flush.

    Raises Conflict("year_not_over") before its 31 March is past, Conflict("already_closed").
    """
    require(actor, Permission.YEAR_CLOSE)
    if not FiscalYear(year).is_over(clock.today()):
        raise Conflict("year_not_over", fiscal_year=year)
    locks.alone(year)
    if queries.is_closed(year):
        raise Conflict("already_closed", fiscal_year=year)
    row = ClosedYear(fiscal_year=year, closed_at=clock.now(), closed_by=actor.key)
    db.session.add(row)
    kept = YearClosing(fiscal_year=year, closed_at=row.closed_at, closed_by=row.closed_by)
    db.session.add(kept)
    record("fiscal_year", year, "closed", actor)
    return row


def note_release(year: int, number: int) -> None:
    """Keep which release this closing has published; flush."""
    _running_closing(year).release = number
    db.session.flush()


def _running_closing(year: int) -> YearClosing:
    query = select(YearClosing).where(YearClosing.fiscal_year == year, YearClosing.reopened_at.is_(None))
    return db.session.scalars(query.order_by(YearClosing.id.desc()).limit(1)).one()


def digest_of(reason: str) -> str:
    """What an audit event keeps of somebody's words, which lie beside it and can be erased."""
    return hashlib.sha256(reason.encode()).hexdigest()


def reopen_year(actor: Actor, year: int, reason: str) -> None:
    """Figures may be put right again, and are provisional meanwhile; flush.

    Raises Conflict("not_closed"), Invalid("reason_missing").
    """
    require(actor, Permission.YEAR_CLOSE)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Invalid("reason_missing", field="reason")
    locks.alone(year)
    row = db.session.get(ClosedYear, year)
    if row is None:
        raise Conflict("not_closed", fiscal_year=year)
    kept = _running_closing(year)
    kept.reopened_at, kept.reopened_by, kept.reason = clock.now(), actor.key, reason
    db.session.delete(row)
    record("fiscal_year", year, "reopened", actor, reason_sha256=digest_of(reason))


def require_open(years: Iterable[int]) -> None:
    """Raise PeriodLocked("closed_year") if any of these fiscal years is closed."""
    closed = sorted(queries.closed_years() & set(years))
    if closed:
        raise PeriodLocked("closed_year", fiscal_year=closed[0])


def set_due_day(
    actor: Actor, data_set: queries.Reported, period: str, due_on: date, district: str | None = None
) -> DueDay:
    """An exception by name and date, for all districts or one; the one that there is moves. Flush.

    Raises Invalid("due_before_end") for a day before the period is over, PeriodLocked in a closed year.
    """
    require(actor, Permission.YEAR_CLOSE)
    month = Month.parse(period)
    require_open([month.fiscal_year])
    if due_on <= month.last_day:
        raise Invalid("due_before_end", field="due_on")
    key = (data_set.code, Month.parse(period).key, district or "")
    row = db.session.get(DueDay, key)
    if row is None:
        row = DueDay(data_set=key[0], period=key[1], district=key[2], due_on=due_on)
        db.session.add(row)
    row.due_on = due_on
    record("due_day", ":".join(key), "set", actor, due_on=due_on.isoformat())
    return row


def clear_due_day(actor: Actor, data_set: str, period: str, district: str = "") -> None:
    """The rule holds again; flush. An exception that is not there any more is no fault."""
    require(actor, Permission.YEAR_CLOSE)
    row = db.session.get(DueDay, (data_set, period, district))
    if row is None:
        return
    require_open([Month.parse(period).fiscal_year])
    db.session.delete(row)
    record("due_day", ":".join((data_set, period, district)), "cleared", actor)


def set_lock(actor: Actor, days: int | None) -> None:
    """A month locks so many days after its due day; None: never. Flush. Invalid("lock_days")."""
    require(actor, Permission.YEAR_CLOSE)
    if days is not None and not 0 <= days <= LONGEST_LOCK:
        raise Invalid("lock_days", field="lock_days")
    settings.put(queries.LOCK_DAYS, days, actor)
    db.session.flush()
