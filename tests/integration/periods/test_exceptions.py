"""A locked month, one organisation's exception to it, and what each of them says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid, NotFound, NotPermitted, PeriodLocked
from portal.domain.measures import RawAnswer
from portal.domain.periods import Standing
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.periods import exceptions, queries, services
from portal.periods.models import PeriodException
from portal.reporting import services as reporting
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.services import Sending
from portal.review import services as review
from portal.review.late import late
from tests.integration.review.test_review import send
from tests.support.client import Client
from tests.support.factories import Factories

AUGUST = "2026-08"  # due on 10 September; the tests' day is 5 November
UNTIL = date(2026, 11, 10)
WHY = "代表が入院していたため"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("もみじ台サロン", opened=date(2026, 8, 1))


@pytest.fixture
def _lock(group: Organisation) -> None:
    services.set_lock(SYSTEM, 30)
    db.session.commit()


def try_to_send(make: Factories, group: Organisation, period: str) -> None:
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", period, "reporting")
    written = Written({"held": RawAnswer("1"), "attendance": RawAnswer("5")})
    reporting.send(desk, Sending(reporting.new_key(), 0, written))


def grant(make: Factories, group: Organisation, until: date = UNTIL, reason: str = WHY) -> PeriodException:
    subject = datasets.subject(make.data_set(), group)
    return exceptions.grant(make.actor(make.reviewer()), subject, AUGUST, until, reason)


def test_months_never_lock_unless_the_city_says_so(make: Factories, group: Organisation) -> None:
    assert queries.Calendar().standing(make.data_set(), AUGUST) is Standing.PAST_DUE
    try_to_send(make, group, AUGUST)


@pytest.mark.usefixtures("_lock")
def test_a_locked_month_is_not_taken_and_the_next_one_is(make: Factories, group: Organisation) -> None:
    calendar = queries.Calendar()
    assert calendar.last_day(make.data_set(), AUGUST) == date(2026, 10, 10)
    assert calendar.standing(make.data_set(), AUGUST) is Standing.LOCKED
    with pytest.raises(PeriodLocked, match="locked_period"):
        try_to_send(make, group, AUGUST)
    try_to_send(make, group, "2026-09")  # due on 13 October, taken until 12 November
    assert calendar.last_day(make.data_set("annual"), "2026-03") is None


@pytest.mark.usefixtures("_lock")
def test_an_exception_is_for_one_report_of_one_group_and_ends_by_itself(
    make: Factories, group: Organisation
) -> None:
    other = make.group("よその会", opened=date(2026, 8, 1))
    row = grant(make, group)
    assert queries.refusal(make.data_set(), AUGUST, group.id, "d1") == ""
    with pytest.raises(PeriodLocked):
        try_to_send(make, other, AUGUST)
    try_to_send(make, group, AUGUST)
    row.until = clock.today() - timedelta(days=1)  # its day has passed, and nobody did anything
    db.session.flush()
    assert queries.refusal(make.data_set(), AUGUST, group.id, "d1") == queries.LOCKED


@pytest.mark.usefixtures("_lock")
def test_what_is_kept_of_an_exception(make: Factories, group: Organisation) -> None:
    row = grant(make, group)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "period_exception")).one()
    assert (event.action, event.actor) == ("granted", row.granted_by)
    assert WHY not in str(event.data)
    assert event.data["reason_sha256"] == services.digest_of(WHY)
    (missing,) = [one for one in late(SYSTEM) if (one.period, one.organisation) == (AUGUST, group)]
    assert missing.locked_since == date(2026, 10, 10)
    assert missing.exception is row
    exceptions.end(make.actor(make.reviewer()), datasets.subject(make.data_set(), group), row.id)
    assert queries.refusal(make.data_set(), AUGUST, group.id, "d1") == queries.LOCKED


def test_an_exception_needs_a_day_a_reason_and_an_open_year(make: Factories, group: Organisation) -> None:
    with pytest.raises(Invalid, match="reason_missing"):
        grant(make, group, reason="  ")
    with pytest.raises(Invalid, match="until_past"):
        grant(make, group, until=clock.today() - timedelta(days=1))
    services.close_year(SYSTEM, 2025)
    reviewer = make.actor(make.reviewer())
    subject = datasets.subject(make.data_set(), group)
    with pytest.raises(PeriodLocked, match="closed_year"):
        exceptions.grant(reviewer, subject, "2026-02", UNTIL, WHY)


def test_who_reviews_elsewhere_grants_and_ends_nothing(make: Factories, group: Organisation) -> None:
    row = grant(make, group)
    subject = datasets.subject(make.data_set(), group)
    elsewhere = make.actor(make.reviewer(district="d2"))
    with pytest.raises(NotPermitted):
        exceptions.grant(elsewhere, subject, AUGUST, UNTIL, WHY)
    with pytest.raises(NotPermitted):
        exceptions.end(elsewhere, subject, row.id)
    foreign = datasets.subject(make.data_set(), make.group("よその会", district="d2"))
    with pytest.raises(NotFound):
        exceptions.end(elsewhere, foreign, row.id)


def test_who_is_asked_back_may_answer_after_the_lock(make: Factories, group: Organisation) -> None:
    submission = send(make, group, AUGUST)
    review.return_(make.actor(make.reviewer()), submission, submission.last_seq, {"attendance": "digits"})
    services.set_lock(SYSTEM, 30)
    db.session.commit()
    send(make, group, AUGUST, based_on=1, attendance=41)
    assert submission.state == "resent"
    review.approve(make.actor(make.reviewer()), submission, submission.last_seq)  # reviewed as always
    with pytest.raises(PeriodLocked, match="locked_period"):
        send(make, group, AUGUST, based_on=2, attendance=42)


def test_the_group_reads_three_different_things(make: Factories, client: Client, group: Organisation) -> None:
    services.set_due_day(SYSTEM, make.data_set(), "2026-10", date(2026, 11, 2))
    db.session.commit()
    client.use_card(make.card(group)[1])
    client.get("/ja/report/")
    assert "今からでも送れます" in client.page.text("main")
    services.set_lock(SYSTEM, 0)
    db.session.commit()
    client.get(f"/ja/report/salon/{AUGUST}/")
    assert "この月の受け付けは終わりました" in client.page.text("main")
    assert not client.page.all("form.report")
    client.get("/ja/report/")
    assert "受け付けを終えた月" in client.page.text("main")
    assert "全部届いています" not in client.page.text("main")


def test_granting_by_the_page(make: Factories, client: Client, group: Organisation) -> None:
    services.set_lock(SYSTEM, 30)
    db.session.commit()
    page = f"/staff/periods/exceptions/{group.public_id}"
    client.sign_in(make.reviewer())
    typed = {"report": f"salon/{AUGUST}", "until": "2026-11-10", "reason": ""}
    client.send(page, typed, expect=422)
    assert client.page.all("#reason-error")
    client.send(page, {**typed, "report": "salon/2024-08", "reason": WHY}, expect=422)
    client.send(page, {**typed, "reason": WHY})
    for place in (
        page,
        f"/staff/organisations/{group.public_id}",
        "/staff/reports/?tab=late",
        "/staff/periods/",
    ):
        client.get(place)
        assert WHY in client.page.text("main"), place
        assert "見本 職員" in client.page.text("main"), place
    client.get(page)
    client.submit(client.page.form("main table form"))
    assert queries.granted() == {}


def test_due_days_and_the_lock_by_the_page(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    page, rule = "/staff/periods/rules", queries.due_on(make.data_set(), "2026-10", "d2")
    typed = {"data_set": "salon", "period": "2026-10", "district": "d2", "due_on": "2026-10-20"}
    client.send(f"{page}/due-days", typed, page=page, expect=422)  # before the period is over
    client.send(f"{page}/due-days", {**typed, "due_on": "2026-11-20"}, page=page)
    assert queries.due_on(make.data_set(), "2026-10", "d2") == date(2026, 11, 20)
    assert queries.due_on(make.data_set(), "2026-10", "d1") == rule
    client.send(f"{page}/due-days/clear", typed, page=page)
    assert queries.due_on(make.data_set(), "2026-10", "d2") == rule
    client.send(f"{page}/lock", {"lock_days": "many"}, page=page, expect=422)
    client.send(f"{page}/lock", {"lock_days": "30"}, page=page)
    assert queries.lock_days() == 30
    client.send(f"{page}/lock", {"lock_days": ""}, page=page)
    assert queries.lock_days() is None


ROUTES = ("/staff/periods/rules", "/staff/periods/2025", "/staff/periods/completeness")
MATRIX = {
    "reviewer": ({}, (200, 200, 200, 200)),
    "reviewer of the district": ({"district": "d1"}, (403, 403, 200, 200)),
    "reviewer of another district": ({"district": "d2"}, (403, 403, 200, 404)),
    "chair": ({"district": "d1", "data_set": "salon"}, (403, 403, 200, 403)),
    "committee": ({}, (403, 403, 403, 403)),
    "administrator": ({}, (200, 200, 403, 403)),
}


@pytest.mark.parametrize("who", MATRIX)
def test_role_by_scope(make: Factories, client: Client, group: Organisation, who: str) -> None:
    scope, expected = MATRIX[who]
    client.sign_in(make.user({"role": who.split()[0], **scope}))
    pages = (*ROUTES, f"/staff/periods/exceptions/{group.public_id}")
    assert tuple(client.get(page, expect=None).status_code for page in pages) == expected
