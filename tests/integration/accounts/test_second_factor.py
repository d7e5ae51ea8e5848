"""A code after the password: enrolling, once each, drift, recovery, loss, production's rule, key rotation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts import second_factor, user_services
from portal.accounts.cli import user as command
from portal.accounts.models import RecoveryCode, User
from portal.domain.errors import Conflict
from portal.domain.permissions import SYSTEM, Grant, Role
from portal.extensions import db
from tests.integration.accounts.browser import Browser
from tests.integration.accounts.test_cards import audited
from tests.support.factories import PASSWORD, Factories

WAY_IN, CODE, RECOVERY, FIRST = (
    "/ja/sign-in",
    "/staff/sign-in/code",
    "/staff/sign-in/recovery",
    "/staff/sign-in/phone",
)
PHONE, ACCOUNT = "/staff/account/phone", "/staff/account"
Later = Callable[..., None]


@pytest.fixture
def user(make: Factories) -> User:
    return make.user({"role": "administrator"}, email="tanaka@example.jp")


@pytest.fixture
def production(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(asaka.config["SETTINGS"], environment="production")
    monkeypatch.setitem(asaka.config, "SETTINGS", settings)


def typed(user: User, password: str = PASSWORD) -> dict[str, str]:
    return {"email": user.email, "password": password}


def secret_on(page: str) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


def sealed_on(page: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def tie(browser: Browser, page: str = PHONE, **more: str) -> tuple[str, list[str]]:
    """Enrol on the page; the secret and the recovery codes."""
    browser.get(page)
    secret = secret_on(browser.page)
    form = {"sealed": sealed_on(browser.page), "code": code_of(secret), **more}
    answer = browser.post(page, {**form, "csrf_token": browser.token()})
    assert answer.status_code == 200, answer.status_code
    return secret, re.findall(r"<li><code>([a-z2-7-]{19})</code>", browser.page)


@pytest.fixture
def enrolled(browser: Browser, user: User, later: Later) -> tuple[str, list[str]]:
    """The user's secret and recovery codes; a minute has passed, and nobody is signed in."""
    browser.send(WAY_IN, typed(user))
    found = tie(browser)
    later(minutes=1)
    browser.send("/staff/sign-out", page=ACCOUNT)
    return found


@pytest.mark.both_databases
def test_a_phone_is_tied_and_then_asked_for(
    browser: Browser, user: User, enrolled: tuple[str, list[str]]
) -> None:
    secret, codes = enrolled
    assert len(set(codes)) == 10
    assert browser.send(WAY_IN, typed(user)).location == CODE
    assert browser.get("/staff/").status_code == 303  # the password alone opens nothing
    assert browser.send(CODE, {"code": "000000"}).status_code == 422
    assert browser.get("/staff/").status_code == 303
    answer = browser.send(CODE, {"code": f" {code_of(secret)[:3]} {code_of(secret)[3:]} "})
    assert answer.location == "/staff/"
    assert browser.get("/staff/").status_code == 200
    assert audited("user", user.id)[-2:] == ["signed_out", "signed_in"]


def test_looking_at_the_square_writes_nothing(browser: Browser, user: User) -> None:
    browser.send(WAY_IN, typed(user))
    browser.get(PHONE)
    first = secret_on(browser.page)
    assert "<svg" in browser.page
    browser.get(PHONE)
    assert secret_on(browser.page) != first
    assert db.session.get_one(User, user.id).totp_secret is None


def test_the_same_square_stays_after_a_wrong_code(browser: Browser, user: User) -> None:
    browser.send(WAY_IN, typed(user))
    browser.get(PHONE)
    first, form = secret_on(browser.page), {"sealed": sealed_on(browser.page), "code": "000000"}
    assert browser.post(PHONE, {**form, "csrf_token": browser.token()}).status_code == 422
    assert secret_on(browser.page) == first
    assert browser.post(PHONE, {**form, "csrf_token": "made-up"}).status_code == 400
    assert secret_on(browser.page) == first
    assert not second_factor.is_set(db.session.get_one(User, user.id))


def test_somebody_else_s_square_is_refused(browser: Browser, user: User, make: Factories) -> None:
    """Else a colleague could have a secret put in force that they know."""
    other = second_factor.offer(make.user())
    browser.send(WAY_IN, typed(user))
    form = {"sealed": other.sealed, "code": code_of(other.secret)}
    assert browser.send(PHONE, form).status_code == 422
    assert secret_on(browser.page) != other.secret


def test_an_old_square_is_refused(browser: Browser, user: User, later: Later) -> None:
    browser.send(WAY_IN, typed(user))
    old = second_factor.offer(user)
    later(minutes=61)
    assert browser.send(PHONE, {"sealed": old.sealed, "code": code_of(old.secret)}).status_code == 422


