"""Where staff begin: what needs them, in four numbers, and the ways on."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.domain.permissions import Permission, may
from portal.reporting import queries as reports
from portal.review import calls, late
from portal.review import queries as review
from portal.web.access import STAFF, audience, signed_in
from portal.web.hypermedia import render_page

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/staff/")
@audience(STAFF)
def staff() -> Response:
    """The four numbers of the review desk, what this person has to enter, and the other pages."""
    actor = signed_in()
    decides = may(actor, Permission.REVIEW_DECIDE)
    open_entries = [
        (organisation, sum(1 for row in reports.due(organisation) if row.over and row.submission is None))
        for organisation in reports.officer_organisations(actor)
    ]
    return render_page(
        "home/staff/start.html",
        counts={**review.counts(actor), "late": len(late.late(actor))} if decides else None,
        calls=calls.to_make(actor) if decides else [],
        back="home",
        open_entries=open_entries,
        may_follow=may(actor, Permission.REVIEW_READ),
        may_read=may(actor, Permission.FIGURES_READ),
        may_plan=may(actor, Permission.PLAN_READ),
        may_remind=may(actor, Permission.ORGANISATIONS_READ),
        may_issue=may(actor, Permission.CARDS_ISSUE),
        may_publish=may(actor, Permission.PUBLISH),
        may_edit_forms=may(actor, Permission.FORMS_EDIT),
        may_close=may(actor, Permission.YEAR_CLOSE),
        section="home",
    )
