"""A reporter's way in: the card's address, its PIN, the lock, three phones, a lost card."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import credentials, queries, services
from portal.accounts.models import Card, SignedInSession
from portal.accounts.secrets import verify
from portal.domain.errors import NotFound, NotPermitted, StaleVersion
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.organisations.services import Person
from tests.integration.accounts.browser import Browser
from tests.support.factories import PIN, Factories

pytestmark = pytest.mark.both_databases
WRONG = "000001"
Move = Callable[..., None]
Phones = Callable[..., Browser]


def audited(kind: str, number: object) -> list[str]:
    query = select(AuditEvent.action).where(
        AuditEvent.subject_type == kind, AuditEvent.subject_id == str(number)
    )
    return list(db.session.scalars(query.order_by(AuditEvent.seq)))


def sessions() -> list[SignedInSession]:
    return list(db.session.scalars(select(SignedInSession).order_by(SignedInSession.id)))


class TestTheAddress:
    @pytest.mark.parametrize("slug", ["ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"])
    def test_asks_for_the_pin_in_the_address_s_language(
        self, browser: Browser, card: tuple[Card, str], slug: str
    ) -> None:
        answer = browser.get(f"/{slug}/card/{card[1]}")
        assert answer.status_code == 200
        assert "ひだまりの会" in browser.page

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_never_signs_in_by_itself(self, browser: Browser, card: tuple[Card, str], method: str) -> None:
        for _ in range(3):
            browser._open(method, f"/ja/card/{card[1]}")
        assert sessions() == []
        assert browser.get("/ja/report/phones").status_code == 303

    def test_is_kept_out_of_caches_indexes_and_other_sites(
        self, browser: Browser, card: tuple[Card, str]
    ) -> None:
        headers = browser.get(f"/ja/card/{card[1]}").headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]

    def test_that_nobody_was_given_is_an_unknown_page(self, browser: Browser) -> None:
        answer = browser.get("/vi/card/abcdefghij")
        assert answer.status_code == 404
        assert 'lang="vi"' in browser.page
        assert answer.headers["Referrer-Policy"] == "no-referrer"

    def test_is_stored_as_a_digest_and_never_as_it_is(self, make: Factories, group: Organisation) -> None:
        made = services.issue_card(SYSTEM, group)
        db.session.commit()
        kept = " ".join(str(v) for v in db.session.execute(db.text("select * from cards")).one())
        assert made.token not in kept
        assert made.pin not in kept.split()
        assert len(made.token) == 26
        assert len(made.pin) == 6


class TestThePin:
    def test_signs_this_phone_in_for_a_year(
        self, browser: Browser, card: tuple[Card, str], later: Move
    ) -> None:
        answer = browser.send(f"/vi/card/{card[1]}", {"pin": PIN})
        assert (answer.status_code, answer.location) == (303, "/vi/report/")
        assert "Expires" in answer.headers["Set-Cookie"]
        assert browser.get("/vi/report/phones").status_code == 200
        assert [row.device for row in sessions()] == ["android"]
        assert audited("card", card[0].id) == ["phone_added"]
        later(days=364)
        assert browser.get("/vi/report/phones").status_code == 200
        later(days=2)
        assert browser.get("/vi/report/phones").status_code == 303

    @pytest.mark.parametrize("typed", ["２７１８２８", " 271 828 ", "271-828"])
    def test_may_be_typed_as_people_type(self, browser: Browser, card: tuple[Card, str], typed: str) -> None:
        assert browser.send(f"/ja/card/{card[1]}", {"pin": typed}).status_code == 303

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef"])
    def test_that_is_none_costs_no_try(self, browser: Browser, card: tuple[Card, str], typed: str) -> None:
        assert browser.send(f"/ja/card/{card[1]}", {"pin": typed}).status_code == 422
        assert card[0].failures == 0

    def test_wrong_says_how_many_tries_are_left(self, browser: Browser, card: tuple[Card, str]) -> None:
        answer = browser.send(f"/en/card/{card[1]}", {"pin": WRONG})
        assert answer.status_code == 422
        assert card[0].failures == 1
        assert WRONG not in browser.page
        assert browser.get("/ja/report/phones").status_code == 303

    def test_five_wrong_ones_lock_the_card_until_staff_unlock_it(
        self, browser: Browser, card: tuple[Card, str], make: Factories
    ) -> None:
        path = f"/ja/card/{card[1]}"
        answers = [browser.send(path, {"pin": WRONG}).status_code for _ in range(5)]
        assert answers == [422, 422, 422, 422, 403]
        assert "048-" in browser.page or "電話" in browser.page or "office" in browser.page
        browser.get(path)
        assert 'name="pin"' not in browser.page  # nothing more to type
        other = Browser(browser.client.application)
        other.get("/ja/sign-in")
        assert other.post(path, {"pin": PIN, "csrf_token": other.token()}).status_code == 403
        assert sessions() == []
        assert audited("card", card[0].id) == ["locked"]

        services.unlock_card(make.actor(make.reviewer()), card[0])
        db.session.commit()
        assert browser.send(path, {"pin": PIN}).status_code == 303
        assert audited("card", card[0].id) == ["locked", "unlocked", "phone_added"]

    def test_right_starts_the_count_again(self, browser: Browser, card: tuple[Card, str]) -> None:
        path = f"/ja/card/{card[1]}"
        for _ in range(4):
            browser.send(path, {"pin": WRONG})
        browser.send(path, {"pin": PIN})
        assert card[0].failures == 0

    def test_lock_leaves_the_group_s_own_phones_alone(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones
    ) -> None:
        """A stranger with a photograph of the card must not be able to sign the group out."""
        own = phone_of(card[1])
        for _ in range(5):
            browser.send(f"/ja/card/{card[1]}", {"pin": WRONG})
        assert queries.is_locked(card[0])
        assert own.get("/ja/report/phones").status_code == 200

    def test_another_card_is_not_locked_with_it(
        self, browser: Browser, card: tuple[Card, str], make: Factories
    ) -> None:
        for _ in range(5):
            browser.send(f"/ja/card/{card[1]}", {"pin": WRONG})
        _other, token = make.card(make.group())
        assert browser.send(f"/ja/card/{token}", {"pin": PIN}).status_code == 303

    def test_guesses_from_one_address_are_slowed_an_order_later(
        self, make: Factories, asaka: Flask, later: Move
    ) -> None:
        cards = [make.card(make.group())[1] for _ in range(13)]
        guesser, neighbour = Browser(asaka, "198.51.100.7"), Browser(asaka, "198.51.100.8")
        tries = [(token, n) for token in cards for n in range(4)]
        answers = [guesser.send(f"/ja/card/{token}", {"pin": WRONG}).status_code for token, _n in tries]
        assert answers == [422] * 50 + [429] * 2
        _card, token = make.card(make.group())
        assert guesser.send(f"/ja/card/{token}", {"pin": PIN}).status_code == 429
        assert neighbour.send(f"/ja/card/{token}", {"pin": PIN}).status_code == 303
        later(minutes=10)
        assert guesser.send(f"/ja/card/{token}", {"pin": PIN}).status_code == 303

    def test_guesses_at_the_same_moment_can_t_share_a_try(
        self, asaka: Flask, card: tuple[Card, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twelve at once: none is told the outcome before the other eleven have been let in or refused."""
        path, here, all_there = f"/ja/card/{card[1]}", threading.local(), threading.Barrier(12, timeout=20)

        def slow(kept: str | None, typed: str) -> bool:
            here.checked = True
            all_there.wait()
            return verify(kept, typed)

        def guess(guesser: Browser) -> bool:
            asked = {"pin": WRONG, "csrf_token": guesser.token()}
            here.checked = False
            answer = guesser.client.post(path, data=asked)
            if not here.checked:
                all_there.wait()
            assert answer.status_code in (422, 403)
            return bool(here.checked)

        guessers = [Browser(asaka) for _ in range(12)]
        for guesser in guessers:
            guesser.get(path)
        db.session.remove()
        monkeypatch.setattr(credentials, "verify", slow)
        with ThreadPoolExecutor(12) as threads:
            assert sum(threads.map(guess, guessers)) == queries.MOST_TRIES
        assert queries.is_locked(db.session.scalars(select(Card)).one())

    def test_with_an_old_form_writes_nothing_and_shows_it_again(
        self, browser: Browser, card: tuple[Card, str]
    ) -> None:
        path = f"/ja/card/{card[1]}"
        browser.get(path)
        old = browser.token()
        assert browser.send(path, {"pin": PIN}).status_code == 303
        browser.get(path)
        answer = browser.post(path, {"pin": PIN, "csrf_token": old})
        assert answer.status_code == 400
        assert 'name="pin"' in browser.page
        assert len(sessions()) == 1
        assert browser.post(path, {"pin": PIN, "csrf_token": browser.token()}).status_code == 303
        assert browser.post(path, {"pin": WRONG}).status_code == 400
        assert card[0].failures == 0