@pytest.mark.both_databases
def test_a_code_works_once(
    asaka: Flask, browser: Browser, user: User, enrolled: tuple[str, list[str]]
) -> None:
    code = code_of(enrolled[0])
    other = Browser(asaka)
    for one in (browser, other):
        one.send(WAY_IN, typed(user))
    assert browser.send(CODE, {"code": code}).status_code == 303
    assert other.send(CODE, {"code": code}).status_code == 422
    assert (
        other.send(CODE, {"code": code_of(enrolled[0], -1)}).status_code == 422
    )  # nor an earlier one after it


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_clock_may_be_one_step_off(
    browser: Browser, user: User, enrolled: tuple[str, list[str]], steps: int, status: int
) -> None:
    browser.send(WAY_IN, typed(user))
    assert browser.send(CODE, {"code": code_of(enrolled[0], steps)}).status_code == status


def test_guessing_a_code_is_slowed_down(
    browser: Browser, user: User, enrolled: tuple[str, list[str]], later: Later
) -> None:
    browser.send(WAY_IN, typed(user))
    wrong = [browser.send(CODE, {"code": "000000"}).status_code for _n in range(4)]
    wrong.append(browser.send(RECOVERY, {"code": "aaaa-bbbb-cccc-dddd"}).status_code)  # counted together
    assert wrong == [422] * 5
    assert browser.send(CODE, {"code": code_of(enrolled[0])}).status_code == 429
    browser.send(WAY_IN, typed(user))  # the password again does not help
    assert browser.send(CODE, {"code": code_of(enrolled[0])}).status_code == 429
    later(minutes=16)
    browser.send(WAY_IN, typed(user))
    assert browser.send(CODE, {"code": code_of(enrolled[0])}).status_code == 303


@pytest.mark.both_databases
def test_a_recovery_code_works_once(browser: Browser, user: User, enrolled: tuple[str, list[str]]) -> None:
    code = enrolled[1][3]
    browser.send(WAY_IN, typed(user))
    answer = browser.send(RECOVERY, {"code": f" {code.upper().replace('-', ' ')} "})
    assert answer.location == ACCOUNT
    assert browser.get(ACCOUNT).status_code == 200
    browser.send("/staff/sign-out", page=ACCOUNT)
    browser.send(WAY_IN, typed(user))
    assert browser.send(RECOVERY, {"code": code}).status_code == 422
    assert browser.send(RECOVERY, {"code": enrolled[1][4]}).status_code == 303
    assert audited("user", user.id).count("recovery_code_used") == 2


def test_recovery_codes_are_kept_as_digests_and_the_secret_sealed(
    user: User, enrolled: tuple[str, list[str]]
) -> None:
    secret, codes = enrolled
    kept = " ".join(db.session.scalars(select(RecoveryCode.digest)))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert secret not in (db.session.get_one(User, user.id).totp_secret or secret)


def test_the_code_page_is_nobody_s_without_a_password(
    browser: Browser, user: User, enrolled: tuple[str, list[str]], later: Later, asaka: Flask
) -> None:
    stranger = Browser(asaka)
    for page in (CODE, RECOVERY, FIRST):
        assert stranger.get(page).location == WAY_IN
    browser.send(WAY_IN, typed(user))
    assert browser.get(FIRST).location == WAY_IN  # nor may one who has a phone tie another
    later(minutes=11)
    assert browser.get(CODE).location == WAY_IN


def test_half_way_ends_with_the_password(
    browser: Browser, user: User, enrolled: tuple[str, list[str]]
) -> None:
    browser.send(WAY_IN, typed(user))
    user_services.reset_password(SYSTEM, db.session.get_one(User, user.id))
    db.session.commit()
    assert browser.get(CODE).location == WAY_IN


def test_another_phone_needs_the_password(
    asaka: Flask, browser: Browser, user: User, enrolled: tuple[str, list[str]], later: Later
) -> None:
    old = enrolled[0]
    browser.send(WAY_IN, typed(user))
    browser.send(CODE, {"code": code_of(old)})
    browser.get(PHONE)
    form = {"sealed": sealed_on(browser.page), "code": code_of(secret_on(browser.page))}
    for wrong in ({}, {"current": "wrong"}):
        assert browser.post(PHONE, {**form, **wrong, "csrf_token": browser.token()}).status_code == 422
    new, codes = tie(browser, current=PASSWORD)
    later(minutes=1)
    elsewhere = Browser(asaka)
    elsewhere.send(WAY_IN, typed(user))
    assert elsewhere.send(CODE, {"code": code_of(old)}).status_code == 422
    assert elsewhere.send(RECOVERY, {"code": enrolled[1][0]}).status_code == 422
    assert elsewhere.send(CODE, {"code": code_of(new)}).status_code == 303
    assert len(codes) == 10


def test_new_recovery_codes_end_the_old(
    browser: Browser, user: User, enrolled: tuple[str, list[str]]
) -> None:
    browser.send(WAY_IN, typed(user))
    browser.send(CODE, {"code": code_of(enrolled[0])})
    page = "/staff/account/codes"
    assert browser.send(page, {"current": "wrong"}, page=ACCOUNT).status_code == 422
    assert browser.send(page, {"current": PASSWORD}, page=ACCOUNT).status_code == 200
    fresh = re.findall(r"<li><code>([a-z2-7-]{19})</code>", browser.page)
    browser.send("/staff/sign-out", page=ACCOUNT)
    browser.send(WAY_IN, typed(user))
    assert browser.send(RECOVERY, {"code": enrolled[1][0]}).status_code == 422
    assert browser.send(RECOVERY, {"code": fresh[0]}).status_code == 303


