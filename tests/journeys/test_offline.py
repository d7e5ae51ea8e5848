"""Reports without a signal: kept, sent once, never lost; and nobody else's page ever opens."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from portal.demo.people import PIN
from portal.web.locale import LOCALES
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.city import Site
from tests.support.line import Line

HOME = "/ja/report/"
FORM = "/ja/report/salon/2026-10/"
KEPT = """async (paths) => {
    for (const path of paths) if (!(await caches.match(path, { ignoreVary: true }))) return false;
    return Boolean(await caches.match(paths[0].replace(/report\\/.*/, "report/parts")));
}"""
NOTHING_KEPT = "async () => (await caches.keys()).length === 0"
NO_LINE = r"net::ERR_|htmx:error: Failed to fetch"
NUMBER = ".strip [data-say=number]"
ARRIVED = "#outbox [data-when=arrived]"


@pytest.fixture
def line(own_site: Site) -> Iterator[Line]:
    with Line(own_site.url) as one:
        yield one


@pytest.fixture
def phone(chromium: Chromium, line: Line) -> Page:
    """A phone whose worker has kept the pages of the group's card."""
    chromium.expect(NO_LINE)
    page = chromium.open(line.url)
    come_in(page)
    return page


def come_in(page: Page, card: str = "demo-card-report", slug: str = "ja", form: str = FORM) -> None:
    page.goto(f"/{slug}/card/{card}")
    page.fill("input[name=pin]", PIN)
    page.locator("main form button").click()
    page.wait_for_url("**/report/")
    until(page, KEPT, [f"/{slug}/report/", form.replace("/ja/", f"/{slug}/")])


def until(page: Page, asked: str, argument: object = None) -> None:
    """Until the page answers yes. (Playwright's own waiting takes a promise for a yes.)"""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with suppress(Error):  # the page is just being left
            if page.evaluate(asked, argument):
                return
        page.wait_for_timeout(50)
    raise AssertionError(asked)


def write(page: Page, held: str = "2", came: str = "40") -> None:
    page.fill("input[name=m-held]", held)
    page.fill("input[name=m-attendance]", came)


def send_from_form(page: Page) -> None:
    """Next, which can't be had, and 送る from where one is."""
    page.locator("button[value=check]").click()
    page.locator("[data-do=later]").click()


def it_waits(page: Page) -> None:
    """It has been tried, in vain, and the page says so."""
    expect(page.locator(NUMBER)).to_have_text("1")
    expect(page.locator("#outbox [data-when=line].banner")).to_be_focused()


def wait_in_line(page: Page, line: Line, came: str = "40") -> None:
    """A report written without a signal; it waits."""
    line.goes("down")
    page.goto(FORM)
    expect(page.locator("html[data-kept]")).to_have_count(1)
    expect(page.locator("#outbox [data-when=kept]")).to_be_visible()
    write(page, came=came)
    send_from_form(page)
    it_waits(page)


def query(site: Site, text: str) -> list[tuple[object, ...]]:
    file = site.environment["PORTAL_DATABASE_URL"].removeprefix("sqlite:///")
    base = sqlite3.connect(file, timeout=10)
    try:
        rows = base.execute(text).fetchall()
        base.commit()
    finally:
        base.close()
    return rows


def reports(site: Site) -> int:
    return int(str(query(site, "SELECT count(*) FROM submission_versions")[0][0]))


def newest(site: Site) -> str:
    return str(query(site, 'SELECT "values" FROM submission_versions ORDER BY id DESC LIMIT 1')[0][0])


def test_written_without_a_signal_it_arrives_by_itself_and_once(
    own_site: Site, line: Line, phone: Page
) -> None:
    before = reports(own_site)
    wait_in_line(phone, line)
    assert violations(phone) == []
    phone.goto(HOME)  # the kept first page counts it too, and names the report that waits
    expect(phone.locator(NUMBER)).to_have_text("1")
    expect(phone.locator("[data-waits='salon/2026-10'] [data-waits-mark] .tag")).to_be_visible()
    expect(phone.locator("form[action$='/not-held']")).to_be_hidden()
    assert reports(own_site) == before
    phone.context.set_offline(True)
    line.goes("up")
    phone.context.set_offline(False)  # `online`
    expect(phone.locator(ARRIVED)).to_contain_text("-")
    expect(phone.locator(".strip")).to_be_hidden()
    assert reports(own_site) == before + 1
    assert '"value": 40' in newest(own_site)
    phone.goto(f"{FORM}receipt/")
    code = phone.locator(".code").inner_text()
    assert code.count("-") == 2
    phone.goto(FORM)
    assert phone.locator("input[name=m-attendance]").input_value() == "40"


