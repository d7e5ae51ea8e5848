"""What is printed has the right number of A4 pages: cards eight up, and a form's sheet for each group."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.extensions import db
from portal.organisations.models import Contact
from portal.web.locale import LOCALES
from portal.web.unit_of_work import PortalFlask
from tests.journeys.test_main_job import sign_in, use_card
from tests.support.axe import violations
from tests.support.browser import DESK, Chromium, in_thread
from tests.support.city import Site
from tests.support.factories import PIN, Factories
from tests.support.pictures import photo

Open = Callable[..., Page]
MM = 96 / 25.4  # CSS pixels


def pages(page: Page) -> int:
    """How many sheets of paper the page takes; each of them must be A4."""
    drawn = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", drawn)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", drawn))


def boxes(page: Page, css: str) -> list[dict[str, float]]:
    page.emulate_media(media="print")
    found = [box for part in page.locator(css).all() if (box := part.bounding_box())]
    page.emulate_media(media="screen")
    return [dict(box) for box in found]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_sixteen_cards_are_two_pages(own_site: Site, open_page: Open, javascript: bool) -> None:
    desk = open_page(javascript=javascript, viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/cards/?district=d2")
    ticks = desk.locator("input[name=chosen]:checked")
    assert ticks.count() >= 16
    while ticks.count() > 16:
        ticks.last.uncheck()
    desk.locator("main form[method=post] button").last.click()
    expect(desk.locator(".cut")).to_have_count(16)
    assert pages(desk) == 2
    for box in boxes(desk, ".cut"):  # the cutting lines stand where the paper says
        assert box["width"] == pytest.approx(97 * MM, abs=2)
        assert box["height"] == pytest.approx(70 * MM, abs=2)
    for card, slip in zip(boxes(desk, ".access-card"), boxes(desk, ".slip"), strict=True):
        assert slip["y"] >= card["y"] + card["height"] - 1
    for css in (".access-card", ".slip", ".card-name", ".card-address"):
        full = desk.locator(css).evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth + 1)")
        assert full if javascript else True, css


def test_a_district_s_sheets_are_a_page_each(site: Site, open_page: Open) -> None:
    desk = open_page(viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/paper/?district=d1")
    desk.locator('main a[href*="/staff/paper/sheets"]').first.click()
    desk.wait_for_url("**/staff/paper/sheets**")
    sheets = desk.locator(".sheet").count()
    assert sheets > 8
    assert pages(desk) == sheets


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_photo_of_the_sheet_goes_from_the_desk_to_the_reviewer(
    own_site: Site, open_page: Open, tmp_path: Path, javascript: bool
) -> None:
    (tmp_path / "sheet.jpg").write_bytes(photo((3000, 4000), orientation=6))
    (tmp_path / "letter.jpg").write_bytes(b"not a picture")
    desk = open_page(javascript=javascript, viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/paper/?missing=1&period=2026-10")
    desk.locator('main a[href*="/staff/entry/"]').first.click()
    desk.fill("input[name=m-held]", "2")
    desk.fill("input[name=m-attendance]", "31")
    desk.check("input[name=keyed_from][value=paper]", force=True)
    desk.set_input_files("#original", [tmp_path / "sheet.jpg", tmp_path / "letter.jpg"])
    desk.locator("button[value=check]").click()
    expect(desk.locator("#original-error")).to_be_visible()
    expect(desk.locator("input[name=m-attendance]")).to_have_value("31")
    assert violations(desk) == [] if javascript else True
    desk.locator("button[value=check]").click()
    expect(desk.locator(".originals img")).to_have_count(1)
    desk.locator("main form button").first.click()
    desk.wait_for_url("**/receipt/")
    desk.goto("/staff/reports/?sort=newest")
    desk.locator("table.queue th a").first.click()
    picture = desk.locator(".originals img")
    expect(picture).to_be_visible()
    shown = picture.evaluate("e => [e.naturalWidth, e.naturalHeight]")
    assert shown == [2000, 1500]  # turned by the phone's own note, and made smaller
    assert violations(desk) == [] if javascript else True
    desk.locator(".originals a").click()
    desk.wait_for_url("**/original/**")
    assert desk.evaluate("document.contentType") == "image/jpeg"


def test_a_group_s_own_sheet_is_one_page_with_nothing_cut_off(site: Site, open_page: Open) -> None:
    phone = open_page()
    use_card(phone, "demo-card-arrived")
    for slug in LOCALES:
        phone.goto(f"/{slug}/report/salon/2026-10/paper/")
        assert pages(phone) == 1
        assert fits(phone), slug


def fits(page: Page, sheet: str = ".a4") -> bool:
    """Does all of a sheet's content lie inside its page?"""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    inside: bool = page.evaluate(
        f"[...document.querySelectorAll('{sheet}')].every(e => e.scrollHeight <= e.clientHeight + 1"
        " && e.scrollWidth <= e.clientWidth + 1)"
    )
    return inside


