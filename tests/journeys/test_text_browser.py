"""A month in a text browser: the whole way to the receipt, and a form that reads in order."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from portal.demo.people import PIN
from portal.web.locale import LOCALES
from tests.support.city import Site
from tests.support.html import Page, fold, seen
from tests.support.text_browser import W3M, Mirror, TextBrowser

CARD = "/ja/card/demo-card-report"
FORM = "/ja/report/salon/2026-10/"
READINGS = re.compile(r"\([ぁ-ん]+\)")  # easy Japanese: 報告(ほうこく)
pytestmark = pytest.mark.skipif(W3M is None, reason="w3m is not installed (apt-get install w3m)")


@pytest.fixture
def mirror(own_site: Site) -> Mirror:
    return Mirror(own_site.url)


def test_a_month_from_the_card_to_the_receipt(mirror: Mirror, tmp_path: Path) -> None:
    with TextBrowser(mirror, tmp_path, CARD) as browser:
        browser.fill(CARD, "pin", PIN)
        browser.press(CARD, **{"class": "button filled tall"})
        mirror.post(CARD, {"pin": PIN})  # a second phone of the same group
        browser.open(FORM)
        browser.fill(FORM, "m-held", "2")
        browser.fill(FORM, "m-attendance", "24")
        browser.press(FORM, value="check")
        assert browser.arrives(f"{FORM}check/")
        page = Page(mirror.get(f"{FORM}check/")[1])
        assert "24人" in page.text("main .facts")
        browser.press(f"{FORM}check/", **{"class": "button filled tall"})
        assert browser.arrives(f"{FORM}receipt/")


def test_the_form_reads_in_order_in_every_language(mirror: Mirror) -> None:
    """Each question with its field, its hint before it and its answers after it, as w3m writes them down."""
    mirror.post(CARD, {"pin": PIN})
    program = [str(W3M), "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "300", "-dump"]
    for slug in LOCALES:
        html = mirror.get(FORM.replace("/ja/", f"/{slug}/"))[1]
        answer = subprocess.run(program, input=html.encode(), capture_output=True, check=True)
        written = READINGS.sub("", answer.stdout.decode())
        place = 0
        for field in Page(html).all("form.report .field"):
            for part in field.iter():
                if part.get("class") not in ("q", "hint", "unit"):
                    continue
                first = fold("".join(seen(part))).split()[0]
                place = written.find(first, place)
                assert place >= 0, (slug, first)
        assert written.count("[      ]") == 5, slug  # the fields themselves
