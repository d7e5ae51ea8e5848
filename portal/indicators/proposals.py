"""Verdicts that the rules propose, for staff: what the domain says of one indicator and year."""

from __future__ import annotations

from decimal import Decimal

from portal.domain.progress import Actual, Aim, Better, Proposal, TargetKind, propose
from portal.indicators.queries import YearValue
from portal.plan.models import Indicator


def aim(row: Indicator, base_year: int, target_year: int) -> Aim:
    """What the plan says of an indicator, as the rules take it."""

    def number(part: dict[str, object]) -> int | Decimal | None:
        value = part.get("value")
        if value is None:
            return None
        return value if isinstance(value, int) else Decimal(str(value))

    return Aim(
        target_kind=TargetKind(row.target_kind),
        better=Better(row.better),
        base_year=base_year,
        target_year=target_year,
        base=number(row.base),
        target=number(row.target),
        whole=row.kind not in ("ratio", "money"),
        base_stage=row.base.get("stage"),
        target_stage=row.target.get("stage"),
        stages=tuple(stage["code"] for stage in row.stages),
    )


def proposal(row: Indicator, value: YearValue, base_year: int, target_year: int) -> Proposal:
    """The proposed verdict on a year, or the reason why there is none."""
    actual = Actual(value.fiscal_year, value.value, value.stage, value.provisional, value.reference)
    return propose(aim(row, base_year, target_year), actual)
