"""When reports are due, who owes one, and years that are closed and opened again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.datasets import queries as datasets
from portal.datasets import services as assigning
from portal.domain.errors import Conflict, NotPermitted
from portal.domain.periods import Cadence, Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.ground.models import AuditEvent
from portal.periods import queries, services
from tests.support.client import Client
from tests.support.factories import Factories

APRIL, OCTOBER = Month(2026, 4), Month(2026, 10)


@pytest.mark.parametrize(
    ("period", "due"),
    [
        ("2026-10", date(2026, 11, 10)),  # a Tuesday
        ("2026-09", date(2026, 10, 13)),  # the 10th is a Saturday, the 12th a holiday (スポーツの日)
        ("2026-12", date(2027, 1, 12)),  # a Sunday, then 成人の日
    ],
)
def test_a_due_day_moves_to_the_next_working_day(make: Factories, period: str, due: date) -> None:
    salon = make.data_set()
    assert salon.due_day == 10
    assert queries.due_on(salon, period) == due
    assert queries.Calendar().due_on(salon, period, "d1") == due


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2027, 1, 4), date(2026, 11, 2)])
def test_working_days(day: date) -> None:
    assert not queries.is_holiday(day)


@pytest.mark.parametrize("day", [date(2026, 12, 29), date(2027, 1, 1), date(2027, 1, 3), date(2026, 11, 3)])
def test_the_office_is_closed(day: date) -> None:
    assert queries.is_holiday(day)


def test_an_exception_for_a_district_comes_first(make: Factories) -> None:
    salon = make.data_set()
    services.set_due_day(SYSTEM, salon, "2026-10", date(2026, 11, 20))
    services.set_due_day(SYSTEM, salon, "2026-10", date(2026, 11, 30), "d2")
    db.session.flush()
    calendar = queries.Calendar()
    for district, due in (("", date(2026, 11, 20)), ("d1", date(2026, 11, 20)), ("d2", date(2026, 11, 30))):
        assert queries.due_on(salon, "2026-10", district) == due
        assert calendar.due_on(salon, "2026-10", district) == due
    assert queries.due_on(salon, "2026-11", "d2") != date(2026, 11, 30)


def test_yearly_figures_may_be_given_another_month(make: Factories) -> None:
    annual = make.data_set("annual")
    assert queries.due_on(annual, "2026-03").month in (4, 5)
    settings.put(f"due_months_after.{annual.code}", 2, SYSTEM)
    db.session.flush()
    assert queries.due_on(annual, "2026-03").month in (5, 6)


def test_who_owes_a_report_by_their_own_cadence(make: Factories) -> None:
    monthly = make.group(opened=date(2026, 6, 20))
    quarterly = make.group(cadence="quarterly", opened=date(2025, 4, 1), district="d2")
    ended = make.group(opened=date(2025, 4, 1))
    ended.closed_on = date(2026, 5, 2)
    db.session.flush()
    salon = make.data_set()
    found = datasets.expected(salon, APRIL, Month(2026, 9))
    assert found == {
        "2026-04": {ended.id},
        "2026-05": {ended.id},  # it existed on two of May's days
        "2026-06": {monthly.id, quarterly.id},
        "2026-07": {monthly.id},
        "2026-08": {monthly.id},
        "2026-09": {monthly.id, quarterly.id},
    }
    assert datasets.expected(salon, APRIL, Month(2026, 9), "d2") == {
        "2026-06": {quarterly.id},
        "2026-09": {quarterly.id},
    }
    assert datasets.expected_by_data_set(APRIL, Month(2026, 9))[salon.id] == found
    assert datasets.is_assigned(quarterly.id, salon, "2026-09")
    assert not datasets.is_assigned(quarterly.id, salon, "2026-08")
    assert not datasets.is_assigned(monthly.id, salon, "2026-05")
    assert not datasets.is_assigned(monthly.id, salon, "August")


def test_a_changed_cadence_holds_from_its_day_on(make: Factories) -> None:
    group, salon = make.group(opened=date(2025, 4, 1)), make.data_set()
    assigning.assign(SYSTEM, group, salon, "quarterly", date(2026, 7, 1))
    db.session.flush()
    found = datasets.expected(salon, Month(2026, 5), Month(2026, 9))
    assert list(found) == ["2026-05", "2026-06", "2026-09"]
    assert datasets.cadence_of(group.id, salon, date(2026, 6, 30)) is Cadence.MONTHLY
    assert datasets.cadence_of(group.id, salon) is Cadence.QUARTERLY
    assert datasets.cadences()[group.id, salon.id] is Cadence.QUARTERLY


def test_an_assignment_that_ends_before_the_group_begins_owes_nothing(make: Factories) -> None:
    group = make.group(opened=date(2026, 4, 1))
    group.opened_on = date(2026, 9, 1)
    datasets.assignments_of(group.id)[0].ends_on = date(2026, 8, 31)
    db.session.flush()
    assert datasets.expected(make.data_set(), APRIL, OCTOBER) == {}


# --- closing ----------------------------------------------------------------------------------------


def test_closing_opening_again_and_the_trail(make: Factories) -> None:
    reviewer = make.actor(make.reviewer())
    assert not queries.is_closed(2025)
    services.close_year(reviewer, 2025)
    assert queries.closed_years() == {2025}
    assert queries.closings()[2025].closed_by == reviewer.key
    with pytest.raises(Conflict, match="already_closed"):
        services.close_year(reviewer, 2025)
    services.reopen_year(reviewer, 2025, "訂正")
    assert queries.closed_years() == frozenset()
    with pytest.raises(Conflict, match="not_closed"):
        services.reopen_year(reviewer, 2025, "訂正")
    trail = select(AuditEvent.action).where(AuditEvent.subject_type == "fiscal_year").order_by(AuditEvent.seq)
    assert list(db.session.scalars(trail)) == ["closed", "reopened"]


def test_a_running_year_is_not_closed(make: Factories) -> None:
    with pytest.raises(Conflict, match="year_not_over"):
        services.close_year(SYSTEM, 2026)


@pytest.mark.parametrize("grant", [{"role": "reviewer", "district": "d1"}, {"role": "committee"}])
def test_who_sees_a_part_may_not_close(make: Factories, grant: dict[str, str]) -> None:
    actor = make.actor(make.user(grant))
    with pytest.raises(NotPermitted):
        services.close_year(actor, 2025)
    with pytest.raises(NotPermitted):
        services.reopen_year(actor, 2025, "訂正")
    with pytest.raises(NotPermitted):
        services.set_due_day(actor, make.data_set(), "2026-10", date(2026, 11, 20))


def test_the_page_closes_and_opens(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/periods/")
    assert "令和7年度(2025年度)" in client.page.text()
    client.send("/staff/periods/2025", {"action": "close"}, expect=422)  # without the tick
    assert not queries.is_closed(2025)
    client.send("/staff/periods/2025", {"action": "close", "agreed": "1"})
    assert queries.is_closed(2025)
    client.get("/staff/periods/2025")
    assert "見本 職員" in client.page.text("main")
    client.send("/staff/periods/2025", {"action": "reopen", "reason": " "}, expect=422)
    assert queries.is_closed(2025)
    client.send("/staff/periods/2025", {"action": "reopen", "reason": "二重に数えていた"})
    assert not queries.is_closed(2025)
    client.get("/staff/periods/2025")
    assert "二重に数えていた" in client.page.text("main")
    client.send(
        "/staff/periods/2026", {"action": "close", "agreed": "1"}, page="/staff/periods/2025", expect=409
    )
    assert not queries.is_closed(2026)
    client.get("/staff/periods/1999", expect=404)
