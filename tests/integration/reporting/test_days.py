"""The day counter: one card's own notes, counted once, gone when the record is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.datasets.models import DataSet
from portal.domain.tallies import Tap as Press
from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.periods import services as periods
from portal.reporting import days
from portal.reporting.desk import sit_down
from portal.reporting.models import Draft, SubmissionVersion, Tap
from portal.reporting.offline import MARK
from tests.support.client import Client
from tests.support.factories import Factories

HOME = "/ja/report/"
PAGE = "/ja/report/minsei/days/"
YESTERDAY = f"{PAGE}yesterday/"
SEND = f"{PAGE}send"
FORM = "/ja/report/minsei/2026-11/"
TERM = (date(2025, 12, 1), None)
TODAY = date(2026, 11, 5)

Area = tuple[Organisation, list[Contact]]
Clock = Callable[[str], None]


@pytest.fixture
def area(make: Factories) -> Area:
    return make.area((date(2025, 4, 1), date(2025, 11, 30)), TERM)


@pytest.fixture
def phone(make: Factories, client: Client, area: Area) -> Client:
    organisation, (_before, present) = area
    client.use_card(make.card(organisation, contact=present)[1])
    return client


@pytest.fixture
def at(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    def pin(moment: str) -> None:
        zone = asaka.extensions["portal_clock"][1]
        monkeypatch.setitem(asaka.extensions, "portal_clock", (datetime.fromisoformat(moment), zone))

    return pin


def press(phone: Client, measure: str, page: str = PAGE) -> None:
    phone.get(page)
    button = phone.page.one(f"#tap-{measure}")
    phone.follow(phone.submit(phone.page.form("form[data-taps]"), press=button.get("value")))


def send(phone: Client, *taps: str, expect: int = 200) -> dict[str, list[str]]:
    token = phone.get(f"{HOME}token").json["token"]
    answer = phone.post(SEND, {"csrf_token": token, "tap": list(taps)}, expect=expect)
    return answer.json if expect == 200 else {}


def stored() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(row.measure, row.step) for row in db.session.scalars(select(Tap).order_by(Tap.id))]


def numbers(phone: Client, measure: str) -> tuple[str, str]:
    """What the row says: this day, this month."""
    row = f'.fold [data-measure="{measure}"]'
    return phone.page.text(f"{row} [data-on-day]"), phone.page.text(f"{row} [data-in-month]")


def field(phone: Client, measure: str) -> str:
    return phone.page.one(f"input[name=m-{measure}]").get("value", "")


class TestPressing:
    @pytest.mark.both_databases
    def test_one_press_is_one_more_of_the_day_and_the_month(self, phone: Client) -> None:
        press(phone, "visits")
        press(phone, "visits")
        press(phone, "events")
        assert numbers(phone, "visits") == ("2", "2")
        assert numbers(phone, "events") == ("1", "1")
        assert phone.page.text('[data-measure="days"] [data-in-month]') == "1"
        row = db.session.scalars(select(Tap)).first()
        assert row is not None
        assert (row.day, row.entered_by[:5]) == (TODAY, "card:")

    def test_the_last_one_is_taken_back_and_the_one_before_it_is_next(self, phone: Client) -> None:
        press(phone, "visits")
        press(phone, "events")
        for left in ("訪問・連絡活動", ""):
            phone.follow(phone.submit(phone.page.form("form[data-taps]"), press=undo(phone)))
            assert left in phone.page.text(".undo")
        assert numbers(phone, "events") == numbers(phone, "visits") == ("0", "0")
        assert phone.page.one("#undo").get("hidden") is not None
        assert stored() == [("visits", 1), ("events", 1), ("events", -1), ("visits", -1)]

    def test_yesterday_has_a_page_of_its_own(self, phone: Client) -> None:
        press(phone, "visits", YESTERDAY)
        assert phone.path == YESTERDAY
        assert numbers(phone, "visits") == ("1", "1")
        phone.get(PAGE)
        assert numbers(phone, "visits") == ("0", "1")

    def test_htmx_gets_the_counter_and_nothing_around_it(self, phone: Client) -> None:
        phone.get(PAGE)
        button = phone.page.one("#tap-visits").get("value")
        answer = phone.submit(phone.page.form("form[data-taps]"), press=button, htmx=True, expect=200)
        assert answer.text.lstrip().startswith('<div id="days"')
        assert "<h1" not in answer.text

    def test_what_is_counted_most_stands_first_by_the_days_before(self, phone: Client) -> None:
        send(phone, *[f"often-{n:03} 2026-11-03 community" for n in range(3)], "often-9999 2026-11-03 visits")
        phone.get(PAGE)
        assert [row.get("data-measure") for row in phone.page.all(".often [data-measure]")] == [
            "community",
            "visits",
        ]

    def test_a_stale_page_says_so_and_counts_nothing(self, phone: Client) -> None:
        phone.get(PAGE)
        button = phone.page.one("#tap-visits").get("value")
        phone.post(PAGE, {"tap": button, "csrf_token": "old"}, expect=400)
        assert phone.page.all("form[data-taps]")
        assert stored() == []

    @pytest.mark.parametrize("tap", ["", "nonsense", "k 2026-11-05 visits"])
    def test_what_is_no_press_changes_nothing(self, phone: Client, tap: str) -> None:
        phone.send(PAGE, {"tap": tap})
        assert stored() == []


def undo(phone: Client) -> str:
    return phone.page.one("#undo").get("value", "")


class TestOnce:
    @pytest.mark.both_databases
    def test_a_press_that_is_sent_twice_counts_once(self, phone: Client) -> None:
        one, two = "first-key 2026-11-05 visits", "other-key 2026-11-05 visits"
        assert send(phone, one)["taken"] == ["first-key"]
        assert send(phone, one, two, one)["taken"] == ["first-key", "other-key", "first-key"]
        assert stored() == [("visits", 1), ("visits", 1)]

    @pytest.mark.both_databases
    def test_one_is_taken_back_once_from_whichever_phone(self, phone: Client) -> None:
        send(phone, "first-key 2026-11-05 visits", "other-key 2026-11-05 visits")
        for key in ("back-here", "back-there", "back-here"):
            assert send(phone, f"{key} 2026-11-05 visits other-key")["taken"] == [key]
        assert stored() == [("visits", 1), ("visits", 1), ("visits", -1)]

    @pytest.mark.parametrize(
        "tap",
        [
            "some-key1 2026-11-06 visits",  # tomorrow
            "some-key1 2026-11-05 days",  # follows from the days
            "some-key1 2026-11-05 reported",
            "some-key1 2026-11-05 visits nobody-pressed",
            "some-key1 2026-07-31 visits",  # too long ago: such notes are gone
            "some-key1 2025-11-30 visits",  # the term before
            "some-key1",
        ],
    )
    def test_what_can_not_be_counted_is_refused_by_its_key_and_the_rest_counts(
        self, phone: Client, tap: str
    ) -> None:
        found = send(phone, tap, "good-key1 2026-11-05 visits")
        assert (found["taken"], found["refused"]) == (["good-key1"], ["some-key1"])
        assert stored() == [("visits", 1)]

    def test_taking_back_another_day_s_or_another_item_s_is_refused(self, phone: Client) -> None:
        send(phone, "first-key 2026-11-05 visits")
        for tap in ("back-key1 2026-11-04 visits first-key", "back-key1 2026-11-05 events first-key"):
            assert send(phone, tap)["refused"] == ["back-key1"]

    def test_the_answer_has_the_numbers_from_now_on(self, phone: Client) -> None:
        found = send(phone, "first-key 2026-11-04 visits", "other-key 2026-11-05 events")
        state = found["state"]
        assert state["days"] == {
            "2026-11-05": [["other-key", "events"]],
            "2026-11-04": [["first-key", "visits"]],
        }
        month = {"sums": {"visits": 1, "events": 1}, "days": ["2026-11-04", "2026-11-05"]}
        assert state["months"] == {"2026-11": month}
        assert state["known"] == ["first-key", "other-key"]

    def test_a_bad_token_counts_nothing(self, phone: Client) -> None:
        phone.post(SEND, {"csrf_token": "x", "tap": "first-key 2026-11-05 visits"}, expect=400)
        assert stored() == []


class TestWhose:
    """Role x scope: the present term's card, and nobody else."""

    def test_the_term_before_sees_none_of_it_and_counts_none(
        self, make: Factories, phone: Client, asaka: Flask, area: Area
    ) -> None:
        send(phone, "first-key 2026-11-05 visits")
        organisation, (before, _present) = area
        other = Client(asaka)
        other.use_card(make.card(organisation, contact=before)[1])
        for page in (PAGE, YESTERDAY, FORM):
            other.get(page, expect=404)
        assert send(other, "their-key 2026-11-05 visits")["refused"] == ["their-key"]
        assert stored() == [("visits", 1)]

    def test_whoever_takes_over_within_a_month_begins_at_nothing(
        self, make: Factories, client: Client, asaka: Flask
    ) -> None:
        organisation, (leaving, coming) = make.area(TERM, (date(2026, 11, 5), None))
        client.use_card(make.card(organisation, contact=leaving)[1])
        db.session.add(
            Tap(
                organisation_id=organisation.id,
                data_set_id=make.data_set("minsei").id,
                contact_id=leaving.id,
                day=date(2026, 11, 2),
                measure="visits",
                step=1,
                tap_key="their-key",
                entered_by="card:1",
                at=datetime.fromisoformat("2026-11-02T10:00:00+09:00"),
            )
        )
        db.session.commit()
        successor = Client(asaka)
        successor.use_card(make.card(organisation, contact=coming)[1])
        successor.get(PAGE)
        assert numbers(successor, "visits") == ("0", "0")
        successor.get(FORM)
        assert field(successor, "visits") == ""
        assert send(successor, "back-key1 2026-11-02 visits their-key")["refused"] == ["back-key1"]

    def test_another_area_and_a_group_see_none_of_it(
        self, make: Factories, phone: Client, asaka: Flask
    ) -> None:
        send(phone, "first-key 2026-11-05 visits")
        other, group = Client(asaka, "192.0.2.8"), Client(asaka, "192.0.2.9")
        neighbour, held = make.area(TERM, name="栄町2区")
        other.use_card(make.card(neighbour, contact=held[0])[1])
        other.get(PAGE)
        assert numbers(other, "visits") == ("0", "0")
        assert send(other, "first-key 2026-11-05 visits")["refused"] == ["first-key"]  # not theirs
        group.use_card(make.card(make.group())[1])
        for code in ("minsei", "salon", "nothing"):  # the salon's form is not switched on
            group.get(f"/ja/report/{code}/days/", expect=404)
        group.get(HOME)
        assert group.page.all("[data-days]") == []

    @pytest.mark.parametrize("role", ["reviewer", "officer", "committee", "administrator"])
    def test_no_staff_page_shows_it_not_even_to_whom_the_record_is_entrusted(
        self, make: Factories, phone: Client, asaka: Flask, area: Area, role: str
    ) -> None:
        send(phone, *[f"some-key-{n} 2026-11-05 visits" for n in range(7)])
        staff = Client(asaka)
        staff.sign_in(make.user({"role": role, **({"data_set": "minsei"} if role == "reviewer" else {})}))
        for page in (PAGE, YESTERDAY):
            staff.get(page, expect=403)
        if role == "reviewer":
            staff.get(f"/staff/entry/{area[0].public_id}/minsei/2026-11/")
            assert field(staff, "visits") == ""
            assert "数えた" not in staff.page.text("main")

    def test_a_stranger_is_led_to_the_way_in(self, client: Client) -> None:
        for page in (PAGE, YESTERDAY):
            assert client.get(page, expect=303).headers["Location"].endswith("/report/card")

    def test_the_phone_s_name_for_it_is_the_term_s(
        self, make: Factories, phone: Client, asaka: Flask, area: Area
    ) -> None:
        organisation, (before, present) = area
        mine = phone.get(f"{HOME}token").json
        again, old = Client(asaka), Client(asaka)
        again.use_card(make.card(organisation, contact=present)[1])  # the lost card's successor
        old.use_card(make.card(organisation, contact=before)[1])
        names = [client.get(f"{HOME}token").json for client in (again, old)]
        assert mine["term"] == names[0]["term"] != names[1]["term"]
        assert mine["card"] != names[0]["card"]
        assert len({one["group"] for one in (mine, *names)}) == 1
        assert [one["terms"] for one in (mine, *names)] == [one["term"] for one in (mine, *names)]


