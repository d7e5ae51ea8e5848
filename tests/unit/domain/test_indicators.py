from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.indicators import (
    Coverage,
    Dated,
    Registers,
    Value,
    distinct,
    flow,
    parts,
    ratio,
    registers,
    stage,
    stock,
    stock_month,
)
from portal.domain.periods import FiscalYear, Month

MINSEI: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "domain" / "minsei_2015.json").read_text(encoding="utf-8")
)
YEAR = FiscalYear(2026)
values = st.none() | st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("given_values", "total"),
    [
        ([], None),
        ([None, None], None),
        ([0], 0),
        ([None, 0], 0),
        ([7, None, 8], 15),
        ([Decimal("1.5"), 1], Decimal("2.5")),
    ],
)
def test_a_flow_adds_what_there_is(given_values: list[Value], total: Value) -> None:
    assert flow(given_values) == total


@given(st.lists(values))
def test_missing_months_never_become_zero(months: list[int | None]) -> None:
    known = [value for value in months if value is not None]
    assert flow(months) == (sum(known) if known else None)
    assert flow([*months, None]) == flow(months)


def test_a_stock_is_its_last_month_and_never_a_sum() -> None:
    months: dict[Month, Value] = {
        Month(2026, 4): 36,
        Month(2026, 5): 37,
        Month(2026, 9): 40,
        Month(2026, 10): None,
    }
    assert stock(months, YEAR) == 40
    assert stock_month(months, YEAR) == Month(2026, 9)
    assert stock(months | {Month(2027, 3): 45}, YEAR) == 45


def test_a_stock_is_not_carried_over_from_the_year_before() -> None:
    months = {Month(2026, 3): 36, Month(2027, 4): 50}
    assert stock(months, YEAR) is None
    assert stock_month({}, YEAR) is None
    assert stock({Month(2026, 6): 0}, YEAR) == 0


@given(st.dictionaries(st.sampled_from(YEAR.months()), st.integers(0, 500), min_size=1))
def test_more_months_do_not_make_a_stock_grow(months: dict[Month, int]) -> None:
    assert stock(months, YEAR) == months[max(months)]


def test_distinct_counts_each_once() -> None:
    assert distinct(["d1", "d2", "d1", "d6"]) == 3
    assert distinct([]) == 0
    assert distinct(None) is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate", "percent"),
    [
        (80, 100, None, Decimal(80)),
        (1931, 144_104, None, Decimal("1.34")),
        (1, 3, None, Decimal("33.33")),
        (2, 3, None, Decimal("66.67")),
        (1, 800, None, Decimal("0.13")),  # 0.125, half up as 四捨五入
        (0, 50, None, Decimal(0)),
        (9, 0, None, None),
        (0, 0, Decimal(98), None),
        (None, 50, Decimal(98), None),  # half an answer is not replaced by a rate
        (9, None, Decimal(98), None),
        (None, None, Decimal("1.34"), Decimal("1.34")),
        (None, None, None, None),
        (9, 10, Decimal(50), Decimal(90)),
    ],
)
def test_a_ratio_comes_from_its_parts(
    numerator: Value, denominator: Value, rate: Value, percent: Value
) -> None:
    assert ratio(numerator, denominator, rate) == percent


def test_rates_are_not_averaged() -> None:
    small, large = (9, 9), (50, 100)
    together = ratio(flow([small[0], large[0]]), flow([small[1], large[1]]))
    assert together == Decimal("54.13")
    assert together != (ratio(*small) + ratio(*large)) / 2  # type: ignore[operator]


@pytest.mark.parametrize("group", ["consultations", "other_activities"])
def test_published_shares_of_the_ministry(group: str) -> None:
    table = MINSEI[group]
    assert parts(table["parts"]) == table["total"]
    shares = [ratio(part, table["total"], places=1) for part in table["parts"]]
    assert shares == [Decimal(text) for text in table["published_percent"]]


@pytest.mark.parametrize(
    ("given_values", "total"),
    [([100, 150, 46], 296), ([100, None, 46], None), ([None], None), ([], None), ([0, 0, 0], 0)],
)
def test_a_sum_of_parts_waits_for_all_of_them(given_values: list[Value], total: Value) -> None:
    assert parts(given_values) == total


def test_a_stage_is_the_latest() -> None:
    entries = [Dated(date(2028, 4, 1), "整備"), Dated(date(2026, 4, 1), "検討")]
    assert stage(entries) == "整備"
    assert stage(entries, at=date(2027, 3, 31)) == "検討"
    assert stage(entries, at=date(2026, 3, 31)) is None
    assert stage([]) is None
    assert stage([*entries, Dated(date(2028, 4, 1), "検討")]) == "検討"  # put right on the same day


def test_both_counts_of_two_registers_are_kept() -> None:
    assert registers(["a", "b", "b"], ["b", "c"]) == Registers(total=4, overlap=1, distinct=3)
    assert registers([], []) == Registers(0, 0, 0)


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_the_two_counts_differ_by_the_overlap(one: set[int], other: set[int]) -> None:
    total, overlap, different = registers(one, other)
    assert total - overlap == different


def test_coverage_says_out_of_how_many() -> None:
    assert Coverage(42, 50, "organisations").to_json() == {
        "reported": 42,
        "expected": 50,
        "of": "organisations",
    }
    assert not Coverage(7, 12, "months").complete
    assert Coverage(0, 0, "months").complete
    for reported, expected in ((-1, 5), (6, 5)):
        with pytest.raises(Invalid, match="coverage"):
            Coverage(reported, expected, "months")