def long_form(definition: dict[str, Any], count: int) -> dict[str, Any]:
    """As long as a 民生委員's record: sections of numbers with long names in two languages."""
    made = copy.deepcopy(definition)
    made["sections"] = [
        {"code": f"s{n}", "names": {"ja": f"第{n}の部分", "vi": f"Phần thứ {n}"}} for n in range(5)
    ]
    made["measures"] = [
        {
            "code": f"m{n}",
            "kind": "flow",
            "names": {
                "ja": f"生活環境に関する相談・支援 {n}",
                "vi": f"Tư vấn và hỗ trợ về môi trường sống {n}",
            },
            "units": {"ja": "件", "vi": "vụ"},
            "section": f"s{n * 5 // count}",
            "states": ["number", "zero", "unknown"] if n % 4 == 0 else ["number", "zero"],
        }
        for n in range(count)
    ]
    return made


@pytest.mark.parametrize("count", [5, 6, 9, 10, 18, 45])
def test_any_form_fits_on_one_page(
    asaka: PortalFlask, make: Factories, chromium: Chromium, count: int
) -> None:
    edition = make.data_set().current
    edition.definition = long_form(edition.definition, count)
    group = make.group("とても長い名前のついた地域のみんなのふれあいサロン")
    row = Contact(organisation_id=group.id, role="leader", language="vi", starts_on=date(2026, 4, 1))
    db.session.add(row)
    _card, token = make.card(group)
    with in_thread(asaka) as url:
        phone = chromium.open(url)
        phone.goto(f"/vi/card/{token}")
        phone.fill("input[name=pin]", PIN)
        phone.locator("main form button").click()
        phone.wait_for_url("**/report/")
        phone.goto("/vi/report/salon/2026-10/paper/")
        assert pages(phone) == 1
        assert fits(phone)
        assert phone.locator(".ask-row").count() == count


@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_the_notice_board_card_is_one_page_in_each_language(site: Site, open_page: Open, paper: str) -> None:
    phone = open_page()
    use_card(phone, "demo-card-arrived")
    size = {"a4": (595, 842), "a5": (420, 595)}[paper]
    for slug in LOCALES:
        phone.goto(f"/{slug}/report/year/2025/board/?paper={paper}")
        drawn = phone.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", drawn)
        assert [(round(float(w)), round(float(h))) for w, h in boxes] == [size], slug
        assert fits(phone, ".board"), slug


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_report_form_for_the_grant_is_one_page(own_site: Site, open_page: Open, year: int) -> None:
    phone = open_page()
    use_card(phone, "demo-card-question")
    phone.goto(f"/ja/report/year/{year}/subsidy/")
    assert pages(phone) == 1
    assert fits(phone)


def test_a_district_s_report_forms_are_a_page_each(site: Site, open_page: Open) -> None:
    desk = open_page(viewport=DESK)
    sign_in(desk, "reviewer@example.jp")
    desk.goto("/staff/subsidies/?district=d1&year=2026")
    desk.locator('main a[href*="/staff/subsidies/sheets"]').first.click()
    desk.wait_for_url("**/staff/subsidies/sheets**")
    sheets = desk.locator(".subsidy").count()
    assert sheets > 5
    assert pages(desk) == sheets
    assert fits(desk)
