"""Staff's side of the report forms for grants: how much of a year each group has reported, and its sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Permission, may
from portal.organisations import queries as organisations
from portal.organisations.queries import Filters
from portal.reporting import subsidy
from portal.reporting.subsidy import Form
from portal.reporting.words import joined
from portal.reporting.year import Year, of_many
from portal.web.access import audience, signed_in
from portal.web.filters import amount, fiscal_year
from portal.web.hypermedia import render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("subsidies", __name__, template_folder="templates", url_prefix="/staff/subsidies")
DECIDE, FIGURES = Permission.REVIEW_DECIDE, Permission.FIGURES_READ
YEARS = 3  # to choose from: the running one and the two before


@dataclass(frozen=True)
class Wanted:
    """Which form, year and district: the address's query."""

    number: int
    form: Form
    data_set: DataSet
    year: int
    district: str

    @property
    def query(self) -> dict[str, Any]:
        return {"form": self.number, "year": self.year, "district": self.district}

    def rows(self) -> list[Year]:
        """The groups of the register whose figures this actor may see, by district and name."""
        actor, registered = signed_in(), organisations.registered(self.form.register, self.year)
        listed = organisations.listed(actor, Filters(district=self.district or None, side="group"))
        found = [
            row
            for row in listed
            if row.id in registered and may(actor, FIGURES, datasets.subject(self.data_set, row))
        ]
        drawn = of_many(found, self.data_set, self.year)
        return [drawn[row.id] for row in found]


def _years() -> list[int]:
    running = FiscalYear.of(clock.today()).year
    return [running - back for back in range(YEARS)]


def _wanted() -> Wanted | None:
    """What is asked for; None where the city has written no such form. By default the year whose reports
    are due: until June the one that has just ended.
    """
    forms, today = subsidy.all_forms(), clock.today()
    if not forms:
        return None
    number = request.args.get("form", 0, type=int)
    form = forms[number] if 0 <= number < len(forms) else abort(404)
    asked = request.args.get("year", 0, type=int)
    usual = _years()[1 if today.month in (4, 5, 6) else 0]
    data_set = datasets.data_set(form.data_set) or abort(404)
    district = request.args.get("district", "")[:40]
    return Wanted(number, form, data_set, asked if asked in _years() else usual, district)


@bp.get("/")
@audience(DECIDE)
def index() -> Response:
    """The groups with this grant: how much of the year is confirmed, and their sheets."""
    wanted = _wanted()
    rule = subsidy.condition(wanted.form) if wanted else None
    return render_page(
        "reporting/staff/subsidies.html",
        section="review",
        wanted=wanted,
        rows=[_row(wanted, row, rule) for row in wanted.rows()] if wanted else [],
        selects=_selects(wanted) if wanted else [],
    )


@bp.get("/sheets")
@audience(DECIDE)
def sheets() -> Response:
    """Their sheets, or that of one of them, a page each."""
    wanted = _wanted() or abort(404)
    one = request.args.get("organisation", "")
    rows = [row for row in wanted.rows() if one in ("", row.organisation.public_id)] or abort(404)
    made = [subsidy.draw(wanted.form, wanted.data_set, row) for row in rows]
    return subsidy.page(made, "layouts/staff.html", url_for("subsidies.index", **wanted.query))


def _row(wanted: Wanted, year: Year, rule: dict[str, Any] | None) -> dict[str, Any]:
    measures = {row.code: row for row in wanted.data_set.measures}
    return {
        "organisation": year.organisation,
        "done": len(year.confirmed),
        "due": len(year.expected),
        "figures": joined(
            [amount(year.total(m), measures[m].units) for m in wanted.form.columns if m in measures]
        ),
        "condition": _condition(rule, year, measures),
        "missing": joined([subsidy.name(row) for row in year.of("missing")]),
        "waiting": joined(
            [subsidy.name(row) for row in year.periods if row.state in ("waiting", "asked", "changing")]
        ),
        "sheet_url": url_for("subsidies.sheets", **wanted.query, organisation=year.organisation.public_id),
    }


def _condition(rule: dict[str, Any] | None, year: Year, measures: dict[str, Measure]) -> str:
    """How far the confirmed reports come; "" where the grant has no condition that can be counted."""
    if rule is None or rule["measure"] not in measures:
        return ""
    left = rule["at_least"] - (year.total(rule["measure"]) or 0)
    return _("met") if left <= 0 else _("%(left)s more", left=amount(left, measures[rule["measure"]].units))


def _selects(wanted: Wanted) -> list[dict[str, Any]]:
    forms = [(str(place), form.title) for place, form in enumerate(subsidy.all_forms())]
    years = [(str(year), fiscal_year(year)) for year in _years()]
    districts = [("", _("All")), *((row.code, tr_plain(row.names)) for row in organisations.districts())]
    return [
        {"name": "form", "label": _("Form"), "chosen": str(wanted.number), "options": forms},
        {"name": "year", "label": _("Fiscal year"), "chosen": str(wanted.year), "options": years},
        {"name": "district", "label": _("District"), "chosen": wanted.district, "options": districts},
    ]
