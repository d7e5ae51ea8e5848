"""A table to take along, whatever it is of: as an Excel sheet with real numbers, and as CSV.

A cell that holds text stays text: a name that begins with "=" is never a formula. Excel is told so; in CSV,
where a spreadsheet guesses, such a text gets an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter

Cell = str | int | Decimal | date | None
Kind = Literal["text", "number", "date", "percent"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WIDEST, NARROWEST = 44, 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Column:
    """A heading and what stands below it."""

    heading: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """`sheet`: its name in Excel, in Japanese. `notes`: what it is, as of when; on a second sheet.

    `above`: lines over the headings, for a table that is printed as it is; `bold`: rows that are totals.
    """

    sheet: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    above: Sequence[str] = ()
    bold: frozenset[int] = frozenset()
    landscape: bool = True


def text_width(text: str) -> int:
    """How wide a text is in a column: a Japanese letter takes two places."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def xlsx(table: Table) -> bytes:
    """One workbook: the table, and a sheet that says what it is."""
    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": table.sheet})
        _sheet(book, table)
        if table.notes:
            notes = book.add_worksheet("説明")
            notes.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
            for number, line in enumerate(table.notes):
                notes.write_string(number, 0, line)
    return made.getvalue()


def _formats(book: Any) -> dict[tuple[str, bool], Any]:
    looks: dict[str, dict[str, Any]] = {
        "text": {},
        "number": {"num_format": "#,##0.####;-#,##0.####;0"},
        "whole": {"num_format": "#,##0"},
        "percent": {"num_format": "0.0"},
        "date": {"num_format": "yyyy/mm/dd", "align": "left"},
    }
    return {
        (kind, bold): book.add_format({**look, "bold": bold, "valign": "top"})
        for kind, look in looks.items()
        for bold in (False, True)
    }


def _sheet(book: Any, table: Table) -> None:
    sheet = book.add_worksheet(table.sheet)
    looks = _formats(book)
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF2F7"}
    )
    for number, line in enumerate(table.above):
        sheet.write_string(number, 0, line, looks["text", number == 0])
    top = len(table.above)
    for number, column in enumerate(table.columns):
        sheet.write_string(top, number, column.heading, head)
        sheet.set_column(number, number, _width(table, number))
    for down, row in enumerate(table.rows):
        for across, cell in enumerate(row):
            _write(
                sheet, (top + 1 + down, across), cell, table.columns[across].kind, looks, down in table.bold
            )
    sheet.freeze_panes(top + 1, 1)
    if table.rows and not table.above:
        sheet.autofilter(top, 0, top + len(table.rows), len(table.columns) - 1)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    if table.landscape:
        sheet.set_landscape()


def _write(
    sheet: Any, place: tuple[int, int], cell: Cell, kind: Kind, looks: dict[tuple[str, bool], Any], bold: bool
) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, date):
        sheet.write_datetime(*place, cell, looks["date", bold])
    elif isinstance(cell, str):
        sheet.write_string(*place, cell, looks["text", bold])
    else:
        look = "whole" if kind == "number" and cell == int(cell) else kind
        sheet.write_number(*place, float(cell), looks[look, bold])


def _width(table: Table, number: int) -> int:
    wide = [text_width(table.columns[number].heading) // 2]
    wide += [
        10 if isinstance(row[number], date) else text_width(str(row[number] or ""))
        for row in table.rows[:500]
    ]
    return max(NARROWEST, min(WIDEST, max(wide) + 2))


def csv_bytes(table: Table) -> bytes:
    """UTF-8 with a byte order mark, CRLF, days as 2026-10-31; text that looks like a formula is disarmed."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([disarmed(column.heading) for column in table.columns])
    writer.writerows([[_flat(cell) for cell in row] for row in table.rows])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _flat(cell: Cell) -> str | int | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return disarmed(cell) if isinstance(cell, str) else cell


def disarmed(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
