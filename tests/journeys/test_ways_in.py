"""Staff's ways in, in real Chromium: a phone is tied, codes, a recovery code, a password by mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from portal.demo.people import PASSWORD
from tests.support.axe import violations
from tests.support.browser import DESK, portal, serving
from tests.support.city import NOW, Site, environment
from tests.support.smtp import Postbox

Open = Callable[..., Page]
ADDRESS = re.compile(r"(/staff/new-password/[a-z2-7]{26})\b")
NEW = "ひまわり朝霞の空はあおい"


def sign_in(page: Page, password: str = PASSWORD, email: str = "reviewer@example.jp") -> None:
    page.goto("/ja/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.locator("main form button").click()


def enter(page: Page, code: str) -> None:
    page.fill("input[name=code]", code)
    page.locator("main form button").click()


def code_at(secret: str, seconds: int = 0) -> str:
    """The code of the portal's own clock, which stands still in a test city."""
    from datetime import datetime, timedelta

    return pyotp.TOTP(secret).at(datetime.fromisoformat(NOW) + timedelta(seconds=seconds))


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_phone_is_tied_then_codes_and_a_recovery_code_let_in(
    own_site: Site, open_page: Open, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page)
    page.wait_for_url("**/staff/")
    page.goto("/staff/account")
    page.locator('a[href="/staff/account/phone"]').click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    expect(page.locator("svg.qr")).to_be_visible()
    enter(page, code_at(secret))
    expect(page.locator("h1")).to_have_text("予備コード")
    codes = page.locator("ol.recovery code").all_inner_texts()
    assert len(codes) == 10
    if javascript:
        assert violations(page) == []
        expect(page.locator("[data-print]")).to_be_visible()
    page.locator("main a.button").click()
    page.wait_for_url("**/staff/")
    page.goto("/staff/account")
    page.locator("details.menu summary").last.click()
    page.locator('form[action="/staff/sign-out"] button').click()
    page.wait_for_url("**/sign-in")

    sign_in(page)
    page.wait_for_url("**/staff/sign-in/code")
    if javascript:
        assert violations(page) == []
    enter(page, code_at(secret))  # used up when the phone was tied
    expect(page.locator("#errors")).to_be_visible()
    enter(page, code_at(secret, 30))
    page.wait_for_url("**/staff/")

    elsewhere = open_page(viewport=DESK)
    sign_in(elsewhere)
    elsewhere.locator('a[href="/staff/sign-in/recovery"]').click()
    enter(elsewhere, codes[0])
    elsewhere.wait_for_url("**/staff/account")
    expect(elsewhere.locator("main")).to_contain_text("10個のうち9個")
    elsewhere.locator('form[action="/staff/account/browsers"] button').click()
    elsewhere.wait_for_url("**/staff/account?ended=*")
    page.goto("/staff/")
    expect(page).to_have_url(re.compile("/sign-in$"))  # signed out from over there


def test_a_forgotten_password_comes_back_by_mail(city: Path, tmp_path: Path, chromium: object) -> None:
    import shutil

    database = tmp_path / "portal.sqlite3"
    shutil.copyfile(city, database)
    with Postbox() as box, serving({**environment(database), "PORTAL_SMTP_URL": box.url}) as url:
        page: Page = chromium.open(url)  # type: ignore[attr-defined]
        page.goto("/ja/sign-in")
        page.locator('a[href="/staff/forgotten"]').click()
        page.fill("input[name=email]", "reviewer@example.jp")
        page.locator("main form button").click()
        expect(page.locator("h1")).to_have_text("メールを確かめてください")
        portal({**environment(database), "PORTAL_SMTP_URL": box.url}, "jobs", "run")
        text = box.mails[0].get_content()
        assert "Choose a new one on this page" in text
        assert "次のページで新しいパスワードを決めてください" in text
        found = ADDRESS.search(text)
        assert found
        page.goto(found[1])
        page.goto(found[1])  # looking spends nothing
        assert violations(page) == []
        page.fill("input[name=new]", NEW)
        page.locator("main form button").click()
        expect(page.locator("h1")).to_have_text("パスワードを決めました")
        sign_in(page, NEW)
        page.wait_for_url("**/staff/")
        page.request.get(found[1])
        assert page.request.get(found[1]).status == 404
