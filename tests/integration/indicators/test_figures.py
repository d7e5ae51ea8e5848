"""What is drawn for each indicator and year: values, coverage, what is provisional, what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal import clock
from portal.domain.errors import Invalid, NotFound, NotPermitted
from portal.domain.indicators import Coverage
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.indicators import queries, services
from portal.ledger import services as ledger
from portal.periods import services as periods
from portal.plan import queries as plan
from tests.integration.indicators.conftest import Put, drawn
from tests.support.factories import Factories

FEW_ANSWERS = {"2-1-s2.satisfied": 8, "2-1-s2.answers": 9}
ENOUGH_ANSWERS = {"2-1-s2.satisfied": 9, "2-1-s2.answers": 11}


def test_38_and_the_citys_own_and_nothing_is_0_before_anybody_reported(make: Factories) -> None:
    found = queries.figures(clock.today())
    own = {row.code for row in plan.indicators() if row.participation}
    assert len([row for row in found if row.code not in own]) == 38
    for row in found:
        assert [value.fiscal_year for value in row.values] == [2025, 2026]
        assert {(value.value, value.stage) for value in row.values} == {(None, None)}
        assert {month.value for month in row.months} <= {None}


def test_2025_is_for_reference_and_all_is_provisional_until_closed(make: Factories, put: Put) -> None:
    put(make.office(), "office", "2026-03", meetings=80)
    assert (drawn("1-1-s1", 2025).reference, drawn("1-1-s1", 2026).reference) == (True, False)
    assert drawn("1-1-s1", 2025).provisional
    periods.close_year(SYSTEM, 2025)
    assert not drawn("1-1-s1", 2025).provisional
    assert drawn("1-1-s1", 2026).provisional
    periods.reopen_year(SYSTEM, 2025, "訂正")
    assert drawn("1-1-s1", 2025).provisional


def test_a_year_counts_the_months_that_are_over(make: Factories, put: Put) -> None:
    for period in ("2026-09", "2026-10", "2026-11"):  # today is 5 November
        put(make.office(), "office", period, meetings=4)
    value = drawn("1-1-s1")
    assert (value.value, value.as_of) == (8, date(2026, 10, 31))
    assert value.coverage == Coverage(2, 7, "months")
    assert drawn("1-1-s1", 2025).as_of == date(2026, 3, 31)


def test_as_of_an_earlier_day(make: Factories, put: Put) -> None:
    first, second = make.group(), make.group()
    put(first, "salon", "2026-06", held=2, attendance=20)
    put(second, "salon", "2026-08", held=1, attendance=9)
    in_july = {row.code: row.values[-1] for row in queries.figures(date(2026, 7, 15))}
    assert (in_july["2-3-p2"].value, in_july["1-2-p1"].value) == (20, 1)
    assert in_july["1-2-p1"].coverage == Coverage(1, 2, "organisations")
    assert in_july["2-3-p2"].as_of == date(2026, 6, 30)
    in_april = {row.code: row.values[-1] for row in queries.figures(date(2026, 4, 10))}
    assert (in_april["2-3-p2"].value, in_april["2-3-p2"].as_of) == (None, date(2026, 4, 10))
    assert in_april["2-3-p2"].coverage == Coverage(0, 0, "organisations")


def test_groups_are_counted_once_and_only_if_they_met(make: Factories, put: Put) -> None:
    met, not_met, _silent = make.group(), make.group(), make.group()
    put(met, "salon", "2026-09", held=3, attendance=30)
    put(met, "salon", "2026-10", held=1, attendance=10)
    put(not_met, "salon", "2026-10")  # 開催しなかった: reported, nothing held
    value = drawn("1-2-p1")
    assert (value.value, value.coverage) == (1, Coverage(2, 3, "organisations"))
    assert (drawn("2-3-p1").value, drawn("2-3-p2").value) == (4, 40)


def test_a_group_that_meets_in_the_running_month_does_not_count_yet(make: Factories, put: Put) -> None:
    group = make.group()
    put(group, "salon", "2026-11", held=1, attendance=5)
    assert drawn("1-2-p1").value is None
    assert drawn("1-2-p1").coverage == Coverage(0, 1, "organisations")


def test_a_report_taken_back_leaves_nothing(make: Factories, put: Put) -> None:
    document = put(make.group(), "salon", "2026-10", held=1, attendance=5)
    ledger.reverse(document, 1, SYSTEM)
    assert [drawn(code).value for code in ("1-2-p1", "2-3-p1", "2-3-p2")] == [None, None, None]
    assert drawn("1-2-p1").coverage == Coverage(0, 1, "organisations")


def test_a_stock_is_the_newest_month_end_and_is_not_carried_over(make: Factories, put: Put) -> None:
    office = make.office()
    put(office, "office", "2026-03", home_help_members=80)
    assert drawn("1-3-s5", 2026).value is None  # last year's is last year's
    put(office, "office", "2026-08", home_help_members=77)
    put(office, "office", "2026-10")  # October is in, its stock was not known
    assert (drawn("1-3-s5").value, drawn("1-3-s5", 2025).value) == (77, 80)


def test_districts_assessed_count_once(make: Factories, put: Put) -> None:
    office = make.office()
    put(office, "office", "2026-08", assessed="d1")
    put(office, "office", "2026-09", assessed="d2")
    put(office, "office", "2026-10", assessed="d1")
    assert drawn("1-1-s2").value == 2


def test_a_stage_is_the_one_reported_last(make: Factories, put: Put) -> None:
    section = make.office("city")
    assert (drawn("1-1-c1", 2025).value, drawn("1-1-c1", 2025).stage) == (None, None)
    put(section, "annual", "2025-09", {"1-1-c1": "検討"})
    put(section, "annual", "2026-03", {"1-1-c1": "整備"})
    assert (drawn("1-1-c1", 2025).value, drawn("1-1-c1", 2025).stage) == (None, "整備")
    assert drawn("1-1-c1", 2026).stage is None


def test_a_sections_figure_is_as_entered_never_added_up(make: Factories, put: Put) -> None:
    section = make.office("長寿はつらつ課")
    put(section, "annual", "2025-09", {"1-3-c1": 8300})
    put(section, "annual", "2026-03", {"1-3-c1": 8450})
    value = drawn("1-3-c1", 2025)
    assert (value.value, value.coverage) == (8450, None)


@pytest.mark.parametrize(
    ("answers", "rate"),
    [(ENOUGH_ANSWERS, Decimal("81.82")), (FEW_ANSWERS, None), ({"2-1-s2.answers": 20}, None)],
)
def test_a_rate_is_worked_out_from_enough_answers(
    make: Factories, put: Put, answers: dict[str, int], rate: Decimal | None
) -> None:
    put(make.office(), "shakyo_annual", "2026-03", answers)
    assert drawn("2-1-s2", 2025).value == rate


def test_months_beside_last_years(make: Factories, put: Put) -> None:
    monthly, quarterly = make.group(), make.group(cadence="quarterly")
    put(monthly, "salon", "2025-10", held=1, attendance=8)
    put(monthly, "salon", "2026-09", held=1, attendance=10)
    put(quarterly, "salon", "2026-09", held=3, attendance=30)
    put(monthly, "salon", "2026-11", held=1, attendance=99)  # not over yet
    figures = queries.figure("2-3-p2", clock.today())
    assert figures is not None
    months = {month.period: month for month in figures.months}
    assert (min(months), max(months), len(months)) == ("2025-04", "2026-10", 19)
    assert (months["2025-10"].value, months["2025-10"].reported, months["2025-10"].expected) == (8, 1, 1)
    assert (months["2026-09"].value, months["2026-09"].reported, months["2026-09"].expected) == (40, 2, 2)
    assert (months["2026-10"].value, months["2026-10"].reported, months["2026-10"].expected) == (None, 0, 1)


def test_in_april_the_months_are_those_of_the_year_that_has_ended(make: Factories) -> None:
    code = next(row.code for row in plan.indicators() if row.participation and row.aggregation == "sum")
    figures = queries.figure(code, date(2027, 4, 5))
    periods_shown = [month.period for month in figures.months]
    assert (periods_shown[0], periods_shown[-1], len(periods_shown)) == ("2025-04", "2027-03", 24)


# --- 1-2-c1: two registers --------------------------------------------------------------------------


def test_the_city_chooses_which_count_is_published(make: Factories, put: Put) -> None:
    both = make.group(registers={"subsidy": [2026], "kayoinoba": [2026]})
    put(both, "salon", "2026-10", held=1, attendance=9)
    assert drawn("1-2-c1").value == 1
    reviewer = make.actor(make.reviewer())
    services.choose_counting(reviewer, "1-2-c1", "sum")
    assert drawn("1-2-c1").value == 2
    figures = queries.figure("1-2-c1", clock.today())
    assert figures is not None
    assert figures.counting == queries.Counting(2, 1, 1, "sum", 1)


def test_choosing_is_refused_where_there_is_no_choice(make: Factories) -> None:
    reviewer = make.actor(make.reviewer())
    with pytest.raises(NotFound):
        services.choose_counting(reviewer, "1-1-s1", "sum")
    with pytest.raises(Invalid, match="counting"):
        services.choose_counting(reviewer, "1-2-c1", "both")
    with pytest.raises(NotPermitted):
        services.choose_counting(make.actor(make.user({"role": "committee"})), "1-2-c1", "sum")


def test_an_empty_register_is_missing_and_coverage_is_of_the_registered(make: Factories, put: Put) -> None:
    stranger = make.group()
    put(stranger, "salon", "2026-10", held=1, attendance=9)
    assert drawn("1-2-c1").value is None
    make.group(registers={"subsidy": [2026]})
    met = make.group(registers={"kayoinoba": [2026]})
    make.group(registers={"kayoinoba": [2026]})
    put(met, "salon", "2026-10", held=1, attendance=9)
    assert (drawn("1-2-c1").value, drawn("1-2-c1", 2025).value) == (2, None)
    assert drawn("1-2-c1").coverage == Coverage(1, 3, "organisations")  # the stranger is in no register


def test_the_queries_are_as_many_with_two_years_of_figures(
    make: Factories, put: Put, statements: list[str]
) -> None:
    put(make.group(registers={"kayoinoba": [2026]}), "salon", "2026-10", held=1, attendance=9)
    counts = []
    for more in (0, 6):
        for number in range(more):
            group = make.group(registers={"kayoinoba": [2025, 2026], "subsidy": [2026]})
            put(group, "salon", f"2026-{number + 4:02}", held=1, attendance=9)
            put(make.office(), "office", f"2026-{number + 4:02}", meetings=2, assessed="d1")
        db.session.expire_all()
        statements.clear()
        queries.figures(clock.today())
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] < 25


def test_very_few_people_are_not_published_and_not_in_the_sum(make: Factories, put: Put) -> None:
    group = make.group()
    put(group, "salon", "2026-08", held=1, attendance=12, newcomers=2)
    put(group, "salon", "2026-09", held=2, attendance=3, newcomers=0)
    put(group, "salon", "2026-10", held=4, attendance=20, newcomers=4)

    def public(code: str) -> queries.IndicatorFigures:
        return next(row for row in queries.figures(clock.today(), public=True) if row.code == code)

    attendance, newcomers = public("2-3-p2"), public("2-3-p3")
    assert (attendance.values[-1].value, attendance.values[-1].suppressed) == (32, False)
    assert {m.period: (m.value, m.suppressed) for m in attendance.months if m.reported} == {
        "2026-08": (12, False),
        "2026-09": (None, True),
        "2026-10": (20, False),
    }
    assert (newcomers.values[-1].value, newcomers.values[-1].suppressed) == (0, False)
    assert public("2-3-p1").values[-1].value == 7  # meetings are no people
    assert drawn("2-3-p2").value == 35  # staff see all
    settings.put(queries.PEOPLE_BELOW, 0, SYSTEM)
    assert public("2-3-p2").values[-1].value == 35


def test_a_year_of_which_nothing_may_be_shown_is_marked_as_withheld(make: Factories, put: Put) -> None:
    put(make.group(), "salon", "2026-10", held=1, attendance=4)
    (row,) = [row for row in queries.figures(clock.today(), public=True) if row.code == "2-3-p2"]
    assert (row.values[-1].value, row.values[-1].suppressed) == (None, True)
