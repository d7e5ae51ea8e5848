"""The day counter on a phone: +1 at once, no signal needed; sent once, nobody else's, gone at sign-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.demo.people import PIN
from portal.web.locale import LOCALES
from tests.journeys.test_main_job import use_card
from tests.journeys.test_offline import HOME, KEPT, NO_LINE, NOTHING_KEPT, NUMBER, come_in, query, until
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.city import Site
from tests.support.line import Line

Open = Callable[..., Page]
CARD = "demo-card-minsei"
PAGE = "/ja/report/minsei/days/"
YESTERDAY = f"{PAGE}yesterday/"
TODAY = "2026-11-05"
ITEM = "survey"  # the demo has none of it: what is there, this test has counted


@pytest.fixture
def line(own_site: Site) -> Iterator[Line]:
    with Line(own_site.url) as one:
        yield one


@pytest.fixture
def phone(chromium: Chromium, line: Line) -> Page:
    """A commissioner's phone whose worker has kept the counter."""
    chromium.expect(NO_LINE)
    page = chromium.open(line.url)
    come_in(page, CARD, form=PAGE)
    until(page, KEPT, [HOME, PAGE, YESTERDAY])
    return page


def open_counter(page: Page, path: str = PAGE) -> None:
    """Opened, with its script at work, and the item's section unfolded."""
    page.goto(path)
    until(page, "() => Parts.here() && document.documentElement.classList.contains('counts')")
    fold = page.locator(f"details:has([data-measure={ITEM}])")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def plus(page: Page, times: int = 1) -> None:
    for _one in range(times):
        page.locator(f"#tap-{ITEM}").click()


def says(page: Page, on_day: int, in_month: int) -> None:
    row = page.locator(f"details [data-measure={ITEM}]")
    expect(row.locator("[data-on-day]")).to_have_text(str(on_day))
    expect(row.locator("[data-in-month]")).to_have_text(str(in_month))


def arrived(site: Site, day: str = TODAY) -> list[int]:
    rows = query(site, f"SELECT step FROM taps WHERE measure = '{ITEM}' AND day = '{day}' ORDER BY id")
    return [int(str(step)) for (step,) in rows]


def sent(page: Page) -> None:
    until(page, "async () => (await Taps.waiting()).length === 0")


@pytest.mark.matrix
def test_each_press_counts_at_once_and_all_go_together(own_site: Site, line: Line, phone: Page) -> None:
    sends: list[str] = []
    phone.on("request", lambda asked: sends.append(asked.url) if "/days/send" in asked.url else None)
    open_counter(phone)
    plus(phone, 3)
    says(phone, 3, 3)
    expect(phone.locator("[role=status] [data-what]")).to_contain_text("調査・実態把握")
    sent(phone)
    assert (arrived(own_site), len(sends)) == ([1, 1, 1], 1)
    phone.locator("#undo").click()
    says(phone, 2, 2)
    sent(phone)
    assert arrived(own_site) == [1, 1, 1, -1]
    expect(phone.locator("#outbox")).to_be_hidden()
    assert violations(phone) == []
    open_counter(phone)  # and so the server says
    says(phone, 2, 2)
    phone.goto(HOME)
    expect(phone.locator("[data-days] [data-total=today]")).to_have_text("2")


def test_without_a_signal_it_waits_is_counted_and_arrives_once(
    own_site: Site, line: Line, phone: Page
) -> None:
    open_counter(phone)
    plus(phone)
    sent(phone)
    line.goes("down")
    open_counter(phone)
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    says(phone, 1, 1)  # the kept page is older than that press
    plus(phone, 3)
    phone.locator("#undo").click()
    says(phone, 3, 3)
    expect(phone.locator(NUMBER)).to_have_text("4")  # three presses, and the taking back
    assert violations(phone) == []
    phone.goto(HOME)
    expect(phone.locator(NUMBER)).to_have_text("4")
    expect(phone.locator("[data-days] [data-total=today]")).to_have_text("3")
    assert arrived(own_site) == [1]
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator(".strip")).to_be_hidden()
    assert arrived(own_site) == [1, 1, 1, 1, -1]
    open_counter(phone)
    says(phone, 3, 3)


