"""Writing a section's sheet: an .xlsx that people fill in with Excel, in Japanese, printed on A4."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from portal.domain.measures import MeasureKind
from portal.domain.periods import FiscalYear
from portal.indicators import staff_words
from portal.plan import queries as plan
from portal.reporting import queries as reports
from portal.reporting import words as reporting_words
from portal.sections import layout
from portal.sections import staff_words as words
from portal.sections.desks import Asked
from portal.sections.layout import Row
from portal.web.filters import day, fiscal_year
from portal.web.i18n import in_language, plain, speaking
from portal.web.locale import LOCALES

MARK = "tsunagari-inquiry-1"  # stands in the hidden first row: which sheet this is
FILLER = "filled_by"
# A column a part, with its width; the first is hidden: the row's key.
COLUMNS = (
    ("key", 2), ("code", 8), ("name", 30), ("definition", 40), ("unit", 7), ("base", 12), ("before2", 13),
    ("before", 13), ("value", 13), ("numerator", 11), ("denominator", 11), ("evidence", 34),
)  # fmt: skip
PLACE = {name: number for number, (name, _width) in enumerate(COLUMNS)}
MARK_ROW, TITLE_ROW, TO_ROW, HOW_ROW, FILLER_ROW, KEYS_ROW, HEAD_ROW, FIRST_ROW = 0, 1, 2, 3, 6, 7, 8, 9
WANTED = (*layout.CELLS, "evidence")
FONT = {"font_name": "游ゴシック", "font_size": 10, "valign": "vcenter", "text_wrap": True}


def file_name(asked: Asked) -> str:
    """Such as 照会票_令和8年度_福祉相談課.xlsx"""
    return f"{_titled(asked.desk.month.fiscal_year)}_{asked.organisation.name}.xlsx"


def archive_name(year: int) -> str:
    return f"{_titled(year)}.zip"


def _titled(year: int) -> str:
    with speaking(LOCALES["ja"]):
        return f"{words.TITLE}_{fiscal_year(year).partition('(')[0]}"


def zipped(sheets: Iterable[Asked]) -> bytes:
    """All of them in one file, each under its section's name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for asked in sheets:
            archive.writestr(file_name(asked), made(asked))
    return out.getvalue()


