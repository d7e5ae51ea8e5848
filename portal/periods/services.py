"""Closing a fiscal year, opening it again, and exceptions to a due day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal import clock
from portal.domain.errors import Conflict, PeriodLocked
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.periods import locks, queries
from portal.periods.models import ClosedYear, DueDay


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
    record("fiscal_year", year, "closed", actor)
    return row


def reopen_year(actor: Actor, year: int) -> None:
    """Figures may be put right again, and are provisional meanwhile; flush. Conflict("not_closed")."""
    require(actor, Permission.YEAR_CLOSE)
    locks.alone(year)
    row = db.session.get(ClosedYear, year)
    if row is None:
        raise Conflict("not_closed", fiscal_year=year)
    db.session.delete(row)
    record("fiscal_year", year, "reopened", actor)


def require_open(years: Iterable[int]) -> None:
    """Raise PeriodLocked("closed_year") if any of these fiscal years is closed."""
    closed = sorted(queries.closed_years() & set(years))
    if closed:
        raise PeriodLocked("closed_year", fiscal_year=closed[0])


def set_due_day(
    actor: Actor, data_set: queries.Reported, period: str, due_on: date, district: str | None = None
) -> DueDay:
    """An exception by name and date, for all districts or one; the one that there is moves. Flush."""
    require(actor, Permission.YEAR_CLOSE)
    key = (data_set.code, Month.parse(period).key, district or "")
    row = db.session.get(DueDay, key)
    if row is None:
        row = DueDay(data_set=key[0], period=key[1], district=key[2], due_on=due_on)
        db.session.add(row)
    row.due_on = due_on
    record("due_day", ":".join(key), "set", actor, due_on=due_on.isoformat())
    return row
