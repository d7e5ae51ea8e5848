"""400 % zoom on a window of 1280 px (320 px for the page), and the largest text besides.

On every page of a reporter nothing scrolls sideways and no word is cut. `make test` takes Japanese, and the
largest text where words are longest (Vietnamese) and need most room (readings, Devanagari).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.web.locale import LOCALES
from tests.journeys.test_every_page import REPORTER, Spot, enter
from tests.support.city import Site

Open = Callable[..., Page]
ZOOMED = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
OFTEN = {("ja", "standard")}
PAPER = "/paper/"  # a sheet of A4 to be printed, as large on every screen
STEPS = tuple(
    Spot(f"/{{slug}}/report/{path}", who)
    for path, who in (
        ("salon/2026-10/?at=m-attendance", "card"),
        ("salon/2026-10/?at=m-activities", "card"),
        ("salon/practice/", "card"),
        ("minsei/2026-10/?at=m-visits", "minsei"),
        ("volunteer/2026-10/", "volunteer"),
    )
)
PAGES = [spot for spot in REPORTER if PAPER not in spot.path and not spot.who.endswith("steps")]

# Every piece of text that is seen: does it stick out of the window, or of a box that cuts?
CUT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.textContent.trim() || element.closest(".vh, .skip, [hidden], rp, script")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    let box = element;
    while (box && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
    const edge = box && box !== document.body && box !== document.documentElement
      ? box.getBoundingClientRect() : { left: 0, right: innerWidth };
    if (edge.right - edge.left <= 1) continue;  // put away for the eye, there for the ear
    for (const line of range.getClientRects()) {
      if (line.right > edge.right + 1 || line.left < edge.left - 1) found.push(text.textContent.trim());
    }
  }
  return [...new Set(found)];
}"""


def cases() -> list[object]:
    return [
        pytest.param(
            slug, size, id=f"{slug}-{size}", marks=[] if (slug, size) in OFTEN else [pytest.mark.matrix]
        )
        for slug in LOCALES
        for size in ("standard", "largest")
    ]


@pytest.mark.parametrize(("slug", "size"), cases())
def test_nothing_scrolls_sideways_and_no_word_is_cut(
    site: Site, open_page: Open, slug: str, size: str
) -> None:
    page = open_page(locale=slug[:2], viewport=ZOOMED, service_workers="block")
    faults = []
    who = ""
    for steps, spot in [*((False, spot) for spot in PAGES), *((True, spot) for spot in STEPS)]:
        if spot.who != who:
            page.context.clear_cookies()
            enter(page, spot.who)
            who = spot.who
        page.context.add_cookies(
            [
                {"name": "text_size", "value": size, "url": site.url},
                {"name": "form_view", "value": "steps" if steps else "page", "url": site.url},
            ]
        )
        page.goto(spot.path.format(slug=slug), wait_until="domcontentloaded")
        wide = page.evaluate("document.documentElement.scrollWidth")
        cut = page.evaluate(CUT)
        if wide > ZOOMED["width"] or cut:
            faults.append(f"{spot.path}: {wide} px wide; cut: {cut}")
    assert faults == []
