"""Two groups made one: nothing lost, nothing added up silently, paper cards go on working, and back again."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.errors import Conflict, Invalid
from portal.domain.measures import RawAnswer
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit
from portal.home import merging, merging_plan
from portal.indicators import queries as indicators
from portal.ledger import verify as ledger
from portal.ledger.models import MonthSum
from portal.organisations import queries as organisations
from portal.organisations.models import Contact, Organisation
from portal.periods import services as periods
from portal.reporting import queries as reports
from portal.reporting import services as reporting
from portal.reporting import verify as submissions
from portal.reporting import year
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import services as review
from portal.review.late import late
from tests.support.client import Client
from tests.support.factories import Factories


def report(make: Factories, group: Organisation, period: str, attendance: int = 10) -> Submission:
    """Sent and approved."""
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", period, "reporting")
    raw = {"held": RawAnswer("2"), "attendance": RawAnswer(str(attendance))}
    made = reporting.send(desk, Sending(reporting.new_key(), 0, Written(raw)))
    review.approve(SYSTEM, made, made.last_seq)
    db.session.commit()
    return made


def merge(
    old: Organisation, into: Organisation, reason: str = "twice", keeps: dict[str, str] | None = None
) -> None:
    seen = merging.fingerprint(merging_plan.plan(SYSTEM, old, into, reason))
    merging.merge(SYSTEM, old, into, reason, keeps or {}, seen)
    db.session.commit()


def totals() -> dict[tuple[int, str], Any]:
    """The city's sums by measure and month."""
    rows = db.session.execute(
        select(MonthSum.measure_id, MonthSum.period, func.sum(MonthSum.total))
        .group_by(MonthSum.measure_id, MonthSum.period)
        .having(func.sum(MonthSum.reports) > 0)
    )
    return {(measure, period): total for measure, period, total in rows}


def drawn(code: str) -> dict[int, Any]:
    figures = indicators.figure(code, clock.today())
    assert figures is not None
    return {row.fiscal_year: row.value for row in figures.values}


def sound() -> None:
    assert ledger.verify()[1] is None
    assert submissions.verify()[1] is None
    assert audit.first_broken()[1] is None


@pytest.fixture
def old(make: Factories) -> Organisation:
    return make.group("ひまわりサロン", registers={"subsidy": [2025, 2026], "kayoinoba": [2026]})


@pytest.fixture
def into(make: Factories) -> Organisation:
    return make.group("ひまわりの会", registers={"kayoinoba": [2026]})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("reason", ["twice", "one"])
def test_the_citys_sums_are_equal_before_and_after(
    make: Factories, old: Organisation, into: Organisation, seed: int, reason: str
) -> None:
    """Whatever was reported by whom, as long as no month was reported by both."""
    dice = random.Random(seed)
    periods_ = ["2025-11", "2026-02", "2026-05", "2026-07", "2026-09", "2026-10"]
    other = make.group()
    for period in periods_:
        report(make, dice.choice([old, into]), period, dice.randint(1, 60))
        if dice.random() < 0.5:
            report(make, other, period, dice.randint(1, 60))
    before, flows, number = totals(), drawn("2-3-p2"), old.id
    merge(old, into, reason)
    assert totals() == before
    assert drawn("2-3-p2") == flows
    sound()
    merging.separate(SYSTEM, db.session.get_one(Organisation, number))
    db.session.commit()
    assert totals() == before
    sound()


def test_a_month_that_both_reported_is_never_added_up_nor_lost(
    make: Factories, old: Organisation, into: Organisation
) -> None:
    mine, theirs = report(make, old, "2026-10", 31), report(make, into, "2026-10", 30)
    attendance = next(m.id for m in make.data_set().measures if m.code == "attendance")
    assert totals()[attendance, "2026-10"] == 61
    with pytest.raises(Invalid, match="keep_missing"):
        merge(old, into)
    db.session.rollback()
    merge(old, into, keeps={"keep-salon-2026-10": "old"})
    assert totals()[attendance, "2026-10"] == 31
    assert db.session.get_one(Submission, theirs.id).state == "withdrawn"
    assert reports.version(db.session.get_one(Submission, theirs.id), 1).values["attendance"]["value"] == 30
    assert db.session.get_one(Submission, mine.id).state == "approved"
    sound()


