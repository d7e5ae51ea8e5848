"""福祉行政報告例: the month's and the year's table of 民生委員・児童委員, from confirmed records only.

Every figure is a sum of the ledger over districts or months; nothing here reads a single record. Which
headings there are, and in which order, is data (layouts/minsei.yaml): the prefecture's sheet is 確認待ち.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.datasets.queries import REPORTED, Expected
from portal.domain import signs
from portal.domain.errors import NotFound
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.ledger import queries as ledger
from portal.ledger.queries import Number, Sum
from portal.organisations import queries as organisations
from portal.organisations.models import COMMISSIONER_FORM, Organisation
from portal.reporting.models import Submission
from portal.returns.scope import Scope
from portal.returns.scope import of as scope_of

LAYOUT = Path(__file__).parent / "layouts" / "minsei.yaml"
Sums = Mapping[tuple[str, str, str], Sum]  # (measure's code, period, district's code)


@dataclass(frozen=True)
class Column:
    """One column: a district's month, a month of the scope, or the total of the columns before it.

    `reported` of `owed` records are in it. With none owed there can be no figure; with none reported there
    is none yet.
    """

    kind: str  # "district", "month", "total"
    key: str
    reported: int
    owed: int


@dataclass(frozen=True)
class Row:
    """One line. A cell is None where its column has no confirmed record. `before`: the same months a year
    earlier (a year's table only)."""

    heading: str
    cells: tuple[Number | None, ...]
    total: bool = False
    before: Number | None = None
    share: str = ""

    @property
    def change(self) -> Number | None:
        last = self.cells[-1]
        return None if last is None or self.before is None else last - self.before


@dataclass(frozen=True)
class Block:
    code: str
    heading: str
    unit: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Unequal:
    """Two totals of one column that should be the same."""

    column: Column
    left: tuple[str, Number]
    right: tuple[str, Number]


@dataclass(frozen=True)
class Missing:
    """An area whose record is not in the table: not in at all, or in and not confirmed yet."""

    period: str
    organisation: Organisation
    arrived: bool


@dataclass(frozen=True)
class Return:
    """One whole table. `year` for a year's, `month` for a month's."""

    title: str
    scope: Scope
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    missing: tuple[Missing, ...]
    unequal: tuple[Unequal, ...]
    month: Month | None = None
    year: int | None = None


@lru_cache(maxsize=1)
def layout() -> dict[str, Any]:
    """The headings as data."""
    found: dict[str, Any] = YAML(typ="safe").load(LAYOUT.read_text("utf-8"))
    return found


def data_set() -> DataSet:
    """The nationwide record; NotFound("data_set") in a city without it."""
    found = datasets.data_set(COMMISSIONER_FORM)
    if found is None:
        raise NotFound("data_set")
    return found


def month_table(actor: Actor, month: Month) -> Return:
    """A month, one column a district in reach, and their total."""
    form = data_set()
    scope = scope_of(actor, form)
    ground = _Ground(form, scope, [month])
    columns = [ground.column("district", row.code, [month], [row.code]) for row in scope.districts]
    picks = [([month.key], [row.code]) for row in scope.districts]
    columns.append(ground.column("total", "", [month], scope.codes))
    picks.append(([month.key], list(scope.codes)))
    return _drawn(ground, columns, picks, month=month)


def year_table(actor: Actor, year: int) -> Return:
    """A fiscal year, one column a month that is over, and their total beside the year before's."""
    form = data_set()
    scope = scope_of(actor, form)
    months = FiscalYear(year).months_ended(clock.today())
    ground = _Ground(form, scope, months)
    codes = list(scope.codes)
    columns = [ground.column("month", month.key, [month], codes) for month in months]
    picks = [([month.key], codes) for month in months]
    columns.append(ground.column("total", "", months, codes))
    picks.append(([month.key for month in months], codes))
    return _drawn(ground, columns, picks, year=year)


class _Ground:
    """What a table is drawn from, read once: sums, who owes, whose record is confirmed."""

    def __init__(self, form: DataSet, scope: Scope, months: Sequence[Month]) -> None:
        self.form, self.scope, self.months = form, scope, list(months)
        self.codes = {measure.id: measure.code for measure in form.measures}
        self.sums = self._read(self.months)
        self.before = self._read([month.year_before() for month in self.months])
        self.owed: Expected = {}
        if self.months:
            self.owed = datasets.expected(form, self.months[0], self.months[-1])
        self.areas = _areas(set().union(*self.owed.values()) if self.owed else set())

    def _read(self, months: list[Month]) -> Sums:
        if not months:
            return {}
        found = ledger.by_district(list(self.codes), months[0], months[-1])
        return {(self.codes[m], period, district): s for (m, period, district), s in found.items()}

    def column(self, kind: str, key: str, months: Sequence[Month], districts: Sequence[str]) -> Column:
        reported = sum(
            found.reports
            for month in months
            for district in districts
            if (found := self.sums.get((REPORTED, month.key, district)))
        )
        owed = sum(
            1
            for month in months
            for area in self.owed.get(month.key, ())
            if _district(self.areas[area]) in districts
        )
        return Column(kind, key, reported, max(owed, reported))


def _areas(ids: set[int]) -> dict[int, Organisation]:
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    return {row.id: row for row in db.session.scalars(query)}


def _district(organisation: Organisation) -> str:
    return organisation.district.code if organisation.district else ""


def _drawn(
    ground: _Ground,
    columns: list[Column],
    picks: list[tuple[list[str], list[str]]],
    month: Month | None = None,
    year: int | None = None,
) -> Return:
    def cells(code: str) -> tuple[Number | None, ...]:
        return tuple(
            _sum(ground.sums, code, *pick) if column.reported else None
            for column, pick in zip(columns, picks, strict=True)
        )

    earlier = [period.year_before().key for period in ground.months]

    def before(code: str) -> Number | None:
        if year is None or not _sum(ground.before, REPORTED, earlier, list(ground.scope.codes)):
            return None
        return _sum(ground.before, code, earlier, list(ground.scope.codes))

    blocks = tuple(_block(data, cells, before) for data in layout()["blocks"])
    return Return(
        title=str(layout()["title"]),
        scope=ground.scope,
        columns=tuple(columns),
        blocks=blocks,
        missing=tuple(_missing(ground)),
        unequal=tuple(_unequal(blocks, columns)),
        month=month,
        year=year,
    )


def _sum(sums: Sums, code: str, periods: list[str], districts: list[str]) -> Number:
    found = (sums.get((code, period, district)) for period in periods for district in districts)
    return sum((one.total for one in found if one), 0)


def _block(
    data: Mapping[str, Any],
    cells: Callable[[str], tuple[Number | None, ...]],
    before: Callable[[str], Number | None],
) -> Block:
    """A block with its total first, as the ministry prints it: the total is the sum of its parts."""
    rows = [Row(row["heading"], cells(row["measure"]), before=before(row["measure"])) for row in data["rows"]]
    if "total" in data:
        whole = Row(
            data["total"],
            tuple(_added(list(column)) for column in zip(*(row.cells for row in rows), strict=True)),
            total=True,
            before=_added([row.before for row in rows]),
        )
        rows = [_shared(row, whole.cells[-1]) for row in (whole, *rows)]
    else:
        rows = [Row(row.heading, row.cells, before=row.before, share=signs.IMPOSSIBLE) for row in rows]
    return Block(data["code"], data["heading"], data["unit"], tuple(rows))


def _added(parts: list[Number | None]) -> Number | None:
    known = [part for part in parts if part is not None]
    return sum(known, 0) if len(known) == len(parts) else None


def _shared(row: Row, whole: Number | None) -> Row:
    part = row.cells[-1]
    said = signs.share(part, whole) if part is not None and whole is not None else ""
    return Row(row.heading, row.cells, row.total, row.before, said)


def _unequal(blocks: tuple[Block, ...], columns: list[Column]) -> list[Unequal]:
    """Where 内容別 and 分野別 do not come to the same, both are said; nothing is put right here."""
    named = {block.code: block for block in blocks}
    found = []
    for data in layout()["blocks"]:
        if "same_as" not in data:
            continue
        left, right = named[data["same_as"]], named[data["code"]]
        for number, column in enumerate(columns):
            a, b = left.rows[0].cells[number], right.rows[0].cells[number]
            if a is not None and b is not None and a != b:
                found.append(Unequal(column, (left.heading, a), (right.heading, b)))
    return found


def _missing(ground: _Ground) -> list[Missing]:
    """Whose record is not in the table, by month and place. Names of areas only: nothing of any record."""
    rows = db.session.execute(
        select(Submission.period, Submission.organisation_id, Submission.approved_version, Submission.state)
        .where(Submission.data_set_id == ground.form.id)
        .where(Submission.period.in_([month.key for month in ground.months]))
    )
    confirmed: set[tuple[str, int]] = set()
    arrived: set[tuple[str, int]] = set()
    for period, organisation, approved, state in rows:
        (confirmed if approved is not None else arrived).add((period, organisation))
        if approved is None and state == "withdrawn":
            arrived.discard((period, organisation))
    found = []
    for month in ground.months:
        owing = [ground.areas[area] for area in ground.owed.get(month.key, ())]
        for area in sorted((a for a in owing if ground.scope.covers(a)), key=organisations.place):
            key = (month.key, area.id)
            if key not in confirmed:
                found.append(Missing(month.key, area, key in arrived))
    return found