def test_it_waits_while_the_browser_is_closed(
    own_site: Site, chromium: Chromium, line: Line, tmp_path: Path
) -> None:
    chromium.expect(NO_LINE)
    before = reports(own_site)
    first = chromium.lasting(line.url, tmp_path / "phone")
    come_in(first)
    wait_in_line(first, line)
    first.context.close()
    again = chromium.lasting(line.url, tmp_path / "phone")
    again.goto(FORM)  # still no signal
    expect(again.locator(NUMBER)).to_have_text("1")
    assert again.locator("input[name=m-attendance]").input_value() == "40"
    again.context.close()
    line.goes("up")
    later = chromium.lasting(line.url, tmp_path / "phone")
    later.goto(HOME)
    expect(later.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1


def test_what_is_typed_without_a_signal_is_there_again(line: Line, phone: Page) -> None:
    line.goes("down")
    phone.goto(FORM)
    phone.locator("input[name=m-attendance]").press_sequentially("十二人")
    expect(phone.locator("#saved")).to_contain_text("この携帯に保存しました")
    phone.goto(FORM)
    expect(phone.locator("input[name=m-attendance]")).to_have_value("十二人")
    line.goes("up")
    with phone.expect_response("**/draft") as answer:  # and then the server has it too
        phone.goto(FORM)
    assert answer.value.status == 200
    expect(phone.locator("input[name=m-attendance]")).to_have_value("十二人")


@pytest.mark.parametrize(("choice", "stays"), [("phone", "12"), ("here", "30")])
@pytest.mark.matrix
def test_two_phones_that_wrote_differently_are_both_heard(
    chromium: Chromium, line: Line, phone: Page, choice: str, stays: str
) -> None:
    line.goes("down")
    phone.goto(FORM)
    phone.fill("input[name=m-attendance]", "12")
    expect(phone.locator("#saved")).to_contain_text("この携帯に保存しました")
    phone.goto(HOME)
    line.goes("up")
    other = chromium.open(line.url)
    come_in(other)
    other.goto(FORM)
    with other.expect_response("**/draft"):
        other.fill("input[name=m-attendance]", "30")
        other.locator("input[name=m-attendance]").blur()
    expect(other.locator("#saved")).to_contain_text("に保存しました")
    phone.goto(FORM)
    assert phone.locator("input[name=m-attendance]").input_value() == "30"
    phone.locator(f"[data-two-writings] [data-use={choice}]").click()
    expect(phone.locator("input[name=m-attendance]")).to_have_value(stays)
    expect(phone.locator("[data-two-writings]")).to_have_count(0)


@pytest.mark.matrix
def test_an_iphone_is_told_that_it_forgets(chromium: Chromium, line: Line) -> None:
    chromium.expect(NO_LINE)
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
    page = chromium.open(line.url, user_agent=agent)
    come_in(page)
    expect(page.locator("#outbox")).to_be_hidden()
    wait_in_line(page, line)
    expect(page.locator("#outbox [data-when=apple]")).to_contain_text("ホーム画面")


def test_an_answer_that_is_lost_makes_no_second_report(own_site: Site, line: Line, phone: Page) -> None:
    before = reports(own_site)
    phone.goto(FORM)
    write(phone)
    phone.locator("button[value=check]").click()
    phone.wait_for_url("**/check/")
    line.goes("loses")
    phone.locator("main form[data-sends] .actions button").click()
    it_waits(phone)
    assert line.lost >= 1
    assert reports(own_site) == before + 1  # it has arrived; the phone can't know
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1


def test_two_tabs_send_it_once(own_site: Site, line: Line, phone: Page) -> None:
    before = reports(own_site)
    wait_in_line(phone, line)
    other = phone.context.new_page()
    other.goto(HOME)
    expect(other.locator(NUMBER)).to_have_text("1")
    phone.context.set_offline(True)
    line.goes("up")
    sends: list[str] = []
    phone.context.on(
        "request", lambda asked: sends.append(asked.url) if asked.url.endswith("/send") else None
    )
    phone.context.set_offline(False)  # both hear of it
    for page in (phone, other):
        expect(page.locator(ARRIVED)).to_be_visible()
        expect(page.locator(".strip")).to_be_hidden()
    assert (reports(own_site), len(sends)) == (before + 1, 1)


def test_a_session_that_ended_loses_nothing(own_site: Site, line: Line, phone: Page) -> None:
    before = reports(own_site)
    wait_in_line(phone, line)
    query(own_site, "UPDATE sessions SET ended_at = '2026-11-05 01:00:00' WHERE ended_at IS NULL")
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator("#outbox [data-when=card]")).to_contain_text("カード")
    expect(phone.locator(NUMBER)).to_have_text("1")
    phone.locator("header .brand").click()  # led to the way in, where it is counted as well
    phone.wait_for_url("**/report/card")
    expect(phone.locator(NUMBER)).to_have_text("1")
    expect(phone.locator("#outbox [data-when=card]")).to_be_visible()
    until(phone, NOTHING_KEPT)  # no page of the group is left
    phone.goto("/ja/card/demo-card-report")
    phone.fill("input[name=pin]", PIN)
    phone.locator("main form button").click()
    phone.wait_for_url("**/report/")
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1


