"""What becomes of each row of a filled sheet, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.domain.measures import FieldError, RawAnswer
from portal.domain.permissions import Actor
from portal.organisations import queries as organisations
from portal.reporting import answers
from portal.reporting import queries as reports
from portal.reporting.answers import Written
from portal.reporting.desk import Desk
from portal.sections import desks, layout
from portal.sections import staff_words as words
from portal.sections.layout import STAGE, Row
from portal.sections.reading import Cell, Line, Sheet

REFUSING = ("refused", "no_evidence")
NOTHING = Cell()


@dataclass(frozen=True)
class RowFate:
    """One row: what stood there, what is brought, and why not, where it is refused (code, params)."""

    key: str
    row: Row | None
    fate: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    typed: str = ""
    evidence: str = ""
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetFate:
    """One file. `problem` refuses it as a whole; `desk` is where it would be sent."""

    sheet: Sheet
    desk: Desk | None = None
    rows: tuple[RowFate, ...] = ()
    written: Written | None = None
    problem: str = ""

    @property
    def refused(self) -> bool:
        return bool(self.problem) or any(row.fate in REFUSING for row in self.rows)

    @property
    def moves(self) -> bool:
        """Does it bring anything that is not there yet?"""
        return any(row.fate in ("new", "changed") for row in self.rows)


def of_all(actor: Actor, sheets: list[Sheet]) -> list[SheetFate]:
    """Every file's fate. A section that is among them twice is refused the second time."""
    seen: set[tuple[str, str, str]] = set()
    found = []
    for sheet in sheets:
        place = (sheet.data_set, sheet.period, sheet.organisation)
        twice = not sheet.problem and place in seen
        seen.add(place)
        found.append(SheetFate(sheet, problem="twice") if twice else of(actor, sheet))
    return found


def loadable(found: list[SheetFate]) -> bool:
    """All or nothing: is there something to load, and nothing in the way?"""
    return bool(found) and not any(one.refused for one in found) and any(one.moves for one in found)


def of(actor: Actor, sheet: Sheet) -> SheetFate:
    if sheet.problem:
        return SheetFate(sheet, problem=sheet.problem)
    organisation = organisations.by_code(sheet.organisation)
    known = sheet.data_set in {form.code for form in desks.forms()}
    desk = (
        desks.desk_of(actor, organisation, sheet.data_set, sheet.period) if organisation and known else None
    )
    if desk is None:
        return SheetFate(sheet, problem="not_yours")
    if desk.locked:
        return SheetFate(sheet, desk, problem="closed_year")
    standing = reports.submission(desk.organisation.id, desk.data_set.id, desk.period)
    if (standing.version if standing else 0) != sheet.based_on:
        return SheetFate(sheet, desk, problem="stale")
    if not sheet.lines:
        return SheetFate(sheet, desk, problem="no_rows")
    before = reports.version(standing).values if standing else {}
    return _Reader(desk, sheet, before).fate()


def based_on(sheet: Sheet) -> int:
    """The version that stands now where a file belongs; 0 where nothing was sent."""
    organisation = organisations.by_code(sheet.organisation)
    form = next((form for form in desks.forms() if form.code == sheet.data_set), None)
    if organisation is None or form is None:
        return 0
    standing = reports.submission(organisation.id, form.id, sheet.period)
    return standing.version if standing else 0