def made(asked: Asked) -> bytes:
    """One section's workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    with speaking(LOCALES["ja"]):
        _Sheet(book, asked).write()
    book.close()
    return out.getvalue()


class _Sheet:
    """The one sheet of a workbook, while it is being written."""

    def __init__(self, book: Any, asked: Asked) -> None:
        self.asked, self.desk = asked, asked.desk
        self.year = FiscalYear(self.desk.month.fiscal_year)
        self.sheet = book.add_worksheet(str(words.TITLE))
        line = {**FONT, "border": 1}
        self.plain = book.add_format(FONT)
        self.title = book.add_format({**FONT, "bold": True, "font_size": 14, "text_wrap": False})
        self.loose = book.add_format({**FONT, "text_wrap": False})
        self.head = book.add_format({**line, "bold": True, "bg_color": "#DCE6F1", "align": "center"})
        self.cell = book.add_format(line)
        self.closed = book.add_format({**line, "bg_color": "#E7E6E6"})
        # text, so that Excel makes neither a date nor a rounded number of what is typed
        self.open = book.add_format({**line, "bg_color": "#FFF9DB", "locked": False})
        years = [self.year.previous().previous().last.key, self.year.previous().last.key]
        self.earlier = [self.desk.values_of([key]).get(key, {}) for key in years]
        sent = asked.submission
        self.now = reports.version(sent) if sent else None

    def write(self) -> None:
        for name, width in COLUMNS:
            hidden = {"hidden": True} if name == "key" else {}
            self.sheet.set_column(PLACE[name], PLACE[name], width, self.plain, hidden)
        self._top()
        rows = layout.rows(self.desk.form, self.desk.data_set)
        for number, row in enumerate(rows):
            self._row(FIRST_ROW + number, row)
        self._page(FIRST_ROW + len(rows))

    def _top(self) -> None:
        desk, year = self.desk, fiscal_year(self.year.year)
        for place, text in enumerate((MARK, desk.data_set.code, desk.period, desk.organisation.code or "")):
            self.sheet.write_string(MARK_ROW, place, text)
        self.sheet.set_row(MARK_ROW, None, None, {"hidden": True})
        self.sheet.write_string(
            TITLE_ROW, PLACE["code"], f"{words.TITLE} {year} {self.asked.organisation.name}", self.title
        )
        back = str(words.RETURN_TO) % {
            "office": desk.data_set.reviewing_office.name,
            "day": day(desk.due_on),
        }
        self.sheet.write_string(TO_ROW, PLACE["code"], back, self.loose)
        for place, text in enumerate(words.HOW):
            self.sheet.write_string(HOW_ROW + place, PLACE["code"], str(text), self.loose)
        self.sheet.write_string(FILLER_ROW, PLACE["key"], FILLER)
        self.sheet.write_string(FILLER_ROW, PLACE["name"], str(words.FILLED_BY), self.head)
        self.sheet.write_blank(FILLER_ROW, PLACE["definition"], None, self.open)
        self.sheet.set_row(FILLER_ROW, 24)
        for name, place in PLACE.items():
            self.sheet.write_string(KEYS_ROW, place, name)
        self.sheet.set_row(KEYS_ROW, None, None, {"hidden": True})
        self._headers(year)

    def _headers(self, year: str) -> None:
        years = {
            "before2": fiscal_year(self.year.year - 2),
            "before": fiscal_year(self.year.year - 1),
            "value": year,
        }
        self.sheet.set_row(HEAD_ROW, 48)
        for name, text in words.HEADERS.items():
            said = str(text) % {"year": years[name]} if name in years else str(text)
            self.sheet.write_string(HEAD_ROW, PLACE[name], said, self.head)

    def _row(self, at: int, row: Row) -> None:
        indicator = row.indicator
        told = {
            "code": indicator.code if indicator else row.key,
            "name": in_language(row.names(), "ja")[0],
            "definition": self._definition(row),
            "unit": in_language(row.main.units, "ja")[0] if row.main.units else "",
            "base": str(indicator.base.get("printed") or "") if indicator and not row.part else "",
            "before2": self._said(row, self.earlier[0]),
            "before": self._said(row, self.earlier[1]),
        }
        if indicator and indicator.units and not row.part:
            told["unit"] = in_language(indicator.units, "ja")[0]
        self.sheet.write_string(at, PLACE["key"], row.key)
        for name, text in told.items():
            self.sheet.write_string(at, PLACE[name], str(plain(text)), self.cell)
        for name in layout.CELLS:
            self._answer(at, name, row)
        self.sheet.write_string(at, PLACE["evidence"], self._evidence(row), self.open)
        self.sheet.data_validation(
            at, PLACE["evidence"], at, PLACE["evidence"],
            {"validate": "length", "criteria": "<=", "value": 200},
        )  # fmt: skip
        self.sheet.set_row(at, 15 * max(3, -(-len(told["definition"]) // 20)))

    def _definition(self, row: Row) -> str:
        """How it is counted, what to bear in mind, and what holds until the city has answered."""
        if row.indicator is None:
            return ""
        told = [] if row.part else [str(staff_words.AGGREGATIONS[row.indicator.aggregation])]
        if row.part:
            told.append(in_language(row.indicator.names, "ja")[0])
        if row.indicator.note:
            told.append(row.indicator.note["ja"])
        told += [f"{one.question} → {one.default}" for one in plan.pending(row.indicator.code)]
        return "\n".join(told)

    def _said(self, row: Row, values: reports.Values) -> str:
        """What was answered in an earlier year: the value, or numerator / denominator."""
        parts = [
            reporting_words.answer(values.get(m.code), m.units, row.stages)
            for m in row.cells.values()
            if values.get(m.code)
        ]
        return " / ".join(str(plain(part)) for part in parts) or "–"

    def _evidence(self, row: Row) -> str:
        """What is entered already stands in the sheet: a correction begins where the figures stand."""
        known = (self.now.evidence or "") if self.now else ""
        marked = [part.partition("]") for part in known.split(" / ") if part.startswith("[")]
        return next((text.strip() for head, _bar, text in marked if head[1:] == row.key), "")

    def _answer(self, at: int, name: str, row: Row) -> None:
        measure, place = row.cells.get(name), PLACE[name]
        if measure is None:
            self.sheet.write_blank(at, place, None, self.closed)
            return
        given = (self.now.values if self.now else {}).get(measure.code, {})
        state, value = given.get("state"), given.get("value")
        if state in ("number", "zero"):
            self.sheet.write_number(at, place, float(value or 0), self.open)
        elif state == "chosen":
            self.sheet.write_string(at, place, row.stages.get(value[0], value[0]), self.open)
        elif state == "unknown":
            self.sheet.write_string(at, place, words.UNKNOWN[0], self.open)
        else:
            self.sheet.write_blank(at, place, None, self.open)
        self.sheet.data_validation(at, place, at, place, _validation(row, measure, _address(at, place)))

    def _page(self, end: int) -> None:
        self.sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True})
        self.sheet.freeze_panes(FIRST_ROW, PLACE["definition"])
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(0.4, 0.4, 0.5, 0.5)
        self.sheet.repeat_rows(HEAD_ROW)
        self.sheet.print_area(TITLE_ROW, PLACE["code"], max(end - 1, HEAD_ROW), PLACE["evidence"])
        self.sheet.set_footer("&L&A&R&P / &N")


def _address(at: int, place: int) -> str:
    return f"{chr(ord('A') + place)}{at + 1}"


def _validation(row: Row, measure: Any, cell: str) -> dict[str, Any]:
    if measure.spec.kind == MeasureKind.STAGE:
        names = list(row.stages.values())
        said = str(words.STAGES) % {"stages": "、".join(names)}
        return {"validate": "list", "source": names, "error_message": said[:250]}
    whole = not measure.spec.places
    number = f"AND(ISNUMBER({cell}),{cell}>=0" + (f",{cell}=INT({cell}))" if whole else ")")
    return {
        "validate": "custom",
        "value": f'=OR({number},{cell}="{words.UNKNOWN[0]}")',
        "error_message": str(words.WHOLE_ONLY if whole else words.ANY_NUMBER),
    }
