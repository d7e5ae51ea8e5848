"""Confirming a verdict after 協議: for a closed year only."""

from __future__ import annotations

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, require
from portal.domain.progress import Verdict as Word
from portal.evaluation import queries
from portal.evaluation.models import Verdict
from portal.extensions import db
from portal.ground.audit import record
from portal.periods import queries as periods

METHOD = "straight_path"


def confirm(actor: Actor, code: str, year: int, word: str, proposed: str | None, reason: str) -> Verdict:
    """Confirm what people decided, which may differ from what the rule proposes; flush.

    Raises Conflict("year_open") before the year is closed, Invalid("verdict") for an unknown word,
    Invalid("reason_missing") where the decision differs from the proposal without a reason.
    """
    require(actor, Permission.VERDICT_CONFIRM)
    if not periods.is_closed(year):
        raise Conflict("year_open", fiscal_year=year)
    if word not in set(Word):
        raise Invalid("verdict", value=word)
    if word != proposed and not reason.strip():
        raise Invalid("reason_missing")
    row = queries.verdict(code, year) or Verdict(indicator_code=code, fiscal_year=year)
    row.method, row.verdict, row.proposed, row.reason = METHOD, word, proposed, reason.strip()
    row.confirmed_at, row.confirmed_by = clock.now(), actor.key
    db.session.add(row)
    record("verdict", f"{code}/{year}", "confirmed", actor, verdict=word, proposed=proposed)
    db.session.flush()
    return row
