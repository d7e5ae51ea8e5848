"""Two groups behind one card, two cards on one phone: what is written for one never lands at the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.demo.people import PIN
from tests.journeys.test_days import CARD as COUNTER_CARD
from tests.journeys.test_days import PAGE as COUNTER
from tests.journeys.test_days import arrived, open_counter, plus
from tests.journeys.test_offline import (
    ARRIVED,
    FORM,
    HOME,
    NUMBER,
    come_in,
    it_waits,
    line,  # noqa: F401 - a fixture
    query,
    reports,
    send_from_form,
    until,
    wait_in_line,
    write,
)
from tests.support.axe import violations
from tests.support.browser import DESK, Chromium
from tests.support.city import Site
from tests.support.line import Line

CARDS = "/ja/report/cards"
OTHER_CARD = "demo-card-question"
KEPT_EXACTLY = """async (paths) => {
    for (const path of paths) if (!(await caches.match(path, { ignoreVary: true }))) return false;
    return true;
}"""


def newest_of(site: Site) -> tuple[str, str]:
    """The group and the figures of the report that came last."""
    text = (
        'SELECT o.name, v."values" FROM submission_versions v JOIN submissions s ON s.id = v.submission_id'
        " JOIN organisations o ON o.id = s.organisation_id ORDER BY v.id DESC LIMIT 1"
    )
    name, values = query(site, text)[0]
    return str(name), str(values)


def change(page: Page, name: str) -> None:
    """One touch in the list of this phone's cards."""
    page.goto(CARDS)
    page.locator("section.card", has_text=name).locator("button.tall").click()
    page.wait_for_url("**/report/")


def name_of(page: Page) -> str:
    return page.locator("header .brand b").inner_text()


def test_two_groups_are_kept_and_sent_apart(own_site: Site, chromium: Chromium, line: Line) -> None:  # noqa: F811
    """Without a signal both groups' forms open; the one that is written arrives as that group's."""
    chromium.expect(r"net::ERR_|htmx:error: Failed to fetch")
    phone = chromium.open(line.url)
    phone.goto("/ja/card/demo-card-two")
    phone.fill("input[name=pin]", PIN)
    phone.locator("main form button").click()
    phone.wait_for_url("**/report/")
    paths = phone.locator("section[data-waits] .actions > a").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    assert ["?group=" in path for path in paths] == [False, True]
    until(phone, KEPT_EXACTLY, [HOME, *paths])
    before = reports(own_site)
    line.goes("down")
    phone.goto(HOME)
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    phone.locator("section[data-waits] .actions > a").nth(1).click()
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    assert name_of(phone) == "はなみずきこども食堂"
    phone.fill("input[name=m-held]", "3")
    phone.fill("input[name=m-acted]", "21")
    send_from_form(phone)
    it_waits(phone)
    phone.goto(HOME)
    expect(phone.locator("section[data-waits].waits")).to_have_count(1)
    expect(phone.locator("section[data-waits].waits")).to_contain_text("はなみずきこども食堂")
    line.goes("up")
    phone.goto(HOME)
    expect(phone.locator(ARRIVED)).to_contain_text("-")
    assert reports(own_site) == before + 1
    name, values = newest_of(own_site)
    assert name == "はなみずきこども食堂"
    assert '"value": 21' in values


@pytest.mark.matrix
def test_not_held_on_the_page_of_all_groups_waits_for_its_own_group(
    own_site: Site,
    chromium: Chromium,
    line: Line,  # noqa: F811
) -> None:
    chromium.expect(r"net::ERR_|htmx:error: Failed to fetch")
    phone = chromium.open(line.url)
    come_in(phone, "demo-card-two", form=HOME)
    line.goes("down")
    phone.goto(HOME)
    expect(phone.locator("html[data-kept]")).to_have_count(1)
    phone.locator("section[data-waits]").nth(1).locator("form button").click()
    expect(phone.locator(NUMBER)).to_have_text("1")
    line.goes("up")
    phone.goto(HOME)
    expect(phone.locator(ARRIVED)).to_contain_text("-")
    assert newest_of(own_site)[0] == "はなみずきこども食堂"


def test_what_waits_for_one_card_is_kept_when_another_is_chosen_and_never_sent_as_it(
    own_site: Site,
    chromium: Chromium,
    line: Line,  # noqa: F811
) -> None:
    chromium.expect(r"net::ERR_|htmx:error: Failed to fetch|^500 for /ja/report/salon/2026-10/send")
    phone = chromium.open(line.url)
    come_in(phone)
    first = name_of(phone)
    before = reports(own_site)
    wait_in_line(phone, line)
    line.goes("fails")  # sending fails, everything else goes: it goes on waiting
    come_in(phone, OTHER_CARD, form=HOME)
    assert name_of(phone) != first
    line.goes("up")
    phone.goto(HOME)
    expect(phone.locator("#outbox [data-when=others]")).to_contain_text("1")
    expect(phone.locator(".strip")).to_be_hidden()
    phone.evaluate("Outbox.flush()")
    assert reports(own_site) == before  # it is not this card's to send
    change(phone, first)
    expect(phone.locator(ARRIVED)).to_contain_text("-")
    assert reports(own_site) == before + 1
    assert newest_of(own_site)[0] == first


