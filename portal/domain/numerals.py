"""Reading a number as people in Japan type it on a phone. It never guesses: what is unclear is asked again.

１２人, 12 人, 1,200, 1，200, 3, 230, 三十, 1万2千 and १२ (the digits of a Nepali keyboard) are read. A
decimal point in a count is refused even in 12.000: it is twelve to some of our readers and twelve
thousand to others.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.canonical import decimal_text

LARGEST = 9_999_999_999  # a city's yearly sums in yen end well before this; what is longer is a slip
PLACES = 4  # decimals that the ledger keeps

_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_MINUS = ("-", "−", "‐", "‑", "–", "—", "―", "ー", "△", "▲", "マイナス")  # △ and ▲ as accounts write it
_PREFIX = re.compile(r"(延べ|のべ|合計|計) ?")
_COUNTER = re.compile(r" ?(人|名|回|件|団体|[かヶカヵケ箇]所|地区|日|円|世帯|食|枚|時間|区|校|組|個|点)$")
_FIGURE = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:[,、] ?[0-9]{3})+)(?:\.(?P<fraction>[0-9]+))?")
_BELOW_MAN = re.compile(r"(?:([0-9]?)千)?(?:([0-9]?)百)?(?:([0-9]?)十)?([0-9]?)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: a value, or the code of why it can't be read.

    Codes: blank, negative, not_whole, not_a_number, too_large, too_precise.
    """

    value: int | Decimal | None = None
    error: str | None = None


def read_count(raw: str) -> Reading:
    """A whole number from 0 up, with or without its counter (人, 回 ...)."""
    reading = _read(_tidied(raw))
    return Reading(error="not_whole") if isinstance(reading.value, Decimal) else reading


def read_decimal(raw: str, places: int = PLACES) -> Reading:
    """A number from 0 up with at most `places` decimals: a percentage as printed (1.34%), or yen."""
    reading = _read(_tidied(raw).removesuffix("%").rstrip())
    if not isinstance(reading.value, Decimal):
        return reading
    if reading.value == int(reading.value):
        return Reading(int(reading.value))  # 98.0 and 98 are one figure
    if len(decimal_text(reading.value).partition(".")[2]) > places:
        return Reading(error="too_precise")
    return reading


def _tidied(raw: str) -> str:
    """Half-width signs, ASCII digits, single spaces.

    Not NFKC: it would turn 1² into 12 and ½ into a fraction, which nobody meant.
    """
    text = "".join(_half_width(sign) for sign in raw).translate(_KANJI_DIGITS)
    return " ".join(text.split())


def _half_width(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    return chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign


def _read(text: str) -> Reading:
    """An int where no decimal point was typed, a Decimal where one was."""
    if not text:
        return Reading(error="blank")
    for minus in _MINUS:
        if text.startswith(minus):
            below_zero = _read(text.removeprefix(minus).lstrip()).error is None
            return Reading(error="negative" if below_zero else "not_a_number")
    bare = _COUNTER.sub("", _PREFIX.sub("", text, count=1))
    if match := _FIGURE.fullmatch(bare):
        return _figure(match["whole"], match["fraction"])
    value = _with_units(bare)
    return Reading(error="not_a_number") if value is None else Reading(value)


def _figure(whole: str, fraction: str | None) -> Reading:
    digits = re.sub(r"[^0-9]", "", whole).lstrip("0") or "0"
    if len(digits) > len(str(LARGEST)):  # before int(): thousands of digits are no number to Python
        return Reading(error="too_large")
    if fraction is None:
        return Reading(int(digits))
    if len(fraction) > 20:
        return Reading(error="too_precise")
    return Reading(Decimal(f"{digits}.{fraction}"))


def _with_units(text: str) -> int | None:
    """三十, 千二百, 1万2000: digits stand before 千百十 in that order, and 万 between two such numbers."""
    high, man, low = text.partition("万")
    if not man:
        return _below_man(high)
    upper, lower = _below_man(high), _below_man(low) if low else 0
    return None if upper is None or lower is None else upper * 10_000 + lower


def _below_man(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,4}", text):
        return int(text)
    match = _BELOW_MAN.fullmatch(text)
    if not text or not match:
        return None
    thousands, hundreds, tens, ones = match.groups()
    scaled = ((thousands, 1000), (hundreds, 100), (tens, 10))
    return sum(int(digit or 1) * unit for digit, unit in scaled if digit is not None) + int(ones or 0)
