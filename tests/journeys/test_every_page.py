"""Every page x language: axe at zero, the W3C's checker at zero, no policy violation, no sideways scrolling.

`make test` takes each page in one language by a fixed rotation, every second one in Japanese; the rest of the
matrix carries the mark `matrix`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from portal.demo.people import PASSWORD, PIN
from portal.web.locale import LOCALES, STAFF_SLUGS
from tests.support.axe import violations
from tests.support.browser import DESK
from tests.support.city import Site
from tests.support.machine import missing
from tests.support.vnu import Shelf

Open = Callable[..., Page]


@dataclass(frozen=True)
class Spot:
    """A page: its path (`{slug}` filled in), who opens it, and what to click on first."""

    path: str
    who: str = ""
    click: str = ""


PUBLIC = (
    Spot("/{slug}/"),
    Spot("/{slug}/indicators/"),
    Spot("/{slug}/indicators/1-2-c1"),
    Spot("/{slug}/indicators/1-1-c1"),
    Spot("/{slug}/indicators/3-2-c1"),
    Spot("/{slug}/indicators/1-1-s3"),
    Spot("/{slug}/indicators/2-3-p2"),
    Spot("/{slug}/indicators/1-2-p1"),
    Spot("/{slug}/directions/2-3"),
    Spot("/{slug}/directions/4-1"),
    Spot("/{slug}/help/"),
    Spot("/{slug}/privacy"),
    Spot("/{slug}/accessibility"),
    Spot("/{slug}/about-data"),
    Spot("/{slug}/sign-in"),
    Spot("/{slug}/card/demo-card-report"),
    Spot("/{slug}/report/card"),
    Spot("/{slug}/nowhere"),
)
REPORTER = (
    Spot("/{slug}/report/", "card"),
    Spot("/{slug}/report/salon/2026-10/", "card"),
    Spot("/{slug}/report/salon/2026-09/check/", "card"),
    Spot("/{slug}/report/salon/2026-09/receipt/", "card"),
    Spot("/{slug}/report/past/", "card"),
    Spot("/{slug}/report/year/", "card"),
    Spot("/{slug}/report/year/2025/", "question"),
    Spot("/{slug}/report/year/2025/board/", "card"),
    Spot("/{slug}/report/year/2026/subsidy/", "question"),
    Spot("/{slug}/report/year/", "minsei"),
    Spot("/{slug}/report/salon/2026-10/paper/", "card"),
    Spot("/{slug}/report/phones", "card"),
    Spot("/{slug}/report/salon/2026-10/receipt/", "question"),
    Spot("/{slug}/report/salon/2026-10/", "question"),
    Spot("/{slug}/report/salon/practice/", "card"),
    Spot("/{slug}/report/", "minsei"),
    Spot("/{slug}/report/minsei/2026-10/", "minsei"),
    Spot("/{slug}/report/minsei/2026-09/check/", "minsei"),
    Spot("/{slug}/report/minsei/days/", "minsei"),
    Spot("/{slug}/report/minsei/days/yesterday/", "minsei"),
    Spot("/{slug}/report/minsei/2026-11/", "minsei"),
    Spot("/{slug}/report/volunteer/2026-10/", "volunteer"),
    Spot("/{slug}/report/salon/2026-10/?at=m-attendance", "steps"),
    Spot("/{slug}/report/minsei/2026-10/?at=m-visits", "minsei-steps"),
    Spot("/{slug}/report/", "two"),
    Spot("/{slug}/report/", "two", "ul.rows li:last-child a"),
    Spot("/{slug}/report/cards", "two"),
)
CARDS = {"card": "report", "question": "question", "minsei": "minsei", "volunteer": "volunteer", "two": "two"}
CARDS |= {"steps": "report", "minsei-steps": "minsei"}  # their form goes one question a screen
STAFF = (
    Spot("/staff/", "reviewer"),
    Spot("/staff/reports/", "reviewer"),
    Spot("/staff/reports/?tab=late", "reviewer"),
    Spot("/staff/reports/?tab=late", "reviewer", "table.queue td a"),
    Spot("/staff/reports/late/letters", "reviewer"),
    Spot("/staff/reports/?tab=unusual&sort=name", "reviewer"),
    Spot("/staff/paper/grid/?data_set=salon&period=2026-11&district=d1", "reviewer"),
    Spot("/staff/reminders/", "reviewer"),
    Spot("/staff/reminders/?show=doubtful", "admin"),
    Spot("/staff/reports/", "reviewer", "table.queue th a"),
    Spot("/staff/reports/?tab=approved&data_set=office", "reviewer", "table.queue th a"),
    Spot("/staff/organisations/", "reviewer"),
    Spot("/staff/organisations/", "reviewer", "main table a"),
    Spot("/staff/organisations/new", "reviewer"),
    Spot("/staff/indicators/", "reviewer"),
    Spot("/staff/indicators/1-2-c1", "reviewer"),
    Spot("/staff/indicators/1-1-s1/statements", "reviewer"),
    Spot("/staff/indicators/1-1-c1/statements", "reviewer"),
    Spot("/staff/sections/", "reviewer"),
    Spot("/staff/sections/one-person", "admin"),
    Spot("/staff/evaluation/1-1-s1/2025", "reviewer"),
    Spot("/staff/plan/pending", "reviewer"),
    Spot("/staff/texts/", "reviewer"),
    Spot("/staff/texts/vi/indicators/", "reviewer"),
    Spot("/staff/periods/", "reviewer"),
    Spot("/staff/periods/rules", "reviewer"),
    Spot("/staff/periods/2025", "reviewer"),
    Spot("/staff/periods/completeness", "reviewer"),
    Spot("/staff/releases/", "reviewer"),
    Spot("/staff/password", "reviewer"),
    Spot("/staff/cards/?district=d1", "reviewer"),
    Spot("/staff/paper/", "reviewer"),
    Spot("/staff/paper/sheets?district=d1", "reviewer"),
    Spot("/staff/paper/?missing=1", "reviewer", 'main a[href*="/staff/entry/"]'),
    Spot("/staff/subsidies/", "reviewer"),
    Spot("/staff/subsidies/sheets?district=d1", "reviewer"),
    Spot("/staff/entry/", "office"),
    Spot("/staff/entry/", "office", "main a[href*='/office/2026-09/']"),
    Spot("/staff/events/", "reviewer"),
    Spot("/staff/import/", "reviewer"),
    Spot("/staff/forms/", "admin"),
    Spot("/staff/forms/salon/", "reviewer"),
    Spot("/staff/forms/minsei/", "admin"),
    Spot("/staff/forms/salon/questions/activities/", "reviewer"),
    Spot("/staff/forms/minsei/headings/", "admin"),
    Spot("/staff/forms/salon/new/", "reviewer"),
    Spot("/staff/forms/salon/preview/?language=vi", "reviewer"),
    Spot("/staff/forms/salon/force/", "admin"),
    Spot("/staff/forms/salon/editions/1/", "reviewer"),
    Spot("/staff/users/", "admin"),
    Spot("/staff/users/", "admin", "main table a"),
    Spot("/staff/audit/", "admin"),
    Spot("/staff/audit/?kind=reports", "admin", "main td:nth-child(4) a"),
    Spot("/staff/audit/?kind=nothing&organisation=nobody", "admin"),
    Spot("/staff/audit/looks/staff/1", "admin"),
    Spot("/staff/account", "reviewer"),
    Spot("/staff/account/phone", "reviewer"),
    Spot("/staff/forgotten"),
    Spot("/staff/returns/", "reviewer"),
    Spot("/staff/returns/kayoinoba", "reviewer"),
    Spot("/staff/returns/subsidy", "reviewer"),
    Spot("/staff/returns/handover", "reviewer"),
    Spot("/staff/returns/minsei", "city"),
    Spot("/staff/returns/minsei?period=FY2026", "city"),
    Spot("/staff/reports/arrived", "city"),
    Spot("/staff/reports/", "city", "table.queue th a"),
    Spot("/staff/reelection/", "city"),
    Spot("/staff/organisations/?q=そよかぜ茶話会", "reviewer", "main table a"),
    Spot("/staff/organisations/?q=はなみずきこども食堂", "reviewer", "main table a"),
)


def cases() -> list[object]:
    """Every page x language; `make test` takes one, Japanese and another in turn, the rest is marked."""
    found: list[object] = []
    others = [slug for slug in LOCALES if slug != "ja"]
    for number, spot in enumerate((*PUBLIC, *REPORTER)):
        for slug in LOCALES:
            taken = "ja" if number % 2 else others[number // 2 % len(others)]
            found.append(_case(spot, slug, slug == taken))
    for number, spot in enumerate(STAFF):
        for slug in STAFF_SLUGS:
            found.append(_case(spot, slug, slug == STAFF_SLUGS[number % 2]))
    return found


def _case(spot: Spot, slug: str, taken: bool) -> object:
    name = re.sub(r"[^\w]+", "-", f"{slug}-{spot.path}-{spot.who}-{'row' if spot.click else ''}").strip("-")
    marks = [] if taken else [pytest.mark.matrix]
    return pytest.param(spot, slug, id=name, marks=[*marks, pytest.mark.xdist_group(spot.who or slug)])


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """All pages of this worker, given to the HTML checker at the end: starting Java costs a second."""
    kept = Shelf(tmp_path_factory.mktemp("pages"))
    yield kept
    if kept.names and "java" not in missing():
        assert kept.messages() == []


def enter(page: Page, who: str) -> None:
    """Sign in as one of the demo's people, or with one of its cards."""
    if who in CARDS:
        page.goto(f"/ja/card/demo-card-{CARDS[who]}")
        page.fill("input[name=pin]", PIN)
    elif who:
        page.goto("/ja/sign-in")
        page.fill("input[name=email]", f"{who}@example.jp")
        page.fill("input[name=password]", PASSWORD)
    if who.endswith("steps"):
        page.context.add_cookies([{"name": "form_view", "value": "steps", "url": page.url}])
    if who:
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        if "/phones" in page.url:  # a fourth phone: let the oldest one go
            page.locator("main form button").first.click()
            page.wait_for_load_state()


@pytest.mark.parametrize(("spot", "slug"), cases())
def test_a_page(site: Site, open_page: Open, shelf: Shelf, spot: Spot, slug: str) -> None:
    page = open_page(locale=slug[:2], viewport=DESK if spot.path.startswith("/staff") else None)
    enter(page, spot.who)
    if slug == "en" and spot.path.startswith("/staff"):
        page.request.post("/language", form={"language": "en", "next": "/staff/"})
    answer = page.goto(spot.path.format(slug=slug))
    if spot.click:
        page.locator(spot.click).first.click()
        page.wait_for_load_state()
    assert answer is not None
    assert answer.status == (404 if "nowhere" in spot.path else 200)
    assert page.locator("html").get_attribute("lang") == LOCALES[slug].html_lang
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"
    shelf.add(f"{slug} {spot.path}", page.request.get(page.url).text())