@pytest.mark.matrix
def test_signing_one_card_out_leaves_what_the_other_wrote(
    own_site: Site,
    chromium: Chromium,
    line: Line,  # noqa: F811
) -> None:
    chromium.expect(r"net::ERR_|htmx:error: Failed to fetch|^500 for /ja/report/salon/2026-10/send")
    phone = chromium.open(line.url)
    come_in(phone)
    first = name_of(phone)
    before = reports(own_site)
    wait_in_line(phone, line)
    line.goes("fails")
    come_in(phone, OTHER_CARD, form=HOME)
    phone.goto(CARDS)
    now = phone.locator("section.card.now")
    now.locator("summary").click()
    now.locator("form[data-signs-out] button").click()  # nothing of this card waits: it is not asked
    phone.wait_for_url("**/report/cards")
    expect(phone.locator("section.card")).to_have_count(1)
    assert phone.evaluate("async () => (await Store.items()).length") == 1
    line.goes("up")
    change(phone, first)
    expect(phone.locator(ARRIVED)).to_contain_text("-")
    assert reports(own_site) == before + 1


@pytest.mark.matrix
def test_what_was_counted_waits_for_its_own_card(own_site: Site, chromium: Chromium, line: Line) -> None:  # noqa: F811
    """The day counter of a commissioner's card; the salon's card comes, sends nothing of it, and leaves."""
    chromium.expect(r"net::ERR_|htmx:error: Failed to fetch|^500 for /ja/report/minsei/days/send")
    phone = chromium.open(line.url)
    come_in(phone, COUNTER_CARD, form=COUNTER)
    line.goes("fails")
    open_counter(phone)
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    come_in(phone, OTHER_CARD, form=HOME)
    line.goes("up")
    phone.goto(HOME)
    expect(phone.locator("#outbox [data-when=others]")).to_contain_text("2")
    phone.evaluate("Outbox.flush()")
    assert phone.evaluate("async () => (await Taps.state('minsei')) ?? null") is None
    phone.goto(CARDS)
    now = phone.locator("section.card.now")
    now.locator("summary").click()
    with phone.expect_navigation():  # to the same address: nothing of this card waits, so it is not asked
        now.locator("form[data-signs-out] button").click()
    assert phone.evaluate("async () => (await Taps.waiting()).length") == 2
    assert arrived(own_site) == []
    phone.locator("section.card button.tall").click()
    phone.fill("input[name=pin]", PIN)
    phone.locator("main form button").click()
    phone.wait_for_url("**/report/")
    until(phone, "async () => (await Taps.waiting()).length === 0")
    assert arrived(own_site) == [1, 1]


@pytest.mark.matrix
def test_a_card_that_leaves_takes_what_it_counted(own_site: Site, chromium: Chromium, line: Line) -> None:  # noqa: F811
    chromium.expect(r"^500 for /ja/report/minsei/days/send")
    phone = chromium.open(line.url)
    come_in(phone, OTHER_CARD, form=HOME)
    come_in(phone, COUNTER_CARD, form=COUNTER)
    line.goes("fails")
    open_counter(phone)
    plus(phone, 2)
    expect(phone.locator(NUMBER)).to_have_text("2")
    phone.goto("/ja/report/phones")
    phone.locator("form[data-signs-out] button").click()
    dialog = phone.locator("#ask-sign-out")
    expect(dialog).to_contain_text("2")
    dialog.locator("button[value=leave]").click()
    phone.wait_for_url("**/report/cards")
    assert phone.evaluate("async () => (await Taps.waiting()).length") == 0
    assert arrived(own_site) == []


@pytest.mark.matrix
def test_a_form_left_open_is_refused_once_the_phone_has_changed_cards(
    own_site: Site, open_page: Callable[..., Page]
) -> None:
    """Two windows of one phone; the older one still shows the first card's form."""
    page = open_page()
    come_in(page)
    first = name_of(page)
    page.goto(FORM)
    write(page, came="44")
    other = page.context.new_page()
    come_in(other, OTHER_CARD, form=HOME)
    second = name_of(other)
    before = reports(own_site)
    page.locator("button[value=check]").click()
    expect(page.locator("main")).to_contain_text("何も送っていません")
    expect(page.locator("main")).to_contain_text(first)
    expect(page.locator("main")).to_contain_text(second)
    assert violations(page) == []
    drafts = query(own_site, "SELECT raw FROM drafts")
    assert reports(own_site) == before
    page.goto(CARDS)
    page.locator("section.card", has_text=first).locator("button.tall").click()
    page.wait_for_url("**/report/")
    page.goto(FORM)
    expect(page.locator("input[name=m-attendance]")).to_have_value("44")  # what was typed is still there
    assert not [row for row in drafts if "44" in str(row) and second in str(row)]


def test_a_general_re_election_by_keyboard(own_site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=DESK)
    page.goto("/ja/sign-in")
    page.fill("input[name=email]", "city@example.jp")
    page.fill("input[name=password]", "tsunagari-demo")
    page.locator("main form button").first.click()
    page.goto("/staff/organisations/")
    page.get_by_role("link", name="民生委員の一斉改選").click()
    rows = page.locator("table.reelection tbody tr")
    expect(rows).to_have_count(48)
    rows.nth(0).locator("input:checked").focus()
    page.keyboard.press("ArrowRight")  # 再任
    page.keyboard.press("ArrowRight")  # 交代
    page.keyboard.press("Tab")  # the next area's name
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    chosen = [rows.nth(row).locator("input:checked").get_attribute("value") for row in (0, 1, 2)]
    assert chosen == ["change", "stay", "open"]
    page.locator("button[value=rest]").click()
    page.wait_for_load_state()
    page.locator("button[value=preview]").click()
    expect(page.locator("h1")).to_have_text("実行する内容")
    assert violations(page) == []
    expect(page.locator("dl.facts")).to_contain_text("45区域")
    page.locator("input[name^=name-]").fill("見本 花子")
    page.locator("button[value=do]").click()
    expect(page.locator(".cut")).to_have_count(1)
    assert violations(page) == []
    terms = query(own_site, "SELECT starts_on FROM contacts WHERE name = '見本 花子'")
    assert terms == [("2028-12-01",)]