def test_one_report_is_expected_of_the_two(make: Factories, old: Organisation, into: Organisation) -> None:
    report(make, old, "2026-09")
    merge(old, into)
    september, october = Month(2026, 9), Month(2026, 10)
    owed = datasets.expected(make.data_set(), september, october)
    assert owed == {"2026-09": {old.id}, "2026-10": {into.id}}
    assert not datasets.is_assigned(into.id, make.data_set(), "2026-09")
    assert datasets.is_assigned(into.id, make.data_set(), "2026-10")
    assert "2026-09" not in {row.period for row in reports.due(into)}
    names = {(row.organisation.name, row.period) for row in late(SYSTEM)}
    assert not any(name == "ひまわりサロン" for name, _period in names)


def test_the_year_of_the_group_has_both_histories(
    make: Factories, old: Organisation, into: Organisation
) -> None:
    report(make, old, "2026-09", 12)
    report(make, into, "2026-10", 30)
    merge(old, into)
    found = year.of(into, make.data_set(), 2026)
    assert found.total("attendance") == 42


def test_the_year_page_marks_what_stands_under_the_other_name(
    make: Factories, client: Client, old: Organisation, into: Organisation
) -> None:
    report(make, old, "2025-12", 9)
    report(make, old, "2026-09", 12)
    periods.close_year(SYSTEM, 2025)
    db.session.commit()
    report(make, into, "2026-10", 30)
    merge(old, into)
    _card, token = make.card(into)
    client.use_card(token)
    client.get("/ja/report/year/2026/")
    assert "「ひまわりサロン」の名前で送った月: 9月" in client.page.text()
    client.get("/ja/report/year/2025/")
    assert "1つになる前の団体: ひまわりサロン" in client.page.text()


def test_counts_of_groups_take_the_two_for_one_and_closed_years_stay(
    make: Factories, old: Organisation, into: Organisation
) -> None:
    for period in ("2026-02", "2026-09"):
        report(make, old, period)
    for period in ("2026-03", "2026-10"):
        report(make, into, period)
    periods.close_year(SYSTEM, 2025)
    db.session.commit()
    before = drawn("1-2-p1")
    assert (before[2025], before[2026]) == (2, 2)
    merge(old, into)
    after = drawn("1-2-p1")
    assert (after[2025], after[2026]) == (2, 1)
    figures = indicators.figure("1-2-p1", clock.today())
    assert figures is not None
    coverage = next(row.coverage for row in figures.values if row.fiscal_year == 2026)
    assert coverage is not None
    assert (coverage.reported, coverage.expected) == (1, 1)


def test_a_printed_card_opens_the_other_group(
    make: Factories, client: Client, old: Organisation, into: Organisation
) -> None:
    _card, token = make.card(old)
    phone = Client(make.app, "192.0.2.9")
    phone.use_card(token)
    stale = phone.get("/ja/report/salon/2026-10/").text
    assert "ひまわりサロン" in stale
    form = phone.page.form("form.report")
    merge(old, into)
    phone.submit(form, {"m-held": "2", "m-attendance": "20"}, press="check")  # a page from before
    assert "ひまわりの会" in phone.get("/ja/report/").text
    phone.get(f"/ja/report/?group={old.public_id}")  # an address on paper
    client.use_card(token)
    assert "ひまわりの会" in client.get("/ja/report/").text


def test_what_goes_over_and_comes_back(make: Factories, old: Organisation, into: Organisation) -> None:
    first = date(2025, 4, 1)
    leader = Contact(organisation_id=old.id, role="leader", name="見本", language="vi", starts_on=first)
    db.session.add(leader)
    db.session.commit()
    card, _token = make.card(old)
    merge(old, into)
    moved = organisations.present_contact(into, "leader")
    assert moved is not None
    assert (moved.name, moved.language) == ("見本", "vi")
    assert organisations.registrations(into) == {"subsidy": [2025, 2026], "kayoinoba": [2026]}
    assert organisations.registrations(old) == {}
    assert card.organisation_id == into.id
    listed = organisations.listed(SYSTEM, organisations.Filters(on=clock.today(), side="group"))
    assert [row.id for row in listed] == [into.id]
    assert dict(organisations.names_now([old, into]))["ひまわりサロン"].id == into.id
    merging.separate(SYSTEM, old)
    db.session.commit()
    assert card.organisation_id == old.id
    assert old.merged_into_id is None
    assert old.closed_on is None
    assert organisations.registrations(old) == {"subsidy": [2025, 2026], "kayoinoba": [2026]}
    assert organisations.registrations(into) == {"kayoinoba": [2026]}
    back = organisations.present_contact(old, "leader")
    assert back is not None
    assert back.id == leader.id
    sound()


