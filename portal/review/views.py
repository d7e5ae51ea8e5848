"""The review desk: what needs me, one report beside its history, two answers."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.errors import Invalid
from portal.domain.permissions import Permission, may
from portal.reporting import services as reporting
from portal.reporting.models import Submission
from portal.review import arrivals, calls, present, queries, services
from portal.review.queries import Filters
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _
from portal.web.unit_of_work import unit_of_work

bp = Blueprint("review", __name__, template_folder="templates", url_prefix="/staff/reports")


def _filters() -> Filters:
    args = request.args
    tab = args.get("tab", "waiting")
    return Filters(
        tab=tab if tab in queries.TABS else "waiting",
        district=args.get("district", "")[:40],
        kind=args.get("kind", "")[:40],
        data_set=args.get("data_set", "")[:40],
        period=args.get("period", "")[:10],
        sort=args.get("sort", "unusual")[:10],
        page=max(1, args.get("page", 1, type=int)),
    )


def _submission(public_id: str) -> Submission:
    return queries.by_public_id(signed_in(), public_id) or abort(404)


@bp.get("/")
@audience(Permission.REVIEW_DECIDE)
def queue() -> Response:
    """Waiting, back, asked back, late, approved: filtered, sorted, deep-linkable."""
    filters = _filters()
    found = queries.queue(signed_in(), filters)
    context = present.queue(signed_in(), filters, found)
    return render_page("review/staff/queue.html", **context, calls=calls.to_make(signed_in()), back="queue")


@bp.get("/arrived")
@audience(Permission.REVIEW_READ)
def arrived() -> Response:
    """Whose report is in, without a figure: a district's chair sees the own district's."""
    return render_page("review/staff/arrivals.html", section="arrived", sheets=arrivals.sheets(signed_in()))


@bp.get("/<public_id>")
@audience(Permission.REVIEW_DECIDE)
def report(public_id: str) -> Response:
    submission = _submission(public_id)
    if submission.data_set.confidential:
        with unit_of_work():  # a GET that writes: every look at a single record is kept
            reporting.looked_at(signed_in(), submission)
        submission = _submission(public_id)
    return _report_page(submission)


def _report_page(submission: Submission, status: int = 200, problem: str = "") -> Response:
    context = present.report(signed_in(), submission)
    context["chosen"] = {
        k.removeprefix("reason-"): v for k, v in request.form.items() if k.startswith("reason-")
    }
    return render_page(
        "review/staff/report.html",
        status=status,
        **context,
        note=request.form.get("note", ""),
        errors=[("decide", problem)] if problem else [],
        form_errors=bool(problem),
    )


@bp.post("/<public_id>/approve")
@audience(Permission.REVIEW_DECIDE)
@shows_form_again
def approve(public_id: str) -> BaseResponse:
    submission = _submission(public_id)
    if token_failed():
        return _report_page(submission, 400, _("This page was open for too long. Please press again."))
    services.approve(signed_in(), submission, request.form.get("seq", -1, type=int))
    return leave_to(_next(submission))


@bp.post("/<public_id>/return")
@audience(Permission.REVIEW_DECIDE)
@shows_form_again
def return_(public_id: str) -> BaseResponse:
    submission = _submission(public_id)
    if token_failed():
        return _report_page(submission, 400, _("This page was open for too long. Please press again."))
    reasons = {
        code: reason
        for measure in submission.data_set.measures
        if (reason := request.form.get(f"reason-{(code := measure.code)}", ""))
    }
    note = request.form.get("note", "")[:500]
    try:
        services.return_(signed_in(), submission, request.form.get("seq", -1, type=int), reasons, note)
    except Invalid as error:
        return _report_page(submission, 422, present.problem(error))
    return leave_to(url_for("review.queue"))


def _next(submission: Submission) -> str:
    """After a decision, the next one waiting; the queue when none is left."""
    following = queries.first_waiting(signed_in(), but=submission)
    if following is None:
        return url_for("review.queue")
    return url_for("review.report", public_id=following)


@bp.post("/approve")
@audience(Permission.REVIEW_DECIDE)
def approve_many() -> BaseResponse:
    """First what is about to happen; then, when sure, all of them as they were shown, or none."""
    actor = signed_in()
    chosen = dict(item.rsplit(":", 1) for item in request.form.getlist("chosen") if ":" in item)
    found = [queries.by_public_id(actor, public_id) for public_id in chosen]
    ready = [
        row
        for row in found
        if row
        and str(row.last_seq) == chosen[row.public_id]
        and not row.unusual
        and may(actor, Permission.REVIEW_DECIDE, services.subject(row))
    ]
    back = url_for("review.queue")
    if request.form.get("sure") != "yes":
        return render_page(
            "review/staff/approve_many.html", rows=present.chosen(ready), back_url=back, section="review"
        )
    if len(ready) < len([row for row in found if row and row.state != "approved"]):
        abort(409)  # one of them has changed since it was shown: nothing is approved unseen
    for submission in ready:
        services.approve(actor, submission, submission.last_seq)
    return leave_to(back)
