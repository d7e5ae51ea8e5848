"""What a translation must keep of its Japanese: placeholders, a sane length, no markup. Codes, no words."""

from __future__ import annotations

import re
from collections import Counter

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_READING = re.compile(r"\{[^{}|]+\|[^{}|]+\}")
_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]|&#?\w+;")
LONGEST = 2000


def longest(source: str) -> int:
    """How long a translation may be: Japanese is short, readings double it; names stay names."""
    return min(LONGEST, max(160, 8 * len(source)))


def tidy(text: str) -> str:
    """One line, as it is typed but for the spaces around and between."""
    return " ".join(text.split())


def fault(source: str, text: str, readings: bool = False) -> str | None:
    """Why it can't stand for the Japanese: "markup", "placeholders", "readings", "too_long"; None if it can.

    `readings`: may it have {漢字|かんじ}? Only easy Japanese does.
    """
    if _MARKUP.search(text):
        return "markup"
    without = _READING.sub("", text)
    if Counter(_PLACEHOLDER.findall(without)) != Counter(_PLACEHOLDER.findall(_READING.sub("", source))):
        return "placeholders"
    rest = _PLACEHOLDER.sub("", without if readings else text)
    if any(sign in rest for sign in "{}") and not any(sign in source for sign in "{}"):
        return "readings"
    return "too_long" if len(text) > longest(source) else None