class TestTheMonth:
    def test_it_adds_itself_up_and_what_was_not_counted_stays_blank(self, phone: Client) -> None:
        send(
            phone, *[f"some-key-{n} 2026-11-0{n} visits" for n in (1, 3, 3, 5)], "more-key1 2026-11-03 events"
        )
        send(phone, "same-day1 2026-11-03 visits")
        phone.get(FORM)
        assert [field(phone, code) for code in ("visits", "events", "days", "housing")] == ["4", "1", "3", ""]
        assert "数えた回数が入っています" in phone.page.text("form.report")
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0  # looking writes nothing
        phone.submit(phone.page.form("form.report"), {"m-visits": "5"}, press="zeros")
        phone.get(FORM)
        assert [field(phone, code) for code in ("visits", "events", "housing")] == ["5", "1", "0"]

    def test_what_was_typed_is_never_overwritten_but_by_a_press(self, phone: Client) -> None:
        phone.get(FORM)
        phone.submit(phone.page.form("form.report"), {"m-visits": "9", "m-housing": "2"}, press="save")
        send(phone, "some-key1 2026-11-05 visits")
        phone.get(FORM)
        assert field(phone, "visits") == "9"
        phone.follow(phone.submit(phone.page.form("form.report"), press="counted"))
        assert [field(phone, code) for code in ("visits", "housing", "events")] == ["1", "2", ""]
        assert not phone.page.all("button[value=counted]")

    def test_no_activity_in_one_touch_does_not_forget_what_was_counted(self, phone: Client) -> None:
        phone.get(HOME)
        nothing = phone.page.form('form[action$="/2026-10/not-held"]')
        send(phone, "some-key1 2026-10-05 visits")
        answer = phone.submit(nothing)
        assert answer.headers["Location"].endswith("/report/minsei/2026-10/")
        phone.get(HOME)
        assert not phone.page.all('form[action$="/not-held"]')

    def test_the_first_page_says_how_far_it_has_come(self, phone: Client) -> None:
        send(phone, "some-key1 2026-11-04 visits", "some-key2 2026-11-05 visits")
        phone.get(HOME)
        card = phone.page.text("[data-days]")
        assert "今日 1" in card
        assert "11月 2" in card
        assert {PAGE, YESTERDAY} <= set(phone.page.one("#outbox").get("data-keep", "").split())
        for page in (PAGE, YESTERDAY):
            assert MARK in phone.get(page).headers


