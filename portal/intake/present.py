"""Imports as their pages show them: words beside codes, a sample under each heading."""

from __future__ import annotations

from typing import Any

from portal.datasets import definition
from portal.datasets.definition import Form
from portal.domain.measures import MeasureKind
from portal.domain.permissions import Actor, Permission, may
from portal.domain.written_dates import read_month
from portal.ground import settings
from portal.intake import fields, headings, queries, services, words
from portal.intake.fields import MEASURE
from portal.intake.headings import Mapping
from portal.intake.models import Intake, IntakeItem
from portal.organisations import queries as organisations
from portal.reporting import words as reporting
from portal.web.filters import month_of_year
from portal.web.i18n import _, tr_plain

SAMPLE = 3  # values shown for a column
SHORT = 24  # signs of each


def form_of(intake: Intake) -> Form | None:
    return definition.form(intake.data_set.current.definition) if intake.data_set else None


def labels(intake: Intake) -> dict[str, str]:
    form = form_of(intake)
    return {m.code: tr_plain(m.labels) for m in form.measures} if form else {}


def field_options(intake: Intake) -> list[tuple[str, str]]:
    """What a column may hold."""
    if intake.kind == "groups":
        return [(code, str(words.FIELDS[code])) for code in fields.GROUP_FIELDS]
    own = [(code, str(words.FIELDS[code])) for code in fields.COUNT_FIELDS]
    counts = [(MEASURE + code, label) for code, label in labels(intake).items() if code in _counted(intake)]
    return [*own, *counts]


def _counted(intake: Intake) -> set[str]:
    form = form_of(intake)
    picked = (MeasureKind.CHOICES, MeasureKind.STAGE)
    return {m.code for m in form.measures if m.spec.kind not in picked} if form else set()


def columns(intake: Intake, mapping: Mapping) -> list[dict[str, Any]]:
    """Each column: its heading, the month it names, a few of its values, and what it is taken for."""
    sheet = queries.sheet(intake, mapping.sheet, until=mapping.last + 40)
    below = [row.cells for row in sheet.rows if row.number > mapping.last]
    found = []
    for column in headings.columns_of(sheet, mapping.first, mapping.last):
        values = [cells[column.index] for cells in below if column.index < len(cells) and cells[column.index]]
        if not column.parts and not values:
            continue
        month = column.month or (column.alone and read_month(f"{column.alone}月", mapping.fiscal_year))
        chosen = mapping.columns[column.index] if column.index < len(mapping.columns) else ""
        found.append(
            {
                "name": f"c-{column.index}",
                "letter": letter(column.index),
                "heading": column.heading,
                "month": month_of_year(month) if month else _no_year(column.alone),
                "sample": [text[:SHORT] for text in values[:SAMPLE]],
                "chosen": chosen,
            }
        )
    return found


def _no_year(alone: int | None) -> str:
    return _("Month %(num)s, of no year", num=alone) if alone else ""


def letter(index: int) -> str:
    """What Excel calls the column: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def item(intake: Intake, row: IntakeItem, named: dict[str, str], form: Form | None) -> dict[str, Any]:
    """One line of the preview."""
    districts = {one.code: tr_plain(one.names) for one in organisations.districts()} if form is None else {}
    return {
        "item": row,
        "period": month_of_year(row.period) if row.period else "",
        "reasons": [words.reason(one, named) for one in row.reasons],
        "changes": [_change(change, named, form, districts) for change in row.changes],
        "question": words.QUESTIONS.get(row.question, ""),
        "choices": [("", str(words.CHOICES[""])), *_choices(row)] if row.question else [],
    }


def _choices(row: IntakeItem) -> list[tuple[str, str]]:
    own = {option[0]: " ".join(filter(None, option[1:])) for option in row.options}
    return [(code, own.get(code) or str(words.CHOICES[code])) for code in services.choices(row)]


def _change(
    change: list[Any], named: dict[str, str], form: Form | None, districts: dict[str, str]
) -> tuple[str, str, str]:
    """(what, what it was or "", what it becomes)."""
    code, old, new = change
    if form is None:
        if code == "district":
            old, new = districts.get(old, old), districts.get(new, new)
        return str(words.FIELDS[code]), words.value(code, old) if old else "", words.value(code, new)
    measure = next(m for m in form.measures if m.code == code)
    options = {option: tr_plain(names) for option, names in measure.options}
    said = [reporting.answer(value, measure.units, options) for value in (old, new)]
    return named[code], said[0] if old else "", said[1]


def may_approve(actor: Actor, intake: Intake) -> bool:
    """May whoever brings the figures in approve them as well? Where the city says so, and the form."""
    if intake.data_set is None or not settings.get(settings.KEYER_MAY_APPROVE, False):
        return False
    return not intake.data_set.second_person and may(actor, Permission.REVIEW_DECIDE)