@pytest.mark.matrix
def test_yesterday_waits_for_yesterday(own_site: Site, line: Line, phone: Page) -> None:
    line.goes("down")
    open_counter(phone, YESTERDAY)
    plus(phone, 2)
    says(phone, 2, 2)
    open_counter(phone)
    says(phone, 0, 2)
    line.goes("up")
    phone.locator("[data-do=now]").click()
    sent(phone)
    assert (arrived(own_site, "2026-11-04"), arrived(own_site)) == ([1, 1], [])


@pytest.mark.matrix
def test_a_closed_browser_loses_nothing(
    own_site: Site, chromium: Chromium, line: Line, tmp_path: Path
) -> None:
    chromium.expect(NO_LINE)
    first = chromium.lasting(line.url, tmp_path / "phone")
    come_in(first, CARD, form=PAGE)
    line.goes("down")
    open_counter(first)
    plus(first, 2)
    until(first, "async () => (await Taps.waiting()).length === 2")
    first.context.close()
    again = chromium.lasting(line.url, tmp_path / "phone")
    open_counter(again)
    says(again, 2, 2)
    again.context.close()
    line.goes("up")
    later = chromium.lasting(line.url, tmp_path / "phone")
    later.goto(HOME)
    until(later, "() => Parts.here()")
    sent(later)
    assert arrived(own_site) == [1, 1]


@pytest.mark.matrix
def test_an_answer_that_is_lost_counts_nothing_twice(own_site: Site, line: Line, phone: Page) -> None:
    open_counter(phone)
    line.goes("loses")
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    assert arrived(own_site) == [1, 1]  # they have arrived; the phone can't know
    open_counter(phone)  # this page says so
    says(phone, 2, 2)
    line.goes("up")
    phone.evaluate("() => { Outbox.flush(); }")
    sent(phone)
    says(phone, 2, 2)
    assert arrived(own_site) == [1, 1]


@pytest.mark.matrix
def test_two_tabs_send_each_press_once(own_site: Site, line: Line, phone: Page) -> None:
    line.goes("down")
    open_counter(phone)
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    other = phone.context.new_page()
    open_counter(other)
    says(other, 2, 2)
    phone.context.set_offline(True)
    line.goes("up")
    phone.context.set_offline(False)  # both hear of it
    for page in (phone, other):
        sent(page)
        says(page, 2, 2)
    assert arrived(own_site) == [1, 1]


@pytest.mark.matrix
def test_a_session_that_ended_wants_the_pin_and_then_it_goes(own_site: Site, line: Line, phone: Page) -> None:
    open_counter(phone)
    query(own_site, "UPDATE sessions SET ended_at = '2026-11-05 01:00:00' WHERE ended_at IS NULL")
    plus(phone, 2)
    expect(phone.locator("#outbox [data-when=card]")).to_contain_text("カード")
    phone.goto(f"/ja/card/{CARD}")
    phone.fill("input[name=pin]", PIN)
    phone.locator("main form button").click()
    phone.wait_for_url("**/report/")
    until(phone, "() => Parts.here()")
    sent(phone)
    assert arrived(own_site) == [1, 1]
    expect(phone.locator("[data-days] [data-total=today]")).to_have_text("2")


def test_signing_out_asks_and_then_nothing_is_left(
    own_site: Site, chromium: Chromium, line: Line, phone: Page
) -> None:
    chromium.expect(r"^500 for /ja/report/minsei/days/send")
    open_counter(phone)
    line.goes("fails")
    plus(phone, 2)
    phone.goto("/ja/report/phones")
    expect(phone.locator(NUMBER)).to_have_text("2")
    phone.locator("form[data-signs-out] button").click()
    dialog = phone.locator("#ask-sign-out")
    expect(dialog).to_contain_text("2")
    dialog.locator("button[value=leave]").click()
    phone.wait_for_url("**/report/card")
    until(phone, NOTHING_KEPT)
    left = phone.evaluate("async () => [(await Taps.waiting()).length, (await Taps.state('minsei')) ?? null]")
    assert left == [0, None]
    assert arrived(own_site) == []


