"""Trying out how a report is written: the same pages, and nothing is kept, sent or counted."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from portal.organisations import queries as organisations
from portal.reporting import editions, pages, queries
from portal.reporting.desk import Desk, sit_down
from portal.reporting.terms import own_periods
from portal.web.access import REPORTER, audience, signed_in
from portal.web.csrf import shows_form_again

bp = Blueprint("practice", __name__, template_folder="templates", url_prefix="/<locale:slug>")
PRACTICE = "/report/<data_set>/practice/"


def _desk(data_set: str) -> Desk:
    """The newest month of that form that this card may write: what people see is what they know."""
    actor = signed_in()
    own = organisations.by_id(actor.organisation_id) if actor.organisation_id else None
    if own is None:
        abort(404)
    mine = own_periods(actor, own)
    due = [row for row in queries.due(own) if row.data_set.code == data_set and mine(row.period)]
    if not due:
        abort(404)
    over = [row for row in due if row.over]
    newest = (over or due)[-1].period
    return sit_down(actor, own, data_set, newest, "practice", request.form.get(editions.KEY, ""))


@bp.get(PRACTICE)
@audience(REPORTER)
def form(data_set: str) -> Response:
    return pages.show_form(_desk(data_set))


@bp.post(PRACTICE)
@audience(REPORTER)
@shows_form_again
def take(data_set: str) -> BaseResponse:
    return pages.take_form(_desk(data_set))


@bp.post(f"{PRACTICE}send")
@audience(REPORTER)
@shows_form_again
def send(data_set: str) -> BaseResponse:
    return pages.take_practised(_desk(data_set))
