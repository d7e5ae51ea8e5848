from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.indicators import Value
from portal.domain.progress import (
    Actual,
    Aim,
    Better,
    TargetKind,
    Verdict,
    achievement_percent,
    position_on_path,
    progress_percent,
    propose,
)

V = Verdict


def aim(kind: str, base: Value | str, target: Value | str, **more: Any) -> Aim:
    """An aim of 朝霞市's plan: base 令和6年度 (2024), target 令和12年度 (2030)."""
    better = Better.NEITHER if kind == "monitor" else Better.UP
    base, target = (Decimal(value) if isinstance(value, str) else value for value in (base, target))
    return Aim(TargetKind(kind), better, 2024, 2030, base, target, **more)


STAGES = Aim(
    TargetKind.MILESTONE,
    Better.UP,
    2024,
    2030,
    base_stage="検討",
    target_stage="整備",
    stages=("検討", "整備"),
)
GROUPS = aim("reach", 150, 210)
WATCH = aim("maintain", 82, 80)
RECEIPT = aim("monitor", "1.34", "1.36", whole=False)
CSW = aim("reach", None, 120)
EVENTS = aim("reach", 1, 2)
HOUSING = aim("reach", 98, 100, whole=False)


@pytest.mark.parametrize(
    ("the_aim", "year", "value", "verdict", "reason"),
    [
        # 150 -> 210 groups: ten more a year
        (GROUPS, 2026, 170, V.ON_TRACK, "on_path"),
        (GROUPS, 2026, 169, V.BEHIND, "below_path"),
        (GROUPS, 2026, 150, V.BEHIND, "below_path"),
        (GROUPS, 2026, 149, V.WORSE, "worse_than_base"),
        (GROUPS, 2026, 210, V.ACHIEVED, "target_reached"),
        (GROUPS, 2026, 300, V.ACHIEVED, "target_reached"),
        (GROUPS, 2030, 209, V.BEHIND, "below_path"),
        (GROUPS, 2030, 210, V.ACHIEVED, "target_reached"),
        (GROUPS, 2031, 209, V.BEHIND, "below_path"),
        (GROUPS, 2026, 0, V.WORSE, "worse_than_base"),
        # kept as it is: 6 -> 6 districts, 8 -> 8 and 1 -> 1 courses
        (aim("maintain", 6, 6), 2026, 6, V.MAINTAINED, "kept"),
        (aim("maintain", 6, 6), 2026, 5, V.NOT_MAINTAINED, "not_kept"),
        (aim("maintain", 8, 8), 2030, 8, V.MAINTAINED, "kept"),
        (aim("maintain", 8, 8), 2028, 9, V.MAINTAINED, "kept"),
        (aim("maintain", 1, 1), 2027, 1, V.MAINTAINED, "kept"),
        (aim("maintain", 1, 1), 2027, 0, V.NOT_MAINTAINED, "not_kept"),
        # 82 -> 80: less than now is not a fall, and more is no fault
        (WATCH, 2026, 80, V.MAINTAINED, "kept"),
        (WATCH, 2026, 81, V.MAINTAINED, "kept"),
        (WATCH, 2026, 90, V.MAINTAINED, "kept"),
        (WATCH, 2030, 79, V.NOT_MAINTAINED, "not_kept"),
        # 受給率 1.34 -> 1.36: watched
        (RECEIPT, 2026, Decimal("1.30"), V.MONITORED, "watched_only"),
        (RECEIPT, 2026, Decimal("1.50"), V.MONITORED, "watched_only"),
        (RECEIPT, 2030, 0, V.MONITORED, "watched_only"),
        # 1 -> 2 events: one is enough until the last year
        (EVENTS, 2026, 1, V.ON_TRACK, "on_path"),
        (EVENTS, 2029, 1, V.ON_TRACK, "on_path"),
        (EVENTS, 2030, 1, V.BEHIND, "below_path"),
        (EVENTS, 2026, 2, V.ACHIEVED, "target_reached"),
        (EVENTS, 2026, 0, V.WORSE, "worse_than_base"),
        # "-" -> 120: nothing to be behind of, until the target year
        (CSW, 2026, 60, None, "no_base"),
        (CSW, 2026, 0, None, "no_base"),
        (CSW, 2026, 120, V.ACHIEVED, "target_reached"),
        (CSW, 2030, 119, V.BEHIND, "target_missed"),
        # 98 -> 100 %
        (HOUSING, 2026, Decimal("98.67"), V.ON_TRACK, "on_path"),
        (HOUSING, 2026, Decimal("98.66"), V.BEHIND, "below_path"),
        (HOUSING, 2026, Decimal("97.99"), V.WORSE, "worse_than_base"),
        (HOUSING, 2026, 100, V.ACHIEVED, "target_reached"),
        # a target that equals its base, with `reach`: no way to go and no division by it
        (aim("reach", 6, 6), 2026, 6, V.ACHIEVED, "target_reached"),
        (aim("reach", 6, 6), 2026, 5, V.WORSE, "worse_than_base"),
        (aim("reach", 0, 0), 2026, 0, V.ACHIEVED, "target_reached"),
        (aim("reach", None, 0), 2026, 0, V.ACHIEVED, "target_reached"),
        (aim("reach", 6, None), 2026, 6, None, "no_target"),
        # a ceiling
        (aim("at_most", 10, 5), 2030, 5, V.ACHIEVED, "target_reached"),
        (aim("at_most", 10, 5), 2027, 8, V.ON_TRACK, "on_path"),  # 7.5, and no half things
        (aim("at_most", 10, 5), 2027, 9, V.BEHIND, "below_path"),
        (aim("at_most", 10, 5), 2027, 11, V.WORSE, "worse_than_base"),
        (aim("at_most", 5, 10), 2027, 7, V.ACHIEVED, "target_reached"),
        (aim("at_most", 5, 10), 2027, 11, V.WORSE, "worse_than_base"),
        # fewer is better
        (replace(aim("reach", 10, 5), better=Better.DOWN), 2027, 8, V.ON_TRACK, "on_path"),
        (replace(aim("reach", 10, 5), better=Better.DOWN), 2027, 11, V.WORSE, "worse_than_base"),
        (replace(aim("maintain", 5, 5), better=Better.DOWN), 2027, 6, V.NOT_MAINTAINED, "not_kept"),
    ],
)
def test_verdicts(the_aim: Aim, year: int, value: Value, verdict: Verdict | None, reason: str) -> None:
    proposal = propose(the_aim, Actual(year, value))
    assert (proposal.verdict, proposal.reason_code) == (verdict, reason)


