"""Counting as it happens: presses of +1, one taken back now and then, and the month that they make.

A press is never changed. Taking one back names it, so it can be taken back once only, from whichever
phone and however often that is sent; and no count ever falls below 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.errors import Invalid

_KEY = re.compile(r"[0-9A-Za-z-]{8,64}")
_MEASURE = re.compile(r"[0-9a-z_]{1,64}")
FAVOURITES = 5


@dataclass(frozen=True, slots=True)
class Tap:
    """One press: its key, the day that it counts for, what it counts; `undoes`: the key of one taken back."""

    key: str
    day: date
    measure: str
    undoes: str = ""

    @classmethod
    def parse(cls, text: str) -> Tap:
        """Read "key 2026-11-05 visits" or "key 2026-11-05 visits undone-key"; else Invalid("tap")."""
        key, day, measure, undoes = [*text.split(" "), ""][:4] if text.count(" ") in (2, 3) else ("",) * 4
        well_formed = _KEY.fullmatch(key) and _MEASURE.fullmatch(measure)
        if not well_formed or not (_KEY.fullmatch(undoes) or not undoes):
            raise Invalid("tap")
        try:
            return cls(key, date.fromisoformat(day), measure, undoes)
        except ValueError as error:
            raise Invalid("tap") from error


def standing(taps: Iterable[Tap]) -> list[Tap]:
    """The presses that were not taken back, in their order."""
    taps = list(taps)
    undone = {tap.undoes for tap in taps if tap.undoes}
    return [tap for tap in taps if not tap.undoes and tap.key not in undone]


def sums(taps: Iterable[Tap]) -> dict[str, int]:
    """{measure: how often}, of what stands; nothing is 0."""
    return dict(Counter(tap.measure for tap in standing(taps)))


def days(taps: Iterable[Tap]) -> list[date]:
    """The days on which anything stands, in order."""
    return sorted({tap.day for tap in standing(taps)})


def favourites(taps: Iterable[Tap]) -> list[str]:
    """What is counted most, the most first; what is equal by its name, so that nothing jumps about."""
    counted = sums(taps)
    return sorted(counted, key=lambda measure: (-counted[measure], measure))[:FAVOURITES]
