"""Who asked to be called, and that it was done."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.permissions import Permission
from portal.reporting import calls
from portal.web.access import audience, signed_in
from portal.web.hypermedia import leave_to

bp = Blueprint("calls", __name__, template_folder="templates", url_prefix="/staff/calls")
BACK = {"home": "home.staff", "queue": "review.queue"}


@bp.post("/<int:request_id>")
@audience(Permission.REVIEW_DECIDE)
def done(request_id: int) -> BaseResponse:
    """Somebody has called."""
    calls.done(signed_in(), request_id)
    return leave_to(url_for(BACK.get(request.form.get("back", ""), "review.queue")))
