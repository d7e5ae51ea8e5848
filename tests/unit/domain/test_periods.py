from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.periods import (
    Cadence,
    FiscalYear,
    Month,
    days_left,
    due_on,
    era_year,
    expected_periods,
    fiscal_year_era,
    is_late,
    months_between,
    term_end,
)

months = st.builds(Month, st.integers(1950, 2090), st.integers(1, 12))
days = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def keys(found: list[Month]) -> list[str]:
    return [month.key for month in found]


# --- months and years


@pytest.mark.parametrize(
    ("key", "year"),
    [("2026-03", 2025), ("2026-04", 2026), ("2026-12", 2026), ("2027-01", 2026), ("2027-03", 2026)],
)
def test_the_fiscal_year_begins_in_april(key: str, year: int) -> None:
    assert Month.parse(key).fiscal_year == year


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "2026/10", "２０２６-10", "", "2026-10-01", "0000-10"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="month"):
        Month.parse(text)


@given(months, st.integers(-500, 500))
def test_counting_months_goes_both_ways(month: Month, steps: int) -> None:
    there = month.plus(steps)
    assert there.plus(-steps) == month
    assert (there > month) == (steps > 0)
    assert (there.key > month.key) == (steps > 0)
    assert Month.parse(there.key) == there
    assert month.next().previous() == month


def test_a_month_knows_its_days() -> None:
    assert (Month(2028, 2).days, Month(2026, 2).days, Month(2026, 10).days) == (29, 28, 31)
    assert Month(2026, 10).last_day == date(2026, 10, 31)
    assert Month(2026, 7).year_before() == Month(2025, 7)
    assert str(Month.of(date(2026, 10, 9))) == "2026-10"


def test_months_between_has_both_ends() -> None:
    assert keys(months_between(Month(2026, 11), Month(2027, 2))) == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
    ]
    assert months_between(Month(2026, 2), Month(2026, 1)) == []


def test_a_fiscal_year_is_twelve_months() -> None:
    year = FiscalYear.parse("FY2026")
    assert keys(year.months())[0] == "2026-04"
    assert keys(year.months())[-1] == "2027-03"
    assert {month.fiscal_year for month in year.months()} == {2026}
    assert len(year.months()) == 12
    assert (str(year), year.next(), year.previous()) == ("FY2026", FiscalYear(2027), FiscalYear(2025))
    assert FiscalYear.of(date(2027, 3, 31)) == FiscalYear.of(Month(2026, 4)) == year
    with pytest.raises(Invalid, match="fiscal_year"):
        FiscalYear.parse("2026")


def test_a_month_has_ended_on_the_day_after_its_last() -> None:
    year = FiscalYear(2026)
    assert year.months_ended(date(2026, 4, 30)) == []
    assert keys(year.months_ended(date(2026, 6, 1))) == ["2026-04", "2026-05"]
    assert not year.is_over(date(2027, 3, 31))
    assert year.is_over(date(2027, 4, 1))
    assert len(year.months_ended(date(2030, 1, 1))) == 12


# --- eras


@pytest.mark.parametrize(
    ("when", "era"),
    [
        (date(2026, 10, 1), ("R", 8)),
        (date(2019, 5, 1), ("R", 1)),
        (date(2019, 4, 30), ("H", 31)),
        (date(1989, 1, 8), ("H", 1)),
        (date(1989, 1, 7), ("S", 64)),
        (date(1926, 12, 25), ("S", 1)),
        (2026, ("R", 8)),
        (2019, ("R", 1)),
        (1988, ("S", 63)),
    ],
)
def test_era_years(when: date | int, era: tuple[str, int]) -> None:
    assert era_year(when) == era


@pytest.mark.parametrize(
    ("year", "era"),
    [
        (2030, ("reiwa", 12)),
        (2026, ("reiwa", 8)),
        (2024, ("reiwa", 6)),
        (2019, ("reiwa", 1)),
        (2018, ("heisei", 30)),
        (1989, ("heisei", 1)),
        (1988, ("showa", 63)),
    ],
)
def test_the_era_of_a_fiscal_year(year: int, era: tuple[str, int]) -> None:
    assert fiscal_year_era(year) == era


@pytest.mark.parametrize("when", [1925, date(1926, 12, 24)])
def test_eras_before_showa_are_not_ours(when: date | int) -> None:
    with pytest.raises(Invalid, match="year_too_early"):
        era_year(when)


# --- cadences


@pytest.mark.parametrize(
    ("cadence", "in_a_year"),
    [
        (Cadence.MONTHLY, "04 05 06 07 08 09 10 11 12 01 02 03"),
        (Cadence.BIMONTHLY, "05 07 09 11 01 03"),
        (Cadence.QUARTERLY, "06 09 12 03"),
        (Cadence.HALF_YEARLY, "09 03"),
        (Cadence.YEARLY, "03"),
    ],
)
def test_periods_of_a_year_are_named_by_their_last_month(cadence: Cadence, in_a_year: str) -> None:
    year = FiscalYear(2026)
    found = expected_periods(cadence, date(2020, 1, 1), None, year.first, year.last)
    assert [month.key[-2:] for month in found] == in_a_year.split()


