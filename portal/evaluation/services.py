"""Confirming a verdict after 協議: for a closed year only, by the section it concerns or who sees all."""

from __future__ import annotations

import hashlib

from portal import clock
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.domain.progress import Proposal, TargetKind
from portal.evaluation import queries
from portal.evaluation.models import Verdict
from portal.extensions import db
from portal.ground.audit import record
from portal.indicators import proposals
from portal.indicators import queries as indicators
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.plan.models import Indicator

LONGEST_REASON = 500

# How the proposal was worked out, published beside the verdict (portal/domain/progress.py has the rules).
METHODS: dict[TargetKind, str] = {
    TargetKind.REACH: "straight_path",
    TargetKind.AT_MOST: "straight_path",
    TargetKind.MAINTAIN: "kept_or_not",
    TargetKind.MONITOR: "followed",
    TargetKind.MILESTONE: "stages",
}


def proposed(row: Indicator, year: int) -> Proposal:
    """What the rule says of that year now. NotFound("fiscal_year") for a year that is not drawn."""
    figures = indicators.figure(row.code, clock.today())
    value = next((v for v in figures.values if v.fiscal_year == year), None) if figures else None
    if value is None:
        raise NotFound("fiscal_year", fiscal_year=year)
    return proposals.proposal(row, value, *proposals.plan_years())


def confirm(actor: Actor, code: str, year: int, word: str, reason: str) -> Verdict:
    """Confirm what people decided, which may differ from what the rule proposes; flush.

    A second confirmation replaces the first; the audit trail has both. Raises NotFound("indicator") also
    for a participation indicator, which has no target; NotPermitted to another section; Conflict
    ("year_open") before the year is closed; Invalid("verdict") for a word that does not fit the target's
    kind; Invalid("reason_missing") where the decision differs from the proposal without a reason.
    """
    row = plan.indicator(code)
    if row is None or row.participation:
        raise NotFound("indicator")
    require(actor, Permission.VERDICT_CONFIRM, indicators.subject(row))
    if not periods.is_closed(year):
        raise Conflict("year_open", fiscal_year=year)
    kind, reason = TargetKind(row.target_kind), reason.strip()[:LONGEST_REASON]
    if word not in queries.FITTING[kind]:
        raise Invalid("verdict", value=word)
    suggestion = proposed(row, year).verdict
    if word != suggestion and not reason:
        raise Invalid("reason_missing")
    found = queries.verdict(code, year) or Verdict(indicator_code=code, fiscal_year=year)
    found.method, found.verdict, found.proposed = METHODS[kind], word, suggestion and suggestion.value
    found.reason, found.confirmed_at, found.confirmed_by = reason, clock.now(), actor.key
    db.session.add(found)
    digest = hashlib.sha256(reason.encode()).hexdigest() if reason else None  # the words stay beside it
    told = {"verdict": word, "proposed": found.proposed, "reason_sha256": digest}
    record("verdict", f"{code}/{year}", "confirmed", actor, **told)
    return found
