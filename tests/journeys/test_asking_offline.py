"""Gentle questions where there is no signal: beside the number, in the page's language, never in the way."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_offline import (
    ARRIVED,
    FORM,
    NO_LINE,
    come_in,
    it_waits,
    line,
    newest,
    phone,
    query,
    reports,
    send_from_form,
    write,
)
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.city import Site
from tests.support.line import Line

__all__ = ["line", "phone"]  # fixtures
MINSEI = FORM.replace("salon", "minsei")


def question(page: Page, code: str = "attendance") -> Locator:
    return page.locator(f"fieldset.question[data-of={code}]")


def asks(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("form.report").get_attribute("data-asks") or "")
    return found


def tenfold(page: Page) -> str:
    """Ten times as many as usually come: a 0 too many."""
    history = next(one["history"] for one in asks(page)["fields"] if one["code"] == "attendance")
    return str(int(median(history)) * 10)


def answers(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        str(query(site, "SELECT answers FROM submission_versions ORDER BY id DESC LIMIT 1")[0][0])
    )
    return found


def reviewer_reads(site: Site, chromium: Chromium) -> str:
    """What stands on the report's page for whoever reviews it."""
    page = chromium.open(site.url, viewport={"width": 1280, "height": 900})
    page.goto("/ja/sign-in")
    page.fill("input[name=email]", "reviewer@example.jp")
    page.fill("input[name=password]", "tsunagari-demo")
    page.locator("main form button").click()
    page.wait_for_url("**/staff/**")
    public_id = query(
        site,
        "SELECT s.public_id FROM submissions s JOIN submission_versions v ON v.submission_id = s.id"
        " ORDER BY v.id DESC LIMIT 1",
    )[0][0]
    page.goto(f"/staff/reports/{public_id}")
    return page.locator(".banner.ask").first.inner_text()


@pytest.mark.parametrize(("slug", "asked"), [("ja", "合っていますか"), ("vi", "Có đúng không ạ?")])
def test_a_zero_too_many_is_asked_about_and_one_touch_tells_the_reviewer(
    own_site: Site, chromium: Chromium, line: Line, slug: str, asked: str
) -> None:
    chromium.expect(NO_LINE)
    before = reports(own_site)
    page = chromium.open(line.url, locale=slug)
    come_in(page, slug=slug)
    line.goes("down")
    page.goto(FORM.replace("/ja/", f"/{slug}/"))
    typed = tenfold(page)
    write(page, came=typed)
    page.locator("button[value=check]").click()
    expect(question(page)).to_be_focused()
    expect(question(page)).to_contain_text(asked)
    expect(question(page).locator("xpath=preceding-sibling::*[1]").locator("#m-attendance")).to_have_value(
        typed
    )
    expect(page.locator("[data-no-signal] [data-asked]")).to_be_visible()
    assert violations(page) == []
    question(page).locator("input[value=festival] + span").click()
    page.locator("[data-do=later]").click()
    it_waits(page)
    line.goes("up")
    page.locator("[data-do=now]").click()
    expect(page.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1
    assert answers(own_site) == {"attendance": {"answer": "yes", "reason": "festival"}}
    said = reviewer_reads(own_site, chromium)
    assert f"今回{int(typed):,}人" in said
    assert "お祭り" in said


@pytest.mark.matrix
def test_a_corrected_number_is_not_asked_about_any_more(own_site: Site, line: Line, phone: Page) -> None:
    line.goes("down")
    phone.goto(FORM)
    typed = tenfold(phone)
    write(phone, came=typed)
    phone.locator("button[value=check]").click()
    question(phone).locator("input[name=q-attendance] + span").click()
    question(phone).locator("a").click()  # change it
    expect(phone.locator("#m-attendance")).to_be_focused()
    phone.locator("#m-attendance").fill(str(int(typed) + 10))
    phone.locator("#m-held").focus()
    expect(question(phone)).to_contain_text(f"{int(typed) + 10:,}")  # another number, the same answer
    expect(question(phone).locator("input[name=q-attendance]")).to_be_checked()
    phone.locator("#m-attendance").fill(typed.removesuffix("0"))
    phone.locator("#m-held").focus()
    expect(question(phone)).to_have_count(0)
    expect(phone.locator("[data-no-signal] [data-asked]")).to_be_hidden()
    phone.locator("[data-do=later]").click()
    it_waits(phone)
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert answers(own_site) == {}


@pytest.mark.matrix
def test_an_unanswered_question_stops_nobody(own_site: Site, line: Line, phone: Page) -> None:
    before = reports(own_site)
    line.goes("down")
    phone.goto(FORM)
    write(phone, came=tenfold(phone))
    phone.fill("#m-helpers", str(int(tenfold(phone)) + 1))  # a part above its whole asks too
    send_from_form(phone)
    expect(question(phone, "helpers")).to_be_visible()
    it_waits(phone)
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert (reports(own_site), answers(own_site)) == (before + 1, {})


@pytest.mark.matrix
def test_what_was_typed_before_the_line_died_is_asked_about_on_the_kept_page(line: Line, phone: Page) -> None:
    """The worker leads back to the kept page, which the phone fills in again."""
    phone.goto(FORM)
    write(phone, came=tenfold(phone))
    expect(phone.locator("#saved")).to_contain_text("保存しました")
    line.goes("down")
    phone.locator("button[value=check]").click()
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    expect(question(phone)).to_be_visible()


@pytest.mark.matrix
def test_a_usual_month_is_asked_nothing(line: Line, phone: Page) -> None:
    line.goes("down")
    phone.goto(FORM)
    write(phone, came=tenfold(phone).removesuffix("0"))
    phone.locator("button[value=check]").click()
    expect(phone.locator("[data-no-signal]")).to_be_focused()
    assert phone.locator("fieldset.question").count() == 0


def test_a_commissioner_s_totals_that_differ_are_shown_side_by_side(
    own_site: Site, chromium: Chromium, line: Line
) -> None:
    """The confidential form: 5 by subject, 4 by field. It is asked, and goes as it is."""
    chromium.expect(NO_LINE)
    page = chromium.open(line.url)
    come_in(page, "demo-card-minsei", form=MINSEI)
    line.goes("down")
    page.goto(MINSEI)
    page.locator("button[value=zeros]").click()
    for code, figure in {"health": "5", "for_older": "4", "days": "3"}.items():
        page.fill(f"#m-{code}", figure)
    page.locator("button[value=check]").click()
    asked = question(page, "home_welfare")
    expect(asked).to_be_focused()
    expect(asked).to_contain_text("内容別の合計 5")
    expect(asked).to_contain_text("分野別の合計 4")
    assert violations(page) == []
    asked.locator("input[name=q-home_welfare] + span").click()
    page.locator("[data-do=later]").click()
    it_waits(page)
    line.goes("up")
    page.locator("[data-do=now]").click()
    expect(page.locator(ARRIVED)).to_be_visible()
    assert answers(own_site)["home_welfare"] == {"answer": "yes", "reason": ""}
    assert '"health": {"state": "number", "value": 5}' in newest(own_site)
