"""The day counter: one press of +1 each time that something was done."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import day_pages
from portal.web.access import REPORTER, audience, signed_in
from portal.web.csrf import shows_form_again

bp = Blueprint("days", __name__, template_folder="templates", url_prefix="/<locale:slug>")
DAYS = "/report/<data_set>/days/"


def _own() -> Organisation:
    actor = signed_in()
    found = organisations.by_id(actor.organisation_id) if actor.organisation_id else None
    return found or abort(404)


@bp.get(DAYS)
@audience(REPORTER)
def today(data_set: str) -> Response:
    return day_pages.show(signed_in(), _own(), data_set, clock.today())


@bp.get(f"{DAYS}yesterday/")
@audience(REPORTER)
def yesterday(data_set: str) -> Response:
    return day_pages.show(signed_in(), _own(), data_set, day_pages.yesterday())


@bp.post(DAYS)
@audience(REPORTER)
@shows_form_again
def press(data_set: str) -> BaseResponse:
    return day_pages.take(signed_in(), _own(), data_set)


@bp.post(f"{DAYS}send")
@audience(REPORTER)
def send(data_set: str) -> Response:
    """What waited on a phone, all at once; each press counts once, however often it comes."""
    return jsonify(day_pages.take_many(signed_in(), _own(), data_set))