class _Reader:
    """One file held against its form."""

    def __init__(self, desk: Desk, sheet: Sheet, before: reports.Values) -> None:
        self.desk, self.sheet, self.before = desk, sheet, before
        self.rows = layout.rows(desk.form, desk.data_set)
        self.lines: dict[str, list[Line]] = {}
        for line in sheet.lines:
            self.lines.setdefault(line.key, []).append(line)

    def fate(self) -> SheetFate:
        raw: dict[str, RawAnswer] = {}
        evidence: list[str] = []
        for row in self.rows:
            for line in self.lines.get(row.key, [])[:1]:
                raw |= _answers(row, line)
                source = line.cells.get("evidence", NOTHING).text
                evidence += [f"[{row.key}] {source}"] if source else []
        written = Written(raw, " / ".join(evidence))
        checked = answers.read(self.desk.form, written, self.desk.period)
        wrong = {error.field: error for error in reversed(checked.errors)}
        after = {code: answer.to_json() for code, answer in checked.values.items()}
        found = [self._row(row, wrong, after) for row in self.rows]
        known = {row.key for row in self.rows}
        found += [
            RowFate(key, None, "refused", reason="row_unknown") for key in self.lines if key not in known
        ]
        return SheetFate(self.sheet, self.desk, tuple(found), written)

    def _row(self, row: Row, wrong: Mapping[str, FieldError], after: Mapping[str, Any]) -> RowFate:
        lines = self.lines.get(row.key, [])
        line = lines[0] if lines else Line(row.key, {})
        codes = [measure.code for measure in row.cells.values()]
        was = {code: self.before[code] for code in codes if code in self.before}
        now = {code: after[code] for code in codes if code in after}
        source = line.cells.get("evidence", NOTHING)
        typed = " / ".join(c.text for n in layout.CELLS if (c := line.cells.get(n, NOTHING)).text)
        code, params = _reason(row, lines, wrong)
        if code:
            return RowFate(row.key, row, "refused", was, now, typed, source.text, code, params)
        if now and not source.text and _counts(now):
            return RowFate(row.key, row, "no_evidence", was, now, typed, "", "no_evidence")
        fate = "empty" if not now and not was else "same" if now == was else "changed" if was else "new"
        return RowFate(row.key, row, fate, was, now, typed, source.text)


def _counts(now: Mapping[str, Any]) -> bool:
    """Is anything said that needs a source? “Not known” needs none."""
    return any(answer.get("state") != "unknown" for answer in now.values())


def _answers(row: Row, line: Line) -> dict[str, RawAnswer]:
    """A row's cells as the answers of its questions."""
    found = {}
    for name, measure in row.cells.items():
        text = line.cells.get(name, NOTHING).text
        if text in words.UNKNOWN and measure.spec.kind != STAGE:
            found[measure.code] = RawAnswer(state="unknown")
        elif measure.spec.kind == STAGE and text:
            codes = [code for code, stage in row.stages.items() if text in (stage, code)]
            found[measure.code] = RawAnswer(chosen=tuple(codes or [text]))
        else:
            found[measure.code] = RawAnswer(text=text)
    return found


def _reason(row: Row, lines: list[Line], wrong: Mapping[str, FieldError]) -> tuple[str, Mapping[str, Any]]:
    """The first thing that is wrong with a row: (code, params), ("", {}) for none."""
    if len(lines) != 1:
        return ("row_twice" if lines else "row_missing"), {}
    cells = lines[0].cells
    for name, cell in cells.items():
        measure = row.cells.get(name)
        if cell.problem:
            return cell.problem, {}
        if name != "evidence" and measure is None and cell.text:
            return "not_asked", {}
        if cell.percent and measure is not None and not measure.spec.places:
            return "percent_cell", {}
    for measure in row.cells.values():
        if measure.code in wrong:
            return wrong[measure.code].code, wrong[measure.code].params
    return _ratio(row, cells), {}


def _ratio(row: Row, cells: Mapping[str, Cell]) -> str:
    """What a rate's cells must be to each other; "" where nothing is wrong."""
    if "denominator" not in row.cells:
        return ""
    numerator, denominator = (cells.get(name, NOTHING).text for name in ("numerator", "denominator"))
    if bool(numerator) != bool(denominator):
        return "half_ratio"
    if numerator and "value" in row.cells and cells.get("value", NOTHING).text:
        return "rate_too"
    figures = [answers.number(text) for text in (numerator, denominator)]
    if None in figures:
        return ""
    if not figures[1]:
        return "zero_denominator"
    return "over_denominator" if figures[0] > figures[1] else ""  # type: ignore[operator]
