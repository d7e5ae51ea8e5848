"""Passwords by mailed links, where one is signed in, and leaving for good."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import links, queries, second_factor, user_services
from portal.accounts.models import PasswordLink, SignedInSession, User
from portal.domain.errors import Conflict, NotPermitted
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit, jobs
from portal.ground.models import Mail
from tests.integration.accounts.browser import Browser
from tests.integration.accounts.test_cards import audited
from tests.support.factories import PASSWORD, Factories
from tests.support.smtp import Postbox, hand_in_at

WAY_IN, FORGOTTEN, ACCOUNT = "/ja/sign-in", "/staff/forgotten", "/staff/account"
NEW = "ひまわり朝霞の空はあおい"
ADDRESS = re.compile(r"http://portal\.test(/staff/new-password/[a-z2-7]{26})\b")
Later = Callable[..., None]


@pytest.fixture
def box(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with Postbox() as box:
        hand_in_at(asaka, monkeypatch, box.url)
        yield box


@pytest.fixture
def user(make: Factories) -> User:
    return make.user({"role": "reviewer"}, email="tanaka@example.jp")


@pytest.fixture
def office(asaka: Flask, make: Factories) -> Browser:
    """An administrator who is signed in."""
    boss = make.user({"role": "administrator"}, email="boss@example.jp", name="管理 花子")
    browser = Browser(asaka, "203.0.113.5")
    assert browser.send(WAY_IN, typed(boss)).status_code == 303
    return browser


def typed(user: User, password: str = PASSWORD) -> dict[str, str]:
    return {"email": user.email, "password": password}


def mailed(box: Postbox, number: int = -1) -> str:
    """The link in a mail that went out."""
    jobs.run()
    found = ADDRESS.search(box.mails[number].get_content())
    assert found
    return found[1]


@pytest.mark.both_databases
def test_a_forgotten_password_is_chosen_anew(
    asaka: Flask, browser: Browser, user: User, box: Postbox
) -> None:
    browser.send(WAY_IN, typed(user))
    elsewhere = Browser(asaka)
    assert elsewhere.send(FORGOTTEN, {"email": " TANAKA@example.jp"}).status_code == 200
    link = mailed(box)
    assert box.recipients == ["tanaka@example.jp"]
    for _n in range(3):  # looking spends nothing
        assert elsewhere.get(link).status_code == 200
    assert elsewhere.send(link, {"new": "short"}).status_code == 422
    answer = elsewhere.send(link, {"new": NEW})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.get("/staff/").status_code == 303  # signed out everywhere
    assert elsewhere.get("/staff/").status_code == 303  # and the link signs nobody in
    assert browser.send(WAY_IN, typed(user)).status_code == 422
    assert browser.send(WAY_IN, typed(user, NEW)).status_code == 303
    assert elsewhere.get(link).status_code == 404
    assert elsewhere.post(link, {"new": NEW}).status_code == 404
    assert audited("user", user.id)[-3:] == ["reset_sent", "password_set_by_link", "signed_in"]


def test_the_answer_is_the_same_whoever_it_is(browser: Browser, user: User, box: Postbox) -> None:
    pages = []
    for email in (user.email, "nobody@example.jp"):
        assert browser.send(FORGOTTEN, {"email": email}).status_code == 200
        pages.append(re.sub(r'value="[^"]*"', "", browser.page.replace(email, "")))
    assert pages[0] == pages[1]
    jobs.run()
    assert box.recipients == [user.email]


def test_asking_again_and_again_is_slowed_down(
    browser: Browser, user: User, box: Postbox, later: Later
) -> None:
    for email in (user.email, "nobody@example.jp"):  # known or not
        answers = [browser.send(FORGOTTEN, {"email": email}).status_code for _n in range(4)]
        assert answers == [200] * 3 + [429]
    jobs.run()
    assert len(box.mails) == 3
    later(minutes=61)
    assert browser.send(FORGOTTEN, {"email": user.email}).status_code == 200


def test_whoever_is_kept_out_gets_no_link(
    browser: Browser, user: User, box: Postbox, make: Factories
) -> None:
    browser.send(FORGOTTEN, {"email": user.email})
    link = mailed(box)
    user_services.set_active(SYSTEM, db.session.get_one(User, user.id), False)
    db.session.commit()
    assert browser.get(link).status_code == 404
    browser.send(FORGOTTEN, {"email": user.email})
    jobs.run()
    assert len(box.mails) == 1


def test_half_an_hour_is_the_end_of_it(browser: Browser, user: User, box: Postbox, later: Later) -> None:
    browser.send(FORGOTTEN, {"email": user.email})
    link = mailed(box)
    later(minutes=29)
    assert browser.get(link).status_code == 200
    later(minutes=2)
    assert browser.get(link).status_code == 404
    browser.send(FORGOTTEN, {"email": user.email})
    later(minutes=31)
    jobs.run()
    assert len(box.mails) == 1  # a link that has died is not mailed any more


def test_a_link_dies_with_every_other_one_and_with_a_new_password(
    browser: Browser, user: User, box: Postbox
) -> None:
    browser.send(FORGOTTEN, {"email": user.email})
    browser.send(FORGOTTEN, {"email": user.email})
    first, second = mailed(box, 0), mailed(box, 1)
    assert browser.send(second, {"new": NEW}).status_code == 200
    assert browser.get(first).status_code == 404
    browser.send(FORGOTTEN, {"email": user.email})
    third = mailed(box)
    browser.send(WAY_IN, typed(user, NEW))
    browser.send("/staff/password", {"current": NEW, "new": NEW + NEW})
    assert browser.get(third).status_code == 404


def test_a_link_is_kept_as_a_digest_and_its_mail_wiped(browser: Browser, user: User, box: Postbox) -> None:
    browser.send(FORGOTTEN, {"email": user.email})
    token = mailed(box).rsplit("/", 1)[1]
    row = db.session.scalars(select(PasswordLink)).one()
    assert token not in row.token_digest
    assert db.session.scalars(select(Mail.text)).all() == [None]


def test_a_link_leaves_the_second_factor_alone(browser: Browser, user: User, box: Postbox) -> None:
    from tests.integration.accounts.test_second_factor import code_of

    row = db.session.get_one(User, user.id)
    offer = second_factor.offer(row)
    second_factor.confirm(row, offer.sealed, code_of(offer.secret))
    db.session.commit()
    browser.send(FORGOTTEN, {"email": user.email})
    assert browser.send(mailed(box), {"new": NEW}).status_code == 200
    assert browser.send(WAY_IN, typed(user, NEW)).location == "/staff/sign-in/code"


def test_a_new_password_forgives_wrong_tries(browser: Browser, user: User, box: Postbox) -> None:
    assert [browser.send(WAY_IN, typed(user, "x")).status_code for _n in range(6)][-1] == 429
    browser.send(FORGOTTEN, {"email": user.email})
    browser.send(mailed(box), {"new": NEW})
    assert browser.send(WAY_IN, typed(user, NEW)).status_code == 303


@pytest.mark.usefixtures("asaka")
def test_without_a_mail_server_the_page_says_whom_to_ask(
    browser: Browser, user: User, office: Browser
) -> None:
    assert browser.get(FORGOTTEN).status_code == 200
    assert 'name="email"' not in browser.page
    assert office.send(f"/staff/users/{user.id}/link", page=f"/staff/users/{user.id}").status_code == 409
    office.get("/staff/users/")
    assert 'value="invite"' not in office.page


@pytest.mark.both_databases
def test_somebody_new_is_invited(office: Browser, browser: Browser, box: Postbox) -> None:
    asked = {"name": "新人 太郎", "email": "new@example.jp", "role": "committee", "how": "invite"}
    assert office.send("/staff/users/", asked).status_code == 303
    made = queries.user_by_email("new@example.jp")
    assert made is not None
    assert browser.send(WAY_IN, {"email": made.email, "password": "!"}).status_code == 422
    assert browser.send(mailed(box), {"new": NEW}).status_code == 200
    assert browser.send(WAY_IN, typed(made, NEW)).location == "/staff/"
    assert audited("user", made.id)[:3] == ["added", "granted", "invitation_sent"]


def test_an_invitation_lasts_a_week(
    office: Browser, browser: Browser, box: Postbox, later: Later, asaka: Flask
) -> None:
    asked = {"name": "新人", "email": "new@example.jp", "role": "committee", "how": "invite"}
    office.send("/staff/users/", asked)
    link = mailed(box)
    later(days=6)
    assert browser.get(link).status_code == 200
    later(days=2)
    assert browser.get(link).status_code == 404


def test_a_password_is_still_made_for_who_has_no_mail(
    office: Browser, browser: Browser, box: Postbox
) -> None:
    asked = {"name": "新人", "email": "new@example.jp", "role": "committee"}
    assert office.send("/staff/users/", asked).status_code == 200
    password = re.search(r"<code>([a-z2-7-]{23})</code>", office.page)
    assert password
    assert browser.send(WAY_IN, {"email": "new@example.jp", "password": password[1]}).status_code == 303


@pytest.mark.both_databases
def test_one_button_ends_all_the_others(asaka: Flask, browser: Browser, user: User, later: Later) -> None:
    others = [Browser(asaka), Browser(asaka)]
    for one in (browser, *others):
        one.send(WAY_IN, typed(user))
    later(minutes=30)
    others[0].get("/staff/")
    browser.get(ACCOUNT)
    assert browser.page.count("<li><span><strong>") == 3
    assert browser.send("/staff/account/browsers", page=ACCOUNT).status_code == 303
    assert [one.get("/staff/").status_code for one in (browser, *others)] == [200, 303, 303]
    assert audited("user", user.id)[-1] == "sessions_ended"


def test_use_is_noted_to_ten_minutes(browser: Browser, user: User, later: Later) -> None:
    browser.send(WAY_IN, typed(user))

    def noted() -> object:
        return db.session.scalars(select(SignedInSession.last_used_at)).one()

    later(minutes=9)
    browser.get("/staff/")
    assert noted() is None
    later(minutes=2)
    browser.get("/staff/")
    assert noted() is not None


def test_an_administrator_signs_somebody_out(office: Browser, browser: Browser, user: User) -> None:
    browser.send(WAY_IN, typed(user))
    path = f"/staff/users/{user.id}"
    assert office.send(f"{path}/browsers", page=path).status_code == 303
    assert browser.get("/staff/").status_code == 303


def test_one_s_password_is_guessed_at_five_times(browser: Browser, user: User) -> None:
    browser.send(WAY_IN, typed(user))
    wrong = {"current": "wrong", "new": NEW}
    answers = [browser.send("/staff/password", wrong).status_code for _n in range(5)]
    assert answers == [422] * 5
    right = {"current": PASSWORD, "new": NEW}
    assert browser.send("/staff/password", right).status_code == 422  # too many tries
    assert browser.send("/staff/sign-out", page=ACCOUNT).status_code == 303
    assert browser.send(WAY_IN, typed(user)).status_code == 303


@pytest.mark.both_databases
def test_whoever_has_left_is_erased_and_the_chain_holds(office: Browser, user: User, box: Postbox) -> None:
    path = f"/staff/users/{user.id}"
    assert office.send(f"{path}/erase", page=path).status_code == 409  # may still sign in
    office.send(f"{path}/link", page=path)
    office.send(f"{path}/active", {"active": "0"}, page=path)
    assert office.send(f"{path}/erase", page=path).status_code == 303
    row = db.session.get_one(User, user.id)
    assert (row.name, row.grants) == ("", [])
    assert "tanaka" not in row.email
    assert [m.recipient for m in db.session.scalars(select(Mail))] == [None]
    assert audited("user", user.id)[-1] == "erased"
    assert audit.first_broken()[1] is None
    assert office.send(f"{path}/active", {"active": "1"}, page=path).status_code == 409
    assert office.send(f"{path}/password", page=ACCOUNT).status_code == 409
    for page in ("/staff/users/", path, "/staff/audit/"):
        assert office.get(page).status_code == 200
        assert "見本 職員" not in office.page


def test_the_services_ask_the_permission_again(make: Factories, user: User, box: Postbox) -> None:
    reviewer = make.actor(make.reviewer())
    for act in (
        lambda: links.send(reviewer, user),
        lambda: second_factor.reset(reviewer, user),
        lambda: user_services.end_browsers(reviewer, user),
        lambda: user_services.erase(reviewer, user),
    ):
        with pytest.raises(NotPermitted):
            act()
    user.active = False
    with pytest.raises(Conflict):
        links.send(SYSTEM, user)
