"""A table out of a file, as text: what every reader gives, and the limits that each of them keeps."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass, field

from config import Settings
from portal.domain.errors import Invalid

CELL = 500  # signs; what is longer is no name, place or number, and is cut
MERGES = 5_000  # merged ranges that are kept: more than that is decoration
CUT = "…"
BROKEN = "#FORMULA!"  # a formula whose result the file does not hold
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Merge = tuple[
    int, int, int, int
]  # first row, first column, last row, last column; rows from 1, columns from 0


class Unreadable(Invalid):
    """The file can't be taken as a table. The code says why; `words.FAULTS` has the sentences."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, at most. `unpacked`: bytes of all parts of a workbook together."""

    size: int
    rows: int
    cells: int
    seconds: float
    unpacked: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        size = settings.import_max_bytes
        return cls(
            size=size,
            rows=settings.import_max_rows,
            cells=settings.import_max_cells,
            seconds=settings.import_max_seconds,
            unpacked=10 * size,
        )


@dataclass(slots=True)
class Row:
    """One row that has something in it. `number` as the spreadsheet counts it."""

    number: int
    cells: list[str]


@dataclass(slots=True)
class Sheet:
    """One visible sheet; the only one of a CSV file."""

    name: str
    rows: list[Row] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)


class Budget:
    """Counts what has been read, and stops at the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows = self.cells = 0
        self._until = time.monotonic() + limits.seconds

    def tick(self) -> None:
        if time.monotonic() > self._until:
            raise Unreadable("too_slow", limit=int(self.limits.seconds))

    def take(self, sheet: Sheet, number: int, cells: list[str]) -> None:
        """Keep a row, if there is anything in it."""
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        self.rows += 1
        self.cells += len(cells)
        if self.rows > self.limits.rows:
            raise Unreadable("too_many_rows", limit=self.limits.rows)
        if self.cells > self.limits.cells:
            raise Unreadable("too_many_cells", limit=self.limits.cells)
        sheet.rows.append(Row(number, cells))


def clean(text: str) -> str:
    """A cell's text: signs that no table shows are dropped, its ends trimmed, too much of it cut."""
    text = _CONTROL.sub("", text).strip()
    return text if len(text) <= CELL else text[:CELL] + CUT


def key(text: str) -> str:
    """For comparing names and headings: full or half width, spaces and capitals make no difference."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
