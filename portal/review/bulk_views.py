"""The queue's own forms: many at once, taking back, views kept under a name, marks of who is late."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.errors import Invalid
from portal.domain.permissions import Permission
from portal.reporting.models import Submission
from portal.review import late, queries, queue_page, saved_views, services, undo
from portal.web.access import audience, signed_in
from portal.web.hypermedia import is_part, leave_to, render_page
from portal.web.i18n import _

bp = Blueprint("bulk", __name__, template_folder="templates", url_prefix="/staff/reports")
DECIDE = Permission.REVIEW_DECIDE
MOST = 500  # reports approved with one press: more is no longer a list that anybody reads


def _back() -> str:
    return queue_page.url(queue_page.came_from(request.form.get("back", "")))


@bp.post("/approve")
@audience(DECIDE)
def approve_many() -> BaseResponse:
    """First what is about to happen; then, when sure, all of them as they were shown, or none."""
    actor, two = signed_in(), services.wants_two()
    if request.form.get("all"):
        filters = queue_page.came_from(request.form.get("back", ""))
        found = queries.plain(actor, filters, MOST)
        return _preview([s for s in found if services.may_decide(actor, s, two)])
    listed = " ".join(request.form.getlist("chosen")).split()[:MOST]
    seen = dict(item.rsplit(":", 1) for item in listed if ":" in item)
    found = queries.by_public_ids(actor, seen)
    ready = [s for s in found if str(s.last_seq) == seen[s.public_id] and _is_plain(s, two)]
    if request.form.get("sure") != "yes":
        return _preview(ready, left_out=len(seen) - len(ready))
    done = sum(s.state == "approved" for s in found)  # the button was pressed twice
    if len(ready) + done < len(seen):
        # one of them has changed since it was shown: nothing is approved unseen
        return _preview(ready, left_out=len(seen) - len(ready), status=409)
    batch = secrets.token_hex(8)
    for submission in ready:
        services.approve(actor, submission, submission.last_seq, batch)
    return leave_to(_back())


def _is_plain(submission: Submission, two: bool) -> bool:
    pending = submission.state in ("waiting", "resent", "amended")
    return pending and not submission.unusual and services.may_decide(signed_in(), submission, two)


def _preview(ready: list[Submission], left_out: int = 0, status: int = 200) -> Response:
    return render_page(
        "review/staff/approve_many.html",
        status=status,
        **queue_page.chosen(signed_in(), ready),
        left_out=left_out,
        back_url=_back(),
        back=request.form.get("back", "")[:600],
        section="review",
    )


@bp.post("/undo")
@audience(DECIDE)
def take_back() -> BaseResponse:
    """Take back what was just approved with one press."""
    undo.take_back(signed_in(), request.form.get("key", ""))
    return leave_to(_back())


@bp.post("/views")
@audience(DECIDE)
def keep_view() -> BaseResponse:
    filters = queue_page.came_from(request.form.get("back", ""))
    try:
        saved_views.keep(signed_in(), request.form.get("name", ""), queue_page.query_of(filters))
    except Invalid as error:
        problem = _("Please give the view a name.")
        if error.code == "too_many_views":
            problem = _("You have 20 views. Please remove one first.")
        context = queue_page.page(signed_in(), filters)
        return render_page(
            "review/staff/queue.html", status=422, **context, calls=[], view_error=problem, form_errors=True
        )
    return leave_to(_back())


@bp.post("/views/<int:view_id>/remove")
@audience(DECIDE)
def drop_view(view_id: int) -> BaseResponse:
    saved_views.drop(signed_in(), view_id)
    return leave_to(_back())


@bp.post("/late/<public_id>/<data_set>/<period>/mark")
@audience(DECIDE)
def mark(public_id: str, data_set: str, period: str) -> BaseResponse:
    """Called on, will send, not meeting: the row in place, or the list again."""
    actor = signed_in()
    row = late.find(actor, public_id, data_set, period) or abort(404)
    late.put_mark(actor, row, request.form.get("mark", ""))
    if not is_part():
        return leave_to(_back())
    row = late.find(actor, public_id, data_set, period) or abort(404)
    return render_page(
        "review/staff/_late_row.html",
        row=queue_page.late_rows([row])[0],
        here=request.form.get("back", "")[:600],
        marks=queue_page.marks(),
    )
