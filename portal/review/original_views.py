"""The sheet that a report was keyed in from, for whoever reviews it. Every look is kept."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from portal.domain.permissions import Permission
from portal.reporting import originals, staff_original
from portal.review import queries
from portal.web.access import audience, signed_in
from portal.web.unit_of_work import unit_of_work

bp = Blueprint("originals", __name__, url_prefix="/staff/reports")


@bp.get("/<public_id>/original/<page>")
@audience(Permission.REVIEW_DECIDE)
def show(public_id: str, page: str) -> Response:
    """One page, to whom may review this form in this district; to others it is not there."""
    submission = queries.by_public_id(signed_in(), public_id) or abort(404)
    found = next((row for row in originals.of(submission) if row.public_id == page), None) or abort(404)
    with unit_of_work():  # a GET that writes
        originals.looked_at(signed_in(), found)
    return staff_original.give(found)
