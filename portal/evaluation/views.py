"""Deciding a verdict: the rule's proposal, and what people decide after 協議."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Permission
from portal.domain.progress import Verdict as Word
from portal.evaluation import queries, services
from portal.indicators import proposals, staff_words
from portal.indicators import queries as indicators
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.filters import amount
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, _l

bp = Blueprint("evaluation", __name__, template_folder="templates", url_prefix="/staff/evaluation")


def _context(code: str, year: int) -> dict[str, Any]:
    row = plan.indicator(code)
    figures = indicators.figure(code, clock.today())
    value = next((v for v in figures.values if v.fiscal_year == year), None) if figures else None
    if row is None or value is None or row.participation:
        abort(404)
    facts: dict[str, Any] = plan.facts()
    found = proposals.proposal(row, value, facts["base_year"], facts["target_year"])
    return {
        "section": "indicators",
        "row": row,
        "year": year,
        "said": amount(value.value, row.units) if value.value is not None else (value.stage or "–"),
        "proposed": found.verdict,
        "reason": str(staff_words.REASONS.get(str(found.reason_code), found.reason_code)),
        "expected": amount(found.expected, row.units) if found.expected is not None else "",
        "verdict": queries.verdict(code, year),
        "words": [word.value for word in Word],
        "closed": periods.is_closed(year),
    }


@bp.get("/<code>/<int:year>")
@audience(Permission.VERDICT_CONFIRM)
def show(code: str, year: int) -> Response:
    return render_page("evaluation/staff/verdict.html", **_context(code, year), errors=[], typed="")


@bp.post("/<code>/<int:year>")
@audience(Permission.VERDICT_CONFIRM)
@shows_form_again
def decide(code: str, year: int) -> BaseResponse:
    context = _context(code, year)
    if token_failed():
        return _again(context, _("This page was open for too long. Please press again."), 400)
    proposed = context["proposed"].value if context["proposed"] else None
    word, reason = request.form.get("verdict", ""), request.form.get("reason", "")[:500]
    try:
        services.confirm(signed_in(), code, year, word, proposed, reason)
    except (Conflict, Invalid) as error:
        return _again(context, str(_PROBLEMS[error.code]), 409 if isinstance(error, Conflict) else 422)
    return leave_to(url_for("indicators.staff_show", code=code))


_PROBLEMS = {
    "year_open": _l("The year is still open. Close it first."),
    "reason_missing": _l("Please say why it differs from the proposal."),
    "verdict": _l("Please choose a verdict."),
}


def _again(context: dict[str, Any], problem: str, status: int) -> Response:
    typed = request.form.get("reason", "")
    return render_page(
        "evaluation/staff/verdict.html", status=status, **context, errors=[("reason", problem)], typed=typed
    )
