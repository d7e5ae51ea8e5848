"""Several cards on one phone: each with its own sign-in; a confidential one asks for its PIN again."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Card, SignedInSession
from portal.accounts.sign_in import MOST_CARDS
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting.models import Draft, Submission, Tap
from tests.support.client import Client
from tests.support.factories import PIN, Factories

CARDS = "/ja/report/cards"
HOME = "/ja/report/"
MONTH = "/ja/report/salon/2026-10/"


@pytest.fixture
def salon(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def hers(make: Factories, salon: Organisation) -> tuple[Card, str]:
    return make.card(salon)


@pytest.fixture
def his(make: Factories) -> tuple[Card, str]:
    return make.card(make.group("ゆうやけ食堂"))


@pytest.fixture
def area(make: Factories) -> tuple[Card, str]:
    place, held = make.area((date(2025, 12, 1), None), name="本町1区")
    return make.card(place, contact=held[0])


@pytest.fixture
def phone(client: Client, hers: tuple[Card, str], his: tuple[Card, str]) -> Client:
    """Her card came in first, then his: his is in use."""
    client.use_card(hers[1])
    client.use_card(his[1])
    return client


def row_of(card: Card) -> SignedInSession:
    return db.session.scalars(
        select(SignedInSession).where(SignedInSession.card_id == card.id).order_by(SignedInSession.id.desc())
    ).first()


def change(phone: Client, card: Card, expect: int = 303) -> str:
    return phone.send(CARDS, {"phone": row_of(card).id}, expect=expect).location


def whose(phone: Client) -> str:
    phone.get(HOME)
    return phone.page.text("h1")


class TestTwoCards:
    def test_both_stay_and_one_touch_changes(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        assert "ゆうやけ食堂" in whose(phone)
        assert CARDS in [a.get("href") for a in phone.page.all("main a")]
        phone.get(CARDS)
        assert len(phone.page.all("section.card")) == 2
        assert "ゆうやけ食堂" in phone.page.text("section.card.now")
        assert change(phone, hers[0]) == HOME
        assert "ひだまりサロン" in whose(phone)
        change(phone, his[0])
        assert "ゆうやけ食堂" in whose(phone)
        assert [row_of(card).ended_at for card in (hers[0], his[0])] == [None, None]

    def test_what_rests_opens_nothing(self, phone: Client, hers: tuple[Card, str]) -> None:
        assert row_of(hers[0]).resting_at is not None
        assert "ひだまり" not in whose(phone)

    def test_a_form_of_hers_is_never_sent_as_his(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        """Open in a window while the card was changed in another: refused, and both are named."""
        change(phone, hers[0])
        phone.get(MONTH)
        fields = phone.page.form("form.report").filled({"m-held": "3", "m-attendance": "9"}, press="save")
        change(phone, his[0])
        for step in ("", "draft", "send"):
            phone.post(MONTH + step, fields, expect=409)  # its token is old, too
            assert "ひだまりサロン" in phone.page.text("main")
            assert "ゆうやけ食堂" in phone.page.text("main")
        fresh = phone.get("/ja/report/token").json["token"]
        phone.post(f"{MONTH}send", {**fields, "csrf_token": fresh}, expect=409)
        assert db.session.query(Draft).count() + db.session.query(Submission).count() == 0

    def test_a_form_of_before_there_were_several_is_not_guessed_at(self, phone: Client) -> None:
        token = phone.get("/ja/report/token").json["token"]
        fields = {"submission_key": "k" * 32, "m-held_state": "not_held", "csrf_token": token}
        phone.post(f"{MONTH}send", fields, expect=409)
        assert db.session.query(Submission).count() == 0

    def test_the_phone_is_told_whose_queue_may_go(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        first = phone.get("/ja/report/token").json
        change(phone, hers[0])
        second = phone.get("/ja/report/token").json
        names = ("groups", "card", "terms")
        assert {first[name] for name in names}.isdisjoint({second[name] for name in names})

    def test_a_page_of_her_group_asks_which_card(
        self, phone: Client, make: Factories, salon: Organisation
    ) -> None:
        """Such as the QR on her group's sheet, scanned while his card is in use."""
        assert phone.get(f"{MONTH}?group={salon.public_id}", expect=303).location == CARDS
        phone.post(f"{MONTH}?group={salon.public_id}", {"csrf_token": "x"}, expect=409)
        assert "ゆうやけ食堂" in phone.page.text("main")

    def test_signing_one_out_leaves_the_other(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        answer = phone.send("/ja/report/sign-out", page=CARDS)
        assert answer.location == CARDS
        phone.get(HOME, expect=303)
        phone.follow(phone.get("/ja/report/card", expect=303))  # strangers are led to what is still here
        assert "ゆうやけ" not in phone.page.text("main")
        assert row_of(his[0]).ended_at is not None
        assert row_of(hers[0]).ended_at is None
        change(phone, hers[0])
        assert "ひだまりサロン" in whose(phone)

    def test_one_that_rests_can_leave_too(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        phone.send(f"{CARDS}/{row_of(hers[0]).id}/sign-out", page=CARDS)
        assert row_of(hers[0]).ended_at is not None
        assert "ゆうやけ食堂" in whose(phone)
        phone.get(CARDS)
        assert phone.page.one("form[data-signs-out]").get("data-signs-out") == ""  # the last one clears all

    def test_what_a_card_leaves_behind_is_named_and_no_more(
        self, phone: Client, make: Factories, salon: Organisation, hers: tuple[Card, str]
    ) -> None:
        """A second card of the same salon goes on sending for it."""
        phone.get(CARDS)
        leaves = [form.get("data-signs-out", "").split() for form in phone.page.all("form[data-signs-out]")]
        assert [len(one) for one in leaves] == [3, 3]  # the card, its group, its term
        phone.use_card(make.card(salon)[1])
        phone.get(CARDS)
        leaves = [form.get("data-signs-out", "").split() for form in phone.page.all("form[data-signs-out]")]
        assert [len(one) for one in leaves] == [1, 3, 1]

    def test_scanned_again_it_takes_no_second_place(
        self, phone: Client, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        phone.use_card(hers[1])
        assert "ひだまりサロン" in whose(phone)
        phone.get(CARDS)
        assert len(phone.page.all("section.card")) == 2
        open_rows = select(SignedInSession).where(SignedInSession.ended_at.is_(None))
        assert len(db.session.scalars(open_rows).all()) == 2

    def test_staff_end_a_resting_phone(self, phone: Client, hers: tuple[Card, str], asaka: Flask) -> None:
        row_of(hers[0]).ended_at = row_of(hers[0]).started_at
        db.session.commit()
        phone.get(CARDS)
        assert len(phone.page.all("section.card")) == 1
        phone.post(CARDS, {"phone": row_of(hers[0]).id, "csrf_token": token(phone)}, expect=404)

    def test_a_member_of_staff_shares_the_browser_with_no_card(
        self, phone: Client, make: Factories, hers: tuple[Card, str], his: tuple[Card, str]
    ) -> None:
        phone.sign_in(make.reviewer())
        assert None not in [row_of(card).ended_at for card in (hers[0], his[0])]

    def test_there_is_an_end_to_it(self, client: Client, make: Factories) -> None:
        made = [make.card(make.group(f"サロン{number}")) for number in range(MOST_CARDS + 1)]
        for _card, secret in made:
            client.use_card(secret)
        client.get(CARDS)
        assert len(client.page.all("section.card")) == MOST_CARDS
        assert row_of(made[0][0]).ended_at is not None


def token(phone: Client) -> str:
    return str(phone.page.all("input[name=csrf_token]")[0].get("value"))


class TestAConfidentialCard:
    @pytest.fixture
    def both(self, client: Client, area: tuple[Card, str], hers: tuple[Card, str]) -> Client:
        """The commissioner's card came in first, then the salon's."""
        client.use_card(area[1])
        client.use_card(hers[1])
        return client

    def test_asks_for_its_pin_again(self, both: Client, area: tuple[Card, str]) -> None:
        where = change(both, area[0])
        assert where == f"{CARDS}/{row_of(area[0]).id}"
        assert "ひだまりサロン" in whose(both)  # nothing has changed yet
        both.get("/ja/report/minsei/2026-10/", expect=404)
        both.send(where, {"pin": PIN})
        assert "本町1区" in whose(both)
        both.get("/ja/report/minsei/2026-10/")

    def test_a_wrong_pin_counts(self, both: Client, area: tuple[Card, str]) -> None:
        where = change(both, area[0])
        both.send(where, {"pin": "999998"}, expect=422)
        assert "ひだまりサロン" in whose(both)
        for _try in range(4):
            both.send(where, {"pin": "999998"}, expect=None)
        both.get(where)
        assert both.page.all("input[name=pin]") == []  # locked, as at the way in
        assert "ひだまりサロン" in whose(both)

    def test_the_salon_s_opens_by_one_touch(
        self, both: Client, area: tuple[Card, str], hers: tuple[Card, str]
    ) -> None:
        both.send(change(both, area[0]), {"pin": PIN})
        assert change(both, hers[0]) == HOME
        assert "ひだまりサロン" in whose(both)

    def test_what_was_counted_under_it_goes_under_it_only(self, both: Client, area: tuple[Card, str]) -> None:
        """The day counter's presses say whose they are, as forms do."""
        press = {"tap": "some-key1 2026-11-03 visits", "page_of": area[0].organisation.public_id}
        address = f"/ja/report/minsei/days/send?group={area[0].organisation.public_id}"
        both.post(address, {**press, "csrf_token": both.get("/ja/report/token").json["token"]}, expect=409)
        both.send(change(both, area[0]), {"pin": PIN})
        token = both.get("/ja/report/token").json["token"]
        both.post(address, {"tap": press["tap"], "csrf_token": token}, expect=409)  # whose?
        assert db.session.query(Tap).count() == 0
        answer = both.post(address, {**press, "csrf_token": token}, expect=200)
        assert answer.json["taken"] == ["some-key1"]
        both.get("/ja/report/minsei/days/")
        counter = both.page.one("[data-days]")
        assert (counter.get("data-send"), counter.get("data-of")) == (address, press["page_of"])

    def test_signing_the_salon_s_out_does_not_open_it(self, both: Client, area: tuple[Card, str]) -> None:
        both.send("/ja/report/sign-out", page=CARDS)
        both.get(HOME, expect=303)
        assert change(both, area[0]) == f"{CARDS}/{row_of(area[0]).id}"


class TestOthersPhones:
    @pytest.mark.parametrize("step", ["", "/sign-out"])
    def test_are_not_here(
        self, phone: Client, make: Factories, asaka: Flask, step: str, area: tuple[Card, str]
    ) -> None:
        stranger = Client(asaka, "192.0.2.8")
        stranger.use_card(area[1])
        theirs = row_of(area[0])
        phone.get(CARDS)
        secret = token(phone)
        phone.get(f"{CARDS}/{theirs.id}", expect=404)
        phone.post(f"{CARDS}/{theirs.id}{step}", {"pin": PIN, "csrf_token": secret}, expect=404)
        phone.post(CARDS, {"phone": theirs.id, "csrf_token": secret}, expect=404)
        assert row_of(area[0]).ended_at is None
        assert "ゆうやけ食堂" in whose(phone)

    def test_a_stranger_sees_an_empty_list(self, client: Client) -> None:
        client.get(CARDS)
        assert client.page.all("section.card") == []
        client.get("/ja/report/card")

    def test_a_phone_with_one_card_hears_nothing_of_others(
        self, client: Client, hers: tuple[Card, str]
    ) -> None:
        client.use_card(hers[1])
        client.get(HOME)
        assert CARDS not in [a.get("href") for a in client.page.all("main a")]
