"""Reading a filled sheet back, whatever has happened to it. Nothing here guesses, and nothing here writes.

What comes is any file at all. It is read into plain texts with the code of what is wrong with each cell;
whether a row is right is asked in `fates`.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from portal.domain.canonical import decimal_text
from portal.sections.workbook import FILLER, MARK, WANTED

LARGEST_FILE = 200_000  # an answered sheet weighs some 15 kB
LARGEST_UNPACKED = 20_000_000
MOST_ROWS, MOST_COLUMNS = 400, 60
LONGEST_TEXT, LONGEST_NAME = 200, 60


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; `problem`: the code of why it can't be taken. A rate comes in percent."""

    text: str = ""
    problem: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Line:
    key: str
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Sheet:
    """One file. `problem`: why nothing of it can be taken."""

    name: str
    sha256: str
    data_set: str = ""
    period: str = ""
    organisation: str = ""
    filled_by: str = ""
    lines: list[Line] = field(default_factory=list)
    problem: str = ""
    based_on: int = 0  # the version that stood when the file was looked at

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Sheet:
        lines = [
            Line(line["key"], {name: Cell(**cell) for name, cell in line["cells"].items()})
            for line in data["lines"]
        ]
        return cls(**{**data, "lines": lines})


def read(name: str, content: bytes) -> Sheet:
    """A file as it came."""
    sheet = Sheet(_clean(name)[:120], hashlib.sha256(content).hexdigest())
    if len(content) > LARGEST_FILE:
        return _refused(sheet, "too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                return _refused(sheet, "too_large")
        with warnings.catch_warnings():  # openpyxl warns of parts that it leaves out, such as our checks
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content))
        page = next((page for page in book.worksheets if page["A1"].value == MARK), None)
        return _refused(sheet, "not_ours") if page is None else _read(sheet, page)
    except Exception:
        return _refused(sheet, "unreadable")


def _refused(sheet: Sheet, problem: str) -> Sheet:
    return Sheet(sheet.name, sheet.sha256, problem=problem)


def _read(sheet: Sheet, page: Any) -> Sheet:
    grid = list(
        page.iter_rows(
            min_row=1, max_row=min(page.max_row, MOST_ROWS), max_col=min(page.max_column, MOST_COLUMNS)
        )
    )
    columns: dict[str, int] = {}
    filled_by, lines = "", []
    for row in grid[1:]:
        key = row[0].value
        if key == "key":
            columns = {str(cell.value): place for place, cell in enumerate(row) if cell.value}
        elif key == FILLER:
            filled_by = _cell(row[3]).text[:LONGEST_NAME] if len(row) > 3 else ""
        elif isinstance(key, str) and key.strip() and columns:
            cells = {name: _cell(row[columns[name]]) for name in WANTED if name in columns}
            lines.append(Line(_clean(key)[:80], cells))
    meta = [_clean(str(cell.value or ""))[:80] for cell in grid[0][1:4]]
    if len(meta) < 3 or not columns.keys() >= set(WANTED):
        return _refused(sheet, "not_ours")
    data_set, period, organisation = meta
    return replace(
        sheet, data_set=data_set, period=period, organisation=organisation, filled_by=filled_by, lines=lines
    )


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None:
        return Cell()
    if kind == "f":
        return Cell(problem="formula")
    if kind == "e":
        return Cell(problem="error_cell")
    if isinstance(value, bool):
        return Cell(str(value), "not_a_number")
    if isinstance(value, date | time | timedelta):
        return Cell(str(value), "date_cell")
    if isinstance(value, int | float):
        return _number(value, "%" in str(getattr(cell, "number_format", "")))
    text = _clean(str(value))
    return Cell(text[:LONGEST_TEXT], "long" if len(text) > LONGEST_TEXT else "")


def _clean(text: str) -> str:
    """Without signs that can't be seen: databases refuse some of them."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _number(value: int | float, percent: bool) -> Cell:
    """A number as Excel keeps it; one shown as 1.34% is kept as 0.0134."""
    exact = Decimal(repr(value)) * (100 if percent else 1)
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** 15:
        return Cell(str(value)[:40], "not_a_number")
    rounded = round(exact, 9).normalize()  # the hair by which 0.0134 is off as a double
    return Cell(decimal_text(rounded), percent=percent)
