"""Templates: nothing that the content policy forbids, few htmx attributes, all words translatable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "portal").glob("**/templates/**/*.html"))

FORBIDDEN = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an inline style": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a bare hx- attribute (write data-hx-)": re.compile(r"(?<!data-)\bhx-[a-z-]+\s*=", re.I),
    "javascript: in an address": re.compile(r"javascript:", re.I),
    "unescaped output (|safe)": re.compile(r"\|\s*safe\b"),
    "something from somebody else's server": re.compile(
        r"(?:<link\b[^>]*\bhref|\bsrc|\baction)=[\"']https?://", re.I
    ),
}
# What data-hx-* may be: no hx-on, no filters, no inheritance, so that each form works without JavaScript.
HTMX = {
    "get",
    "post",
    "target",
    "swap",
    "swap-oob",  # what else a decision on one row changes on the page: the numbers above
    "indicator",
    "disable",
    "trigger",
    "select",
    "include",
    "sync",
    "push-url",
    "replace-url",
}
HTMX_ATTRIBUTE = re.compile(r"\bdata-hx-([a-z:-]+)")
TRIGGERS = re.compile(r"data-hx-trigger=\"([^\"]*)\"")

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.S)
_TRANS = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.S)
_CLASS = re.compile(r"\{%-?\s*block page_class\b.*?endblock\s*-?%\}", re.S)  # a CSS class, not words
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
_SPOKEN = re.compile(r"\b(?:aria-label|alt|title|placeholder)=(\"[^\"]*\"|'[^']*')")
_TAG = re.compile(r"<[^>]*>", re.S)
_ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")  # a macro may make attributes alone
# The same in every language: a digest, a licence, names of files, what is printed on a key.
_NAME = re.compile(
    r"\bSHA-256\b|\b(?:Creative Commons Attribution|CC BY) 4\.0\b|\b[\w-]+\.(?:csv|json|ics)\b"
)
_KEY = re.compile(r"<kbd>.*?</kbd>")
_ENTITY = re.compile(r"&[#\w]+;")
_WORD = re.compile(r"[^\W\d_]{2,}")

# (end of the path, words) -> why they stand there as they are.
UNTRANSLATED: dict[tuple[str, str], str] = {
    ("web/templates/macros/chrome.html", "日本語のページ"): "leads to the Japanese page, with its lang",
}


def _without_code(text: str) -> str:
    """The markup without comments, translated blocks and expressions (a blank in their place)."""
    for pattern in (_COMMENT, _TRANS, _CLASS, _JINJA):
        text = pattern.sub(" ", text)
    return text


def bare_words(text: str) -> list[str]:
    """Words that a reader would see or hear in no language but the template's own."""
    markup = _without_code(text)
    spoken = [held[1:-1] for held in _SPOKEN.findall(markup)]
    shown = _TAG.sub("\n", _KEY.sub(" ", markup))
    for pattern in (_ATTRIBUTE, _NAME, _ENTITY):
        shown = pattern.sub(" ", shown)
    return [" ".join(piece.split()) for piece in [*spoken, *shown.splitlines()] if _WORD.search(piece)]


def _id(path: Path) -> str:
    return path.relative_to(ROOT / "portal").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=_id)
def test_a_template_keeps_the_house_rules(path: Path) -> None:
    text = path.read_text("utf-8")
    markup = _COMMENT.sub("", text)
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(markup)]
    found += [f"data-hx-{name}" for name in HTMX_ATTRIBUTE.findall(markup) if name not in HTMX]
    found += [f"a trigger with a filter: {held}" for held in TRIGGERS.findall(markup) if "[" in held]
    words = [piece for piece in bare_words(text) if (_id(path), piece) not in UNTRANSLATED]
    assert (found, words) == ([], [])


def test_every_exception_is_still_needed() -> None:
    pieces = {(_id(path), piece) for path in TEMPLATES for piece in bare_words(path.read_text("utf-8"))}
    assert sorted(UNTRANSLATED.keys() - pieces) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>{{ _('Hello') }}</p>", []),
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% trans n=1 %}Hello {{ n }}{% endtrans %}</p>", []),
        ("{# a note #}<!-- x y --><img alt='Picture'>", ["Picture"]),
        ("<a title=\"{{ _('x') }}\">&nbsp;1 / 2</a>", []),
        ("{% if a > b %}時{% endif %}<b>時間</b>", ["時間"]),
        ('<input value="{{ x }}" {% if y > 1 %}checked{% endif %}>', []),
    ],
)
def test_bare_words_are_found(text: str, expected: list[str]) -> None:
    assert bare_words(text) == expected
