"""Take the pictures in docs/screenshots again: `make screenshots`. The demo's city on a pinned day."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from portal.demo.people import PASSWORD, PIN
from tests.support.browser import DESK, PHONE, Chromium
from tests.support.city import build, site_of
from tests.support.machine import ROOT

FOLDER = ROOT / "docs" / "screenshots"
CARD = "demo-card-report"


@dataclass(frozen=True)
class Picture:
    """One file: `who` is "" for anybody, "card" for a group's phone, or a member of staff's address."""

    name: str
    path: str
    who: str = ""
    wide: bool = False
    locale: str = "ja"


PICTURES = (
    Picture("summary-ja-phone", "/ja/"),
    Picture("summary-ja-desktop", "/ja/", wide=True),
    Picture("summary-ja-easy-phone", "/ja-easy/"),
    Picture("summary-vi-phone", "/vi/", locale="vi"),
    Picture("indicator-ja-phone", "/ja/indicators/1-2-c1"),
    Picture("indicator-ne-phone", "/ne/indicators/1-2-c1", locale="ne"),
    Picture("report-ja-phone", "/ja/report/", who="card"),
    Picture("queue-ja-desktop", "/staff/reports/", who="reviewer@example.jp", wide=True),
)


def sign_in(page: Page, who: str) -> None:
    """By card and PIN, or by e-mail and password."""
    page.goto(f"/ja/card/{CARD}" if who == "card" else "/ja/sign-in")
    if who == "card":
        page.fill("input[name=pin]", PIN)
    else:
        page.fill("input[name=email]", who)
        page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main form button")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        build(folder / "city.sqlite3")
        chromium = Chromium(playwright)
        with site_of(folder / "city.sqlite3", folder) as site:
            for picture in PICTURES:
                window = DESK if picture.wide else PHONE
                page = chromium.open(
                    site.url,
                    locale=picture.locale,
                    viewport=window,
                    device_scale_factor=1 if picture.wide else 2,
                )
                if picture.who:
                    sign_in(page, picture.who)
                page.goto(picture.path)
                chromium.shot(page, FOLDER / f"{picture.name}.png", full=picture.wide)
                page.context.close()
        chromium.close()


if __name__ == "__main__":
    main()
