"""Finding a name however it is typed: in kanji, hiragana, katakana, half width, or Latin letters.

A name is stored beside its search text, which holds the name, its reading, and the reading in Latin
letters. What is typed becomes one or two patterns, of which one must occur in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import jaconv

LONGEST = 60  # characters typed into a search field; more says nothing more
_SKIPPED = str.maketrans("", "", " ー-・.,、。'’()（）「」")


def search_text(name: str, kana: str | None = None, others: Iterable[str] = ()) -> str:
    """What a search looks in: pieces parted by line breaks, which no pattern contains."""
    spoken = [_plain(text) for text in (name, kana or "")]
    latin = [jaconv.kana2alphabet(text) for text in spoken]
    return "\n".join(dict.fromkeys(filter(None, [*spoken, *latin, *map(_plain, others)])))


def patterns(typed: str) -> list[str]:
    """What to look for, most literal first; empty for nothing typed."""
    plain = _plain(typed[:LONGEST])
    if not plain:
        return []
    if not plain.isascii():
        return [plain]
    # Simbashi, as the railways wrote it, and Shinbashi are one
    kana = _plain(jaconv.alphabet2kana(re.sub("m(?=[bmp])", "n", plain)))
    return list(dict.fromkeys([plain, kana]))


def _plain(text: str) -> str:
    """One form of letters: half and full width, capitals, katakana, blanks and long vowels made alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return jaconv.kata2hira(folded).translate(_SKIPPED)
