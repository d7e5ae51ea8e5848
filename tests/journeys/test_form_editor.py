"""A form is changed in the portal: two languages, a new question, the phone in the frame, and into force."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import sign_in, use_card
from tests.support.axe import violations
from tests.support.browser import DESK
from tests.support.city import Site

Open = Callable[..., Page]
SALON = "/staff/forms/salon/"


@pytest.mark.matrix
@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_new_edition_from_the_first_word_to_the_first_report(
    own_site: Site, open_page: Open, javascript: bool
) -> None:
    desk = open_page(viewport=DESK, javascript=javascript)
    sign_in(desk, "admin@example.jp")

    # the short name in Japanese and Vietnamese; the others are made of an older Japanese from then on
    desk.goto(f"{SALON}questions/held/")
    desk.fill('[id="names.ja"]', "何回集まりましたか")
    desk.fill('[id="names.vi"]', "Quý vị đã gặp nhau mấy buổi?")
    desk.locator("main form > button").click()
    desk.wait_for_url(re.compile(f"{SALON}(#.*)?$"))
    expect(desk.locator("#q-held")).to_contain_text("前の日本語からの訳")

    # a question more, which may be left blank
    desk.goto(f"{SALON}new/")
    desk.locator('input[name=kind][value="flow"]').check()
    for part, said in (("names", "若い人は何人ですか"), ("labels", "若い人"), ("units", "人")):
        desk.fill(f'[id="{part}.ja"]', said)
    desk.fill('[id="names.vi"]', "Có bao nhiêu người trẻ?")
    desk.fill('[id="labels.en"]', "Young visitors")
    desk.locator("main form > button").click()
    desk.wait_for_url(re.compile(f"{SALON}(#.*)?$"))

    # the phone in the frame, in Vietnamese: the page itself, and nothing to be sent from it
    desk.goto(f"{SALON}preview/?language=vi")
    phone = desk.frame_locator("iframe").first
    expect(phone.locator("html")).to_have_attribute("lang", "vi")
    expect(phone.locator("main")).to_contain_text("Quý vị đã gặp nhau mấy buổi?")
    expect(phone.locator('[name="m-young_visitors"]')).to_be_visible()
    if javascript:
        assert violations(desk) == []
        assert desk.frames[1].evaluate("innerWidth") == 360
        assert desk.frames[1].evaluate("document.documentElement.scrollWidth") <= 360

    # exactly what changes, and from which month
    desk.goto(f"{SALON}force/")
    expect(desk.locator(".changes")).to_contain_text("何回集まりましたか")
    expect(desk.locator(".changes")).to_contain_text("若い人")
    desk.select_option("select[name=from_period]", "2026-10")
    desk.fill("textarea[name=reason]", "若い人の数を知りたいため")
    desk.locator("input[name=agreed]").check()
    desk.locator("main form .button").last.click()
    desk.wait_for_url(f"**{SALON}editions/2/")

    # a card reports on it
    card = open_page(javascript=javascript)
    use_card(card)
    card.goto("/ja/report/salon/2026-10/")
    expect(card.locator("main")).to_contain_text("何回集まりましたか")
    for name, number in (("held", "2"), ("attendance", "31"), ("young_visitors", "4")):
        card.fill(f'[name="m-{name}"]', number)
    card.locator("button[value=check]").click()
    card.wait_for_url("**/check/")
    expect(card.locator("dl.facts")).to_contain_text("若い人")
    card.locator("main form .actions button").last.click()
    card.wait_for_url("**/receipt/")

    # and the month before, corrected, still has the form that it was written on
    card.goto("/ja/report/salon/2026-09/")
    expect(card.locator("main")).to_contain_text("何回開きましたか")
    expect(card.locator('[name="m-young_visitors"]')).to_have_count(0)
    assert "submission" in own_site.portal("verify")
