"""An indicator's page for a committee: one A4 sheet in Japanese."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

Open = Callable[..., Page]


@pytest.mark.parametrize("code", ["1-2-c1", "2-3-p2", "4-1-c1", "3-1-p1"])
def test_an_indicator_is_one_sheet(open_page: Open, code: str) -> None:
    page = open_page()
    page.goto(f"/ja/indicators/{code}")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert re.findall(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)|/Count (\d+)", printed)[0] in (
        (b"1", b""),
        (b"", b"1"),
    )
