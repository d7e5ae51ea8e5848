"""Deciding a verdict: the rule's proposal, and what people decide after 協議."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Permission, may
from portal.domain.progress import TargetKind
from portal.evaluation import queries, services
from portal.indicators import proposals, staff_present
from portal.indicators import queries as indicators
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, _l

bp = Blueprint("evaluation", __name__, template_folder="templates", url_prefix="/staff/evaluation")
PAGE = "evaluation/staff/verdict.html"
PROBLEMS = {
    "year_open": _l("The year is still open. Close it first."),
    "reason_missing": _l("Please say why it differs from the proposal."),
    "verdict": _l("Please choose a verdict."),
}


def _context(code: str, year: int) -> dict[str, Any]:
    """One indicator and year; 404 where nothing is judged, or where it is another section's to judge."""
    row = plan.indicator(code)
    figures = indicators.figure(code, clock.today())
    value = next((v for v in figures.values if v.fiscal_year == year), None) if figures else None
    if row is None or value is None or row.participation:
        abort(404)
    if not may(signed_in(), Permission.VERDICT_CONFIRM, indicators.subject(row)):
        abort(404)
    return {
        "section": "indicators",
        "row": row,
        "year": year,
        "said": staff_present.said(row, value),
        "proposal": staff_present.proposed(row, value, proposals.plan_years()),
        "verdict": queries.verdict(code, year),
        "words": queries.FITTING[TargetKind(row.target_kind)],
        "closed": periods.is_closed(year),
    }


@bp.get("/<code>/<int:year>")
@audience(Permission.VERDICT_CONFIRM)
def show(code: str, year: int) -> Response:
    """The proposal, what was decided, and in a closed year the form to decide."""
    return render_page(PAGE, **_context(code, year), errors=[], chosen="", typed="")


@bp.post("/<code>/<int:year>")
@audience(Permission.VERDICT_CONFIRM)
@shows_form_again
def decide(code: str, year: int) -> BaseResponse:
    """Confirm a verdict with its reason."""
    context = _context(code, year)
    if token_failed():
        return _again(context, "verdict", _("This page was open for too long. Please press again."), 400)
    word, reason = request.form.get("verdict", ""), request.form.get("reason", "")
    try:
        services.confirm(signed_in(), code, year, word, reason)
    except (Conflict, Invalid) as error:
        field = "reason" if error.code == "reason_missing" else "verdict"
        status = 409 if isinstance(error, Conflict) else 422
        return _again(context, field, str(PROBLEMS[error.code]), status)
    return leave_to(url_for("indicators.staff_show", code=code))


def _again(context: dict[str, Any], field: str, problem: str, status: int) -> Response:
    """The same form with what was typed, and the problem at its field."""
    typed = {"chosen": request.form.get("verdict", ""), "typed": request.form.get("reason", "")}
    return render_page(PAGE, status=status, **context, errors=[(field, problem)], **typed)