@pytest.mark.matrix
def test_a_server_that_fails_is_asked_again(
    own_site: Site, chromium: Chromium, line: Line, phone: Page
) -> None:
    chromium.expect(r"^500 for /ja/report/salon/2026-10/send")
    before = reports(own_site)
    wait_in_line(phone, line)
    line.goes("fails")
    with phone.expect_response("**/send") as failed:
        phone.locator("[data-do=now]").click()
    assert failed.value.status == 500
    expect(phone.locator("[data-do=now]")).not_to_have_attribute("aria-busy", "true")
    expect(phone.locator(NUMBER)).to_have_text("1")
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1


@pytest.mark.matrix
def test_did_not_meet_needs_no_signal_either(own_site: Site, line: Line, phone: Page) -> None:
    before = reports(own_site)
    line.goes("down")
    phone.goto(HOME)
    expect(phone.locator("#outbox [data-when=kept]")).to_be_visible()
    phone.locator("form[action$='/not-held'] button").click()
    it_waits(phone)
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1
    assert '"state": "not_held"' in newest(own_site)


@pytest.mark.matrix
def test_a_line_that_dies_at_the_press_leads_back_to_what_was_typed(line: Line, phone: Page) -> None:
    """The page came from the server and believes it is online; the worker catches the press."""
    phone.goto(FORM)
    write(phone)
    expect(phone.locator("#saved")).to_contain_text("保存しました")
    line.goes("down")
    phone.locator("button[value=check]").click()
    expect(phone.locator("[data-no-signal]")).to_be_visible()
    assert phone.locator("input[name=m-attendance]").input_value() == "40"
    phone.locator("[data-do=later]").click()
    expect(phone.locator(NUMBER)).to_have_text("1")


@pytest.mark.matrix
def test_another_report_that_has_arrived_is_shown_beside_it(
    own_site: Site, chromium: Chromium, line: Line, phone: Page
) -> None:
    wait_in_line(phone, line, came="40")
    line.goes("up")
    other = chromium.open(line.url)  # the group's second phone
    come_in(other)
    other.goto(FORM)
    write(other, came="39")
    other.locator("button[value=check]").click()
    other.wait_for_url("**/check/")
    other.locator("main form[data-sends] .actions button").click()
    other.wait_for_url("**/receipt/")
    phone.locator("[data-do=now]").click()
    expect(phone.locator("#outbox [data-when=look]")).to_contain_text("10月の報告")
    phone.locator("[data-do=look]").click()
    expect(phone.locator("h1")).to_contain_text("もう届いています")
    expect(phone.locator("main .facts")).to_contain_text("39")
    expect(phone.locator(NUMBER)).to_have_text("1")  # until the writer has decided
    phone.locator("main form[data-sends] .actions button").click()
    phone.wait_for_url("**/receipt/")
    expect(phone.locator(".strip")).to_be_hidden()
    assert '"value": 40' in newest(own_site)


@pytest.mark.matrix
def test_a_slip_leads_to_its_field(own_site: Site, line: Line, phone: Page) -> None:
    wait_in_line(phone, line, came="たくさん")
    line.goes("up")
    phone.locator("[data-do=now]").click()
    phone.locator("[data-do=look]").click()
    expect(phone.locator("#m-attendance-error")).to_be_visible()
    assert phone.locator("input[name=m-attendance]").input_value() == "たくさん"
    phone.fill("input[name=m-attendance]", "41")
    phone.locator("button[value=check]").click()
    phone.wait_for_url("**/check/")
    phone.locator("main form[data-sends] .actions button").click()
    phone.wait_for_url("**/receipt/")
    expect(phone.locator(".strip")).to_be_hidden()
    assert '"value": 41' in newest(own_site)


@pytest.mark.matrix
def test_what_waits_can_be_copied_as_text(line: Line, phone: Page) -> None:
    wait_in_line(phone, line)
    phone.locator("#outbox [data-when=text] summary").click()
    text = phone.locator("#outbox textarea").input_value()
    assert text.startswith("10月の報告\n")
    assert "40人" in text