@given(st.sampled_from(Cadence), months)
def test_each_month_lies_in_one_period(cadence: Cadence, month: Month) -> None:
    period = cadence.period_of(month)
    inside = cadence.months_of(period)
    assert month in inside
    assert len(inside) == cadence.length
    assert {cadence.period_of(each) for each in inside} == {period}
    assert {each.fiscal_year for each in inside} == {month.fiscal_year}


def test_a_month_in_the_middle_names_no_period() -> None:
    with pytest.raises(Invalid, match="period"):
        Cadence.QUARTERLY.months_of(Month(2026, 5))


@pytest.mark.parametrize(
    ("cadence", "opened", "closed", "found"),
    [
        # a commissioner's term ends on 30 November: November is still theirs, December the successor's
        (Cadence.MONTHLY, date(2026, 10, 1), date(2026, 11, 30), ["2026-10", "2026-11"]),
        (Cadence.MONTHLY, date(2026, 12, 1), None, ["2026-12", "2027-01", "2027-02", "2027-03"]),
        # opened on a month's last day, closed on a month's first: a day is enough
        (Cadence.MONTHLY, date(2026, 5, 31), date(2026, 6, 1), ["2026-05", "2026-06"]),
        (Cadence.QUARTERLY, date(2026, 5, 20), date(2026, 10, 1), ["2026-06", "2026-09", "2026-12"]),
        (Cadence.YEARLY, date(2027, 3, 31), None, ["2027-03"]),
        (Cadence.YEARLY, date(2020, 4, 1), date(2026, 3, 31), []),
        (Cadence.YEARLY, date(2027, 4, 1), None, []),
    ],
)
def test_a_report_is_owed_for_each_period_lived_in(
    cadence: Cadence, opened: date, closed: date | None, found: list[str]
) -> None:
    year = FiscalYear(2026)
    assert keys(expected_periods(cadence, opened, closed, year.first, year.last)) == found


@given(st.sampled_from(Cadence), days, days, months, st.integers(0, 40))
def test_every_day_of_a_life_is_reported_once(
    cadence: Cadence, opened: date, closed: date, first: Month, length: int
) -> None:
    opened, closed = min(opened, closed), max(opened, closed)
    last = first.plus(length)
    expected = set(expected_periods(cadence, opened, closed, first, last))
    for month in months_between(first, last):
        if cadence.period_of(month) == month:
            span = cadence.months_of(month)
            lived = span[0].first_day <= closed and opened <= month.last_day
            assert (month in expected) == lived
    assert all(cadence.period_of(month) == month for month in expected)


# --- due days


def no_holiday(_day: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("period", "due_day", "due"),
    [
        ("2026-10", 10, date(2026, 11, 10)),  # a Tuesday
        ("2026-09", 10, date(2026, 10, 13)),  # Saturday, Sunday, then スポーツの日
        ("2026-12", 10, date(2027, 1, 12)),  # Sunday, then 成人の日
        ("2027-01", 31, date(2027, 3, 1)),  # February has 28 days, the last a Sunday
        ("2026-03", 1, date(2026, 4, 1)),
    ],
)
def test_a_due_day_moves_to_a_working_day(period: str, due_day: int, due: date) -> None:
    holidays = {date(2026, 10, 12), date(2027, 1, 11)}
    assert due_on(Month.parse(period), due_day, holidays.__contains__) == due


def test_yearly_figures_may_have_until_may() -> None:
    assert due_on(Month(2027, 3), 31, no_holiday, months_after=2) == date(2027, 5, 31)
    assert due_on(Month(2027, 3), 30, no_holiday) == date(2027, 4, 30)


@given(months, st.integers(1, 31))
def test_due_days_are_working_days_soon_after(period: Month, due_day: int) -> None:
    due = due_on(period, due_day, no_holiday)
    assert due.weekday() < 5
    assert period.last_day < due <= period.next().last_day + timedelta(days=2)


@pytest.mark.parametrize("due_day", [0, 32])
def test_a_due_day_is_a_day_of_a_month(due_day: int) -> None:
    with pytest.raises(Invalid, match="due_day"):
        due_on(Month(2026, 10), due_day, no_holiday)


def test_days_left_and_late() -> None:
    due, period = date(2026, 11, 10), Month(2026, 10)
    assert [days_left(due, date(2026, 11, day)) for day in (5, 10, 11)] == [5, 0, -1]
    assert [is_late(period, due, date(2026, 11, day)) for day in (5, 10, 11)] == [False, False, True]
    assert not is_late(period, date(2026, 10, 20), date(2026, 10, 31))  # its month is not over


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2025, 11, 30), date(2025, 11, 30)),
        (date(2025, 12, 1), date(2028, 11, 30)),
        (date(2026, 11, 24), date(2028, 11, 30)),
        (date(2028, 11, 30), date(2028, 11, 30)),
        (date(2028, 12, 1), date(2031, 11, 30)),
        (date(2022, 12, 1), date(2025, 11, 30)),
    ],
)
def test_a_commissioners_term_ends_on_30_november_of_every_third_year(day: date, last: date) -> None:
    assert term_end(day) == last