class TestPhones:
    def test_the_same_phone_again_is_not_another(self, browser: Browser, card: tuple[Card, str]) -> None:
        for _ in range(4):
            assert browser.send(f"/ja/card/{card[1]}", {"pin": PIN}).location == "/ja/report/"
        assert [row.ended_at is None for row in sessions()] == [False, False, False, True]

    def test_a_fourth_chooses_which_of_the_three_goes(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones
    ) -> None:
        first, second, third = (phone_of(card[1]) for _ in range(3))
        answer = browser.send(f"/ja/card/{card[1]}", {"pin": PIN})
        assert answer.location == f"/ja/card/{card[1]}/phones"
        assert browser.get("/ja/report/phones").status_code == 303  # not in yet
        assert browser.get(answer.location).status_code == 200
        chosen = sessions()[1]
        answer = browser.post(answer.location, {"phone": chosen.id, "csrf_token": browser.token()})
        assert answer.location == "/ja/report/"
        assert browser.get("/ja/report/phones").status_code == 200
        assert [phone.get("/ja/report/phones").status_code for phone in (first, second, third)] == [
            200,
            303,
            200,
        ]
        assert len(queries.phones([card[0].id])) == 3
        assert audited("card", card[0].id) == ["phone_added"] * 3 + ["phone_ended", "phone_added"]

    def test_the_choice_needs_the_pin_and_does_not_wait_for_ever(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones, make: Factories, later: Move
    ) -> None:
        for _ in range(3):
            phone_of(card[1])
        path = f"/ja/card/{card[1]}/phones"
        assert browser.get(path).status_code == 404
        browser.send(f"/ja/card/{card[1]}", {"pin": PIN})
        assert browser.get(path).status_code == 200
        other = make.card(make.group())[1]
        assert browser.get(f"/ja/card/{other}/phones").status_code == 404  # that card's PIN nobody entered
        later(minutes=11)
        assert browser.get(path).status_code == 404

    def test_the_choice_can_t_end_another_group_s_phone(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones, make: Factories
    ) -> None:
        theirs = phone_of(make.card(make.group())[1])
        others = sessions()[0].id
        for _ in range(3):
            phone_of(card[1])
        path = f"/ja/card/{card[1]}/phones"
        browser.send(f"/ja/card/{card[1]}", {"pin": PIN})
        browser.get(path)
        assert browser.post(path, {"phone": others, "csrf_token": browser.token()}).location == path
        assert theirs.get("/ja/report/phones").status_code == 200

    def test_can_be_ended_from_any_of_them(self, card: tuple[Card, str], phone_of: Phones) -> None:
        lost, kept = phone_of(card[1]), phone_of(card[1])
        assert kept.send("/ja/report/phones", {"phone": sessions()[0].id}).location == "/ja/report/phones"
        assert lost.get("/ja/report/phones").status_code == 303
        assert kept.send("/ja/report/phones", {"phone": sessions()[1].id}).location == "/ja/report/card"
        assert kept.get("/ja/report/phones").status_code == 303

    def test_of_another_card_are_not_there(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones, make: Factories
    ) -> None:
        theirs = phone_of(make.card(make.group())[1])
        own = phone_of(card[1])
        assert own.send("/ja/report/phones", {"phone": sessions()[0].id}).status_code == 404
        assert own.send("/ja/report/phones", {"phone": 4711}).status_code == 404
        assert theirs.get("/ja/report/phones").status_code == 200

    def test_signing_out_ends_the_row_and_not_only_the_cookie(
        self, card: tuple[Card, str], phone_of: Phones
    ) -> None:
        phone = phone_of(card[1])
        stolen = phone.client.get_cookie("portal")
        assert stolen is not None
        phone.get("/ja/report/phones")
        assert phone.post("/ja/report/sign-out", {"csrf_token": phone.token()}).location == "/ja/report/card"
        phone.client.set_cookie("portal", stolen.value)
        assert phone.get("/ja/report/phones").status_code == 303
        assert audited("card", card[0].id) == ["phone_added", "signed_out"]

    def test_the_cookie_s_id_changes_at_every_sign_in(self, browser: Browser, card: tuple[Card, str]) -> None:
        browser.send(f"/ja/card/{card[1]}", {"pin": PIN})
        before = browser.client.get_cookie("portal")
        browser.send(f"/ja/card/{card[1]}", {"pin": PIN})
        assert before is not None
        browser.client.set_cookie("portal", before.value)
        assert browser.get("/ja/report/phones").status_code == 303


