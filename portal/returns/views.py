"""Pages of the returns: 福祉行政報告例, the 通いの場 survey, results of the groups with a grant."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Permission
from portal.returns import kayoinoba, minsei, minsei_sheet, reports, subsidy, words
from portal.returns.choices import periods
from portal.web.access import audience, signed_in
from portal.web.filters import fiscal_year, number
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("returns", __name__, template_folder="templates", url_prefix="/staff/returns")
READ = Permission.RETURNS_READ


@bp.get("/minsei")
@audience(READ)
def commissioners() -> Response:
    """福祉行政報告例 of a month or a fiscal year (`?period=`); the month before by default."""
    choices = periods()
    period = request.args.get("period") or next(key for key, _words in choices if not key.startswith("FY"))
    try:
        if period.startswith("FY"):
            found = minsei.year_table(signed_in(), FiscalYear.parse(period).year)
        else:
            found = minsei.month_table(signed_in(), Month.parse(period))
    except Invalid:
        abort(404)
    return render_page(
        "returns/staff/minsei.html", found=found, period=period, choices=choices, sheet=minsei_sheet
    )


@bp.get("/kayoinoba")
@audience(READ)
def survey() -> Response:
    """The nationwide survey of a fiscal year: who is asked, answers, totals."""
    year = _year()
    found = kayoinoba.survey(signed_in(), year)
    choices = [(f"FY{one}", fiscal_year(one)) for one in kayoinoba.years()]
    return render_page(
        "returns/staff/kayoinoba.html",
        found=found,
        year=year,
        choices=choices,
        rules=kayoinoba,
        words=words,
        told_answer=_told,
    )


@bp.post("/kayoinoba/ask")
@audience(READ)
def ask() -> BaseResponse:
    """Ask every place in reach; the same press again asks only those that were not."""
    year = _year()
    kayoinoba.ask(signed_in(), year)
    return leave_to(url_for("returns.survey", period=f"FY{year}"))


@bp.get("/subsidy")
@audience(READ)
def grants() -> Response:
    """Groups with a grant: what the condition counts, and whether it is met."""
    year = _year()
    choices = [(f"FY{one}", fiscal_year(one)) for one in kayoinoba.years()]
    results = subsidy.results(signed_in(), year)
    return render_page(
        "returns/staff/subsidy.html", results=results, year=year, choices=choices, said=subsidy.said
    )


def _told(answer: dict[str, Any] | None) -> str:
    """An answer in a cell: its number, else what stands in its place; a dash where there is none."""
    value = reports.amount(answer)
    if value is not None or not answer:
        return number(value)
    return str(words.ANSWERS[answer["state"]])


def _year() -> int:
    """The fiscal year of the address's query or the form, the running one by default."""
    asked = request.values.get("period", "")
    try:
        year = FiscalYear.parse(asked).year if asked else FiscalYear.of(clock.today()).year
    except Invalid:
        abort(404)
    return year if year in kayoinoba.years() else abort(404)
