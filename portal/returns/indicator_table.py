"""The indicators as a table: base, the year before, the running year with how many are in, target."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal import clock
from portal.domain.periods import FiscalYear
from portal.indicators import queries
from portal.indicators.values import IndicatorFigures, YearValue
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.returns.tables import Cell, Column, Table
from portal.web.filters import fiscal_year
from portal.web.i18n import _, in_language, tr_plain


def table() -> Table:
    """Every indicator of the plan and every participation indicator, as of today, from the ledger."""
    today = clock.today()
    running = FiscalYear.of(today).year
    years = (running - 1, running)
    figures = {row.code: row for row in queries.figures(today)}
    columns = [
        Column(_("Number of the indicator")),
        Column(_("Indicator")),
        Column(_("Unit")),
        Column(_("Side")),
        Column(_("Section")),
        Column(_("Base"), "number"),
        Column(_("Base as printed")),
        *(column for year in years for column in _columns(year)),
        Column(_("Target"), "number"),
        Column(_("Target as printed")),
    ]
    rows = [_row(row, figures[row.code], years) for row in plan.indicators() if row.code in figures]
    notes = [
        _("Indicators, as of %(day)s", day=today.isoformat()),
        _("From confirmed reports. An empty cell is a figure that is missing; it is not 0."),
        _("A running year counts its months up to the last full one."),
    ]
    return Table("指標", columns, rows, notes)


def _columns(year: int) -> list[Column]:
    name = fiscal_year(year)
    return [
        Column(name, "number"),
        Column(_("%(year)s: stage", year=name)),
        Column(_("%(year)s: reported", year=name), "number"),
        Column(_("%(year)s: of", year=name), "number"),
        Column(_("%(year)s: state", year=name)),
    ]


def _row(row: Indicator, figures: IndicatorFigures, years: tuple[int, ...]) -> list[Cell]:
    known = {value.fiscal_year: value for value in figures.values}
    side = {"city": _("City"), "shakyo": "社協"}
    return [
        row.code,
        tr_plain(row.names),
        in_language(row.units, "ja")[0],
        side[row.side],
        row.department,
        _number(row.base),
        row.base.get("printed"),
        *(cell for year in years for cell in _cells(row, known.get(year))),
        _number(row.target),
        row.target.get("printed"),
    ]


def _number(point: dict[str, Any]) -> Cell:
    value = point.get("value")
    return Decimal(str(value)) if value is not None else None


def _cells(row: Indicator, value: YearValue | None) -> list[Cell]:
    if value is None:
        return [None] * 5
    coverage = value.coverage
    stage = next((s["names"] for s in row.stages if s["code"] == value.stage), None)
    return [
        value.value,
        tr_plain(stage) if stage else None,
        coverage.reported if coverage else None,
        coverage.expected if coverage else None,
        "、".join(_states(value)),
    ]


def _states(value: YearValue) -> list[str]:
    """What has to be known beside the figure before it is compared with another."""
    marks = (
        (value.collecting, _("Still being added up")),
        (value.adopted, _("Official figure taken over")),
        (value.broke, _("Counted in another way from this year on")),
        (value.one_person, _("Entered and confirmed by one person")),
    )
    return [
        _("provisional") if value.provisional else _("final"),
        *(words for holds, words in marks if holds),
    ]