def test_who_may_not_be_merged(make: Factories, old: Organisation, into: Organisation) -> None:
    area, _terms = make.area((date(2025, 12, 1), None))
    for one, other in ((old, old), (old, area), (area, into), (old, make.office())):
        with pytest.raises(Conflict, match="not_two_groups"):
            merging_plan.plan(SYSTEM, one, other, "twice")
    third = make.group()
    merge(old, into)
    with pytest.raises(Conflict, match="merged_already"):
        merging_plan.plan(SYSTEM, third, old, "twice")
    with pytest.raises(Conflict, match="has_merged"):
        merging_plan.plan(SYSTEM, into, third, "twice")


def test_a_closed_year_keeps_two_that_were_one(
    make: Factories, old: Organisation, into: Organisation
) -> None:
    report(make, old, "2026-02")
    merge(old, into)
    periods.close_year(SYSTEM, 2025)
    db.session.commit()
    with pytest.raises(Conflict, match="year_closed_since"):
        merging.separate(SYSTEM, old)


def test_the_page_says_everything_first_and_does_nothing_else(
    make: Factories, client: Client, old: Organisation, into: Organisation
) -> None:
    report(make, old, "2026-10", 31)
    report(make, into, "2026-10", 30)
    report(make, old, "2026-09")
    client.sign_in(make.reviewer())
    path = f"/staff/organisations/{old.public_id}/merge"
    assert path in client.get(f"/staff/organisations/{old.public_id}").text
    assert "ひまわりの会" in client.get(path).text
    preview = f"{path}?into={into.public_id}&reason=twice"
    page = client.get(preview).text
    for words in ("31", "30", "2026年9月"):
        assert words in page
    assert db.session.get_one(Organisation, old.id).merged_into_id is None
    client.submit(client.page.form("main form"), expect=422)
    seen = client.page.form("main form")
    report(make, old, "2026-08")
    client.submit(seen, {"keep-salon-2026-10": "into"}, expect=409)  # something has changed meanwhile
    client.submit(client.page.form("main form"), {"keep-salon-2026-10": "into"})
    assert db.session.get_one(Organisation, old.id).merged_into_id == into.id
    assert "ひまわりサロン" in client.get(f"/staff/organisations/{into.public_id}").text
    client.get(f"/staff/organisations/{old.public_id}")
    client.send(
        f"/staff/organisations/{old.public_id}/separate", page=f"/staff/organisations/{old.public_id}"
    )
    assert db.session.get_one(Organisation, old.id).merged_into_id is None
    sound()


def test_both_must_be_in_reach(make: Factories, client: Client, old: Organisation) -> None:
    far = make.group("遠いサロン", district="d2")
    near = {"into": far.public_id, "reason": "twice", "seen": "x"}
    for user, expect in (
        (make.reviewer(district="d1"), 404),
        (make.reviewer(district="d2"), 404),
        (make.user({"role": "committee"}), 403),
        (make.user({"role": "officer", "organisation_id": make.office().id}), 403),
    ):
        client.sign_in(user)
        path = f"/staff/organisations/{old.public_id}/merge"
        client.get(f"{path}?into={far.public_id}&reason=twice", expect=expect)
        client.send(path, near, page="/staff/account", expect=expect)
        client.send(
            f"/staff/organisations/{far.public_id}/merge",
            {**near, "into": old.public_id},
            page="/staff/account",
            expect=expect,
        )
    client.sign_in(make.reviewer(district="d1"))
    client.send(f"/staff/organisations/{far.public_id}/separate", page="/staff/account", expect=404)
    assert db.session.get_one(Organisation, old.id).merged_into_id is None
