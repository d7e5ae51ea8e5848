"""Staff's page of what the plan leaves open: 確認待ち, each with the default that holds meanwhile."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.domain.permissions import Permission
from portal.ground import settings
from portal.plan import queries
from portal.web.access import audience
from portal.web.hypermedia import render_page

bp = Blueprint("plan", __name__, template_folder="templates", url_prefix="/staff/plan")


@bp.get("/pending")
@audience(Permission.PLAN_READ)
def pending() -> Response:
    names = {indicator.code: indicator.names for indicator in queries.indicators()}
    facts = queries.facts()
    return render_page(
        "plan/staff/pending.html",
        section="indicators",
        questions=queries.pending(),
        names=names,
        corrections=facts.get("corrections", []),
        events_in_two=settings.get(settings.EVENTS_COUNT_IN_TWO, False),
    )
