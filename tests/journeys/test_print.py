"""What is printed is as many A4 sheets as it should be: an indicator for a committee, the returns."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.test_main_job import sign_in
from tests.support.browser import DESK
from tests.support.city import Site

Open = Callable[..., Page]


def sheets(page: Page) -> list[tuple[int, int]]:
    """The size in points of each sheet that the page takes."""
    drawn = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", drawn)
    return [(round(float(width)), round(float(height))) for width, height in sizes]


def test_a_month_of_the_return_and_the_hand_over_are_one_sheet_each(site: Site, open_page: Open) -> None:
    upright, lying = (595, 842), (842, 595)
    desk = open_page(viewport=DESK)
    sign_in(desk, "city@example.jp")
    desk.goto("/staff/returns/minsei?period=2026-09")
    assert sheets(desk) == [upright]
    desk.goto("/staff/returns/minsei?period=FY2026")
    assert set(sheets(desk)) == {lying}
    assert len(sheets(desk)) <= 2  # the table on the first; whose record is missing may go over
    desk.goto("/staff/returns/handover")
    assert sheets(desk) == [upright]


@pytest.mark.parametrize("code", ["1-2-c1", "2-3-p2", "4-1-c1", "3-1-p1"])
def test_an_indicator_is_one_sheet(open_page: Open, code: str) -> None:
    page = open_page()
    page.goto(f"/ja/indicators/{code}")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert re.findall(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)|/Count (\d+)", printed)[0] in (
        (b"1", b""),
        (b"", b"1"),
    )
