"""Reports on paper: print a district's forms in one go, and key in what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from portal import clock
from portal.datasets.models import DataSet
from portal.domain.periods import Month
from portal.domain.permissions import Permission
from portal.organisations import queries as organisations
from portal.reporting import keying, sheets
from portal.reporting.keying import Owed
from portal.reporting.staff_words import STATE_TAGS
from portal.web.access import audience, signed_in
from portal.web.filters import month_of_year
from portal.web.hypermedia import render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("paper", __name__, template_folder="templates", url_prefix="/staff/paper")
FILL = Permission.REPORT_FILL


@dataclass(frozen=True)
class Wanted:
    """Which form, which month, where: the address's query. `missing`: only what is not here yet."""

    data_set: DataSet
    month: Month
    district: str
    missing: bool

    @property
    def query(self) -> dict[str, Any]:
        where = {"data_set": self.data_set.code, "period": self.month.key, "district": self.district}
        return where | ({"missing": "1"} if self.missing else {})

    def rows(self) -> list[Owed]:
        found = keying.owed(signed_in(), self.data_set, self.month, self.district)
        return [row for row in found if row.submission is None or not self.missing]


def wanted_here(data_set: str = "", period: str = "") -> Wanted | None:
    """What is asked for; None where this actor keys in nothing at all. 404 for a form of others."""
    forms = {row.code: row for row in keying.forms(signed_in())}
    if not forms:
        return None
    code = data_set or request.args.get("data_set") or next(iter(forms))
    return Wanted(
        data_set=forms.get(code) or abort(404),
        month=_named(period) if period else _month(request.args.get("period", "")),
        district=request.values.get("district", "")[:40],
        missing=bool(request.args.get("missing")),
    )


def _named(posted: str) -> Month:
    """The month that a form was filled in for: never another one instead."""
    return next((month for month in keying.months() if month.key == posted), None) or abort(404)


def _month(asked: str) -> Month:
    """One of those to choose from, by default the one that is being reported now."""
    choice = {month.key: month for month in keying.months()}
    return choice.get(asked, Month.of(clock.today()).previous())


@bp.get("/")
@audience(FILL)
def index() -> Response:
    """The groups that owe a form for a month: print their sheets, key in what has come."""
    wanted = wanted_here()
    rows = wanted.rows() if wanted else []
    return render_page(
        "reporting/staff/paper.html",
        section="review",
        wanted=wanted,
        rows=[_row(wanted, row) for row in rows if wanted],
        selects=selects(wanted) if wanted else [],
        begun=wanted is not None and wanted.month <= Month.of(clock.today()),
    )


@bp.get("/sheets")
@audience(FILL)
def print_sheets() -> Response:
    """The sheets of those groups, or of one of them, a page each."""
    wanted = wanted_here() or abort(404)
    one = request.args.get("organisation", "")
    rows = [row.organisation for row in wanted.rows() if one in ("", row.organisation.public_id)]
    if not rows:
        abort(404)
    languages = organisations.languages([row.id for row in rows])
    made = sheets.draw(rows, wanted.data_set, wanted.month.key, languages)
    return sheets.page(made, wanted.data_set, "layouts/staff.html", url_for("paper.index", **wanted.query))


def _row(wanted: Wanted, row: Owed) -> dict[str, Any]:
    where: dict[str, Any] = {"organisation": row.organisation.public_id, "data_set": wanted.data_set.code}
    sent = row.submission
    return {
        "organisation": row.organisation,
        "tag": STATE_TAGS[sent.state] if sent else "not_arrived",
        "here": sent is not None,
        "key_url": url_for("entry.form", **where, period=wanted.month.key),
        "sheet_url": url_for("paper.print_sheets", **where, period=wanted.month.key),
    }


def selects(wanted: Wanted) -> list[dict[str, Any]]:
    forms = [(row.code, tr_plain(row.names)) for row in keying.forms(signed_in())]
    months = [(month.key, month_of_year(month)) for month in keying.months()]
    districts = [("", _("All")), *((row.code, tr_plain(row.names)) for row in organisations.districts())]
    return [
        {"name": "data_set", "label": _("Form"), "chosen": wanted.data_set.code, "options": forms},
        {"name": "period", "label": _("Period"), "chosen": wanted.month.key, "options": months},
        {"name": "district", "label": _("District"), "chosen": wanted.district, "options": districts},
    ]
