"""What people state of an indicator: another official figure, a break in the series, a stage."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.words import stale
from portal.domain.errors import Conflict, Invalid, PeriodLocked
from portal.domain.permissions import Permission, may
from portal.extensions import db
from portal.indicators import queries, staff_present, statements
from portal.indicators.models import Statement
from portal.indicators.staff_words import STATEMENT_PROBLEMS, STATEMENT_STATES, STATEMENTS
from portal.indicators.statements import Stated
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.filters import amount, fiscal_year
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import tr, tr_plain

bp = Blueprint("statements", __name__, template_folder="templates", url_prefix="/staff/indicators")
FIELDS = ("kind", "year", "day", "value", "stage", "reason", "evidence")
Data = dict[str, Any]


def _indicator(code: str) -> Indicator:
    """404 where nothing can be stated, or where it is another section's to state."""
    row = plan.indicator(code)
    if row is None or not statements.kinds_for(row):
        abort(404)
    if not may(signed_in(), Permission.FIGURE_STATE, queries.subject(row)):
        abort(404)
    return row


def _years(row: Indicator) -> list[int]:
    found = queries.figure(row.code, clock.today())
    return [value.fiscal_year for value in found.values] if found else []


def _page(row: Indicator, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    names = accounts.names()
    figures = queries.figure(row.code, clock.today())
    return render_page(
        "indicators/staff/statements.html",
        status=status,
        section="indicators",
        row=row,
        kinds=[(kind, STATEMENTS[kind]) for kind in statements.kinds_for(row)],
        years=[(one, fiscal_year(one)) for one in reversed(_years(row))],
        counted=[(v.fiscal_year, staff_present.counted(row, v)) for v in figures.values] if figures else [],
        stages=[(stage["code"], tr_plain(stage["names"])) for stage in row.stages],
        rows=[_row(row, one, names) for one in statements.of_indicator(row.code)],
        typed={name: request.form.get(name, "") for name in FIELDS},
        errors=errors or {},
    )


def _row(row: Indicator, one: Statement, names: dict[str, str]) -> Data:
    stage = next((s["names"] for s in row.stages if s["code"] == one.stage), {"ja": one.stage or ""})
    decides = statements.may_decide(signed_in(), row, one)
    return {
        "statement": one,
        "kind": STATEMENTS[one.kind],
        "state": STATEMENT_STATES[one.state],
        "said": amount(one.value, row.units) if one.kind == "adopted" else tr(stage) if one.stage else "",
        "made_by": names.get(one.made_by, one.made_by),
        "confirmed_by": names.get(one.confirmed_by or "", one.confirmed_by or ""),
        "may_confirm": one.state == "proposed" and decides,
        "may_withdraw": one.state == "proposed" or (one.state == "confirmed" and decides),
    }


@bp.get("/<code>/statements")
@audience(Permission.FIGURE_STATE)
def show(code: str) -> Response:
    """What is stated so far, and the form for a new statement."""
    return _page(_indicator(code))


@bp.post("/<code>/statements")
@audience(Permission.FIGURE_STATE)
@shows_form_again
def make(code: str) -> BaseResponse:
    """State something: it waits for a second person."""
    row = _indicator(code)
    if token_failed():
        return _page(row, 400, {"kind": stale()})
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        statements.make(signed_in(), row, Stated(**typed), _years(row))
    except Invalid as error:
        field = str(error.params["field"])
        return _page(row, 422, {field: str(STATEMENT_PROBLEMS[field])})
    except PeriodLocked:
        field = "day" if typed["kind"] == "stage" else "year"
        return _page(row, 409, {field: str(STATEMENT_PROBLEMS["closed"])})
    return leave_to(url_for("statements.show", code=code))


@bp.post("/<code>/statements/<public_id>/<any(confirm, withdraw):step>")
@audience(Permission.FIGURE_STATE)
@shows_form_again
def decide(code: str, public_id: str, step: str) -> BaseResponse:
    """The second person's yes, or taking a statement back."""
    row = _indicator(code)
    if token_failed():
        return _page(row, 400, {"kind": stale()})
    statement = statements.by_public_id(code, public_id)
    act = statements.confirm if step == "confirm" else statements.withdraw
    try:
        act(signed_in(), row, statement)
    except Conflict as error:
        db.session.rollback()
        closed = isinstance(error, PeriodLocked)
        return _page(_indicator(code), 409, {"kind": str(STATEMENT_PROBLEMS["closed" if closed else "kind"])})
    return leave_to(url_for("statements.show", code=code))
