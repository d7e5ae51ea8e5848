"""Month end at the office: two hundred reports by keyboard, eighty sheets of paper before lunch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import sign_in
from tests.support.browser import DESK
from tests.support.city import Site
from tests.support.factories import PASSWORD, Factories
from tests.support.machine import ROOT
from tests.support.waiting import add_reviewer, add_waiting, app_on

Open = Callable[..., Page]
PUBLISHED = (ROOT / "docs" / "reviewing.md").read_text("utf-8")
SECOND = "second@example.jp"
REPORT = re.compile(r"/staff/reports/[0-9a-f]{32}")


PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const told = {bubbles: true, cancelable: true, clipboardData: data};
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", told));
}"""


class Hand:
    """Counts what a reviewer presses: keys, and clicks where there is no key."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.clicks = page, 0, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def click(self, css: str) -> None:
        self.page.locator(css).first.click(timeout=60_000)
        self.clicks += 1


def published(what: str, hand: Hand) -> None:
    assert f"| {what} | {hand.keys} | {hand.clicks} |" in PUBLISHED, (hand.keys, hand.clicks)


def number_of(page: Page, tab: str) -> int:
    end = '[href$="/staff/reports/"]' if tab == "waiting" else f'[href*="tab={tab}"]'
    return int(page.locator(f"#tallies a.tally{end} b").inner_text().replace(",", ""))


@pytest.fixture
def month_end(own_site: Site, tmp_path: Path) -> Site:
    """The demo city with about two hundred reports waiting, and a second reviewer."""
    app = app_on(tmp_path / "portal.sqlite3")
    with app.app_context():
        make = Factories(app)
        add_waiting(make, groups=19, months=10)
        add_reviewer(make, SECOND)
    return own_site


def test_two_hundred_reports(month_end: Site, open_page: Open) -> None:
    desk = open_page(viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/reports/")
    hand = Hand(desk)
    waiting, unusual = number_of(desk, "waiting"), number_of(desk, "unusual")
    assert waiting >= 200
    assert unusual >= 4

    # three unusual ones are asked back: r opens the report at its question
    for _ in range(3):
        hand.press("j", "r")
        desk.wait_for_url(REPORT)
        desk.locator("select[name=reason-attendance]").focus()
        hand.press("Tab", "Shift+Tab", "ArrowDown")
        hand.click('form[action$="/return"] button')
        desk.wait_for_url(lambda url: "#" not in url)
        desk.goto("/staff/reports/")
    assert number_of(desk, "waiting") == waiting - 3

    # the other unusual ones: looked at in the list, approved in place
    for left in range(unusual - 3, 0, -1):
        desk.locator("[data-queue] tbody tr").first.wait_for()
        if left == unusual - 3:
            hand.press("j")
        hand.press("a")
        expect(desk.locator('#tallies a[href*="tab=unusual"] b')).to_have_text(str(left - 1))

    # all the plain ones together, after the list of what will happen
    hand.click("#bulk button[name=all]")
    expect(desk.locator("main tbody tr")).to_have_count(waiting - unusual)
    hand.click("main form button")
    desk.wait_for_url("**/staff/reports/")
    expect(desk.locator("#tallies [aria-current] b")).to_have_text("0")
    published("200 reports: 3 asked back, 5 unusual ones approved, the rest together", hand)
    assert "Everything agrees." in month_end.portal("verify")


def test_one_is_undone_one_amended_and_two_look_at_the_same(month_end: Site, open_page: Open) -> None:
    first, second = open_page(viewport=DESK), open_page(viewport=DESK)
    sign_in(first, "reviewer@example.jp")
    sign_in(second, SECOND, PASSWORD)

    first.goto("/staff/reports/?sort=oldest")
    first.locator("table.queue tbody tr th a").first.click()
    first.wait_for_url(REPORT)
    second.goto(first.url)
    first.keyboard.press("a")
    first.wait_for_url(lambda url: url != second.url)
    second.keyboard.press("a")
    expect(second.locator("h1")).not_to_contain_text("承認")
    second.goto("/staff/reports/?sort=oldest")  # nothing was overwritten; the first one's approval stands

    # undone with one key from the next report
    first.keyboard.press("u")
    first.wait_for_url("**/staff/reports/**")
    expect(first.locator('form[action="/staff/reports/undo"]')).to_have_count(0)

    # an approved report is changed with a reason, after a list of the figures that will move
    first.goto("/staff/reports/?tab=approved&sort=newest&data_set=salon")
    first.locator("table.queue tbody tr th a").first.click()
    first.wait_for_url(REPORT)
    first.locator('main a[href^="/staff/entry/"]').click()
    first.locator("#m-attendance").fill("31")
    first.locator("input[name=keyed_from][value=telephone]").check(force=True)
    first.locator("button[value=check]").click()
    expect(first.locator("section[aria-labelledby=amending]")).to_contain_text("(2-3-p2)")
    first.select_option("select[name=amend_reason]", "told_later")
    first.locator("main form .actions button").first.click()
    first.wait_for_url("**/receipt/")
    assert "Everything agrees." in month_end.portal("verify")


def test_eighty_sheets_through_the_grid(month_end: Site, open_page: Open) -> None:
    """Pasted from a spreadsheet, a slip put right, and sent; a second press sends nothing twice."""
    desk = open_page(viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/paper/grid/?data_set=salon&period=2026-11")
    rows = desk.locator("[data-grid] tbody tr")
    assert rows.count() >= 80
    hand = Hand(desk)
    sheet = "\n".join(
        f"2\t{20 + row % 9}\t2\t15\t1\t2" if row != 40 else "2\t多い\t2\t15\t1\t2" for row in range(80)
    )
    rows.nth(0).locator("td > input").first.focus()
    desk.evaluate(PASTE, sheet)
    hand.keys += 1
    for row in range(80):
        expect(rows.nth(row).locator(".state")).not_to_be_empty(timeout=60_000)
    expect(desk.locator("[data-grid] .fault")).to_have_count(1)
    expect(rows.nth(40).locator(".fault")).to_have_count(1)
    rows.nth(40).locator("td > input").nth(1).focus()
    hand.press("2", "4", "Enter")
    expect(rows.nth(40).locator(".fault")).to_have_count(0)
    asked = desk.locator("[data-grid] .sure input")
    hand.clicks += asked.count()
    while (open_box := desk.locator("[data-grid] .sure input:not(:checked)")).count():
        open_box.first.check()
    expect(desk.locator("[data-grid] [data-ready]")).to_have_count(80, timeout=60_000)
    desk.locator("input[name=keyed_from][value=paper]").check(force=True)
    before = rows.count()
    hand.click("main form.narrow button")
    desk.wait_for_load_state("networkidle")
    assert rows.count() == before - 80
    assert hand.keys == 4
    assert "Everything agrees." in month_end.portal("verify")