class TestIssuing:
    def test_a_new_card_kills_the_old_one_and_its_phones(
        self, browser: Browser, card: tuple[Card, str], phone_of: Phones, make: Factories, group: Organisation
    ) -> None:
        phone = phone_of(card[1])
        made = services.issue_card(make.actor(make.reviewer()), group)
        db.session.commit()
        assert phone.get("/ja/report/phones").status_code == 303
        assert browser.get(f"/ja/card/{card[1]}").status_code == 404
        assert browser.send(f"/ja/card/{made.token}", {"pin": made.pin}).status_code == 303
        assert audited("card", card[0].id) == ["phone_added", "revoked"]
        assert audited("card", made.card.id) == ["issued", "phone_added"]

    def test_leaves_the_cards_of_other_roles_alone(self, card: tuple[Card, str], group: Organisation) -> None:
        services.issue_card(SYSTEM, group, "deputy")
        assert len(queries.open_cards([group.id])) == 2

    def test_twice_by_reload_is_refused(self, card: tuple[Card, str], group: Organisation) -> None:
        services.issue_card(SYSTEM, group, replaces=card[0].id)
        with pytest.raises(StaleVersion):
            services.issue_card(SYSTEM, group, replaces=card[0].id)

    def test_belongs_to_those_in_whose_district_the_group_is(
        self, make: Factories, group: Organisation
    ) -> None:
        services.issue_card(make.actor(make.reviewer(district="d1")), group)
        for user in (make.reviewer(district="d2"), make.user({"role": "committee"})):
            with pytest.raises(NotPermitted):
                services.issue_card(make.actor(user), group)
        card, _token = make.card(group)
        with pytest.raises(NotPermitted):
            services.issue_card(make.card_actor(card), group)
        with pytest.raises(NotFound):
            queries.card_for(
                make.actor(make.reviewer(district="d2")), card.id, queries.Permission.CARDS_ISSUE
            )

    def test_revoking_signs_every_phone_out(
        self, card: tuple[Card, str], phone_of: Phones, make: Factories
    ) -> None:
        phones = [phone_of(card[1]) for _ in range(2)]
        services.revoke_card(make.actor(make.reviewer()), card[0])
        db.session.commit()
        assert [phone.get("/ja/report/phones").status_code for phone in phones] == [303, 303]
        assert [row.ended_at is None for row in sessions()] == [False, False]

    def test_a_handover_keeps_the_history_and_ends_the_card(
        self, card: tuple[Card, str], phone_of: Phones, make: Factories, group: Organisation, later: Move
    ) -> None:
        actor, phone = make.actor(make.reviewer()), phone_of(card[1])
        services.hand_over(actor, group, "leader", Person("佐藤"))
        db.session.commit()
        assert phone.get("/ja/report/phones").status_code == 303
        later(days=30)
        services.hand_over(actor, group, "leader", Person("鈴木", language="vi"))
        names = [(c.name, c.ends_on is None) for c in queries.organisations.contacts(group)]
        assert names == [("鈴木", True), ("佐藤", False)]
        assert audited("organisation", group.id) == ["contact_began", "contact_began"]
        data = db.session.scalars(select(AuditEvent.data)).all()
        assert "佐藤" not in str(data)

    def test_states_as_staff_see_them(self, make: Factories, phone_of: Phones) -> None:
        groups = [make.group() for _ in range(4)]
        for group in groups[1:]:
            card, token = make.card(group)
            if group is groups[2]:
                phone_of(token)
            if group is groups[3]:
                card.failures = 5
        db.session.commit()
        states = queries.card_states([group.id for group in groups])
        assert [states[group.id].value for group in groups] == ["none", "unused", "in_use", "locked"]
