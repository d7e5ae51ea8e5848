"""Staff's way in, out, and being kept out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from portal.accounts import throttle, user_services
from portal.accounts.models import SignedInSession, SignInAttempt, User
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.organisations.models import Organisation
from tests.integration.accounts.browser import Browser
from tests.integration.accounts.test_cards import audited, sessions
from tests.support.factories import PASSWORD, Factories

pytestmark = pytest.mark.both_databases
WAY_IN = "/ja/sign-in"


@pytest.fixture
def user(make: Factories) -> User:
    return make.user({"role": "administrator"}, email="tanaka@example.jp")


def typed(user: User, password: str = PASSWORD) -> dict[str, str]:
    return {"email": user.email, "password": password}


@pytest.fixture
def staff(browser: Browser, user: User) -> Browser:
    assert browser.send(WAY_IN, typed(user)).status_code == 303
    return browser


@pytest.mark.parametrize("slug", ["ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"])
def test_the_page_is_there_in_every_language(browser: Browser, slug: str) -> None:
    assert browser.get(f"/{slug}/sign-in").status_code == 200
    assert 'name="email"' in browser.page


def test_signs_in_and_out(browser: Browser, user: User) -> None:
    answer = browser.send(WAY_IN, typed(user))
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert "Expires" not in answer.headers["Set-Cookie"]  # a staff browser forgets at closing
    assert browser.get("/staff/").status_code == 200
    answer = browser.send("/staff/sign-out", page="/staff/password")
    assert answer.location == "/ja/sign-in"
    assert browser.get("/staff/").status_code == 303
    assert audited("user", user.id) == ["signed_in", "signed_out"]


def test_an_address_is_read_as_people_type_it(browser: Browser, user: User) -> None:
    assert browser.send(WAY_IN, {"email": " TANAKA@example.jp ", "password": PASSWORD}).status_code == 303


def test_wrong_is_one_message_whoever_asks(browser: Browser, user: User) -> None:
    pages = []
    for email in (user.email, "nobody@example.jp"):
        assert browser.send(WAY_IN, {"email": email, "password": "wrong"}).status_code == 422
        pages.append(browser.page.replace(email, "").replace(browser.token(), ""))
    assert pages[0] == pages[1]
    assert sessions() == []


def test_nothing_typed_is_said_at_the_field(browser: Browser) -> None:
    assert browser.send(WAY_IN, {"email": "", "password": ""}).status_code == 422


def test_without_a_valid_token_the_same_form_keeps_the_address(browser: Browser, user: User) -> None:
    for token in ({}, {"csrf_token": "made-up"}):
        browser.get(WAY_IN)
        assert browser.post(WAY_IN, typed(user) | token).status_code == 400
        assert 'value="tanaka@example.jp"' in browser.page
        assert PASSWORD not in browser.page
    assert browser.post(WAY_IN, typed(user) | {"csrf_token": browser.token()}).status_code == 303


def test_a_token_from_before_sign_in_is_worth_nothing_after_it(browser: Browser, user: User) -> None:
    browser.get(WAY_IN)
    old = browser.token()
    browser.post(WAY_IN, typed(user) | {"csrf_token": old})
    assert (
        browser.post("/staff/password", {"current": PASSWORD, "new": "x" * 20, "csrf_token": old}).status_code
        == 400
    )
    assert browser.post("/staff/sign-out", {"csrf_token": old}).status_code == 400
    assert browser.get("/staff/").status_code == 200


def test_five_wrong_for_an_address_then_a_pause(
    browser: Browser, user: User, later: Callable[..., None]
) -> None:
    answers = [browser.send(WAY_IN, typed(user, "wrong")).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    elsewhere = Browser(browser.client.application, "203.0.113.9")
    assert elsewhere.send(WAY_IN, typed(user)).status_code == 429  # it is the account that is guessed at
    later(minutes=15)
    assert browser.send(WAY_IN, typed(user)).status_code == 303


def test_a_right_one_forgets_the_wrong_ones(browser: Browser, user: User) -> None:
    for _ in range(3):
        for _ in range(4):
            browser.send(WAY_IN, typed(user, "wrong"))
        assert browser.send(WAY_IN, typed(user)).status_code == 303


def test_a_network_is_slowed_an_order_later(asaka: Flask, user: User) -> None:
    """Fifty, whatever e-mail addresses are tried; a whole IPv6 household counts as one."""
    guesser = Browser(asaka)
    answers = []
    for n in range(51):
        guesser.address = f"2001:db8:1:2::{n:x}"
        answers.append(guesser.send(WAY_IN, {"email": f"a{n}@example.jp", "password": "x"}).status_code)
    assert answers == [422] * 50 + [429]
    guesser.address = "2001:db8:1:3::1"
    assert guesser.send(WAY_IN, typed(user)).status_code == 303


def test_tries_are_kept_without_addresses(browser: Browser, user: User) -> None:
    browser.send(WAY_IN, typed(user, "wrong"))
    kept = str([(row.key, row.window) for row in db.session.scalars(select(SignInAttempt))])
    assert "tanaka" not in kept
    assert "192.0.2.1" not in kept


def test_a_throttle_that_would_commit_someone_else_s_work_is_refused(make: Factories) -> None:
    db.session.add(
        Organisation(public_id="x", side="group", name="x", names={}, opened_on=make.group().opened_on)
    )
    with pytest.raises(RuntimeError), throttle.own_transaction():
        pass
    db.session.rollback()


def test_the_id_in_the_cookie_changes_at_sign_in(browser: Browser, staff: Browser, user: User) -> None:
    before = browser.client.get_cookie("portal")
    browser.send(WAY_IN, typed(user))
    assert before is not None
    browser.client.set_cookie("portal", before.value)
    assert browser.get("/staff/").status_code == 303


def test_a_working_day_later_one_signs_in_again(staff: Browser, later: Callable[..., None]) -> None:
    later(hours=11)
    assert staff.get("/staff/").status_code == 200
    later(hours=2)
    assert staff.get("/staff/").status_code == 303


def test_whoever_is_deactivated_is_out_at_once(staff: Browser, user: User, make: Factories) -> None:
    make.user({"role": "administrator"})
    user_services.set_active(SYSTEM, user, False)
    db.session.commit()
    assert staff.get("/staff/").status_code == 303
    assert staff.send(WAY_IN, typed(user)).status_code == 422
    assert [row.ended_at is None for row in sessions()] == [False]
    user_services.set_active(SYSTEM, user, True)
    db.session.commit()
    assert staff.get("/staff/").status_code == 303  # the old browser stays out
    assert staff.send(WAY_IN, typed(user)).status_code == 303


def test_a_session_of_somebody_inactive_is_none(staff: Browser, user: User) -> None:
    user.active = False
    db.session.commit()
    assert staff.get("/staff/").status_code == 303


def test_an_unknown_address_takes_as_long(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    monkeypatch.setattr(PasswordHasher, "verify", lambda _self, kept, _typed: bool(checked.append(kept)))
    browser.send(WAY_IN, {"email": "nobody@example.jp", "password": "x"})
    assert [kept.startswith("$argon2id$") for kept in checked] == [True]
    assert sessions() == []


def test_a_role_that_is_taken_back_is_gone_at_the_next_page(
    staff: Browser, user: User, make: Factories
) -> None:
    assert staff.get("/staff/users/").status_code == 200
    make.user({"role": "administrator"})
    user_services.grant(SYSTEM, user, user_services.Grant(user_services.Role.COMMITTEE))
    user_services.take_back(SYSTEM, user, user.grants[0].id)
    db.session.commit()
    assert staff.get("/staff/users/").status_code == 403


def test_a_card_is_no_staff_and_staff_no_card(staff: Browser, make: Factories, asaka: Flask) -> None:
    assert staff.get("/ja/report/phones").status_code == 403
    phone = Browser(asaka)
    _card, token = make.card(make.group())
    phone.send(f"/ja/card/{token}", {"pin": "271828"})
    assert phone.get("/staff/users/").status_code == 403


def test_htmx_is_led_to_the_way_in(browser: Browser) -> None:
    answer = browser.get("/staff/users/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/ja/sign-in")


def test_one_query_finds_out_who_it_is(asaka: Flask, staff: Browser, make: Factories) -> None:
    phone, (_card, token) = Browser(asaka), make.card(make.group())
    phone.send(f"/ja/card/{token}", {"pin": "271828"})
    seen: list[str] = []
    db.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    staff.get("/staff/password")
    assert len([statement for statement in seen if "FROM sessions" in statement]) == 1
    phone.get("/ja/report/")
    assert len([statement for statement in seen if "FROM sessions" in statement]) == 2


def test_one_s_own_password(staff: Browser, user: User, asaka: Flask) -> None:
    elsewhere = Browser(asaka)
    elsewhere.send(WAY_IN, typed(user))
    page, new = "/staff/password", "ひまわり朝霞の空はあおい"
    assert staff.send(page, {"current": "wrong", "new": new}).status_code == 422
    assert staff.send(page, {"current": PASSWORD, "new": "short"}).status_code == 422
    assert staff.send(page, {"current": PASSWORD, "new": new}).status_code == 303
    assert staff.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 303
    assert elsewhere.send(WAY_IN, typed(user)).status_code == 422
    assert elsewhere.send(WAY_IN, typed(user, new)).status_code == 303
    assert "password_changed" in audited("user", user.id)


def test_sessions_hold_digests_only(staff: Browser) -> None:
    row = db.session.scalars(select(SignedInSession)).one()
    cookie = staff.client.get_cookie("portal")
    assert cookie is not None
    assert row.token_digest not in cookie.value
    assert len(row.token_digest) == 64