@pytest.mark.parametrize(
    ("year", "stage", "verdict", "reason"),
    [
        (2026, "検討", None, "stage_unchanged"),
        (2026, "準備", V.ON_TRACK, "stage_moved"),
        (2027, "整備", V.ACHIEVED, "stage_reached"),
        (2029, "検討", None, "stage_unchanged"),
        (2030, "検討", V.BEHIND, "stage_missed"),
        (2030, "整備", V.ACHIEVED, "stage_reached"),
        (2026, None, None, "no_value"),
    ],
)
def test_a_milestone_is_reached_or_under_way(
    year: int, stage: str | None, verdict: Verdict | None, reason: str
) -> None:
    proposal = propose(STAGES, Actual(year, stage=stage))
    assert (proposal.verdict, proposal.reason_code) == (verdict, reason)
    assert "progress" not in proposal.params
    assert proposal.expected is None


def test_a_stage_can_be_lost() -> None:
    three = replace(STAGES, base_stage="検討", stages=("未定", "検討", "整備"))
    assert propose(three, Actual(2027, stage="未定")).verdict is V.WORSE


@pytest.mark.parametrize(
    ("actual", "reason"),
    [
        (Actual(2025, 170, reference=True), "reference_year"),
        (Actual(2025, 170, reference=True, provisional=True), "reference_year"),
        (Actual(2024, 150), "before_plan"),
        (Actual(2026, 170, provisional=True), "year_open"),
        (Actual(2026, None, provisional=True), "year_open"),
        (Actual(2026, None), "no_value"),
    ],
)
@pytest.mark.parametrize("the_aim", [GROUPS, WATCH, RECEIPT, CSW, STAGES])
def test_when_nothing_is_proposed(the_aim: Aim, actual: Actual, reason: str) -> None:
    if the_aim is STAGES and actual.value is not None:
        actual = replace(actual, value=None, stage="整備")
    proposal = propose(the_aim, actual)
    assert (proposal.verdict, proposal.reason_code) == (None, reason)


