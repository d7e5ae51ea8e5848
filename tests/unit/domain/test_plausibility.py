from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.periods import Month
from portal.domain.plausibility import question, questions, spread

OUTLIERS = Path(__file__).parents[2] / "data" / "domain" / "dhis2_outliers.json"
CASES: list[dict[str, Any]] = json.loads(OUTLIERS.read_text(encoding="utf-8"))["cases"]


def past(*values: int) -> dict[Month, int]:
    """Months in a row, the last of them September 2026."""
    return {Month(2026, 9).plus(step - len(values) + 1): value for step, value in enumerate(values)}


def asked(current: int, history: dict[Month, int], last_year: int | None = None) -> str | None:
    found = question("attendance", current, history, last_year)
    return found.code if found else None


@pytest.mark.parametrize(
    ("history", "current", "code"),
    [
        # a slip of one digit, from the first comparison on
        ([12], 120, "ten_times"),
        ([12], 12, None),
        ([12, 14, 11], 100, "ten_times"),
        ([2], 15, None),  # below ten times
        ([1], 8, None),  # eight people are no slip of the pen
        ([1], 10, "ten_times"),
        ([120], 12, "a_tenth"),
        ([120], 0, None),  # one month with people is no habit
        ([9], 1, None),
        # zero where there never was one
        ([12, 14, 11, 12, 13], 0, "zero_for_once"),
        ([12, 14, 0, 12, 13], 0, None),
        ([1, 1, 1, 1, 1], 0, "zero_for_once"),
        ([12, 14, 11, 12], 0, None),
        # small counts waver by themselves
        ([2, 3, 1, 2, 4], 6, None),
        ([2, 3, 1, 2, 4], 7, "more_than_usual"),
        ([4, 4, 4, 4, 4], 5, None),
        ([0, 0, 0, 0, 0], 3, None),
        ([0, 0, 0, 0, 0], 4, "more_than_usual"),
        # equal months don't make the next one strange
        ([50, 50, 50, 50, 50], 60, None),
        ([50, 50, 50, 50, 50], 80, "more_than_usual"),
        ([50, 50, 50, 50, 50], 20, "less_than_usual"),
        # a group that wavers is allowed to
        ([20, 60, 30, 80, 45, 90], 120, None),
        ([20, 22, 21, 20, 400], 23, None),  # one odd month does not move the usual
        ([20, 22, 21, 20, 400], 45, "more_than_usual"),
        ([], 500, None),
    ],
)
def test_which_question_is_asked(history: list[int], current: int, code: str | None) -> None:
    assert asked(current, past(*history)) == code


def test_july_is_compared_with_july() -> None:
    months = past(12, 14, 11, 12, 13, 12)
    assert asked(120, months, last_year=110) is None
    assert asked(120, months, last_year=12) == "ten_times"
    assert asked(0, months, last_year=0) is None  # every August they rest


def test_a_question_carries_what_it_is_asked_with() -> None:
    found = question("attendance", 120, past(13, 10, 12), 11)
    assert found is not None
    assert found.field == "attendance"
    assert found.params == {"value": 120, "usual": 12, "before": 12, "last_year": 11}
    half = question("attendance", 200, past(12, 13), None)
    assert half is not None
    assert half.params["usual"] == Decimal("12.5")


def test_history_may_come_in_any_order() -> None:
    months = past(13, 10, 12)
    found = question("attendance", 120, dict(reversed(months.items())))
    assert found is not None
    assert found.params["before"] == 12


def test_one_question_a_field_and_none_for_what_is_unknown() -> None:
    histories = {"held": past(2, 2, 2, 2, 2), "attendance": past(20, 22, 24, 20, 21), "people": past(10)}
    found = questions({"held": 2, "attendance": 0, "people": None, "newcomers": 9}, histories, {"held": 2})
    assert [(one.field, one.code) for one in found] == [("attendance", "zero_for_once")]
    assert questions({"attendance": 0}, histories, {"attendance": 0}) == []


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_published_outliers_are_the_ones_asked_about(case: dict[str, Any]) -> None:
    months = {Month.parse(key): value for key, value in case["values"].items()}
    found = [
        value
        for month, value in months.items()
        if question("n", value, {other: n for other, n in months.items() if other != month})
    ]
    assert found == case["outliers"]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=24), st.integers(0, 5000))
def test_the_usual_is_never_questioned(values: list[int], current: int) -> None:
    months = past(*values)
    usual = sorted(values)[len(values) // 2]
    if len(values) % 2 and usual:
        assert asked(usual, months) is None
    assert asked(current, months, last_year=current) is None
    assert spread([float(value) for value in values]) >= 1
