"""Reading months, days and fiscal years as people in Japan write them into tables. It never guesses.

令和6年10月, R6.10, 2024/10, 202410 and 2024-10-01 00:00:00 (what Excel keeps) are the same month;
令和6年度1月 lies in the next calendar year; 10月 by itself is a month of no year until
somebody says which. These are dates, not counts: numbers are read by `numerals`, and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from portal.domain.errors import Invalid
from portal.domain.periods import APRIL, ERAS, FiscalYear, Month

_KANJI = {"reiwa": "令和", "heisei": "平成", "showa": "昭和"}
_BEGAN = {mark: began for name, letter, began in ERAS for mark in (letter, _KANJI[name])}
_YEAR = r"(?:(?P<era>令和|平成|昭和|[RHS])(?P<number>元|[0-9]{1,2})|(?P<year>(?:19|20)[0-9]{2}))"
_MONTH = re.compile(
    _YEAR + r"(?P<fiscal>年度)?[年./-]?(?P<month>[0-9]{1,2})月?(?:[./-]?(?P<day>[0-9]{1,2})日?)?(?:分|度)?"
)
_TIGHT = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})?")
_ALONE = re.compile(r"(?P<month>[0-9]{1,2})月(?:分|度)?")
_FISCAL = re.compile(_YEAR + r"(?:年度|年)?")
_SPAN = re.compile(_YEAR + r"(?:年度|年)?(?:~|から|-)" + re.sub(r"\?P<(\w+)>", r"?P<\1_to>", _YEAR))
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?$")


def _tidied(raw: str) -> str:
    """Half-width signs and no spaces. For dates NFKC is right: ㋉ and １０月 are what they look like."""
    text = unicodedata.normalize("NFKC", _MIDNIGHT.sub("", raw.strip()))
    return re.sub(r"\s+", "", text).replace("〜", "~").replace("‐", "-").replace("−", "-")


def _calendar_year(match: re.Match[str], suffix: str = "") -> int:
    """The year of our era that was written: 令和6 -> 2024, 元 is the first."""
    era, number = match[f"era{suffix}"], match[f"number{suffix}"]
    if era is None:
        return int(match[f"year{suffix}"])
    return _BEGAN[era].year + (1 if number == "元" else int(number)) - 1


def _month(year: int, number: int) -> Month | None:
    try:
        return Month(year, number)
    except Invalid:
        return None


def read_month(raw: str, fiscal_year: int | None = None) -> Month | None:
    """The month that a cell or a heading names; None if it is none. `fiscal_year`: of a month by itself."""
    text = _tidied(raw)
    if match := _TIGHT.fullmatch(text):
        return _month(int(match["year"]), int(match["month"]))
    if match := _MONTH.fullmatch(text):
        year, number = _calendar_year(match), int(match["month"])
        return _month(year + (number < APRIL) if match["fiscal"] else year, number)
    number_alone = month_alone(raw)
    if number_alone is None or fiscal_year is None:
        return None
    return _month(fiscal_year + (number_alone < APRIL), number_alone)


def month_alone(raw: str) -> int | None:
    """10 for 10月; None for anything else, and for a month that no calendar has."""
    match = _ALONE.fullmatch(_tidied(raw))
    number = int(match["month"]) if match else 0
    return number if 1 <= number <= 12 else None


def read_day(raw: str) -> date | None:
    """A day; of a month without a day its first. None for a year alone, and for a day that never was."""
    text = _tidied(raw)
    match = _TIGHT.fullmatch(text)
    if match is not None:
        year = int(match["year"])
    else:
        match = _MONTH.fullmatch(text)
        if match is None or match["fiscal"]:
            return None
        year = _calendar_year(match)
    try:
        return date(year, int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return None


def read_fiscal_year(raw: str) -> int | None:
    """The fiscal year that a text speaks of somewhere (令和6年度 サロン実績): the first 年度 in it."""
    match = re.search(_YEAR + "年度", _tidied(raw))
    return _calendar_year(match) if match else None


def read_fiscal_years(raw: str) -> list[int] | None:
    """A list of fiscal years: 令和5年度、R6, R5~R7. None if any part of it can't be read."""
    found: set[int] = set()
    for part in re.split(r"[,、;・\n/]", raw):
        text = _tidied(part)
        if not text:
            continue
        if span := _SPAN.fullmatch(text):
            first, last = _calendar_year(span), _calendar_year(span, "_to")
            if not first <= last <= first + 50:
                return None
            found.update(range(first, last + 1))
        elif match := _FISCAL.fullmatch(text):
            found.add(_calendar_year(match))
        else:
            return None
    return sorted(year for year in found if FiscalYear(year))
