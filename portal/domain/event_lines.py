"""Events written down one by one (day, name, place), and which two of them may be the same event.

The count is the number of lines, or the sum of their people. A likely double is only a question: people
say whether it is one. Source: design/indicator-sources.md C, and the plan's 確認待ち question of whether the
same event may be counted as a lecture and as publicity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any, NamedTuple, TypeVar

from portal.domain.canonical import sha256_of
from portal.domain.numerals import read_count

EVENTS, PEOPLE = "events", "people"  # what of the lines is counted
MOST = 60  # lines of one measure in a month; more than that is counted, not listed
LONGEST = 80  # characters of a name or a place
ALIKE = 0.75  # how much of two names has to agree
_SKIPPED = str.maketrans("", "", " ー-・.,、。'’\"()（）「」『』【】[]!?~〜")
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event. No personal names: `name` is that of the event."""

    day: date
    name: str
    place: str = ""
    people: int | None = None

    def to_json(self) -> dict[str, Any]:
        line: dict[str, Any] = {"day": self.day.isoformat(), "name": self.name, "place": self.place}
        return line if self.people is None else {**line, "people": self.people}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EventLine:
        day = date.fromisoformat(data["day"])
        return cls(day, data["name"], data.get("place", ""), data.get("people"))


class RawLine(NamedTuple):
    """A line as typed."""

    day: str = ""
    name: str = ""
    place: str = ""
    people: str = ""

    @property
    def blank(self) -> bool:
        return not "".join(self).strip()


class LineFault(NamedTuple):
    """What has to be put right in the line of that number (from 1)."""

    code: str
    line: int


def written(raw: Iterable[RawLine]) -> tuple[RawLine, ...]:
    """Those with something in them."""
    return tuple(line for line in raw if not line.blank)


def total(raw: Sequence[RawLine], counted: str) -> str:
    """What the lines come to, as it would be typed; "" where a number of people can't be read yet."""
    if counted == EVENTS:
        return str(len(raw))
    people = [read_count(line.people).value for line in raw]
    known = [value for value in people if value is not None]
    return str(sum(known)) if len(known) == len(people) else ""


def read(
    raw: Sequence[RawLine], first: date, last: date, counted: str
) -> tuple[tuple[EventLine, ...], LineFault | None]:
    """The lines, by day; and the first fault: line_day, line_outside, line_name, line_people."""
    found = []
    for number, line in enumerate(raw, 1):
        day = _day(line.day, last)
        came = read_count(line.people).value if counted == PEOPLE else None
        people = None if came is None else int(came)
        if day is None:
            return (), LineFault("line_day", number)
        if not first <= day <= last:
            return (), LineFault("line_outside", number)
        if not line.name.strip():
            return (), LineFault("line_name", number)
        if counted == PEOPLE and people is None:
            return (), LineFault("line_people", number)
        found.append(EventLine(day, line.name.strip(), line.place.strip(), people))
    return tuple(sorted(found, key=lambda line: line.day)), None


def _day(text: str, last: date) -> date | None:
    """2026-10-03, 10/3, 10月3日, or the day alone: 3, in any width."""
    plain = unicodedata.normalize("NFKC", text).strip()
    numbers = [int(part) for part in re.findall(r"\d+", plain)][:3]
    try:
        if len(numbers) == 3:
            return date(*numbers)
        if len(numbers) == 2:
            return date(last.year, numbers[0], numbers[1])
        return date(last.year, last.month, numbers[0])
    except (ValueError, IndexError):
        return None


# --- the same event twice -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """An event as it stands in a report. `where`: what makes it this report's line and no other's."""

    where: tuple[str, ...]
    line: EventLine
    again: int = 0  # how often the same line has stood in the same place before

    @property
    def key(self) -> str:
        """The same as long as the line says the same, whatever else of the report is corrected."""
        parts = (*self.where, self.line.day.isoformat(), plain(self.line.name), str(self.again))
        return sha256_of("\n".join(parts))[:24]


Row = TypeVar("Row")


def likely_doubles(rows: Sequence[tuple[Posted, Row]]) -> Iterator[tuple[Row, Row]]:
    """Pairs on the same day or the next with names alike, or on the same day in the same place."""
    ordered = sorted(rows, key=lambda row: (row[0].line.day, row[0].key))
    for one, other in combinations(ordered, 2):
        if _may_be_one(one[0].line, other[0].line):
            yield one[1], other[1]


def pair_key(one: str, other: str) -> str:
    return sha256_of("\n".join(sorted((one, other))))[:24]


def _may_be_one(one: EventLine, other: EventLine) -> bool:
    apart = abs((one.day - other.day).days)
    if apart > 1:
        return False
    same_place = bool(plain(one.place)) and plain(one.place) == plain(other.place)
    return (apart == 0 and same_place) or alike(one.name, other.name)


def alike(one: str, other: str) -> bool:
    """Two names of one event: much the same letters, or one holds the other."""
    left, right = sorted((plain(one), plain(other)), key=len)
    if not left:
        return False
    if len(left) >= 4 and left in right:
        return True
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= ALIKE


def plain(text: str) -> str:
    """One form of letters: width, capitals, kana, blanks, marks and long vowels made alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.translate(_KATAKANA).translate(_SKIPPED)
