"""Hard-coded words: Nepali with every message in marks; no Latin or Japanese letter may stand outside them.

The plan's own names are Devanagari in Nepali, so whatever else can be read was written into the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations
from xml.etree.ElementTree import Element

import html5lib
import pytest

from portal.web import i18n
from tests.support.client import Client
from tests.support.html import UNSEEN

OPEN, CLOSE = "⟦", "⟧"
INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
LETTERS = re.compile(r"[A-Za-zぁ-ゖァ-ヺ一-鿿]{2,}")
SHOWN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder")
NOT_WORDS = UNSEEN | {"code"}
FILE = re.compile(r"[\w/-]+\.(?:csv|json)\b")
OWN_NAMES = {"Tsunagari", "Portal", "CSV", "JSON", "SHA", "API", "CC", "BY", "CSW"}


class Marked(NullTranslations):
    """Each message between marks, as it would stand if it were translated."""

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return f"{OPEN}{singular if count == 1 else plural}{CLOSE}"


def shown(element: Element, language: str = "") -> Iterator[str]:
    """The words below `element` that a reader sees or hears in the page's own language."""
    language = element.get("lang", language)
    if isinstance(element.tag, str) and element.tag not in NOT_WORDS and language == "ne":
        yield element.text or ""
        yield from (element.get(name, "") for name in SHOWN_ATTRIBUTES)
    for child in element:
        if child.tag not in NOT_WORDS:
            yield from shown(child, language)
        if language == "ne":
            yield child.tail or ""


def unmarked(page: str) -> set[str]:
    # A message may hold elements: the marks are matched over the whole page, not text by text.
    while INNERMOST.search(page):
        page = INNERMOST.sub("", page)
    return {
        word
        for text in shown(html5lib.parse(page, namespaceHTMLElements=False))
        for word in LETTERS.findall(FILE.sub("", text))
    } - OWN_NAMES


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    i18n.reset()
    monkeypatch.setitem(i18n._catalogues, "ne", i18n._Bound(Marked()))
    yield
    i18n.reset()


MISSING = ("no-such-page", "card/demo-card-report")  # the city here has no cards
PATHS = (
    *("", "indicators/", "help/", "privacy", "accessibility", "about-data", "directions/2-3"),
    *("indicators/1-2-c1", "indicators/1-1-c1", "indicators/2-3-p2", "card/demo-card-report", "no-such-page"),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("marked")
def test_no_word_is_hard_coded(reader: Client, path: str) -> None:
    page = reader.get(f"/ne/{path}", expect=404 if path in MISSING else 200)
    assert OPEN in page.text
    assert unmarked(page.text) == set()


def test_a_hard_coded_word_is_seen() -> None:
    page = (
        '<html lang="ne"><body><p>⟦Send⟧ now <b lang="ja">課</b> '
        '<i>⟦to <u>%⟦x⟧</u>⟧</i> <i title="office">२</i></p></body></html>'
    )
    assert unmarked(page) == {"now", "office"}