def test_signing_out_asks_and_then_nothing_is_left(
    own_site: Site, chromium: Chromium, line: Line, phone: Page
) -> None:
    chromium.expect(r"^500 for /ja/report/salon/2026-10/send")
    before = reports(own_site)
    wait_in_line(phone, line)
    line.goes("fails")
    phone.goto("/ja/report/phones")
    expect(phone.locator(NUMBER)).to_have_text("1")
    leave = phone.locator("form[data-signs-out] button")
    leave.click()
    dialog = phone.locator("#ask-sign-out")
    expect(dialog).to_contain_text("1")
    assert violations(phone) == []
    dialog.locator("button[value=stay]").click()
    expect(dialog).to_be_hidden()
    expect(phone.locator(NUMBER)).to_have_text("1")
    leave.click()
    dialog.locator("button[value=leave]").click()
    phone.wait_for_url("**/report/card")
    expect(phone.locator("#outbox")).to_be_hidden()
    until(phone, NOTHING_KEPT)
    left = phone.evaluate("async () => [(await Store.items()).length, await Store.typed('')]")
    assert left == [0, None]
    line.goes("down")
    with pytest.raises(Exception, match="ERR_"):
        phone.goto(FORM)
    assert reports(own_site) == before


def test_one_cards_pages_never_open_for_another(chromium: Chromium, line: Line, phone: Page) -> None:
    # until the second card is in, the first one is in use and goes on trying, on the PIN page too
    chromium.expect(r"^500 for /ja/report/salon/2026-10/send")
    wait_in_line(phone, line)
    line.goes("fails")  # it goes on waiting
    name = phone.locator("header .brand b").inner_text()
    come_in(phone, "demo-card-question", form=HOME)
    expect(phone.locator("#outbox [data-when=others]")).to_contain_text("1")
    expect(phone.locator(".strip")).to_be_hidden()  # it is not this group's
    line.goes("down")
    phone.goto(HOME)
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    assert name not in phone.locator("body").inner_text()
    keys = phone.evaluate(
        "async () => (await caches.keys()).filter((one) => one.startsWith('report-pages-'))"
    )
    assert len(keys) == 1


@pytest.mark.matrix
def test_the_worker_itself_sees_that_another_card_came_in(line: Line, phone: Page) -> None:
    """Without the PIN page's script, which would have cleared the phone already."""
    name = phone.locator("header .brand b").inner_text()
    sign_in_by_hand(phone, "/ja/card/demo-card-question")
    phone.goto(HOME)
    card = phone.locator("#outbox").get_attribute("data-card")
    until(phone, "async (card) => (await caches.keys()).includes(`report-pages-${card}`)", card)
    line.goes("down")
    phone.goto(HOME)
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    assert name not in phone.locator("body").inner_text()


def sign_in_by_hand(page: Page, address: str) -> None:
    """The card's PIN, sent by a program with this browser's cookies."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get(address).text())
    assert token is not None
    answer = page.request.post(address, form={"pin": PIN, "csrf_token": token[1]}, max_redirects=0)
    assert answer.headers["location"] == HOME


def test_only_reporters_pages_and_their_files_are_kept(line: Line, phone: Page) -> None:
    for path in ("/ja/", "/ja/help/", "/ja/report/past/", "/ja/report/phones", "/ja/sign-in", HOME, FORM):
        phone.goto(path)
    until(phone, KEPT, [HOME, FORM])
    addresses = phone.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""
    )
    pages = {one for one in addresses if not one.startswith("/static/")}
    assert pages == {
        HOME,
        FORM,
        "/ja/report/salon/2026-11/",
        "/ja/report/offline",
        "/ja/report/parts",
        "/whose",
    }
    line.goes("down")
    phone.goto("/ja/report/past/")
    expect(phone.locator("h1")).to_have_text("このページは、この携帯にありません")


@pytest.mark.parametrize(
    "slug",
    [slug if slug in ("ja", "vi") else pytest.param(slug, marks=pytest.mark.matrix) for slug in LOCALES],
)
def test_every_language_opens_and_sends_without_a_signal(
    own_site: Site, chromium: Chromium, line: Line, slug: str
) -> None:
    chromium.expect(NO_LINE)
    before = reports(own_site)
    page = chromium.open(line.url, locale=LOCALES[slug].html_lang)
    come_in(page, slug=slug)
    line.goes("down")
    page.goto(FORM.replace("/ja/", f"/{slug}/"))
    assert page.locator("html").get_attribute("lang") == LOCALES[slug].html_lang
    write(page)
    send_from_form(page)
    it_waits(page)
    line.goes("up")
    page.locator("[data-do=now]").click()
    expect(page.locator(ARRIVED)).to_be_visible()
    assert reports(own_site) == before + 1
