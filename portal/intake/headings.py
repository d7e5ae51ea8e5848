"""Where a table's headings stand, what each column probably holds, and by what it is known next time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from portal.domain.written_dates import month_alone, read_fiscal_year, read_month
from portal.intake import fields
from portal.intake.fields import MEASURE, VALUE, Measures
from portal.intake.tables import Merge, Row, Sheet, key

LOOK = 30  # rows from the top in which headings are looked for
_FIGURES = re.compile(r"[0-9０-９,，.]+")
_CHANGING = re.compile(r"[0-9元]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its headings from the top down, and the month they name (10 for a month of no year)."""

    index: int
    parts: tuple[str, ...]
    month: str = ""
    alone: int | None = None

    @property
    def heading(self) -> str:
        return " / ".join(self.parts)

    @property
    def of_month(self) -> bool:
        return bool(self.month or self.alone)


@dataclass(slots=True)
class Mapping:
    """What a person has said about a table, or what is guessed. `columns`: a field code each, or "".

    `fiscal_year`: of months without a year; `dash`: what － means ("", "blank", "zero" or "not_held");
    `measure`: what columns that name a month only count; `form`, `cadence`: what new groups file.
    """

    sheet: int = 0
    first: int = 1
    last: int = 1
    columns: list[str] = field(default_factory=list)
    fiscal_year: int | None = None
    dash: str = ""
    measure: str = ""
    form: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        return cls(**data)


def columns_of(sheet: Sheet, first: int, last: int) -> list[Column]:
    """The columns under the headings of these rows; a merged heading stands over all its columns."""
    lines = [_heading_line(sheet, number) for number in range(first, last + 1)]
    width = max((len(row.cells) for row in sheet.rows if row.number >= first), default=0)
    for line in lines:
        line.extend("" for _missing in range(width - len(line)))
    if not any(first <= merge[0] <= last for merge in sheet.merges):
        for line in lines[:-1]:
            _spread(line, lines[-1])
    return [_column(index, [line[index] for line in lines]) for index in range(width)]


def _heading_line(sheet: Sheet, number: int) -> list[str]:
    line = next((list(row.cells) for row in sheet.rows if row.number == number), [])
    for top, left, bottom, right in sheet.merges:
        if top <= number <= bottom:
            origin = next((row.cells for row in sheet.rows if row.number == top), [])
            text = origin[left] if left < len(origin) else ""
            right = min(right, left + 400)  # a title over all sixteen thousand columns
            line.extend("" for _missing in range(right + 1 - len(line)))
            line[left : right + 1] = [text] * (right + 1 - left)
    return line


def _spread(upper: list[str], lower: list[str]) -> None:
    """CSV knows no merged cells: an empty upper heading is that of its left neighbour."""
    for index in range(1, len(upper)):
        if not upper[index] and lower[index]:
            upper[index] = upper[index - 1]


def _column(index: int, texts: list[str]) -> Column:
    parts = tuple(dict.fromkeys(text for text in texts if text))
    whole = "".join(parts)
    for text in (*reversed(parts), whole):
        if month := read_month(text):
            return Column(index, parts, month=month.key)
    year = next((found for text in parts if (found := read_fiscal_year(text))), None)
    for text in reversed(parts):
        if alone := month_alone(text):
            month = read_month(text, year)
            return Column(index, parts, month.key if month else "", alone)
    return Column(index, parts)


# --- guesses ----------------------------------------------------------------------------------------


def guess(sheets: Sequence[Sheet], measures: Measures | None, filename: str) -> Mapping:
    """What the file probably says: the sheet that has most headings, and what its columns hold."""
    best, most = Mapping(), -1
    for number, sheet in enumerate(sheets):
        first, last, score = _heading_rows(sheet, measures)
        if score > most:
            best, most = Mapping(sheet=number, first=first, last=last), score
    return completed(sheets[best.sheet], best, measures, filename)


