"""What staff's pages of indicators show: figures beside their words. No rules of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import current_app

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.indicators import proposals, queries, staff_words, statements
from portal.indicators.values import IndicatorFigures, MonthValue, YearValue
from portal.ledger import queries as ledger
from portal.plan import queries as plan
from portal.plan.models import Goal, Indicator
from portal.web.filters import amount, month
from portal.web.i18n import tr

Data = dict[str, Any]
MOST_ORIGINS = 200  # a page that people read; what lies beyond is counted, not hidden


def said(row: Indicator, value: YearValue | None) -> Any:
    """A year's figure with its unit, or its stage in words; a dash where there is none."""
    if value is None or (value.value is None and value.stage is None):
        return "–"
    if value.stage:
        names = next((s["names"] for s in row.stages if s["code"] == value.stage), {"ja": value.stage})
        return tr(names)
    return amount(value.value, row.units)


def counted(row: Indicator, value: YearValue) -> str:
    """What the count says, whether or not another figure is taken over in its place."""
    return "–" if value.counted is None else amount(value.counted, row.units)


def proposed(row: Indicator, value: YearValue, years: tuple[int, int]) -> Data | None:
    """The proposal on a year in words: verdict, reason, where the straight path stands."""
    if row.participation:
        return None
    found = proposals.proposal(row, value, *years)
    return {
        "verdict": found.verdict,
        "reason": staff_words.REASONS.get(found.reason_code, found.reason_code),
        "expected": amount(found.expected, row.units) if found.expected is not None else "",
    }


def year(row: Indicator, value: YearValue, years: tuple[int, int]) -> Data:
    """One year: its figure, the proposal, and the path, which is told in a running year too."""
    return {
        "value": value,
        "said": said(row, value),
        "counted": counted(row, value) if value.adopted else "",
        "proposal": proposed(row, value, years),
        "path": "" if row.participation else _path(row, value.fiscal_year, years),
    }


def _final(row: Indicator, value: YearValue, finals: Mapping[tuple[str, int], Any]) -> Data | None:
    """What the figure was when its year was closed, where it is another today: 改定. None where not."""
    final = finals.get((row.code, value.fiscal_year))
    now = value.stage if row.kind == "stage" else value.value
    if final is None or (now if now is None or isinstance(now, int | str) else float(now)) == final.figure:
        return None
    stage = final.figure if row.kind == "stage" else None
    was = replace(value, stage=stage, value=None if stage else final.figure)
    return {"said": said(row, was), "day": final.day, "release": final.release}


def _path(row: Indicator, fiscal_year: int, years: tuple[int, int]) -> str:
    position = proposals.path(row, fiscal_year, *years)
    return amount(position, row.units) if position is not None else ""


def goals() -> list[Data]:
    """Every indicator where it stands in the plan. One that stands in two places is drawn once."""
    figures = {row.code: row for row in queries.figures(clock.today())}
    tree, years = plan.tree(), proposals.plan_years()
    lines: dict[str, Data] = {}
    for goal in tree:
        for direction in goal.directions:
            for placement in direction.placements:
                row = placement.indicator
                if row.code not in lines:
                    lines[row.code] = _line(row, figures[row.code], years)
    return [_goal(goal, lines) for goal in tree]


def _goal(goal: Goal, lines: dict[str, Data]) -> Data:
    directions = [
        {
            "direction": direction,
            "rows": [
                lines[placement.indicator.code]
                for placement in sorted(direction.placements, key=lambda p: p.position)
            ],
        }
        for direction in goal.directions
    ]
    return {"goal": goal, "directions": directions}


def _line(row: Indicator, figures: IndicatorFigures, years: tuple[int, int]) -> Data:
    """One indicator: the running year so far, and what the rule says of the last year that is over."""
    values = [year(row, value, years) for value in figures.values[-2:]]
    over = values[-2] if len(values) > 1 else None
    return {"row": row, "now": values[-1] if values else None, "over": over}


def indicator(actor: Actor, row: Indicator, figures: IndicatorFigures, chosen: int) -> Data:
    """One indicator's page; `chosen`: the fiscal year whose documents are listed."""
    years, finals = proposals.plan_years(), current_app.extensions["final_figures"]()
    return {
        "row": row,
        "figures": figures,
        "years": [
            {**year(row, value, years), "final": _final(row, value, finals)} for value in figures.values
        ],
        "year": chosen,
        "months": _months(figures) if figures.months else None,
        "kind": staff_words.KINDS[row.kind],
        "target_kind": staff_words.TARGET_KINDS[row.target_kind],
        "source": staff_words.SOURCES[row.source],
        "aggregation": staff_words.AGGREGATIONS[row.aggregation],
        "sources": _sources(row),
        "questions": plan.pending(row.code),
        "may_decide": may(actor, Permission.VERDICT_CONFIRM, queries.subject(row)),
        "may_state": bool(statements.kinds_for(row))
        and may(actor, Permission.FIGURE_STATE, queries.subject(row)),
        "may_set": may(actor, Permission.YEAR_CLOSE),
        **_origins(actor, row, chosen),
    }


def _months(figures: IndicatorFigures) -> Data:
    """The newest month's fiscal year beside the one before, April first; None where nothing was reported."""
    running = FiscalYear(Month.parse(figures.months[-1].period).fiscal_year)
    known = {m.period: m for m in figures.months}
    this = [known.get(m.key) for m in running.months()]
    told = [place for place, m in enumerate(this) if m and m.value is not None]
    return {
        "labels": [str(m.month) for m in running.months()],
        "names": [month(m) for m in running.months()],
        "this": [m.value if m else None for m in this],
        "last": [_value(known.get(m.key)) for m in running.previous().months()],
        "coverage": _groups(figures, this),
        "newest": told[-1] if told else None,
    }


def _groups(figures: IndicatorFigures, this: list[MonthValue | None]) -> list[tuple[int, int] | None]:
    """How many groups reported each month; nothing for a form that one office files."""
    coverage = figures.values[-1].coverage
    if coverage is None or coverage.of != "organisations":
        return []
    return [(m.reported, m.expected) if m and m.expected else None for m in this]


def _value(found: MonthValue | None) -> Any:
    return found.value if found else None


def _sources(row: Indicator) -> list[Data]:
    """What it is drawn from: a question of a form, or a list of groups, and the part that each plays."""
    forms = {form.id: form.names for form in datasets.all_data_sets()}
    return [
        {
            "role": staff_words.ROLES[source.role],
            "name": tr(source.measure.names)
            if source.measure
            else staff_words.REGISTERS[source.register or ""],
            "form": tr(forms[source.measure.data_set_id]) if source.measure else "",
        }
        for source in row.sources
    ]


def _origins(actor: Actor, row: Indicator, chosen: int) -> Data:
    """The documents behind a year's figure, as far as the actor may see each organisation's own.

    Who sees drawn figures only (a committee, another section) is told how many there are.
    """
    forms = {form.id: form for form in datasets.all_data_sets()}
    names = {s.measure.id: s.measure.names for s in row.sources if s.measure}
    found = ledger.provenance(list(names), chosen) if names else []
    shown: list[Data] = []
    for origin in found:
        form = forms[origin.data_set_id]
        subject = Subject(
            form.code, origin.district or None, origin.organisation_id, confidential=form.confidential
        )
        if len(shown) < MOST_ORIGINS and may(actor, Permission.FIGURES_READ, subject):
            can_open = may(actor, Permission.REVIEW_READ, subject)
            shown.append({"origin": origin, "asked": names[origin.measure_id], "can_open": can_open})
    return {"origins": shown, "unseen": len(found) - len(shown), "several": len(names) > 1}
