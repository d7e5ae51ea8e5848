"""Filling a downloaded 照会票 as a person does in Excel: by the words on the sheet, not by hidden keys."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from openpyxl import load_workbook

HEADINGS = {"numerator": "分子", "denominator": "分母", "evidence": "根拠"}
Answers = Mapping[str, Mapping[str, Any]]


def columns(page: Any) -> dict[str, int]:
    """value, numerator, denominator, evidence, name -> column, found by the headings that people see."""
    row = next(
        row
        for row in page.iter_rows()
        if any("根拠" in str(c.value) and "指標" in str(row[2].value) for c in row)
    )
    found = {"name": 3, "value": 9}
    for cell in row:
        for name, words in HEADINGS.items():
            if str(cell.value or "").startswith(words):
                found[name] = cell.column
    return found


def fill(
    content: bytes,
    answers: Answers,
    *,
    filled_by: str = "見本 花子",
    spoil: Callable[[Any], None] | None = None,
) -> bytes:
    """The filled workbook. `answers`: row's number in the sheet (1-3-c1) -> {value, evidence ...}."""
    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    places = columns(page)
    for row in page.iter_rows():
        if str(row[2].value or "").startswith("記入者"):
            row[3].value = filled_by
        for name, value in answers.get(str(row[0].value), {}).items():
            page.cell(row[0].row, places[name]).value = value
    if spoil:
        spoil(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def keys(content: bytes) -> list[str]:
    """The hidden keys of the sheet's rows."""
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    column = [str(row[0].value or "") for row in page.iter_rows()]
    return [key for key in column[column.index("key") + 1 :] if key]