class TestTheEnd:
    def record(self, phone: Client) -> None:
        phone.get("/ja/report/minsei/2026-10/")
        phone.submit(phone.page.form("form.report"), {"m-days": "8"}, press="zeros")
        phone.get("/ja/report/minsei/2026-10/check/")
        phone.submit(phone.page.form("main form"))

    def approve(self, make: Factories, asaka: Flask) -> None:
        db.session.rollback()
        public_id = db.session.scalars(select(SubmissionVersion)).one().submission.public_id
        city = Client(asaka)
        city.sign_in(make.reviewer(data_set="minsei"))
        city.get(f"/staff/reports/{public_id}")
        city.submit(city.page.form('form[action$="/approve"]'))

    def test_after_sending_counting_goes_on_and_says_so(self, phone: Client, at: Clock) -> None:
        at("2026-10-31T12:00:00+09:00")
        self.record(phone)
        press(phone, "visits")
        assert numbers(phone, "visits") == ("1", "1")
        assert "もう送りました" in phone.page.text("main")
        phone.get("/ja/report/minsei/2026-10/")
        assert field(phone, "visits") == "0"
        assert phone.page.all("button[value=counted]")

    @pytest.mark.both_databases
    def test_confirmed_the_notes_of_that_month_are_deleted_and_counting_has_ended(
        self, make: Factories, phone: Client, asaka: Flask, at: Clock
    ) -> None:
        at("2026-11-01T12:00:00+09:00")
        send(phone, "october-1 2026-10-31 visits", "november1 2026-11-01 events")
        self.record(phone)
        assert len(stored()) == 2
        self.approve(make, asaka)
        assert stored() == [("events", 1)]
        assert send(phone, "october-1 2026-10-31 visits")["refused"] == ["october-1"]  # sent once more
        phone.get(YESTERDAY)
        assert not phone.page.all("form[data-taps]")
        phone.get(PAGE)
        token = phone.page.one("input[name=csrf_token]").get("value")
        late = {"csrf_token": token, "tap": "late-key1 2026-10-31 visits"}
        phone.post(PAGE, late, expect=409)
        assert phone.page.all(".banner.err")
        assert stored() == [("events", 1)]

    def test_a_closed_year_counts_nothing_more(self, make: Factories, phone: Client, at: Clock) -> None:
        at("2027-04-01T09:00:00+09:00")
        periods.close_year(make.actor(make.user({"role": "administrator"})), 2026)
        db.session.commit()
        assert send(phone, "late-key1 2027-03-31 visits")["refused"] == ["late-key1"]
        phone.get(YESTERDAY)
        assert not phone.page.all("form[data-taps]")

    def test_notes_that_nobody_sent_go_after_three_months(
        self, make: Factories, phone: Client, at: Clock
    ) -> None:
        send(phone, "november1 2026-11-05 visits", "october-1 2026-10-31 visits")
        at("2027-02-01T09:00:00+09:00")
        days.tidy()
        db.session.commit()
        assert len(stored()) == 1
        at("2027-03-01T09:00:00+09:00")
        days.tidy()
        db.session.commit()
        assert stored() == []


