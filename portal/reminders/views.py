"""Ending reminders by the link in a mail, and a group's deadlines for its calendar."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.organisations import queries as organisations
from portal.organisations import reachability
from portal.organisations.models import Contact
from portal.reminders import deadlines, links
from portal.web.access import PUBLIC, REPORTER, audience, signed_in
from portal.web.csrf import without_token
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("reminders", __name__, template_folder="templates", url_prefix="/<locale:slug>")


@bp.after_request
def keep_the_link(response: Response) -> Response:
    """The link is its holder's: not kept, not passed on, not indexed."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/reminders/<token>")
@audience(PUBLIC)
def unsubscribe(token: str) -> Response:
    """Asks first: mail programs open links by themselves. Shows no name and no address."""
    contact = _contact(token)
    return render_page("reminders/unsubscribe.html", token=token, ended=contact.unsubscribed_at is not None)


@bp.post("/reminders/<token>")
@audience(PUBLIC)
@without_token  # the signed link itself is the proof, and mail programs post it without a page (RFC 8058)
def unsubscribed(token: str) -> BaseResponse:
    """No more reminders; with `again`, reminders after all. Pressed twice it is the same."""
    contact = _contact(token)
    if request.form.get("action") == "again":
        reachability.subscribe_again(contact)
    else:
        reachability.unsubscribe(contact)
    return leave_to(url_for("reminders.unsubscribe", token=token))


def _contact(token: str) -> Contact:
    return links.contact_of(token) or abort(404)


@bp.get("/report/deadlines.ics")
@audience(REPORTER)
def calendar() -> Response:
    """The group's own deadlines, for the phone's calendar."""
    actor = signed_in()
    organisation = organisations.by_id(actor.organisation_id) if actor.organisation_id else None
    response = make_response(deadlines.file_of(organisation or abort(404)))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="tsunagari.ics"'
    return response
