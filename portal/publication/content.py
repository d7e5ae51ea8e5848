"""Everything that the public sees, gathered once into plain data: the content of a release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portal.datasets import queries as datasets
from portal.evaluation import queries as evaluation
from portal.ground import settings
from portal.indicators import queries as indicators
from portal.organisations import queries as organisations
from portal.plan import queries as plan
from portal.plan.models import Direction, Goal, Indicator

Data = dict[str, Any]
FORMAT = 1
NOT_PUBLIC = ("corrections",)  # facts of the plan that are for staff
COUNTS = ("sum", "overlap", "distinct", "published", "registered")


def gather(as_of: date) -> Data:
    """The content of a release as of that day. Only approved figures are in the ledger, so only they come."""
    facts = plan.facts()
    made = _Maker(as_of, facts)
    rows = plan.indicators()
    return {
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "demo": bool(settings.get("demo", False)),
        "plan": {key: value for key, value in facts.items() if key not in NOT_PUBLIC},
        "help": _help(),
        "goals": [_goal(goal) for goal in plan.tree()],
        "indicators": [made.indicator(row) for row in rows if not row.participation],
        "participation": [made.indicator(row) for row in rows if row.participation],
    }


def _help() -> Data:
    """Whom to ask: the offices that the plan names, with a number where the city has given one."""
    return {
        o.code or "": {"names": o.names, "phone": o.phone}
        for o in organisations.sections_and_offices()
        if o.code in ("shakyo", "city")
    }


def _goal(goal: Goal) -> Data:
    return {
        "number": goal.number,
        "names": goal.names,
        "directions": [_direction(goal, direction) for direction in goal.directions],
    }


def _direction(goal: Goal, direction: Direction) -> Data:
    placed = sorted(direction.placements, key=lambda placement: placement.position)
    return {
        "goal": goal.number,
        "number": direction.number,
        "names": direction.names,
        "indicators": [p.indicator.code for p in placed if not p.indicator.participation],
        "participation": [p.indicator.code for p in placed if p.indicator.participation],
        "programmes": [
            {
                "side": row.side,
                "heading": row.heading,
                "names": row.names,
                "departments": row.departments,
                "repeated": row.repeated,
            }
            for row in direction.programmes
        ],
    }


class _Maker:
    """Indicators as data, with what is asked of the database once for all of them."""

    def __init__(self, as_of: date, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.figures = {row.code: row for row in indicators.figures(as_of, public=True)}
        self.confirmed = evaluation.confirmed()
        self.filed_by = {row.id: row.filed_by for row in datasets.all_data_sets()}
        self.asked = {row.indicator_code for row in plan.pending()}

    def indicator(self, row: Indicator) -> Data:
        """One indicator in the contract's shape, and what the pages need beside it."""
        figures = self.figures[row.code]
        return {
            "code": row.code,
            "participation": row.participation,
            "names": row.names,
            "units": row.units,
            "owner": {"side": row.side, "department": row.department},
            "placements": [
                {"goal": p.direction.goal.number, "direction": p.direction.number} for p in row.placements
            ],
            "kind": row.kind,
            "source": row.source,
            "filed_by": self._filed_by(row),
            "aggregation": row.aggregation,
            "target_kind": row.target_kind,
            "better": row.better,
            "base": _printed(row.base, self.facts.get("base_year")),
            "target": _printed(row.target, self.facts.get("target_year")),
            "stages": row.stages,
            "note": row.note,
            # whether a group on both lists counts twice is asked of the city; until then both counts show
            "uncertain": row.aggregation == "registers" and row.code in self.asked,
            "values": [_value(value) for value in figures.values],
            "months": [_month(month) for month in figures.months],
            "counting": _counting(figures.counting),
            "answers": {str(year): plain_number(number) for year, number in figures.answers.items()},
            "status": self._status(row),
        }

    def _filed_by(self, row: Indicator) -> str | None:
        """Whose reports it is drawn from: group, office or section."""
        return next((self.filed_by[s.measure.data_set_id] for s in row.sources if s.measure), None)

    def _status(self, row: Indicator) -> Data | None:
        """The newest confirmed verdict of a closed year; nothing else reaches the public."""
        years = [year for code, year in self.confirmed if code == row.code]
        if not years or row.participation:
            return None
        found = self.confirmed[row.code, max(years)]
        return {
            "fiscal_year": found.fiscal_year,
            "method": found.method,
            "verdict": found.verdict,
            "confirmed": True,
            "reason": found.reason,
        }


def plain_number(value: Any) -> int | float | None:
    """A figure as JSON has it: whole numbers stay whole, percentages as 1.34."""
    if value is None or isinstance(value, int):
        return value
    number = Decimal(str(value))
    return int(number) if number == int(number) else float(number)


def _printed(part: Mapping[str, Any], year: Any) -> Data:
    """A base or target. A participation indicator has neither: all four null."""
    return {
        "fiscal_year": None if part.get("printed") is None else year,
        "value": plain_number(part.get("value")),
        "printed": part.get("printed"),
        "stage": part.get("stage"),
    }


def _value(value: Any) -> Data:
    coverage = value.coverage
    return {
        "fiscal_year": value.fiscal_year,
        "value": plain_number(value.value),
        "stage": value.stage,
        "coverage": coverage
        and {"reported": coverage.reported, "expected": coverage.expected, "of": coverage.of},
        "provisional": value.provisional,
        "reference": value.reference,
        "suppressed": value.suppressed,
        "as_of": value.as_of.isoformat(),
        "collecting": value.collecting,
        "adopted": _stated(value.adopted),
        "series_break": _stated(value.broke),
        "stage_since": value.since and value.since.day.isoformat(),
        "one_person": value.one_person,
    }


def _stated(statement: Any) -> Data | None:
    """A statement's own words, in Japanese: never who made it."""
    return statement and {"reason": statement.reason, "evidence": statement.evidence}


def _month(month: Any) -> Data:
    return {
        "period": month.period,
        "value": plain_number(month.value),
        "reported": month.reported,
        "expected": month.expected,
        "suppressed": month.suppressed,
    }


def _counting(counting: Any) -> Data | None:
    """Both counts of an indicator drawn from two registers; None for all others."""
    return counting and {name: getattr(counting, name, None) for name in COUNTS}
