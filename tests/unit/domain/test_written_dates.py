"""Months, days and fiscal years as offices write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.periods import Month, era_year
from portal.domain.written_dates import month_alone, read_day, read_fiscal_year, read_fiscal_years, read_month

LETTER = {"R": "令和", "H": "平成", "S": "昭和"}


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("令和6年10月", "2024-10"),
        ("令和６年１０月分", "2024-10"),
        ("R6.10", "2024-10"),
        ("R6/10", "2024-10"),
        ("2024/10", "2024-10"),
        ("２０２４年10月", "2024-10"),
        ("202410", "2024-10"),
        ("2024-10-01 00:00:00", "2024-10"),
        ("令和6年度1月", "2025-01"),
        ("令和元年5月", "2019-05"),
        ("平成31年4月", "2019-04"),
        ("H31.4.1", "2019-04"),
    ],
)
def test_a_month_is_read(text: str, month: str) -> None:
    found = read_month(text)
    assert found is not None
    assert found.key == month


@pytest.mark.parametrize(
    "text", ["", "10月", "10", "12人", "2024/13", "令和6年", "合計", "4月・5月", "2024", "R6.0"]
)
def test_what_is_no_month_is_none(text: str) -> None:
    assert read_month(text) is None


def test_a_month_by_itself_needs_a_year() -> None:
    assert month_alone("３月") == 3
    assert month_alone("13月") is None
    assert read_month("3月", 2024) == Month(2025, 3)
    assert read_month("4月", 2024) == Month(2024, 4)


@given(st.dates(date(1926, 12, 25), date(2099, 12, 31)))
def test_every_day_is_read_back_from_its_era(day: date) -> None:
    letter, year = era_year(day)
    for text in (
        f"{letter}{year}.{day.month}.{day.day}",
        f"{LETTER[letter]}{'元' if year == 1 else year}年{day.month}月{day.day}日",
        day.isoformat(),
        f"{day:%Y%m%d}",
    ):
        assert read_day(text) == day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert isinstance(read_day(text), date | None)
    assert isinstance(read_month(text, 2024), Month | None)
    assert isinstance(read_fiscal_years(text), list | None)
    assert isinstance(read_fiscal_year(text), int | None)


def test_fiscal_years() -> None:
    assert read_fiscal_years("R5~R7") == [2023, 2024, 2025]
    assert read_fiscal_years("令和５年度、R7") == [2023, 2025]
    assert read_fiscal_years("○") is None
    assert read_fiscal_year("令和６年度 サロン実績") == 2024
    assert read_day("2024-02-30") is None
