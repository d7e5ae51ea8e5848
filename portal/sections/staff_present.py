"""What the pages of the yearly sheets show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from portal.datasets.definition import FormMeasure
from portal.domain.permissions import Actor, Permission, may
from portal.ground import settings
from portal.organisations import queries as organisations
from portal.reporting import words as reporting_words
from portal.reporting.staff_words import STATE_TAGS
from portal.sections import desks
from portal.sections import staff_words as words
from portal.sections.desks import Asked
from portal.sections.fates import RowFate, SheetFate, loadable
from portal.sections.layout import Row
from portal.web.filters import day, fiscal_year, short_year
from portal.web.i18n import _, ja, speaking, tr_plain
from portal.web.locale import LOCALES

Data = dict[str, Any]


def index(actor: Actor, year: int | None) -> Data:
    """The sections of a year: whose sheet is back, the files, the mail, and where they come back."""
    years = desks.years()
    chosen = year if year in years else (years[0] if years else None)
    sheets = desks.asked(actor, chosen) if chosen is not None else []
    return {
        "section": "review",
        "years": [(one, short_year(one)) for one in years],
        "year": chosen,
        "sheets": [_sheet(one) for one in sheets],
        "mail": _mail(sheets[0], chosen) if sheets and chosen is not None else "",
    }


def _sheet(asked: Asked) -> Data:
    sent, desk = asked.submission, asked.desk
    reviews = may(desk.actor, Permission.REVIEW_READ, desk.subject)
    where: Data = {
        "data_set": desk.data_set.code,
        "period": desk.period,
        "organisation": desk.organisation.public_id,
    }
    return {
        "organisation": asked.organisation,
        "form": desk.data_set.names,
        "due": desk.due_on,
        "tag": STATE_TAGS[sent.state] if sent else "not_arrived",
        "questions": len(desk.form.measures),
        "file_url": url_for("sections.sheet", **where),
        "report_url": url_for("review.report", public_id=sent.public_id) if sent and reviews else "",
    }


def _mail(asked: Asked, year: int) -> str:
    """In Japanese whatever the page's language: it goes to sections of the city."""
    with speaking(LOCALES["ja"]):
        office = asked.desk.data_set.reviewing_office.name
        return words.mail(office, fiscal_year(year), day(asked.desk.due_on))


def one_person() -> Data:
    return {
        "offices": [(row.code, ja(row.name)) for row in organisations.sections_and_offices() if row.code],
        "chosen": settings.get(settings.ONE_PERSON_OFFICES, []),
    }


def preview(found: list[SheetFate]) -> Data:
    """Every row's fate, file by file."""
    return {
        "section": "review",
        "sheets": [_file(one) for one in found],
        "loadable": loadable(found),
        "refused": sum(one.refused for one in found),
        "counts": {fate: sum(r.fate == fate for one in found for r in one.rows) for fate in words.FATES},
    }


def _file(one: SheetFate) -> Data:
    return {
        "name": one.sheet.name,
        "digest": one.sheet.sha256[:12],
        "organisation": ja(one.desk.organisation.name) if one.desk else "",
        "year": fiscal_year(one.desk.month.fiscal_year) if one.desk else "",
        "filled_by": one.sheet.filled_by,
        "problem": words.reason(one.problem) if one.problem else "",
        "rows": [_row(row) for row in one.rows],
    }


def _row(fate: RowFate) -> Data:
    row = fate.row
    return {
        "key": fate.key,
        "label": tr_plain(row.names()) if row else fate.key,
        "before": _said(row, fate.before),
        "after": _said(row, fate.after) if fate.after and fate.fate != "refused" else fate.typed or "–",
        "evidence": fate.evidence,
        "fate": fate.fate,
        "words": words.FATES[fate.fate],
        "reason": words.reason(fate.reason, fate.params) if fate.reason else "",
    }


def _said(row: Row | None, values: Mapping[str, Any]) -> str:
    """A row's answers in words; a rate's two numbers with their names."""
    if row is None or not values:
        return "–"
    several = len(row.cells) > 1
    return "、".join(
        _answer(row, name, measure, values[measure.code], several)
        for name, measure in row.cells.items()
        if measure.code in values
    )


def _answer(row: Row, name: str, measure: FormMeasure, given: Mapping[str, Any], several: bool) -> str:
    said = str(reporting_words.answer(given, measure.units, row.stages))
    names = {"numerator": _("Numerator"), "denominator": _("Denominator"), "value": _("Value")}
    return f"{names[name]} {said}" if several else said
