"""Files as cities keep them, made here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

from config import Settings
from portal.intake import reading
from portal.intake.tables import Limits, Sheet

LIMITS = Limits(size=5 * 1024**2, rows=20_000, cells=400_000, seconds=60, unpacked=50 * 1024**2)
Rows = Iterable[Sequence[Any]]


def limits(**changed: int) -> Limits:
    return Limits.of(Settings(**{f"import_max_{name}": value for name, value in changed.items()}))  # type: ignore[arg-type]


def xlsx(rows: Rows, *merges: str, title: str = "表") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv_of(rows: Rows, encoding: str = "cp932", delimiter: str = ",") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode(encoding)


def read(content: bytes, name: str = "表.csv") -> Sheet:
    """The first sheet of a file."""
    return reading.read(content, name, LIMITS)[0]
