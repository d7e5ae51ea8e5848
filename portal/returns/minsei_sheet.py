"""The 民生委員 return as a table to take along: numbers in its cells, words where there are none."""

from __future__ import annotations

from portal.domain import signs
from portal.ledger.queries import Number
from portal.returns.minsei import Column, Return, Row
from portal.returns.tables import Cell, Table
from portal.returns.tables import Column as Heading
from portal.returns.words import STATES
from portal.web.filters import fiscal_year, month, month_of_year
from portal.web.i18n import _, tr_plain


def named(found: Return, column: Column) -> str:
    """A column's heading."""
    if column.kind == "district":
        return next(tr_plain(row.names) for row in found.scope.districts if row.code == column.key)
    if column.kind == "month":
        return month(column.key)
    return _("Total")


def printed(column: Column, cell: Number | None) -> str:
    """A cell as the ministry prints it; where nobody owes a record there can be no figure."""
    if cell is None:
        return signs.IMPOSSIBLE if not column.owed else ""
    return signs.figure(cell)


def sign(value: Number | None) -> str:
    """A figure by itself, where there is one."""
    return "" if value is None else signs.figure(value)


def told(found: Return) -> str:
    """What it is of, as text: the month or the fiscal year."""
    return month_of_year(found.month) if found.month else fiscal_year(found.year or 0)


def reach(found: Return) -> str:
    """The whole city, or the districts that the reader reviews."""
    if found.scope.whole:
        return _("The whole city")
    return "、".join(tr_plain(row.names) for row in found.scope.districts)


def table(found: Return) -> Table:
    """The whole return as one sheet: headings, units, columns; for a year share, year before, change."""
    columns = [Heading(_("Heading")), Heading(_("Item")), Heading(_("Unit"))]
    columns += [Heading(named(found, column), "number") for column in found.columns]
    if found.year is not None:
        columns += [
            Heading(_("Share in percent"), "percent"),
            Heading(_("Same months a year before"), "number"),
            Heading(_("Change"), "number"),
        ]
    records = [(_("Confirmed records"), "reported"), (_("Records owed"), "owed")]
    padding: list[Cell] = [None] * (len(columns) - 3 - len(found.columns))
    rows: list[list[Cell]] = [
        ["", words, _("records"), *(getattr(column, name) for column in found.columns), *padding]
        for words, name in records
    ]
    bold = set()
    for block in found.blocks:
        for row in block.rows:
            if row.total:
                bold.add(len(rows))
            rows.append([block.heading, row.heading, block.unit, *_cells(found, block.rows[0], row)])
    notes = [_("%(title)s, %(when)s", title=found.title, when=told(found)), reach(found), *remarks(found)]
    return Table(found.title[:31], columns, rows, notes, above=notes[:2], bold=frozenset(bold))


def _cells(found: Return, whole: Row, row: Row) -> list[Cell]:
    cells: list[Cell] = [
        cell if cell is not None else signs.IMPOSSIBLE if not column.owed else str(STATES["not_in"])
        for column, cell in zip(found.columns, row.cells, strict=True)
    ]
    if found.year is None:
        return cells
    part, all_of_it = row.cells[-1], whole.cells[-1]
    share: Cell = None
    if row.share == signs.IMPOSSIBLE:
        share = signs.IMPOSSIBLE
    elif part is not None and all_of_it is not None:
        share = signs.percent(part, all_of_it)
    return [*cells, share, row.before, row.change]


def remarks(found: Return) -> list[str]:
    """What has to be known beside the figures: how many are in, which are not, what does not agree."""
    whole = found.columns[-1]
    said = [
        _("Confirmed records: %(reported)s of %(owed)s.", reported=whole.reported, owed=whole.owed),
        _("Only confirmed records are counted. A record that is not in counts as nothing, not as 0."),
        _("The prefecture's own sheet is not known yet: headings follow the nationwide ones."),
    ]
    said += [
        _(
            "%(column)s: %(left)s %(a)s, %(right)s %(b)s. The two should be the same.",
            column=named(found, one.column),
            left=one.left[0],
            a=f"{one.left[1]:,}",
            right=one.right[0],
            b=f"{one.right[1]:,}",
        )
        for one in found.unequal
    ]
    said += [
        _(
            "Not in the table: %(month)s %(area)s (%(state)s)",
            month=month_of_year(one.period),
            area=one.organisation.name,
            state=STATES["waiting"] if one.arrived else STATES["not_in"],
        )
        for one in found.missing
    ]
    return said
