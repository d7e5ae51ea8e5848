"""The review desk: what needs me, one report beside its history, two answers."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.errors import Invalid
from portal.domain.permissions import Permission
from portal.periods import queries as periods
from portal.reporting import services as reporting
from portal.reporting.models import Submission
from portal.review import arrivals, calls, late, present, queries, queue_page, services, undo
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import is_part, leave_to, render_page
from portal.web.i18n import _
from portal.web.unit_of_work import unit_of_work

bp = Blueprint("review", __name__, template_folder="templates", url_prefix="/staff/reports")
DECIDE = Permission.REVIEW_DECIDE


def _submission(public_id: str) -> Submission:
    return queries.by_public_id(signed_in(), public_id) or abort(404)


@bp.get("/")
@audience(DECIDE)
def queue() -> Response:
    """Not in, waiting, unusual, asked back: filtered, sorted, deep-linkable."""
    filters = queue_page.read(request.args)
    context = queue_page.page(signed_in(), filters)
    return render_page("review/staff/queue.html", **context, calls=calls.to_make(signed_in()), back="queue")


@bp.get("/arrived")
@audience(Permission.REVIEW_READ)
def arrived() -> Response:
    """Whose report is in, without a figure: a district's chair sees the own district's."""
    return render_page("review/staff/arrivals.html", section="arrived", sheets=arrivals.sheets(signed_in()))


@bp.get("/<public_id>")
@audience(DECIDE)
def report(public_id: str) -> Response:
    submission = _submission(public_id)
    if submission.data_set.confidential:
        with unit_of_work():  # a GET that writes: every look at a single record is kept
            reporting.looked_at(signed_in(), submission)
        submission = _submission(public_id)
    return _report_page(submission)


def _report_page(
    submission: Submission, status: int = 200, problem: str = "", at: str = "decide"
) -> Response:
    filters = queue_page.came_from(request.values.get("back", ""))
    return render_page(
        "review/staff/report.html",
        status=status,
        **present.report(signed_in(), submission),
        chosen={k.removeprefix("reason-"): v for k, v in request.form.items() if k.startswith("reason-")},
        note=request.form.get("note", ""),
        among_us=request.form.get("among_us", ""),
        errors=[(at, problem)] if problem else [],
        form_errors=bool(problem),
        back_url=queue_page.url(filters),
        back=queue_page.query_of(filters),
        undoable=undo.of(signed_in())[:1],
    )


def _stale(submission: Submission) -> Response:
    return _report_page(submission, 400, _("This page was open for too long. Please press again."))


@bp.post("/<public_id>/approve")
@audience(DECIDE)
@shows_form_again
def approve(public_id: str) -> BaseResponse:
    """From the report's page on to the next one; from a row of the queue, that row as it now stands."""
    submission = _submission(public_id)
    if token_failed():
        return _stale(submission)
    services.approve(signed_in(), submission, request.form.get("seq", -1, type=int))
    return _after(submission)


@bp.post("/<public_id>/undo")
@audience(DECIDE)
@shows_form_again
def withdraw_approval(public_id: str) -> BaseResponse:
    submission = _submission(public_id)
    if token_failed():
        return _stale(submission)
    services.withdraw_approval(signed_in(), submission, request.form.get("seq", -1, type=int))
    if request.form.get("row") and is_part():
        return _after(submission)
    back = request.form.get("back", "") or None
    return leave_to(url_for("review.report", public_id=public_id, back=back))


@bp.post("/<public_id>/return")
@audience(DECIDE)
@shows_form_again
def return_(public_id: str) -> BaseResponse:
    submission = _submission(public_id)
    if token_failed():
        return _stale(submission)
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
    return _after(submission)


@bp.post("/<public_id>/notes")
@audience(DECIDE)
@shows_form_again
def note(public_id: str) -> BaseResponse:
    """A note among reviewers: the reporter never sees it."""
    submission = _submission(public_id)
    if token_failed():
        return _stale(submission)
    try:
        services.add_note(signed_in(), submission, request.form.get("among_us", ""))
    except Invalid:
        return _report_page(submission, 422, _("Please write the note."), at="among_us")
    back = request.form.get("back", "") or None
    return leave_to(f"{url_for('review.report', public_id=public_id, back=back)}#notes")


def _after(submission: Submission) -> BaseResponse:
    """After a decision: the row in place, else the next report of the queue that one came from."""
    filters = queue_page.came_from(request.form.get("back", ""))
    actor = signed_in()
    if request.form.get("row") and is_part():
        found = queries.row(actor, submission.public_id) or abort(404)
        return render_page(
            "review/staff/_row.html",
            row=queue_page.row(actor, found, filters, services.wants_two(), periods.granted()),
            tabs=queue_page.tabs(actor, filters, len(late.late(actor))),
            filters=filters,
            here=queue_page.query_of(filters),
            fresh=True,
        )
    following = queries.next_after(actor, filters, submission)
    if following is None or request.form.get("row"):
        return leave_to(queue_page.url(filters))
    back = queue_page.query_of(filters) or None
    return leave_to(url_for("review.report", public_id=following, back=back))