def test_an_administrator_takes_a_lost_phone_s_code_away(
    asaka: Flask, browser: Browser, user: User, enrolled: tuple[str, list[str]], make: Factories
) -> None:
    colleague = make.user({"role": "administrator"})
    browser.send(WAY_IN, typed(user))
    browser.send(CODE, {"code": code_of(enrolled[0])})
    theirs = f"/staff/users/{user.id}/second-factor"
    assert browser.send(theirs, page=ACCOUNT).status_code == 409  # not one's own
    office = Browser(asaka)
    office.send(WAY_IN, typed(colleague))
    assert office.send(theirs, page=f"/staff/users/{user.id}").status_code == 303
    assert browser.get("/staff/").status_code == 303  # signed out at once
    assert browser.send(WAY_IN, typed(user)).location == "/staff/"
    assert "second_factor_reset" in audited("user", user.id)
    assert db.session.scalars(select(RecoveryCode)).all() == []


@pytest.mark.both_databases
@pytest.mark.usefixtures("production")
def test_in_production_staff_are_led_to_it_first_and_to_nothing_else(
    browser: Browser, user: User, later: Later
) -> None:
    assert browser.send(WAY_IN, typed(user)).location == FIRST
    for page in ("/staff/", "/staff/users/", ACCOUNT, PHONE):
        assert browser.get(page).location == WAY_IN
    _secret, codes = tie(browser, FIRST)
    assert len(codes) == 10
    assert browser.get("/staff/users/").status_code == 200


def test_an_open_session_without_a_factor_ends_when_production_begins(
    browser: Browser, user: User, request: pytest.FixtureRequest
) -> None:
    browser.send(WAY_IN, typed(user))
    assert browser.get("/staff/").status_code == 200
    request.getfixturevalue("production")
    assert browser.get("/staff/").status_code == 303


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    ("role", "location"),
    [("committee", "/staff/"), ("chair", "/staff/"), ("reviewer", FIRST), ("officer", FIRST)],
)
def test_who_needs_one_in_production(browser: Browser, make: Factories, role: str, location: str) -> None:
    """What a paper card may open, a password may open by itself (docs/adr/0030)."""
    scope = {"organisation_id": make.office("shakyo").id} if role == "officer" else {"district": "d1"}
    person = make.user({"role": role, **scope})
    assert browser.send(WAY_IN, typed(person)).location == location


@pytest.mark.usefixtures("production")
def test_a_committee_member_who_becomes_a_reviewer_needs_one_at_once(
    browser: Browser, make: Factories
) -> None:
    person = make.user({"role": "committee"})
    browser.send(WAY_IN, typed(person))
    assert browser.get("/staff/").status_code == 200
    user_services.grant(SYSTEM, db.session.get_one(User, person.id), Grant(Role.REVIEWER))
    db.session.commit()
    assert browser.get("/staff/").status_code == 303


def test_a_new_secret_key_locks_nobody_out(
    asaka: Flask,
    browser: Browser,
    user: User,
    enrolled: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under the new key with the old as a fallback; then, sealed anew, without the old one."""
    before, old_key = db.session.get_one(User, user.id).totp_secret, asaka.config["SECRET_KEY"]
    monkeypatch.setitem(asaka.config, "SECRET_KEY", "another-secret-key-for-tests-9876543210")
    monkeypatch.setitem(asaka.config, "SECRET_KEY_FALLBACKS", [old_key])
    browser.send(WAY_IN, typed(user))
    assert browser.send(CODE, {"code": code_of(enrolled[0])}).status_code == 303
    assert db.session.get_one(User, user.id).totp_secret != before
    monkeypatch.setitem(asaka.config, "SECRET_KEY_FALLBACKS", [])
    assert second_factor.reseal_all() == (1, [])


def test_without_the_key_a_recovery_code_still_gets_in(
    asaka: Flask,
    browser: Browser,
    user: User,
    enrolled: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(asaka.config, "SECRET_KEY", "another-secret-key-for-tests-9876543210")
    assert second_factor.reseal_all() == (0, [user.email])
    browser.send(WAY_IN, typed(user))
    assert browser.send(CODE, {"code": code_of(enrolled[0])}).status_code == 422
    assert browser.send(RECOVERY, {"code": enrolled[1][0]}).status_code == 303


def test_the_operator_s_commands(user: User, enrolled: tuple[str, list[str]]) -> None:
    done = CliRunner().invoke(command, ["seal"])
    assert (done.exit_code, done.output) == (0, "Sealed with today's key: 1\n")
    done = CliRunner().invoke(command, ["reset-second-factor", user.email])
    assert done.exit_code == 0, done.output
    db.session.expire_all()
    assert not second_factor.is_set(db.session.get_one(User, user.id))
    assert audited("user", user.id)[-1] == "second_factor_reset"


def test_codes_need_a_factor(user: User) -> None:
    with pytest.raises(Conflict):
        second_factor.renew_codes(user)