class TestMidnight:
    def test_the_day_is_the_city_s_and_not_the_server_s(self, phone: Client, at: Clock) -> None:
        at("2026-10-31T14:59:00+00:00")  # a minute before midnight in Japan
        press(phone, "visits")
        before = phone.page.one("#tap-visits").get("value", "")
        assert before.split()[1] == "2026-10-31"
        at("2026-10-31T15:01:00+00:00")
        token = phone.page.one("input[name=csrf_token]").get("value")
        phone.follow(phone.post(PAGE, {"csrf_token": token, "tap": before}))  # the page of before midnight
        assert phone.path == YESTERDAY
        assert numbers(phone, "visits") == ("2", "2")  # of October
        assert "10月" in phone.page.text('.fold [data-measure="visits"]')
        phone.get(PAGE)
        assert numbers(phone, "visits") == ("0", "0")
        assert "11月1日" in phone.page.text(".tabs [aria-current]")

    def test_the_last_evening_of_a_term_is_still_the_outgoing_one_s(
        self, make: Factories, asaka: Flask, area: Area, at: Clock
    ) -> None:
        organisation, (before, present) = area
        old, new = Client(asaka), Client(asaka)
        at("2025-12-01T09:00:00+09:00")
        old.use_card(make.card(organisation, contact=before)[1])
        new.use_card(make.card(organisation, contact=present)[1])
        assert send(old, "november1 2025-11-30 visits", "december1 2025-12-01 visits") | {"state": 0} == {
            "taken": ["november1"],
            "refused": ["december1"],
            "state": 0,
        }
        old.get(PAGE, expect=404)
        old.get(YESTERDAY)
        assert [tab.get("href") for tab in old.page.all(".tabs a")] == [YESTERDAY]
        new.get(PAGE)
        assert [tab.get("href") for tab in new.page.all(".tabs a")] == [PAGE]
        new.get(YESTERDAY, expect=404)


def test_another_form_is_switched_on_by_data(make: Factories, client: Client) -> None:
    salon = db.session.scalars(select(DataSet).where(DataSet.code == "salon")).one()
    salon.current.definition = {**salon.current.definition, "day_counter": True}
    group = make.group()
    card, token = make.card(group)
    actor = make.card_actor(card)
    client.use_card(token)
    client.get("/ja/report/salon/days/")
    counted = {row.get("data-measure") for row in client.page.all("[data-measure]")}
    assert {"held", "attendance"} <= counted
    assert "activities" not in counted
    days.take(actor, group, "salon", [Press("some-key1", TODAY, "held")])
    assert days.month_of(sit_down(actor, group, "salon", "2026-11", "reporting")) == {"held": 1}
    quarterly = make.group(cadence="quarterly")
    client.use_card(make.card(quarterly)[1])
    client.get("/ja/report/salon/days/", expect=404)  # a quarter does not add itself up
