"""Closing fiscal years, and opening them again."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Permission
from portal.periods import queries, services
from portal.web.access import audience, signed_in
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("periods", __name__, template_folder="templates", url_prefix="/staff/periods")
SHOWN = 4


@bp.get("/")
@audience(Permission.YEAR_CLOSE)
def index() -> Response:
    running = FiscalYear.of(clock.today()).year
    closings = queries.closings()
    years = [
        {"year": year, "closing": closings.get(year), "over": FiscalYear(year).is_over(clock.today())}
        for year in range(running, running - SHOWN, -1)
    ]
    return render_page("periods/staff/index.html", section="periods", years=years)


@bp.post("/<int:year>")
@audience(Permission.YEAR_CLOSE)
def change(year: int) -> BaseResponse:
    """Close a year that is over, or open a closed one again."""
    if request.form.get("action") == "reopen":
        services.reopen_year(signed_in(), year)
    else:
        services.close_year(signed_in(), year)
    return leave_to(url_for("periods.index"))
