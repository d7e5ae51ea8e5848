"""Comfort on a small screen: one question at a time, last month's number by a touch, the size of the text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import use_card
from tests.journeys.test_offline import ARRIVED, FORM, HOME, KEPT, NO_LINE, come_in, until
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.city import Site
from tests.support.line import Line

Open = Callable[..., Page]
SHOWN = "section.turn:visible"


def in_steps(page: Page) -> None:
    """The form, one question a screen, with its scripts there."""
    page.goto(FORM)
    page.locator("button[name=view][value=steps]").click()
    expect(page.locator(SHOWN)).to_have_count(1)
    ready(page)


def ready(page: Page) -> None:
    page.wait_for_function("[...document.scripts].some((one) => one.src.includes('comfort'))")
    page.wait_for_load_state("networkidle")


def here(page: Page) -> str | None:
    expect(page.locator(SHOWN)).to_have_count(1)
    return page.locator(SHOWN).get_attribute("data-turn")


def on(page: Page) -> None:
    page.locator(f"{SHOWN} > button[name=at]").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_month_one_question_a_screen(own_site: Site, open_page: Open, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    use_card(page)
    page.goto(FORM)
    page.locator("button[name=view][value=steps]").click()
    assert here(page) == "m-held"
    page.fill("#m-held", "2")
    on(page)
    expect(page.locator("#m-attendance")).to_be_visible()
    page.locator(f"{SHOWN} .take").click()  # last month's number, by one touch
    expect(page.locator("#m-attendance")).to_have_value("12")
    for name in ("helpers", "people", "newcomers", "activities"):
        expect(page.locator("button[value=check]:visible")).to_have_count(0)
        on(page)
        expect(page.locator(f"#at-m-{name}")).to_be_visible()
    page.locator(f"{SHOWN} .where button").click()  # one back
    expect(page.locator("#m-newcomers")).to_be_visible()
    on(page)
    page.locator("button[value=check]:visible").click()
    page.wait_for_url("**/check/")
    # "change" leads to the question itself, with a script and without
    page.locator("a[href$='#m-attendance']").first.click()
    assert here(page) == "m-attendance"
    expect(page.locator("#m-attendance")).to_have_value("12")
    page.goto(f"{FORM}check/")
    page.locator("main form .actions button").last.click()
    page.wait_for_url("**/receipt/")
    expect(page.locator("h1")).to_have_text("届きました")


@pytest.mark.matrix
def test_a_fault_opens_its_screen_and_the_summary_leads_to_the_others(
    own_site: Site, open_page: Open
) -> None:
    page = open_page()
    use_card(page)
    in_steps(page)
    page.fill("#m-held", "九")  # a numeral that can be read
    on(page)
    page.fill("#m-attendance", "たくさん")
    on(page)
    page.fill("#m-helpers", "いっぱい")
    page.goto(f"{FORM}?at=m-activities")
    page.locator("button[value=check]:visible").click()
    expect(page.locator("#errors")).to_be_visible()
    assert here(page) == "m-attendance"
    page.locator("#errors a[href='#m-helpers']").click()
    assert here(page) == "m-helpers"
    expect(page.locator("#m-helpers")).to_have_value("いっぱい")
    assert violations(page) == []


@pytest.mark.matrix
def test_the_phones_own_back_leads_to_the_question_before(own_site: Site, open_page: Open) -> None:
    page = open_page()
    use_card(page)
    in_steps(page)
    on(page)
    on(page)
    assert here(page) == "m-helpers"
    page.go_back()
    assert here(page) == "m-attendance"
    page.locator("#m-attendance").press("Enter")  # as the large button
    assert here(page) == "m-helpers"
    assert violations(page) == []


@pytest.fixture
def line(own_site: Site) -> Line:
    with Line(own_site.url) as one:
        yield one


def test_one_question_a_screen_without_a_signal(chromium: Chromium, line: Line) -> None:
    chromium.expect(NO_LINE)
    page = chromium.open(line.url)
    come_in(page)
    in_steps(page)
    until(page, KEPT, [HOME, FORM])
    line.goes("down")
    page.goto(FORM)
    expect(page.locator("html")).to_have_attribute("data-kept", "")
    ready(page)
    page.fill("#m-held", "2")
    on(page)
    page.locator(f"{SHOWN} .take").click()
    for _question in range(4):
        on(page)
    assert here(page) == "m-activities"
    page.locator("button[value=check]:visible").click()
    expect(page.locator("[data-no-signal]")).to_be_visible()
    # there is no check page now: every number is looked over here
    expect(page.locator(SHOWN)).to_have_count(6)
    expect(page.locator("#m-attendance")).to_have_value("12")
    page.locator("[data-do=later]").click()
    line.goes("up")
    page.goto(HOME)
    expect(page.locator(ARRIVED)).to_be_visible()


@pytest.mark.matrix
def test_the_size_of_the_text_changes_in_place_and_on_a_kept_page(chromium: Chromium, line: Line) -> None:
    chromium.expect(NO_LINE)
    page = chromium.open(line.url)
    come_in(page)
    page.goto(FORM)
    ready(page)
    page.locator("#m-held").press_sequentially("3")
    before = page.evaluate("getComputedStyle(document.body).fontSize")
    choose(page, "largest")
    assert page.evaluate("getComputedStyle(document.body).fontSize") > before
    expect(page.locator("#m-held")).to_have_value("3")  # no round trip: nothing is lost
    until(page, KEPT, [HOME, FORM])
    line.goes("down")
    page.goto(HOME)  # kept when the text was smaller
    expect(page.locator("html")).to_have_attribute("data-text-size", "largest")
    choose(page, "large")
    page.goto(FORM)
    expect(page.locator("html")).to_have_attribute("data-text-size", "large")
    line.goes("up")
    page.goto("/ja/privacy")  # a public page, from the cache, without a script
    expect(page.locator("html")).to_have_attribute("data-text-size", "large")


def choose(page: Page, size: str) -> None:
    page.locator("form.size summary").click()
    page.locator(f"form.size button[value={size}]").click()
    expect(page.locator("html")).to_have_attribute("data-text-size", size)
    expect(page.locator(f"form.size button[value={size}]")).to_have_attribute("aria-current", "true")


@pytest.mark.matrix
def test_readings_put_away_stay_away(own_site: Site, open_page: Open) -> None:
    page = open_page()
    use_card(page)
    page.goto(FORM)
    page.locator("#m-held").press_sequentially("3")
    page.locator(".views button[value=ja-easy]").click()
    page.wait_for_url("**/ja-easy/**")
    expect(page.locator("#m-held")).to_have_value("3")
    expect(page.locator("h1 rt").first).to_be_visible()
    ready(page)
    page.locator("#furigana").uncheck()
    expect(page.locator("h1 rt").first).to_be_hidden()
    page.reload()
    expect(page.locator("#furigana")).not_to_be_checked()


@pytest.mark.matrix
def test_another_language_from_the_menu_keeps_the_last_key(own_site: Site, open_page: Open) -> None:
    page = open_page()
    use_card(page)
    page.goto(FORM)
    ready(page)
    page.locator("#m-held").press_sequentially("3")
    page.locator("form.choose:not(.size) summary").click()
    page.locator("button[name=language][value=vi]:visible").click()
    page.wait_for_url("**/vi/**")
    expect(page.locator("#m-held")).to_have_value("3")


def test_a_month_where_service_workers_are_refused(own_site: Site, open_page: Open) -> None:
    """A private window, an old browser: no page opens without a signal, and all else is as ever."""
    page = open_page(service_workers="block")
    use_card(page)
    page.locator("#task ~ .actions a").click()
    page.wait_for_url(re.compile(FORM))
    page.fill("#m-held", "2")
    page.fill("#m-attendance", "24")
    expect(page.locator("#saved")).to_contain_text("保存しました")
    page.locator("button[value=check]:visible").click()
    page.wait_for_url("**/check/")
    page.locator("main form .actions button").last.click()
    page.wait_for_url("**/receipt/")
    expect(page.locator("h1")).to_have_text("届きました")
