"""A group's own year: the page, the card for the notice board, the report form for the grant."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from portal.organisations.models import BY_CARD
from portal.reporting import board as boards
from portal.reporting import subsidy as subsidies
from portal.reporting import year_page
from portal.reporting.views import own_organisation
from portal.web.access import REPORTER, audience, signed_in

bp = Blueprint("year", __name__, template_folder="templates", url_prefix="/<locale:slug>/report/year")
GROUP = BY_CARD[0]


@bp.get("/")
@audience(REPORTER)
def newest() -> Response:
    """The running year; in April the one that is over."""
    return year_page.show(signed_in(), own_organisation(), None)


@bp.get("/<int:year>/")
@audience(REPORTER)
def show(year: int) -> Response:
    return year_page.show(signed_in(), own_organisation(), year)


@bp.get("/<int:year>/board/")
@audience(REPORTER)
def board(year: int) -> Response:
    """A group's own; a commissioner's record is not for a notice board."""
    own = own_organisation()
    if own.side != GROUP:
        abort(404)
    chosen = year_page.chosen(own, year)
    return boards.show(own, chosen, request.args.get("paper", ""), url_for("year.show", year=chosen))


@bp.get("/<int:year>/subsidy/")
@audience(REPORTER)
def subsidy(year: int) -> Response:
    own = own_organisation()
    back_url = url_for("year.show", year=year_page.chosen(own, year))
    return subsidies.show_own(own, year, back_url) or abort(404)
