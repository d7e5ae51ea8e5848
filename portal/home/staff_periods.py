"""The reporting calendar: what is open, late, locked and closed; due days, locks, and fiscal years."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.words import stale
from portal.datasets import queries as datasets
from portal.domain.errors import Conflict, DomainError, Invalid
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Permission
from portal.home import closing, periods_now
from portal.home.staff_words import PERIOD_ERRORS
from portal.organisations import queries as organisations
from portal.periods import queries, services
from portal.review import exceptions
from portal.review.words import STANDINGS
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.filters import month_of_year
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("periods", __name__, template_folder="templates", url_prefix="/staff/periods")
CLOSE = Permission.YEAR_CLOSE
FOLDER = "home/staff/periods"


@bp.get("/")
@audience(CLOSE)
def index() -> Response:
    """Each form's newest periods in plain words, who may send late, and the fiscal years."""
    closings = queries.closings()
    years = [(year, closings.get(year), _is_over(year)) for year in periods_now.years()]
    return render_page(
        f"{FOLDER}/index.html",
        section="periods",
        lines=periods_now.lines(),
        standings=STANDINGS,
        lock_days=queries.lock_days(),
        exceptions=exceptions.in_force(signed_in()),
        years=years,
    )


@bp.get("/rules")
@audience(CLOSE)
def rules() -> Response:
    """Due days that differ from the rule, and when a month locks."""
    return _rules_page()


@bp.post("/rules/due-days")
@audience(CLOSE)
@shows_form_again
def set_due_day() -> BaseResponse:
    """Another due day for a form's period, for all districts or one."""
    if token_failed():
        return _rules_page(400)
    data_set = datasets.data_set(request.form.get("data_set", "")) or abort(404)
    period, district = request.form.get("period", ""), request.form.get("district", "")
    if period not in periods_now.choice() or (district and organisations.district(district) is None):
        abort(404)
    due_on = _day("due_on")
    if due_on is None:
        return _rules_page(422, Invalid("due_missing", field="due_on"))
    try:
        services.set_due_day(signed_in(), data_set, period, due_on, district or None)
    except Invalid as error:
        return _rules_page(422, error)
    return leave_to(url_for("periods.rules"))


@bp.post("/rules/due-days/clear")
@audience(CLOSE)
def clear_due_day() -> BaseResponse:
    """The rule holds again."""
    where = [request.form.get(name, "") for name in ("data_set", "period", "district")]
    if all(where[:2]):
        services.clear_due_day(signed_in(), *where)
    return leave_to(url_for("periods.rules"))


@bp.post("/rules/lock")
@audience(CLOSE)
@shows_form_again
def set_lock() -> BaseResponse:
    """So many days after its due day a month locks; empty: never."""
    if token_failed():
        return _rules_page(400)
    typed = request.form.get("lock_days", "").strip()
    days = int(typed) if typed.isdecimal() and len(typed) < 5 else None
    try:
        if typed and days is None:
            raise Invalid("lock_days", field="lock_days")
        services.set_lock(signed_in(), days)
    except Invalid as error:
        return _rules_page(422, error)
    return leave_to(url_for("periods.rules"))


@bp.get("/<int:year>")
@audience(CLOSE)
def year(year: int) -> Response:
    """Before closing: what is missing and what will happen. Of a closed year: by whom, and the way back."""
    return _year_page(year)


@bp.post("/<int:year>")
@audience(CLOSE)
@shows_form_again
def change(year: int) -> BaseResponse:
    """Close a year that is over and publish it, or open a closed one again with a reason."""
    _one_of_ours(year)
    if token_failed():
        return _year_page(year, 400)
    try:
        if request.form.get("action") == "reopen":
            services.reopen_year(signed_in(), year, request.form.get("reason", ""))
        else:
            closing.close(signed_in(), year, request.form.get("agreed") == "1")
    except Invalid as error:
        return _year_page(year, 422, error)
    except Conflict as error:
        if error.code not in PERIOD_ERRORS:
            raise
        return _year_page(year, 409, error)
    return leave_to(url_for("periods.year", year=year))


def _one_of_ours(year: int) -> None:
    """404 for a year that the portal has nothing of: an address may name any."""
    if year not in periods_now.years():
        abort(404)


def _is_over(year: int) -> bool:
    return FiscalYear(year).is_over(clock.today())


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def _said(error: DomainError | None, field: str = "") -> dict[str, str]:
    """The error at its field; one that is about none stands above the page."""
    return {str(error.params.get("field", field)): str(PERIOD_ERRORS[error.code])} if error else {}


def _rules_page(status: int = 200, error: Invalid | None = None) -> Response:
    forms, districts = datasets.all_data_sets(), organisations.districts()
    wrong = _said(error)
    return render_page(
        f"{FOLDER}/rules.html",
        status=status,
        section="periods",
        due_days=queries.due_days(),
        closed=queries.closed_years(),
        form_names={form.code: form.names for form in forms},
        district_names={row.code: row.names for row in districts},
        form_options=[(form.code, tr_plain(form.names)) for form in forms],
        this_month=Month.of(clock.today()).key,
        period_options=[(key, month_of_year(key)) for key in periods_now.choice()],
        district_options=[("", _("All")), *((row.code, tr_plain(row.names)) for row in districts)],
        lock_days=queries.lock_days(),
        typed=request.form,
        wrong=wrong,
        form_errors=list(wrong.items()),
        stale=stale() if token_failed() else "",
    )


def _year_page(year: int, status: int = 200, error: DomainError | None = None) -> Response:
    if year not in periods_now.years():
        abort(404)
    here = queries.closings().get(year)
    over = _is_over(year)
    wrong = _said(error, "page")
    return render_page(
        f"{FOLDER}/year.html",
        status=status,
        section="periods",
        year=year,
        closing=here,
        over=over,
        preview=closing.preview(year) if over and here is None else None,
        history=[row for row in queries.closing_history() if row.fiscal_year == year],
        people=accounts.names(),
        typed=request.form,
        wrong=wrong,
        form_errors=list(wrong.items()),
        stale=stale() if token_failed() else "",
    )
