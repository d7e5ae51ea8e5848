"""Reading past counts: every cell with something in it, as who, which month, what, and the text itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.domain.measures import AnswerState, MeasureSpec, RawAnswer
from portal.domain.written_dates import read_month
from portal.intake import fields
from portal.intake.fates import Fate, Reason, broken, left_out, refused
from portal.intake.fields import ITEM, MEASURE, VALUE, Measures
from portal.intake.headings import Column, Mapping, columns_of, filled_down
from portal.intake.tables import Row, Sheet, key

DASHES = frozenset("-－−‐‑–—―ー─")
_NOT_HELD = frozenset(
    map(key, ("休", "休み", "休会", "休止", "中止", "不開催", "開催せず", "開催なし", "未開催", "未実施"))
)
_UNKNOWN = frozenset(map(key, ("不明", "わからない", "分からない", "…", "...", "？", "?")))
_NOTHING = frozenset(
    map(key, ("・", "／", "/", "＼", "空欄"))
)  # 統計項目のあり得ない場合: nothing can stand here


@dataclass(slots=True)
class Report:
    """What the file says of one group's month. `name`, `district` as written."""

    name: str
    district: str
    month: str
    rows: list[int] = field(default_factory=list)
    raw: dict[str, RawAnswer] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Where:
    """The columns that say whose a row is."""

    name: int
    district: int | None
    month: int | None
    item: int | None


def read(
    sheet: Sheet, mapping: Mapping, measures: Measures, specs: dict[str, MeasureSpec]
) -> list[Report | Fate]:
    """Reports, and fates of rows that hold none, in the file's order."""
    reader = _Reader(sheet, mapping, measures, specs)
    for row in sheet.rows:
        if row.number > mapping.last:
            reader.take(row)
    return reader.found


class _Reader:
    def __init__(
        self, sheet: Sheet, mapping: Mapping, measures: Measures, specs: dict[str, MeasureSpec]
    ) -> None:
        self.found: list[Report | Fate] = []
        self._mapping, self._measures, self._specs = mapping, measures, specs
        places = {code: index for index, code in reversed(list(enumerate(mapping.columns)))}
        self._where = _Where(places["name"], places.get("district"), places.get("month"), places.get(ITEM))
        self._columns = columns_of(sheet, mapping.first, mapping.last)
        kept = (self._where.name, self._where.district, self._where.month, self._where.item)
        self._merged = {
            index: filled_down(sheet.rows, sheet.merges, index, mapping.last)
            for index in kept
            if index is not None
        }
        self._reports: dict[tuple[str, str, str], Report] = {}

    def _text(self, row: Row, index: int | None) -> str:
        if index is None:
            return ""
        own = row.cells[index] if index < len(row.cells) else ""
        return own or self._merged.get(index, {}).get(row.number, "")

    def take(self, row: Row) -> None:
        name = " ".join(self._text(row, self._where.name).split())
        told = [name, self._text(row, self._where.district), self._text(row, self._where.item)]
        cells = [cell for cell in self._counts(row) if cell[2]]
        if fields.sums(row.cells) or any(map(fields.is_total, [*told, self._text(row, self._where.month)])):
            self.found.append(left_out(row.number, name or next(filter(None, told), ""), "total"))
        elif not cells:
            self.found.append(left_out(row.number, name, "blank"))
        elif not name:
            self.found.append(refused([row.number], name, {"code": "no_name"}))
        else:
            self._read(row, name, told[1], cells)

    def _counts(self, row: Row) -> Iterator[tuple[Column, str, str]]:
        """(column, the count's code, text) of every cell that may hold a count."""
        item = self._text(row, self._where.item)
        for column, code in zip(self._columns, self._mapping.columns, strict=False):
            text = row.cells[column.index] if column.index < len(row.cells) else ""
            if code.startswith(MEASURE):
                yield column, code.removeprefix(MEASURE), text
            elif code == VALUE:
                yield column, self._measures.find(item), text

    def _read(self, row: Row, name: str, district: str, cells: list[tuple[Column, str, str]]) -> None:
        faults: dict[str, Reason] = {}
        item = self._text(row, self._where.item)
        written = self._text(row, self._where.month)
        for column, code, text in cells:
            month = column.month or _month_of(column, written, self._mapping.fiscal_year)
            if not code:
                faults["item"] = {"code": "unknown_item", "text": item[:40]}
            elif not month:
                no_year = bool(column.alone)
                faults["month"] = {"code": "no_year" if no_year else "not_a_month", "text": written[:40]}
            else:
                self._answer(self._report(row, name, district, month), code, text)
        if faults:
            self.found.append(refused([row.number], name, *faults.values()))

    def _report(self, row: Row, name: str, district: str, month: str) -> Report:
        known = (key(name), key(district), month)
        report = self._reports.get(known)
        if report is None:
            report = self._reports[known] = Report(name, district, month)
            self.found.append(report)
        if row.number not in report.rows:
            report.rows.append(row.number)
        return report

    def _answer(self, report: Report, code: str, text: str) -> None:
        answer = self._sign(code, text)
        if isinstance(answer, dict):
            report.reasons.append(answer | {"measure": code})
        elif answer.blank:
            return
        elif code in report.raw:
            report.reasons.append({"code": "twice", "measure": code, "row": report.rows[0]})
        else:
            report.raw[code] = answer

    def _sign(self, code: str, text: str) -> RawAnswer | Reason:
        """What a cell says. － is whatever the person who brings it in has said that it is."""
        states, tidy = self._specs[code].states, key(text)
        if broken(text):
            return {"code": "cell_error", "text": text[:20]}
        if set(tidy) <= DASHES:
            return self._dash(states)
        if tidy in _NOTHING:
            return RawAnswer()
        for words, state in ((_NOT_HELD, AnswerState.NOT_HELD), (_UNKNOWN, AnswerState.UNKNOWN)):
            if tidy in words and state in states:
                return RawAnswer(state=state.value)
        return RawAnswer(text=text)

    def _dash(self, states: frozenset[AnswerState]) -> RawAnswer | Reason:
        if self._mapping.dash == "zero":
            return RawAnswer(text="0")
        if self._mapping.dash == "not_held":
            return RawAnswer(state="not_held") if AnswerState.NOT_HELD in states else RawAnswer()
        return RawAnswer() if self._mapping.dash == "blank" else {"code": "dash"}


def _month_of(column: Column, written: str, fiscal_year: int | None) -> str:
    """The month of a cell: its column's, in the fiscal year that somebody named, or that of its row."""
    month = read_month(f"{column.alone}月" if column.alone else written, fiscal_year)
    return month.key if month else ""
