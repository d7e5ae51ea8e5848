"""The main job from end to end in real Chromium: a report from a phone becomes a public figure."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.demo.people import PASSWORD, PIN
from tests.support.axe import violations
from tests.support.browser import DESK
from tests.support.city import Site

Open = Callable[..., Page]
SECONDS = 2  # until a new release shows everywhere
FIGURE = "indicators/2-3-p2"  # サロン・通いの場の延べ参加者数


def use_card(page: Page, card: str = "demo-card-report", slug: str = "ja") -> None:
    page.goto(f"/{slug}/card/{card}")
    page.fill("input[name=pin]", PIN)
    page.locator("main form button").click()
    page.wait_for_url("**/report/")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/ja/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.locator("main form button").click()
    page.wait_for_url("**/staff/**")


def figure(page: Page, path: str) -> int:
    """The participation figure as a program reads it, and as the page says it: soon the same."""
    page.goto(f"/ja/{path}")
    for _tries in range(SECONDS * 5):
        answer = page.request.get("/api/v1/indicators").json()
        row = next(row for row in answer["participation"] if row["code"] == path.split("/")[-1])
        value = int(row["values"][-1]["value"])
        page.reload()
        if f"{value:,}" in page.locator("main").inner_text():
            return value
        page.wait_for_timeout(200)  # each asks once a second which release is the last
    raise AssertionError(f"the page and the program read two figures of {path}")


def write(page: Page, held: str, attendance: str, slug: str = "ja") -> None:
    """The form, its check page, and 送る."""
    page.goto(f"/{slug}/report/salon/2026-10/")
    page.fill("input[name=m-held]", held)
    page.fill("input[name=m-attendance]", attendance)
    page.locator("button[value=check]").click()
    page.wait_for_url("**/check/")
    page.locator("main form button[type=submit], main form .actions button").last.click()
    page.wait_for_url("**/receipt/")


def open_report(page: Page) -> None:
    """The newest of the waiting reports of this test's group."""
    page.goto("/staff/reports/?sort=newest")
    page.locator("table.queue tbody tr").first.locator("th a").click()
    page.wait_for_url(re.compile(r"/staff/reports/[0-9a-f]{32}(\?|$)"))


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_report_from_a_phone_becomes_a_public_figure(
    own_site: Site, open_page: Open, javascript: bool
) -> None:
    """Card, PIN, October's report, a question, read in Vietnamese, corrected, approved, 公表する, seen."""
    public = open_page()
    before = figure(public, FIGURE)

    phone = open_page(javascript=javascript)
    use_card(phone)
    expect(phone.locator("h2#task")).to_have_text("10月の報告")
    write(phone, "２", "４００人")
    expect(phone.locator("h1")).to_have_text("届きました")
    code = phone.locator(".code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)

    desk = open_page(javascript=javascript, viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    open_report(desk)
    desk.select_option("select[name=reason-attendance]", "digits")
    answered = desk.url
    desk.locator('form[action$="/return"] button').click()
    desk.wait_for_url(lambda url: url != answered and "/staff/reports/" in url)

    # the reporter reads it in Vietnamese, on the same phone
    phone.goto("/vi/report/")
    expect(phone.locator("html")).to_have_attribute("lang", "vi")
    phone.goto("/vi/report/salon/2026-10/receipt/")
    question = phone.locator("section.ask")
    expect(question).to_contain_text("chữ số")
    if javascript:
        assert violations(phone) == []
    write(phone, "2", "40", slug="vi")

    assert figure(public, FIGURE) == before  # nothing is public before it is approved and published
    open_report(desk)
    expect(desk.locator("tr.changed .was").first).to_contain_text("400")
    desk.locator('form[action$="/approve"] button').click()
    desk.wait_for_url(re.compile(r"/staff/reports/"))
    assert figure(public, FIGURE) == before
    desk.goto("/staff/releases/")
    desk.locator("main form button").first.click()
    desk.wait_for_url("**/staff/releases/**")

    expect(public.locator("html")).to_have_attribute("lang", "ja")
    for _ in range(30):  # a release shows within two seconds
        now = figure(public, FIGURE)
        if now != before:
            break
        public.wait_for_timeout(100)
    assert now == before + 40
    public.goto(f"/ne/{FIGURE}")
    expect(public.locator("html")).to_have_attribute("lang", "ne")
    assert str(now) in public.locator("main").inner_text().replace(",", "")

    # whoever holds the receipt sees that it is confirmed, and nothing else
    stranger = open_page(locale="ne")
    stranger.goto(f"/ne/r/{code}")
    assert "40" not in stranger.locator("main .lead").inner_text()
    assert "Everything agrees." in own_site.portal("verify")


def test_the_offices_month_moves_one_figure_in_both_its_places(own_site: Site, open_page: Open) -> None:
    """総合相談窓口の相談件数 stands at 3-1 and at 3-3: one figure."""
    public = open_page()

    def published() -> int:
        rows = public.request.get("/api/v1/indicators").json()["indicators"]
        return int(next(row for row in rows if row["code"] == "3-1-s1")["values"][-1]["value"])

    before = published()
    office = open_page(viewport=DESK)
    sign_in(office, "office@example.jp")
    office.goto("/staff/entry/")
    office.locator('a[href*="/office/2026-10/"]').first.click()
    if "/receipt/" in office.url:  # the demo's office has sent October already: it corrects it
        office.goto(office.url.replace("receipt/", ""))
    added = 7
    general = office.locator("input[name=m-general_advice]")
    old = int(general.input_value() or 0)
    for field in office.locator("input[inputmode=numeric]").all():
        if not field.input_value():
            field.fill("0")
    general.fill(str(old + added))
    office.locator("button[value=check]").click()
    office.wait_for_url("**/check/")
    office.locator("main form .actions button").last.click()
    office.wait_for_url("**/receipt/")

    desk = open_page(viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/reports/?data_set=office")
    desk.locator("table.queue th a").first.click()
    desk.locator('form[action$="/approve"] button').click()
    desk.goto("/staff/releases/")
    desk.locator("main form button").first.click()
    desk.wait_for_url("**/staff/releases/**")
    for _ in range(30):
        if published() != before:
            break
        public.wait_for_timeout(100)
    assert published() == before + old + added
    for direction in ("3-1", "3-3"):
        public.goto(f"/ja/directions/{direction}")
        row = public.locator("tr", has_text="総合相談窓口の相談件数")
        expect(row).to_contain_text(f"{before + old + added}件")


def test_what_is_typed_survives_the_closing_of_the_browser(own_site: Site, open_page: Open) -> None:
    phone = open_page()
    use_card(phone)
    phone.goto("/ja/report/salon/2026-10/")
    with phone.expect_response(re.compile("/draft$")):
        phone.locator("input[name=m-attendance]").press_sequentially("十二人")
    expect(phone.locator("#saved")).to_contain_text("保存しました")
    phone.close()
    again = open_page()
    use_card(again)
    again.goto("/ja/report/salon/2026-10/")
    assert again.locator("input[name=m-attendance]").input_value() == "十二人"


def test_large_buttons_count_up_and_a_chip_stands_for_a_number(own_site: Site, open_page: Open) -> None:
    phone = open_page()
    use_card(phone)
    phone.goto("/ja/report/salon/2026-10/")
    more = phone.locator("[data-count]", has=phone.locator("#m-held")).locator("[data-step='1']")
    box = more.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 48
    more.click()
    more.click()
    assert phone.locator("#m-held").input_value() in ("2", "3")
    phone.locator("label.chip", has=phone.locator("input[name=m-helpers_state][value=unknown]")).click()
    assert phone.locator("#m-helpers").input_value() == ""
