"""Files to take along: which table, in whose scope, as what. Making one is an event.

A POST, since it writes: who took what, when and how many rows; and of a confidential form a look at each
record that the file holds, as if it had been opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import current_app

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, require
from portal.ground.audit import record
from portal.home import staff_export_late
from portal.reporting import services as reporting
from portal.returns import groups, indicator_table, kayoinoba, minsei, minsei_sheet, reports, subsidy, tables
from portal.returns.tables import Table
from portal.review import late
from portal.web.filters import fiscal_year, month_of_year
from portal.web.i18n import _, speaking
from portal.web.locale import LOCALES

MOST = 5000  # rows made while somebody waits; more are made by `portal export` on the server
FORMATS: Mapping[str, tuple[str, Callable[[Table], bytes]]] = {
    "xlsx": (tables.XLSX, tables.xlsx),
    "csv": (tables.CSV, tables.csv_bytes),
}


TIMELESS = ("groups", "late", "indicators")  # tables of today, not of a month


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `period`: "2026-10" or "FY2026", where the table is of a time."""

    what: str
    format: str = "xlsx"
    data_set: str = ""
    period: str = ""

    @property
    def months(self) -> list[Month]:
        """The months of the period; Invalid("month") for what is none."""
        if self.period.startswith("FY"):
            return FiscalYear.parse(self.period).months()
        return [Month.parse(self.period)]

    @property
    def said(self) -> Wanted:
        """Without what this table does not ask: nothing else that was posted gets into names and events."""
        form = self.data_set if self.what == "reports" else ""
        return replace(self, data_set=form, period="" if self.what in TIMELESS else self.period)

    @property
    def year(self) -> int:
        return self.months[0].fiscal_year

    @property
    def when(self) -> str:
        return (
            fiscal_year(self.year)
            if self.period.startswith("FY")
            else month_of_year(Month.parse(self.period))
        )

    @property
    def name(self) -> str:
        parts = (self.what, self.data_set, self.period or clock.today().isoformat())
        return "-".join(part for part in parts if part) + f".{self.format}"


@dataclass(frozen=True)
class File:
    name: str
    mimetype: str
    content: bytes
    rows: int


def make(actor: Actor, wanted: Wanted) -> File:
    """The file, always in Japanese; flush.

    Raises Invalid("unknown_table" | "unknown_format" | "month" | "fiscal_year"), NotPermitted, NotFound for
    what lies outside the actor's scope, Conflict("too_many_rows").
    """
    if wanted.what not in MAKERS:
        raise Invalid("unknown_table")
    if wanted.format not in FORMATS:
        raise Invalid("unknown_format")
    wanted = wanted.said
    with speaking(LOCALES["ja"]):
        table = MAKERS[wanted.what](actor, wanted)
        if actor.kind != "system" and len(table.rows) > MOST:
            raise Conflict("too_many_rows", rows=len(table.rows), most=MOST)
        mimetype, draw = FORMATS[wanted.format]
        content = draw(_said(table))
    told = {"rows": len(table.rows), "format": wanted.format}
    record("export", wanted.what, "exported", actor, data_set=wanted.data_set, period=wanted.period, **told)
    return File(wanted.name, mimetype, content, len(table.rows))


def _said(table: Table) -> Table:
    """With when it was made, and that it is a sample where it is one."""
    made = _("Made on %(day)s.", day=clock.today().isoformat())
    demo = [_("Sample data: the figures and the groups are made up")]
    notes = [*table.notes, made, *(demo if current_app.extensions["is_demo"]() else [])]
    return Table(table.sheet, table.columns, table.rows, notes, table.above, table.bold)


def _reports(actor: Actor, wanted: Wanted) -> Table:
    require(actor, Permission.RETURNS_READ)
    form = _form(wanted.data_set)
    found = reports.lines(actor, form, wanted.months)
    if not found:
        raise NotFound("nothing_here")
    if form.confidential:
        for line in found:
            if line.submission is not None and line.version is not None:
                reporting.looked_at(actor, line.submission)
    return reports.table(form, found, wanted.when)


def _form(code: str) -> DataSet:
    found = datasets.data_set(code)
    if found is None:
        raise NotFound("data_set")
    return found


def _groups(actor: Actor, _wanted: Wanted) -> Table:
    require(actor, Permission.CONTACTS_EXPORT)
    return groups.table(groups.in_reach(actor))


def _late(actor: Actor, _wanted: Wanted) -> Table:
    require(actor, Permission.REVIEW_DECIDE)
    return staff_export_late.table(actor, late.late(actor))


def _indicators(actor: Actor, _wanted: Wanted) -> Table:
    require(actor, Permission.FIGURES_READ)
    return indicator_table.table()


def _minsei(actor: Actor, wanted: Wanted) -> Table:
    if wanted.period.startswith("FY"):
        return minsei_sheet.table(minsei.year_table(actor, wanted.year))
    return minsei_sheet.table(minsei.month_table(actor, Month.parse(wanted.period)))


def _kayoinoba(actor: Actor, wanted: Wanted) -> Table:
    require(actor, Permission.RETURNS_READ)
    found = kayoinoba.survey(actor, wanted.year)
    if found is None:
        raise NotFound("data_set")
    return kayoinoba.table(found)


def _subsidy(actor: Actor, wanted: Wanted) -> Table:
    require(actor, Permission.RETURNS_READ)
    found = [one for one in subsidy.results(actor, wanted.year) if one.lines]
    if not found:
        raise NotFound("nothing_here")
    return subsidy.table(found[0])


MAKERS: Mapping[str, Callable[[Actor, Wanted], Table]] = {
    "reports": _reports,
    "groups": _groups,
    "late": _late,
    "indicators": _indicators,
    "minsei": _minsei,
    "kayoinoba": _kayoinoba,
    "subsidy": _subsidy,
}
