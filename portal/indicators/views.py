"""Staff's pages of the indicators: what stands in the ledger now, and what the rules say of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.permissions import Permission, may
from portal.ground import settings
from portal.indicators import proposals, queries, staff_words
from portal.ledger import queries as ledger
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.web.access import audience, signed_in
from portal.web.filters import amount
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import tr

bp = Blueprint("indicators", __name__, template_folder="templates", url_prefix="/staff/indicators")


@bp.get("/")
@audience(Permission.FIGURES_READ)
def staff_index() -> Response:
    """All of them by goal and direction: so far, coverage, target, proposal."""
    figures = {row.code: row for row in queries.figures(clock.today())}
    facts: dict[str, Any] = plan.facts()
    goals = [
        {
            "goal": goal,
            "directions": [
                {
                    "direction": direction,
                    "rows": [
                        _row(p.indicator, figures[p.indicator.code], facts)
                        for p in sorted(direction.placements, key=lambda p: p.position)
                    ],
                }
                for direction in goal.directions
            ],
        }
        for goal in plan.tree()
    ]
    return render_page("indicators/staff/index.html", section="indicators", goals=goals)


def _said(row: Indicator, value: queries.YearValue | None) -> Any:
    if value is None or (value.value is None and value.stage is None):
        return "–"
    if value.stage:
        return tr(next((s["names"] for s in row.stages if s["code"] == value.stage), {"ja": value.stage}))
    return amount(value.value, row.units)


def _row(row: Indicator, figures: queries.IndicatorFigures, facts: dict[str, Any]) -> dict[str, Any]:
    """One indicator's running year in a line."""
    years = [value for value in figures.values if value.value is not None or value.stage]
    now = years[-1] if years else None
    return {
        "row": row,
        "now": now,
        "said": _said(row, now),
        "base": row.base.get("printed") or "–",
        "target": row.target.get("printed") or "–",
        "proposal": _proposal(row, now, facts),
    }


def _proposal(
    row: Indicator, value: queries.YearValue | None, facts: dict[str, Any]
) -> dict[str, Any] | None:
    if row.participation or value is None:
        return None
    found = proposals.proposal(row, value, facts["base_year"], facts["target_year"])
    reason = staff_words.REASONS.get(str(found.reason_code), found.reason_code)
    expected = amount(found.expected, row.units) if found.expected is not None else ""
    return {"verdict": found.verdict, "reason": str(reason), "expected": expected}


@bp.get("/<code>")
@audience(Permission.FIGURES_READ)
def staff_show(code: str) -> Response:
    """One indicator: years, months, proposal, open questions, the postings behind it."""
    row = plan.indicator(code) or abort(404)
    figures = queries.figure(code, clock.today()) or abort(404)
    facts: dict[str, Any] = plan.facts()
    years = [
        {"value": v, "said": _said(row, v), "proposal": _proposal(row, v, facts)} for v in figures.values
    ]
    year = request.args.get("year", figures.values[-1].fiscal_year if figures.values else 0, type=int)
    measures = [source.measure_id for source in row.sources if source.measure_id]
    actor = signed_in()
    return render_page(
        "indicators/staff/show.html",
        section="indicators",
        row=row,
        figures=figures,
        years=years,
        year=year,
        kind=staff_words.KINDS[row.kind],
        target_kind=staff_words.TARGET_KINDS[row.target_kind],
        source=staff_words.SOURCES[row.source],
        questions=plan.pending(code),
        origins=ledger.provenance(measures, year),
        may_open=may(actor, Permission.REVIEW_READ),
        may_set=may(actor, Permission.YEAR_CLOSE),
    )


@bp.post("/<code>/counting")
@audience(Permission.YEAR_CLOSE)
def set_counting(code: str) -> BaseResponse:
    """Which of the two counts is published."""
    row = plan.indicator(code)
    way = request.form.get("counting", "")
    if row is None or row.aggregation != "registers" or way not in ("sum", "distinct"):
        abort(404)
    settings.put(f"counting.{code}", way, signed_in())
    return leave_to(url_for("indicators.staff_show", code=code))