def test_a_proposal_carries_its_figures() -> None:
    proposal = propose(GROUPS, Actual(2026, 165))
    assert proposal.expected == 170
    assert proposal.params == {"actual": 165, "base": 150, "target": 210, "progress": 25}
    assert propose(CSW, Actual(2026, 60)).params["achievement"] == 50
    assert propose(GROUPS, Actual(2026, 240)).params["progress"] == 150
    assert propose(GROUPS, Actual(2026, 144)).params["progress"] == -10
    assert "progress" not in propose(WATCH, Actual(2026, 81)).params


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(55, V.ON_TRACK), (52, V.BEHIND), (48, V.BEHIND), (47, V.WORSE), (Decimal("46.9"), V.WORSE)],
)
def test_a_survey_may_waver_by_less_than_three_points(value: Value, verdict: Verdict) -> None:
    """福岡市 保健福祉総合計画: a 順調, b ペースを下回るが改善または維持, c 悪化; within ±3 points is 維持."""
    survey = aim("reach", 50, 60, whole=False, tolerance=3)
    assert propose(survey, Actual(2027, value)).verdict is verdict


@pytest.mark.parametrize(
    ("year", "whole", "position"),
    [
        (2024, True, 1),
        (2023, True, 1),
        (2026, True, 1),
        (2029, True, 1),
        (2030, True, 2),
        (2031, True, 2),
        (2027, False, Decimal("1.5")),
    ],
)
def test_the_straight_path_from_one_to_two(year: int, whole: bool, position: Value) -> None:
    assert position_on_path(1, 2024, 2, 2030, year, whole=whole) == position


numbers = st.integers(0, 20_000)
years = st.integers(2020, 2040)


@given(numbers, numbers, years, st.booleans())
def test_the_path_stays_between_its_ends_and_never_turns(
    base: int, target: int, year: int, whole: bool
) -> None:
    here = position_on_path(base, 2024, target, 2030, year, whole=whole)
    there = position_on_path(base, 2024, target, 2030, year + 1, whole=whole)
    assert min(base, target) <= here <= max(base, target)
    assert abs(there - base) >= abs(here - base)
    exact = position_on_path(base, 2024, target, 2030, year, whole=False)
    assert abs(here - base) <= abs(exact - base)


def test_a_plan_of_one_day_has_no_path() -> None:
    assert position_on_path(1, 2024, 2, 2024, 2024, whole=True) == 2
    assert position_on_path(1, 2024, 2, 2024, 2023, whole=True) == 1


@given(st.none() | numbers, st.none() | numbers, st.none() | numbers)
def test_percentages_never_divide_by_nothing(
    base: int | None, target: int | None, actual: int | None
) -> None:
    progress = progress_percent(base, target, actual)
    assert (progress is None) == (None in (base, target, actual) or base == target)
    assert (achievement_percent(target, actual) is None) == (actual is None or not target)


@given(
    st.sampled_from([TargetKind.REACH, TargetKind.MAINTAIN, TargetKind.AT_MOST, TargetKind.MONITOR]),
    st.sampled_from(Better),
    st.none() | numbers,
    st.none() | numbers,
    st.none() | numbers,
    years,
)
def test_any_figures_get_a_proposal_and_a_better_year_is_never_judged_worse(
    kind: TargetKind, better: Better, base: int | None, target: int | None, value: int | None, year: int
) -> None:
    the_aim = Aim(kind, better, 2024, 2030, base, target)
    proposal = propose(the_aim, Actual(year, value))
    assert proposal.reason_code
    if kind is TargetKind.REACH and better is Better.UP and value is not None and proposal.verdict:
        order = [V.WORSE, V.BEHIND, V.ON_TRACK, V.ACHIEVED]
        next_one = propose(the_aim, Actual(year, value + 1)).verdict
        assert next_one is not None
        assert order.index(next_one) >= order.index(proposal.verdict)
