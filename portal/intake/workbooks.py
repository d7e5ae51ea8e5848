"""Excel workbooks. Formulas are never worked out, macros never run, links never followed: only what stands
in the cells is read, from the visible sheets.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from typing import Any, cast
from xml.etree import ElementTree

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries

from portal.intake.tables import BROKEN, MERGES, Budget, Merge, Sheet, Unreadable, clean

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel files, and those with a password
PARTS = 2_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NAME = re.compile(r"\{[^}]*\}")


def read(content: bytes, budget: Budget) -> list[Sheet]:
    """The visible sheets that have something in them. Raises Unreadable."""
    try:
        _look_into(content, budget)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that nobody here needs
            return _sheets(content, budget)
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken file makes of the libraries: it is the file's fault
        raise Unreadable("broken_workbook") from error


def refuse_old(content: bytes) -> None:
    """The two kinds of file in Microsoft's old container, each with its own sentence."""
    if content.startswith(OLE):
        raise Unreadable("password" if _ENCRYPTED in content else "old_excel")


def _look_into(content: bytes, budget: Budget) -> None:
    """Before anything is unpacked: is it a workbook, and how large would it be?"""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        listed = parts.infolist()
        if len(listed) > PARTS or sum(part.file_size for part in listed) > budget.limits.unpacked:
            raise Unreadable("too_large_inside", limit=budget.limits.unpacked // 1024**2)
        if "xl/workbook.xml" not in parts.namelist():
            raise Unreadable("not_a_workbook")
        for part in listed:
            budget.tick()
            if part.filename.endswith((".xml", ".rels")):
                with parts.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(4096).replace(b"\x00", b""):
                        raise Unreadable("broken_workbook")


def _sheets(content: bytes, budget: Budget) -> list[Sheet]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    found = []
    try:
        for opened in book.worksheets:
            if opened.sheet_state != "visible":
                continue
            sheet = Sheet(clean(opened.title))
            unsolved = _beside(content, _path(opened), sheet, budget)
            opened.reset_dimensions()  # what a file says of its own size is not believed
            _rows(opened.iter_rows(values_only=True), unsolved, sheet, budget)
            if sheet.rows:
                found.append(sheet)
    finally:
        book.close()
    return found


def _rows(
    rows: Iterable[tuple[Any, ...]], unsolved: dict[int, list[int]], sheet: Sheet, budget: Budget
) -> None:
    for number, values in enumerate(rows, 1):
        if number % 64 == 0 or len(values) > 64:
            budget.tick()
        cells = [_text(value) for value in values]
        for column in unsolved.get(number, ()):
            cells.extend("" for _missing in range(column + 1 - len(cells)))
            cells[column] = cells[column] or BROKEN
        budget.take(sheet, number, cells)


def _beside(content: bytes, path: str, sheet: Sheet, budget: Budget) -> dict[int, list[int]]:
    """What the rows don't tell: merged ranges (into `sheet`), and formulas without a result ({row: columns}).

    Such a formula reads as an empty cell, and an empty cell means that nobody wrote anything.
    """
    unsolved: dict[int, list[int]] = {}
    count = 0
    with zipfile.ZipFile(io.BytesIO(content)) as parts, parts.open(path.lstrip("/")) as opened:
        for _event, element in ElementTree.iterparse(opened):  # noqa: S314 - no DOCTYPE, limited size
            name = _NAME.sub("", element.tag)
            if name == "c":
                count += 1
                if _without_result(element):
                    column, number = coordinate_from_string(element.get("r", "A1"))
                    unsolved.setdefault(number, []).append(column_index_from_string(column) - 1)
            elif name == "mergeCell" and len(sheet.merges) < MERGES:
                sheet.merges.append(_merge(element.get("ref", "A1")))
            if name == "row":
                element.clear()
                budget.tick()
    return unsolved


def _path(sheet: Any) -> str:
    """The part of the workbook that a sheet stands in: the library keeps it to itself."""
    return str(sheet._worksheet_path)


def _without_result(cell: ElementTree.Element) -> bool:
    children = {_NAME.sub("", child.tag): child for child in cell}
    value = children.get("v")
    return (
        "f" in children
        and "is" not in children
        and (value is None or not (value.text or "").strip())
        and cell.get("t") != "str"
    )


def _merge(reference: str) -> Merge:
    left, top, right, bottom = cast("tuple[int, int, int, int]", range_boundaries(reference))
    return top, left - 1, bottom, right - 1


def _text(value: Any) -> str:
    """A cell as it would be typed, so that one reader reads both Excel and CSV."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | clock_time | timedelta | int | Decimal):
        return clean(str(value))
    return clean(str(getattr(value, "text", "") or ""))


def _number(value: float) -> str:
    """12.0 is 12; 0.1 + 0.2 is what Excel shows of it: fifteen digits."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(f"{value:.15g}"), "f")