def completed(sheet: Sheet, mapping: Mapping, measures: Measures | None, filename: str = "") -> Mapping:
    """The same with its columns guessed anew from the headings."""
    columns = columns_of(sheet, mapping.first, mapping.last)
    above = [cell for row in sheet.rows if row.number < mapping.first for cell in row.cells if cell]
    said = [*above, sheet.name, filename]
    mapping.fiscal_year = next((year for text in said if (year := read_fiscal_year(text))), None)
    if measures is None:
        mapping.columns = _once(
            [fields.group_field(column.parts[-1] if column.parts else "") for column in columns]
        )
        return mapping
    mapping.measure = next((code for text in said if (code := measures.find(text))), "")
    found = [_count_field(column, measures) for column in columns]
    of_months = VALUE if fields.ITEM in found else MEASURE + mapping.measure if mapping.measure else ""
    found = [
        of_months if column.of_month and not code else code
        for column, code in zip(columns, found, strict=True)
    ]
    mapping.columns = _once(found)
    return mapping


def _count_field(column: Column, measures: Measures) -> str:
    if not column.parts or any(fields.is_total(part) for part in column.parts):
        return ""
    others = [part for part in column.parts if not (read_month(part) or month_alone(part))]
    code = next((found for part in reversed(others) if (found := measures.find(part))), "")
    if column.of_month:
        return MEASURE + code if code else ""
    field_code = fields.count_field(column.parts[-1])
    if field_code in ("name", "district", "month", fields.ITEM):
        return field_code
    return MEASURE + code if code else field_code


def _once(found: list[str]) -> list[str]:
    """A field stands in one column, the first; counts stand in as many as there are months."""
    seen: set[str] = set()
    kept = []
    for code in found:
        repeated = code in seen and not code.startswith(MEASURE) and code != VALUE
        kept.append("" if repeated else code)
        seen.add(code)
    return kept


def _heading_rows(sheet: Sheet, measures: Measures | None) -> tuple[int, int, int]:
    """(first, last, how many headings are known) of the rows that look most like headings."""
    near = sheet.rows[:LOOK]
    scores = [_known(row, measures) for row in near]
    if not scores or not max(scores):
        first = next((row.number for row in near if sum(map(bool, row.cells)) > 1), 1)
        return first, first, 0
    place = scores.index(max(scores))
    row, score = near[place], scores[place]
    if place and near[place - 1].number == row.number - 1 and scores[place - 1] and _wide(near[place - 1]):
        return row.number - 1, row.number, score
    after = near[place + 1] if place + 1 < len(near) else None
    if after and after.number == row.number + 1 and scores[place + 1] > 1 and _goes_on(row, after):
        return row.number, after.number, score
    return row.number, row.number, score


def _known(row: Row, measures: Measures | None) -> int:
    known: Callable[[str], str] = fields.group_field
    if measures is not None:
        known = lambda text: fields.count_field(text) or measures.find(text)  # noqa: E731
    return sum(
        1
        for cell in row.cells
        if cell
        and len(cell) <= 40
        and not _FIGURES.fullmatch(cell)
        and (known(cell) or read_month(cell) or month_alone(cell))
    )


def _wide(row: Row) -> bool:
    return sum(map(bool, row.cells)) > 1


def _goes_on(upper: Row, lower: Row) -> bool:
    """Are these the headings' second line? One that stands over several columns leaves gaps to its right,
    and a line of figures is none.
    """
    own = [*upper.cells, *("" for _more in lower.cells)]
    gaps = any(text and not own[index] for index, text in enumerate(lower.cells))
    return gaps and not any(_FIGURES.fullmatch(cell) for cell in lower.cells)


def fingerprint(kind: str, columns: Sequence[Column]) -> str:
    """What the same table has next year too: its headings without years and months."""
    told = "\n".join(_CHANGING.sub("#", key(column.heading)) for column in columns)
    return hashlib.sha256(f"{kind}\n{told}".encode()).hexdigest()


def filled_down(rows: Sequence[Row], merges: Sequence[Merge], column: int, after: int) -> dict[int, str]:
    """{row: text} of merged cells of one column: a name written once beside twelve rows."""
    texts = {row.number: row.cells[column] for row in rows if column < len(row.cells)}
    return {
        number: texts[top]
        for top, left, bottom, _right in merges
        if left <= column <= _right and top > after and top in texts and left == column
        for number in range(top + 1, min(bottom, top + 500) + 1)
    }
