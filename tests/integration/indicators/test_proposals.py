"""What the rules propose for 朝霞市's own indicators: the targets that "more is better" would get wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.progress import Verdict
from portal.indicators import proposals
from portal.indicators.queries import YearValue
from portal.plan import queries as plan
from tests.support.factories import Factories

CLOSED = YearValue(2027, None, None, None, provisional=False, reference=False, as_of=date(2028, 3, 31))


def proposed(code: str, **value: Any) -> tuple[Verdict | None, str]:
    row = plan.indicator(code)
    assert row is not None
    found = proposals.proposal(row, replace(CLOSED, **value), *proposals.plan_years())
    return found.verdict, found.reason_code


@pytest.mark.parametrize(
    ("code", "value", "verdict"),
    [
        ("1-2-s2", 1, Verdict.ON_TRACK),  # 1→2回: no third of an event is owed half way
        ("1-2-s2", 0, Verdict.WORSE),
        ("1-2-s2", 2, Verdict.ACHIEVED),
        ("2-3-c1", 80, Verdict.MAINTAINED),  # 82→80件
        ("2-3-c1", 90, Verdict.MAINTAINED),
        ("2-3-c1", 79, Verdict.NOT_MAINTAINED),
        ("1-3-s3", 8, Verdict.MAINTAINED),  # 8→8回
        ("1-1-s2", 5, Verdict.NOT_MAINTAINED),  # 6→6地区
        ("3-2-c1", Decimal("1.90"), Verdict.MONITORED),  # 受給率
        ("3-2-c1", Decimal("0.90"), Verdict.MONITORED),
        ("4-2-c1", Decimal(100), Verdict.ACHIEVED),  # 98→100%
        ("4-2-c1", Decimal(97), Verdict.WORSE),
        ("1-1-s3", 60, None),  # '-'→120件: no path from what was not there
        ("1-1-s3", 120, Verdict.ACHIEVED),
        ("1-2-s3", 10_169_334, Verdict.BEHIND),  # 円, half of 2024→2030
        ("1-2-s3", 10_252_000, Verdict.ON_TRACK),
    ],
)
def test_by_the_kind_of_target(
    make: Factories, code: str, value: int | Decimal, verdict: Verdict | None
) -> None:
    assert proposed(code, value=value)[0] is verdict


def test_stages_are_words(make: Factories) -> None:
    assert proposed("1-1-c1", stage="整備")[0] is Verdict.ACHIEVED
    assert proposed("1-1-c1", stage="検討") == (None, "stage_unchanged")
    assert proposed("1-1-c1", fiscal_year=2030, stage="検討")[0] is Verdict.BEHIND


def test_no_verdict_on_a_year_that_is_open_for_reference_or_empty(make: Factories) -> None:
    assert proposed("1-1-s1", value=100, provisional=True) == (None, "year_open")
    assert proposed("1-1-s1", value=100, fiscal_year=2025, reference=True) == (None, "reference_year")
    assert proposed("1-1-s1") == (None, "no_value")


@pytest.mark.parametrize(
    ("code", "year", "position"),
    [
        ("1-2-s2", 2026, 1),
        ("1-2-c1", 2027, 180),
        ("2-3-c1", 2027, None),
        ("1-1-s3", 2027, None),
        ("1-1-c1", 2027, None),
    ],
)
def test_the_path_is_told_of_an_open_year_too(
    make: Factories, code: str, year: int, position: int | None
) -> None:
    row = plan.indicator(code)
    assert row is not None
    assert proposals.path(row, year, *proposals.plan_years()) == position
