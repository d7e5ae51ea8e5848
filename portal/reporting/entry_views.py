"""The same steps at a desk: the office's month, the sections' yearly figures, and 代行入力 for groups."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.permissions import Permission
from portal.reporting import editions, originals, pages, queries, services, staff_original, start_page
from portal.reporting.desk import Desk, sit_down
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again
from portal.web.requests import takes_files
from portal.web.unit_of_work import SAFE_METHODS, unit_of_work

bp = Blueprint("entry", __name__, template_folder="templates", url_prefix="/staff/entry")
REPORT = "/<organisation>/<data_set>/<period>/"
FILL = Permission.REPORT_FILL


def _desk(organisation: str, data_set: str, period: str) -> Desk:
    """An officer's own desk, or a group's whose report a reviewer may key in; `sit_down` asks whether."""
    actor = signed_in()
    own = queries.officer_organisations(actor)
    found = next((row for row in own if row.public_id == organisation), None)
    if found is None and actor.kind == "staff":
        found = queries.keyed_for(organisation)
    desk = sit_down(actor, found or abort(404), data_set, period, "entry", request.form.get(editions.KEY, ""))
    _keep_the_look(desk)
    return desk


def _keep_the_look(desk: Desk) -> None:
    """A commissioner's record that is there already shows in the form: that is a look at it."""
    if not (desk.keying and desk.data_set.confidential and request.method in SAFE_METHODS):
        return
    standing = queries.submission(desk.organisation.id, desk.data_set.id, desk.period)
    if standing is not None:
        with unit_of_work():  # a GET that writes
            services.looked_at(desk.actor, standing)


@bp.get("/")
@audience(FILL)
def start() -> Response:
    return start_page.desk_list(queries.officer_organisations(signed_in()))


@bp.get(REPORT)
@audience(FILL)
def form(organisation: str, data_set: str, period: str) -> Response:
    return pages.show_form(_desk(organisation, data_set, period))


@bp.post(REPORT)
@audience(FILL)
@takes_files
@shows_form_again
def take(organisation: str, data_set: str, period: str) -> BaseResponse:
    return pages.take_form(_desk(organisation, data_set, period))


@bp.post(f"{REPORT}draft")
@audience(FILL)
@shows_form_again
def draft(organisation: str, data_set: str, period: str) -> BaseResponse:
    return pages.keep_draft(_desk(organisation, data_set, period))


@bp.get(f"{REPORT}check/")
@audience(FILL)
def check(organisation: str, data_set: str, period: str) -> BaseResponse:
    return pages.show_check(_desk(organisation, data_set, period))


@bp.post(f"{REPORT}send")
@audience(FILL)
@shows_form_again
def send(organisation: str, data_set: str, period: str) -> BaseResponse:
    return pages.take_send(_desk(organisation, data_set, period))


@bp.get(f"{REPORT}receipt/")
@audience(FILL)
def report(organisation: str, data_set: str, period: str) -> Response:
    return pages.show_report(_desk(organisation, data_set, period))


@bp.get(f"{REPORT}original/<page>")
@audience(FILL)
def original(organisation: str, data_set: str, period: str, page: str) -> Response:
    """A picture of the sheet that waits to be sent, for whoever added it."""
    return staff_original.give(originals.mine(_desk(organisation, data_set, period), page) or abort(404))
