"""A group's own pages: what is due, one report step by step, what became of it, receipts."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.sign_in import GROUP
from portal.domain.errors import NotFound
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import all_groups, calls, editions, months, pages, queries, sheets, start_page, words
from portal.reporting.desk import Desk, sit_down
from portal.web.access import PUBLIC, REPORTER, audience, signed_in
from portal.web.csrf import shows_form_again
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("reporting", __name__, template_folder="templates", url_prefix="/<locale:slug>")
REPORT = "/report/<data_set>/<period>/"


def own_organisation() -> Organisation:
    """The organisation of the card that is signed in."""
    actor = signed_in()
    found = organisations.by_id(actor.organisation_id) if actor.organisation_id else None
    return found or abort(404)


def _desk(data_set: str, period: str) -> Desk:
    written_on = request.form.get(editions.KEY, "")
    return sit_down(signed_in(), own_organisation(), data_set, period, "reporting", written_on)


@bp.get("/report/")
@audience(REPORTER)
def start() -> Response:
    """One thing to do, and what became of the last one. For several groups at once where none is named."""
    if len(signed_in().organisations) > 1 and not request.args.get(GROUP):
        return all_groups.show()
    return start_page.show(signed_in(), own_organisation(), "reporting", url_for("accounts.phones"))


@bp.get("/report/past/")
@audience(REPORTER)
def past() -> Response:
    return start_page.past(signed_in(), own_organisation(), "reporting")


@bp.post("/report/call-me")
@audience(REPORTER)
def call_me() -> BaseResponse:
    """One press: the office calls. Back on the first page it says so."""
    actor, own = signed_in(), own_organisation()
    calls.ask(actor, own)
    group = own.public_id if len(actor.organisations) > 1 else None
    return leave_to(f"{url_for('reporting.start', group=group)}#call")


@bp.get("/report/<data_set>/months/")
@audience(REPORTER)
def several(data_set: str) -> Response:
    return months.show(signed_in(), own_organisation(), data_set)


@bp.post("/report/<data_set>/months/")
@audience(REPORTER)
@shows_form_again
def send_several(data_set: str) -> BaseResponse:
    return months.take(signed_in(), own_organisation(), data_set)


@bp.get(REPORT)
@audience(REPORTER)
def form(data_set: str, period: str) -> Response:
    return pages.show_form(_desk(data_set, period))


@bp.post(REPORT)
@audience(REPORTER)
@shows_form_again
def take(data_set: str, period: str) -> BaseResponse:
    return pages.take_form(_desk(data_set, period))


@bp.post(f"{REPORT}draft")
@audience(REPORTER)
@shows_form_again
def draft(data_set: str, period: str) -> BaseResponse:
    return pages.keep_draft(_desk(data_set, period))


@bp.post(f"{REPORT}not-held")
@audience(REPORTER)
def not_held(data_set: str, period: str) -> BaseResponse:
    return pages.take_not_held(_desk(data_set, period))


@bp.get(f"{REPORT}check/")
@audience(REPORTER)
def check(data_set: str, period: str) -> BaseResponse:
    return pages.show_check(_desk(data_set, period))


@bp.post(f"{REPORT}send")
@audience(REPORTER)
@shows_form_again
def send(data_set: str, period: str) -> BaseResponse:
    return pages.take_send(_desk(data_set, period))


@bp.get(f"{REPORT}receipt/")
@audience(REPORTER)
def report(data_set: str, period: str) -> Response:
    return pages.show_report(_desk(data_set, period))


@bp.post(f"{REPORT}confirm")
@audience(REPORTER)
def confirm(data_set: str, period: str) -> BaseResponse:
    """What the office keyed in for this group is right."""
    return pages.take_confirm(_desk(data_set, period))


@bp.get(f"{REPORT}paper/")
@audience(REPORTER)
def paper(data_set: str, period: str) -> Response:
    """This month's form as a sheet of paper, in this page's language."""
    return sheets.show_own(_desk(data_set, period))


@bp.get("/r/<code>")
@audience(PUBLIC)
def receipt(code: str) -> Response:
    """For whoever holds the receipt: which month, and what became of it. No names, no figures."""
    submission = queries.by_receipt(code)
    if submission is None:
        raise NotFound("receipt")
    response = render_page(
        "reporting/receipt.html",
        period=submission.period,
        state_tag=words.TAGS[submission.state],
        words=str(words.SUBMISSION[submission.state]),
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
