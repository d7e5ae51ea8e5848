"""Staff's pages of the indicators: what stands in the ledger now, and what the rules say of it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.permissions import Permission
from portal.indicators import queries, services, staff_present
from portal.plan import queries as plan
from portal.web.access import audience, signed_in
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("indicators", __name__, template_folder="templates", url_prefix="/staff/indicators")


@bp.get("/")
@audience(Permission.FIGURES_READ)
def staff_index() -> Response:
    """All of them by goal and direction: so far, coverage, path, target, proposal."""
    goals = staff_present.goals() if plan.facts() else []
    return render_page("indicators/staff/index.html", section="indicators", goals=goals)


@bp.get("/<code>")
@audience(Permission.FIGURES_READ)
def staff_show(code: str) -> Response:
    """One indicator: years, months, proposal, open questions, the documents behind a year (`?year=`)."""
    row = plan.indicator(code) or abort(404)
    figures = queries.figure(code, clock.today()) or abort(404)
    drawn = [value.fiscal_year for value in figures.values]
    year = request.args.get("year", drawn[-1] if drawn else 0, type=int)
    if year not in drawn:
        abort(404)
    page = staff_present.indicator(signed_in(), row, figures, year)
    return render_page("indicators/staff/show.html", section="indicators", **page)


@bp.post("/<code>/counting")
@audience(Permission.YEAR_CLOSE)
def set_counting(code: str) -> BaseResponse:
    """Which of the two counts is published."""
    try:
        services.choose_counting(signed_in(), code, request.form.get("counting", ""))
    except Invalid:
        abort(404)  # the page offers no other way of counting
    return leave_to(url_for("indicators.staff_show", code=code))
