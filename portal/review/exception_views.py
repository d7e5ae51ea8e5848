"""Letting one organisation send a locked report until a day."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import Invalid
from portal.domain.permissions import Permission
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.periods import exceptions as service
from portal.periods import queries as periods
from portal.review import exceptions, words
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _

bp = Blueprint("exceptions", __name__, template_folder="templates", url_prefix="/staff/periods/exceptions")
DECIDE = Permission.REVIEW_DECIDE


@bp.get("/<public_id>")
@audience(DECIDE)
def show(public_id: str) -> Response:
    """What this organisation was ever let send late, and the form to let it."""
    return _page(_organisation(public_id))


@bp.post("/<public_id>")
@audience(DECIDE)
@shows_form_again
def grant(public_id: str) -> BaseResponse:
    organisation = _organisation(public_id)
    if token_failed():
        return _page(organisation, 400)
    chosen = request.form.get("report", "")
    choice = {
        f"{form.code}/{period}": form for form, period, _ in exceptions.choice(signed_in(), organisation)
    }
    if chosen not in choice:
        return _page(organisation, 422, ("report", words.GRANT_ERRORS["report_missing"]))
    subject, period = datasets.subject(choice[chosen], organisation), chosen.split("/")[1]
    try:
        service.grant(signed_in(), subject, period, _day("until"), request.form.get("reason", ""))
    except Invalid as error:
        return _page(organisation, 422, (str(error.params["field"]), words.GRANT_ERRORS[error.code]))
    return leave_to(url_for("exceptions.show", public_id=public_id))


@bp.post("/<public_id>/<data_set>/<int:exception_id>/end")
@audience(DECIDE)
def end(public_id: str, data_set: str, exception_id: int) -> BaseResponse:
    """End it before its day."""
    organisation = _organisation(public_id)
    form: DataSet = datasets.data_set(data_set) or abort(404)
    service.end(signed_in(), datasets.subject(form, organisation), exception_id)
    return leave_to(url_for("exceptions.show", public_id=public_id))


def _organisation(public_id: str) -> Organisation:
    return organisations.by_public_id(signed_in(), public_id)


def _day(name: str) -> date | None:
    """A day as typed; None for none, or for what is none."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def _page(
    organisation: Organisation, status: int = 200, problem: tuple[str, object] | None = None
) -> Response:
    actor = signed_in()
    return render_page(
        "review/staff/exceptions.html",
        status=status,
        section="organisations",
        organisation=organisation,
        rows=exceptions.of(actor, organisation),
        choice=exceptions.choice(actor, organisation),
        standings=words.STANDINGS,
        lock_days=periods.lock_days(),
        typed={name: request.values.get(name, "") for name in ("report", "until", "reason")},
        wrong={problem[0]: str(problem[1])} if problem else {},
        form_errors=[(problem[0], str(problem[1]))] if problem else [],
        stale=_("This page was open for too long. Please press again.") if token_failed() else "",
    )
