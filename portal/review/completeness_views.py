"""How complete and how punctual the reports are, month by month: counts only."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from portal.datasets.models import DataSet
from portal.domain.permissions import Permission
from portal.organisations import queries as organisations
from portal.review import completeness
from portal.review.completeness import Report
from portal.web.access import audience, signed_in
from portal.web.filters import fiscal_year
from portal.web.hypermedia import render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("completeness", __name__, template_folder="templates", url_prefix="/staff/periods")


@bp.get("/completeness")
@audience(Permission.REVIEW_READ)
def index() -> Response:
    """`?data_set=`, `?district=`, `?year=`: what is looked at. A form or district of others: 404."""
    forms = completeness.forms(signed_in())
    wanted = request.args.get("data_set", "")
    data_set = next((form for form in forms if wanted in ("", form.code)), None)
    year, years = request.args.get("year", 0, type=int), completeness.years()
    year = year if year in years else years[0]
    if data_set is None:
        if wanted:
            abort(404)
        return render_page("review/staff/completeness.html", section="completeness", data_set=None)
    reports = completeness.owed(signed_in(), data_set, year)
    return _page(forms, data_set, year, reports, request.args.get("district", ""))


def _page(
    forms: list[DataSet], data_set: DataSet, year: int, reports: list[Report], district: str
) -> Response:
    names = {row.code: row.names for row in organisations.districts()}
    here = {row.district for row in reports}
    choice = [(code, tr_plain(name)) for code, name in names.items() if code in here]
    district = district if district in here else ""
    shown = [row for row in reports if district in ("", row.district)]
    options = [
        ("data_set", _("Form"), data_set.code, [(form.code, tr_plain(form.names)) for form in forms]),
        ("district", _("District"), district, [("", _("All")), *choice]),
        ("year", _("Fiscal year"), year, [(one, fiscal_year(one)) for one in completeness.years()]),
    ]
    return render_page(
        "review/staff/completeness.html",
        section="completeness",
        data_set=data_set,
        year=year,
        place=names.get(district),
        selects=options,
        total=completeness.counted(data_set, shown),
        months=completeness.by_period(data_set, shown),
        districts=completeness.by_district(data_set, reports) if len(here) > 1 else {},
        names=names,
        fewest=completeness.FEWEST,
    )
