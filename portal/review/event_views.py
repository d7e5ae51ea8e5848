"""The same event twice: likely doubles side by side; linked or dismissed with a reason, and taken back."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.errors import Conflict, Invalid, PeriodLocked, StaleVersion
from portal.domain.periods import Month
from portal.domain.permissions import Permission
from portal.review import event_pairs, event_present, event_services, words
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _

bp = Blueprint("events", __name__, template_folder="templates", url_prefix="/staff/events")
DECIDE = Permission.REVIEW_DECIDE
STATES = (event_pairs.OPEN, event_pairs.LINKED, event_pairs.DISMISSED)


@bp.get("/")
@audience(DECIDE)
def index() -> Response:
    """A year's pairs, those that nobody has decided about first."""
    return _index()


@bp.post("/settle")
@audience(Permission.YEAR_CLOSE)
@shows_form_again
def settle() -> BaseResponse:
    """The setting has changed: the figures listed on the page move now."""
    if token_failed():
        return _index(400, _("This page was open for too long. Please press again."))
    event_services.carry_out(signed_in())
    return leave_to(url_for("events.index"))


@bp.get("/<int:year>/<key>")
@audience(DECIDE)
def show(year: int, key: str) -> Response:
    return _page(_pair(year, key))


@bp.post("/<int:year>/<key>")
@audience(DECIDE)
@shows_form_again
def decide(year: int, key: str) -> BaseResponse:
    pair, form = _pair(year, key), request.form
    if token_failed():
        return _page(pair, 400, _("This page was open for too long. Please press again."))
    action, seq = form.get("action", ""), form.get("seq", 0, type=int)
    told = {"reason": form.get("reason", ""), "keeps": form.get("keeps", "")}
    try:
        event_services.decide(signed_in(), pair, action, seq=seq, **told)
    except (Invalid, Conflict, StaleVersion, PeriodLocked) as error:
        if error.code not in words.EVENT_ERRORS:
            raise
        status = 422 if isinstance(error, Invalid) else 409
        return _page(pair, status, str(words.EVENT_ERRORS[error.code]), str(error.params.get("field", "")))
    return leave_to(url_for("events.index", year=year))


def _year() -> int:
    asked = request.args.get("year", 0, type=int)
    return asked if asked in event_present.years() else event_present.years()[0]


def _pair(year: int, key: str) -> event_pairs.Pair:
    return event_pairs.pair(signed_in(), year if year in event_present.years() else abort(404), key)


def _index(status: int = 200, problem: str = "") -> Response:
    state = request.args.get("show", "")
    return render_page(
        "review/staff/events.html",
        status=status,
        section="events",
        errors=[("events", problem)] if problem else [],
        form_errors=bool(problem),
        states=words.EVENT_STATES,
        **event_present.listing(signed_in(), _year(), state if state in STATES else STATES[0]),
    )


def _page(pair: event_pairs.Pair, status: int = 200, problem: str = "", field: str = "") -> Response:
    year = Month.parse(pair.one.submission.period).fiscal_year
    return render_page(
        "review/staff/event_pair.html",
        status=status,
        section="events",
        year=year,
        errors=[(field or "decide", problem)] if problem else [],
        form_errors=bool(problem),
        wrong={field: problem} if field else {},
        typed={"reason": request.form.get("reason", ""), "keeps": request.form.get("keeps", "")},
        states=words.EVENT_STATES,
        kinds=words.EVENT_DECISIONS,
        **event_present.one(pair),
    )
