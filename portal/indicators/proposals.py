"""Verdicts that the rules propose, for staff: what the domain says of one indicator and year."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.domain.indicators import Value
from portal.domain.progress import Actual, Aim, Better, Proposal, TargetKind, position_on_path, propose
from portal.indicators.values import YearValue
from portal.plan import queries as plan
from portal.plan.models import Indicator


def plan_years() -> tuple[int, int]:
    """The years of the plan's base and target: 2024 and 2030 of 朝霞市's."""
    facts: dict[str, Any] = plan.facts()
    return facts["base_year"], facts["target_year"]


def aim(row: Indicator, base_year: int, target_year: int) -> Aim:
    """What the plan says of an indicator, as the rules take it."""
    return Aim(
        target_kind=TargetKind(row.target_kind),
        better=Better(row.better),
        base_year=base_year,
        target_year=target_year,
        base=_number(row.base),
        target=_number(row.target),
        whole=row.kind != "ratio",
        base_stage=row.base.get("stage"),
        target_stage=row.target.get("stage"),
        stages=tuple(stage["code"] for stage in row.stages),
    )


def _number(part: Mapping[str, Any]) -> Value:
    value = part.get("value")
    return value if value is None or isinstance(value, int) else Decimal(str(value))


def proposal(row: Indicator, value: YearValue, base_year: int, target_year: int) -> Proposal:
    """The proposed verdict on a year, or the reason why there is none."""
    actual = Actual(
        value.fiscal_year, value.value, value.stage, value.provisional, value.reference, value.broken
    )
    return propose(aim(row, base_year, target_year), actual)


def path(row: Indicator, year: int, base_year: int, target_year: int) -> Value:
    """Where the straight path from base to target stands in a year, open or closed; None without one."""
    its = aim(row, base_year, target_year)
    if (
        its.target_kind not in (TargetKind.REACH, TargetKind.AT_MOST)
        or its.base is None
        or its.target is None
    ):
        return None
    return position_on_path(its.base, base_year, its.target, target_year, year, whole=its.whole)