@pytest.mark.matrix
def test_another_card_neither_shows_nor_sends_it(
    own_site: Site, chromium: Chromium, line: Line, phone: Page
) -> None:
    chromium.expect(rf"{NO_LINE}|^500 for /ja/report/minsei/days/send")
    line.goes("down")
    open_counter(phone)
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    line.goes("fails")  # until the other card is in, this one goes on sending
    come_in(phone, "demo-card-question", form=HOME)
    line.goes("up")
    phone.goto(HOME)
    expect(phone.locator("#outbox [data-when=others]")).to_contain_text("2")
    expect(phone.locator(".strip")).to_be_hidden()
    assert arrived(own_site) == []
    come_in(phone, CARD, form=PAGE)
    sent(phone)
    assert arrived(own_site) == [1, 1]


@pytest.mark.matrix
def test_too_late_is_said_and_does_not_wait_for_ever(own_site: Site, line: Line, phone: Page) -> None:
    line.goes("down")
    open_counter(phone)
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    query(own_site, "INSERT INTO closed_years VALUES (2026, '2026-11-05 00:00:00', 'system:0')")
    line.goes("up")
    phone.locator("[data-do=now]").click()
    expect(phone.locator("#outbox [data-when=refused]")).to_contain_text("2")
    expect(phone.locator(".strip")).to_be_hidden()
    assert arrived(own_site) == []


@pytest.mark.matrix
def test_a_page_that_stays_open_over_midnight_counts_the_new_day(
    own_site: Site, line: Line, phone: Page
) -> None:
    """The city's day by the server's clock: at ten in the morning of the 5th, fifteen hours go by."""
    open_counter(phone)
    plus(phone)
    sent(phone)
    line.goes("down")
    phone.evaluate("() => { const was = Date.now; Date.now = () => was() + 15 * 3600000; }")
    plus(phone)
    says(phone, 1, 2)
    expect(phone.locator(".tabs [aria-current]")).to_contain_text("11月6日(金)")
    days = phone.evaluate("async () => (await Taps.waiting()).map((tap) => tap.day)")
    assert days == ["2026-11-06"]


def test_without_a_script_each_press_is_a_small_form(own_site: Site, open_page: Open) -> None:
    page = open_page(javascript=False)
    use_card(page, CARD)
    page.goto(PAGE)
    page.locator(f"details:has([data-measure={ITEM}]) summary").click()
    plus(page)
    expect(page).to_have_url(f"{own_site.url}{PAGE}?at={ITEM}#tap-{ITEM}")
    plus(page)
    says(page, 2, 2)
    page.locator("#undo").click()
    says(page, 1, 1)
    assert arrived(own_site) == [1, 1, -1]


@pytest.mark.matrix
def test_where_the_phone_keeps_nothing_htmx_counts_in_place(
    own_site: Site, chromium: Chromium, open_page: Open
) -> None:
    chromium.expect(r"reading 'open'")  # the outbox's own tries
    page = open_page()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get: () => undefined })")
    use_card(page, CARD)
    page.goto(PAGE)
    page.evaluate("() => { window.same = true; }")
    page.locator(f"details:has([data-measure={ITEM}]) summary").click()
    for number in (1, 2):
        plus(page)
        says(page, number, number)
    assert page.evaluate("() => window.same")  # the page was never left
    assert arrived(own_site) == [1, 1]


@pytest.mark.parametrize(
    "slug",
    [slug if slug in ("vi", "ja-easy") else pytest.param(slug, marks=pytest.mark.matrix) for slug in LOCALES],
)
@pytest.mark.matrix
def test_every_language_counts_without_a_signal(
    own_site: Site, chromium: Chromium, line: Line, slug: str
) -> None:
    chromium.expect(NO_LINE)
    page = chromium.open(line.url, locale=LOCALES[slug].html_lang)
    path = PAGE.replace("/ja/", f"/{slug}/")
    come_in(page, CARD, slug, form=PAGE)
    line.goes("down")
    open_counter(page, path)
    assert page.locator("html").get_attribute("lang") == LOCALES[slug].html_lang
    plus(page, 2)
    says(page, 2, 2)
    expect(page.locator(NUMBER)).to_have_text("2")
    line.goes("up")
    page.locator("[data-do=now]").click()
    sent(page)
    assert arrived(own_site) == [1, 1]
