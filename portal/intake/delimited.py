"""CSV and its relatives: in any encoding that Japanese offices use, with commas, tabs or semicolons."""

from __future__ import annotations

import csv
import io
from collections import Counter

from portal.intake.tables import Budget, Sheet, Unreadable, clean

DELIMITERS = (",", "\t", ";")
SAMPLE = 50  # lines by which the delimiter is told
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(content: bytes, budget: Budget, name: str = "") -> Sheet:
    """The file's one table. Raises Unreadable."""
    text = decode(content)
    if "\x00" in text:
        raise Unreadable("not_a_table")
    sheet = Sheet(name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            budget.tick()
            budget.take(sheet, number, [clean(cell) for cell in cells])
    except csv.Error as error:
        raise Unreadable("broken_csv", row=number + 1) from error
    return sheet


def decode(content: bytes) -> str:
    """By its mark; else UTF-8 if it is, else UTF-16 by its zeros, else cp932. Never with signs replaced.

    Raises Unreadable("mixed_encoding") with the first line that is neither UTF-8 nor cp932.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    wide = _by_zeros(content)
    if wide is None and (line := _utf8_among(content)):
        raise Unreadable("mixed_encoding", row=line)
    return _strictly(content, wide or "cp932")


def _utf8_among(content: bytes) -> int:
    """The first line of UTF-8 in a file that is not; 0 for none. As cp932 it would be read, as nonsense.

    A short line of cp932 may be UTF-8 by chance: one in five is none.
    """
    found, others = [], 0
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.isascii():
            try:
                line.decode("utf-8")
                found.append(number)
            except UnicodeDecodeError:
                others += 1
    return found[0] if len(found) * 5 > others + len(found) else 0


def _by_zeros(content: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of what is ASCII (commas, digits) is zero."""
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(content) % 2 or max(even, odd) < len(head) // 20:
        return None
    if not even:
        return "utf-16-le"
    return None if odd else "utf-16-be"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("mixed_encoding", row=line) from error


def delimiter(text: str) -> str:
    """The sign that most lines hold the same number of times; a comma where none tells."""
    lines = [line for line in text[:100_000].splitlines()[:SAMPLE] if line.strip()]
    best, most = ",", (0, 0)
    for sign in DELIMITERS:
        counts = Counter(line.count(sign) for line in lines)
        counts.pop(0, None)
        if counts:
            times, agreeing = counts.most_common(1)[0]
            if (agreeing, times) > most:
                best, most = sign, (agreeing, times)
    return best
