"""What is wrong with a page, whatever the page is about. The test client asks after every HTML answer.

Each check gives sentences for whoever broke it. Contract and architecture say what must hold; axe and the
HTML checker (tests/support/axe.py, vnu.py) look deeper, in fewer tests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import polib

from portal.web.locale import LOCALES
from tests.support.html import UNSEEN, Page, fold

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
SPOKEN = ("aria-label", "alt", "title", "placeholder")
REFERS = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage", "list")

# What a reader must never see: marks of furigana, templates and formats, and escapes made twice.
MARKS = re.compile(
    r"\{[^{}|]+\|[^{}|]+\}|%\(\w+\)[sd]|\{\{|\}\}|\{%|%\}"
    r"|&(?:amp|lt|gt|quot|#\d+);|<\w+ object at|\bUndefined\b"
)
# Public forms without a session: a preference, and a link that is itself signed (portal/web/csrf.py).
WITHOUT_TOKEN = re.compile(r"/(language|text-size)$|/[\w-]+/reminders/")
INLINE = re.compile(r"^on[a-z]+$")
KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
SCRIPTS = (
    (KANA, ("ja",)),
    (re.compile(r"[\u3400-\u9fff々]"), ("ja", "zh")),
    (re.compile(r"[\uac00-\ud7a3]"), ("ko",)),
    (re.compile(r"[\u0900-\u097f]"), ("ne",)),
)

Check = Callable[[Page], Iterator[str]]


def faults(page: Page) -> list[str]:
    """All sentences, in the order of the checks."""
    checks = [*PART, *WHOLE] if page.whole else PART
    return [fault for check in checks for fault in check(page)]


def valid(page: Page) -> Iterator[str]:
    yield from (f"not valid HTML: {error}" for error in page.errors)


def one_heading(page: Page) -> Iterator[str]:
    count = len(page.all("h1"))
    if count != 1:
        yield f"{count} h1 elements instead of one"


def frame(page: Page) -> Iterator[str]:
    known = {row.html_lang for row in LOCALES.values()}
    lang = page.one("html").get("lang")
    if lang not in known:
        yield f"html lang={lang!r} is not one of the portal's"
    if not page.text("title").strip():
        yield "the title is empty"
    if len(page.all("main")) != 1:
        yield "there is not exactly one main"


def ids(page: Page) -> Iterator[str]:
    counted = Counter(name for e in page.elements if (name := e.get("id")) is not None)
    yield from (f"id {name!r} stands {count} times" for name, count in counted.items() if count > 1)
    if not page.whole:
        return  # a part may refer to its page
    for element in page.elements:
        names = [name for attribute in REFERS for name in element.get(attribute, "").split()]
        if element.tag == "label" and element.get("for"):
            names.append(element.get("for", ""))
        yield from (
            f"<{element.tag}> refers to {name!r}, which is not there" for name in names if name not in counted
        )


def labels(page: Page) -> Iterator[str]:
    named = {label.get("for") for label in page.all("label")}
    for control in page.all("input, select, textarea"):
        if control.tag == "input" and control.get("type", "text") in NO_LABEL:
            continue
        if control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in named - {None}:
            continue
        if not any(above.tag == "label" for above in page.ancestors(control)):
            yield f"<{control.tag} name={control.get('name')!r}> has no label"


def pictures(page: Page) -> Iterator[str]:
    yield from (f"<img src={e.get('src')!r}> has no alt" for e in page.all("img") if e.get("alt") is None)


def tokens(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        post = form.get("method", "get").lower() == "post"
        carries = any(e.get("name") == "csrf_token" for e in form.iter("input"))
        if post and not carries and not WITHOUT_TOKEN.match(form.get("action", "")):
            yield f"the form to {form.get('action')!r} has no csrf_token"
        if carries and not post:
            yield f"the form to {form.get('action')!r} would show its csrf_token in the address"


def no_inline(page: Page) -> Iterator[str]:
    """The policy forbids these; a browser would drop them silently."""
    for element in page.elements:
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline <{element.tag}>"
        for attribute in element.attrib:
            if attribute == "style" or INLINE.match(attribute):
                yield f"<{element.tag}> has {attribute}="
            if attribute.startswith("hx-"):
                yield f"<{element.tag}> has {attribute}= (write data-{attribute})"


def no_marks(page: Page) -> Iterator[str]:
    yield from (
        f"a reader sees {found[0]!r} in {text[:60]!r}"
        for _e, text in _said(page)
        if (found := MARKS.search(text))
    )


def translated(page: Page) -> Iterator[str]:
    """No English message where the page's catalogue has a translation (a page bound to the wrong one)."""
    lang = page.one("html").get("lang", "") if page.whole else ""
    messages = _translations(lang)
    for element, text in _said(page):
        if text in messages and not page.lang(element).startswith("en"):
            yield f"not translated: {text!r}"


def languages(page: Page) -> Iterator[str]:
    """Text in another script than the page's language says its own language."""
    for element, text in _said(page):
        lang = page.lang(element)
        if not lang or element.tag == "title":
            continue  # a title can't mix languages
        for script, tongues in SCRIPTS:
            found = script.search(text)
            if found and not lang.startswith(tongues):
                yield f"{text[:40]!r} stands in lang={lang!r} without a lang of its own"
                break


PART: list[Check] = [valid, ids, labels, pictures, tokens, no_inline, no_marks]
WHOLE: list[Check] = [one_heading, frame, translated, languages]


def _said(page: Page) -> Iterator[tuple[Element, str]]:
    """(element in whose language it is, text) of each piece of text and each attribute that is read out."""
    for element in page.elements:
        if element.tag not in UNSEEN and element.tag != "textarea" and element.text and element.text.strip():
            yield element, fold(element.text)
        above = page.parents.get(element)
        if above is not None and element.tail and element.tail.strip():
            yield above, fold(element.tail)
        yield from ((element, fold(held)) for name in SPOKEN if (held := element.get(name)))


@cache
def _translations(html_lang: str) -> frozenset[str]:
    """Messages of two words or more that this language says otherwise than English does."""
    row = next((row for row in LOCALES.values() if row.html_lang == html_lang), None)
    file = TRANSLATIONS / row.catalogue / "LC_MESSAGES" / "messages.po" if row else None
    if file is None or row is None or row.slug == "en" or not file.exists():
        return frozenset()
    entries = [e for e in polib.pofile(str(file)) if not e.obsolete and e.msgstr and e.msgstr != e.msgid]
    return frozenset(fold(e.msgid) for e in entries if " " in e.msgid.strip())
