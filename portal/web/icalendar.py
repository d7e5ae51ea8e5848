"""Calendar files (RFC 5545), as far as we need them: whole days, which are the same in every time zone.

No library: a whole-day event needs no VTIMEZONE, no recurrence and no parser; what is left is escaping,
folding at 75 octets, and CRLF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

OCTETS = 75  # a line's, without its CRLF


@dataclass(frozen=True, slots=True)
class Day:
    """Something on one day. `uid` stays the same, so that loading the file again doubles nothing."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""
    alarm: bool = False  # at nine in the morning of the day before


def calendar(name: str, language: str, days: Iterable[Day], made_at: datetime) -> str:
    """The file's text. `made_at` is aware and in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tsunagari Portal//Deadlines//JA",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for one in days:
        lines.extend(_event(one, language, made_at))
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(one: Day, language: str, made_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY;LANGUAGE={language}:{_escaped(one.summary)}"
    if one.description:
        yield f"DESCRIPTION;LANGUAGE={language}:{_escaped(one.description)}"
    if one.url:
        yield f"URL:{one.url}"
    yield "TRANSP:TRANSPARENT"  # the day is free for other things
    if one.alarm:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_escaped(one.summary)}"
        yield "TRIGGER:-PT15H"
        yield "END:VALARM"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Broken after at most 75 octets, never inside a character; the next line begins with a space."""
    rows, row, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > OCTETS:
            rows.append(row)
            row, size = " ", 1
        row, size = row + character, size + width
    return "\r\n".join([*rows, row])
