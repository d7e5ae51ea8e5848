"""Several months as rows, for those who write once in a while: required numbers only, a report each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.domain.errors import PeriodLocked
from portal.domain.measures import Checked, RawAnswer
from portal.domain.permissions import Actor
from portal.organisations.models import Organisation
from portal.reporting import answers, present, queries, services, words
from portal.reporting.answers import PICKED, Written
from portal.reporting.desk import Desk, sit_down
from portal.reporting.services import AlreadySent, Sending
from portal.reporting.terms import own_periods
from portal.web.csrf import token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, tr

MOST = 12


@dataclass
class Row:
    """One month: its desk, what was written, and what must be put right."""

    desk: Desk
    key: str
    written: Written
    not_held: bool = False
    checked: Checked | None = None
    problem: str = ""

    @property
    def blank(self) -> bool:
        return self.written.blank


def _rows(actor: Actor, organisation: Organisation, data_set: str) -> list[Row]:
    mine = own_periods(actor, organisation)
    open_periods = [
        row.period
        for row in queries.due(organisation)
        if mine(row.period)
        and row.data_set.code == data_set
        and row.submission is None
        and row.over
        and not row.locked
    ]
    if not open_periods:
        abort(404)
    desks = [sit_down(actor, organisation, data_set, period, "reporting") for period in open_periods[-MOST:]]
    rows = []
    for desk in desks:
        draft = queries.draft(organisation.id, desk.data_set.id, desk.period)
        written = Written.from_json(draft.raw) if draft else Written({})
        rows.append(Row(desk, draft.submission_key if draft else services.new_key(), written))
    return rows


def _posted(actor: Actor, organisation: Organisation, data_set: str) -> list[Row]:
    """The months of the page that was posted, those too that have arrived since: it may be a repetition."""
    periods = sorted(name.removeprefix("key-") for name in request.form if name.startswith("key-"))
    desks = [sit_down(actor, organisation, data_set, period, "reporting") for period in periods[:MOST]]
    return [_read(desk) for desk in desks]


def _asked(desk: Desk) -> list[Any]:
    """The measures of a row: required numbers."""
    return [m for m in desk.form.measures if m.spec.required and m.spec.kind not in PICKED]


def _read(desk: Desk) -> Row:
    """What was posted for this month; a touch on "did not meet" stands for its numbers."""
    period = desk.period
    raw = {
        m.code: RawAnswer(text=request.form.get(f"{answers.field_name(m.code)}-{period}", "")[:200])
        for m in _asked(desk)
    }
    not_held = bool(request.form.get(f"not-held-{period}"))
    written = services.nothing_happened(desk.form) if not_held else Written(raw)
    checked = None if written.blank else answers.read(desk.form, written, period)
    return Row(desk, request.form[f"key-{period}"][:64] or services.new_key(), written, not_held, checked)


def show(actor: Actor, organisation: Organisation, data_set: str) -> Response:
    return _page(_rows(actor, organisation, data_set), organisation)


def take(actor: Actor, organisation: Organisation, data_set: str) -> BaseResponse:
    """Send every row that has something in it; all of them or none. Repeating it changes nothing."""
    rows = _posted(actor, organisation, data_set)
    if token_failed():
        problem = _(
            "This page was open for a long time. What you wrote is still here. Please press the button again."
        )
        return _page(rows, organisation, 400, problem)
    written = [row for row in rows if row.checked is not None]
    if not written:
        return _page(rows, organisation, 422, _("Please write at least one month."))
    if any(row.checked and not row.checked.ok for row in written):
        return _page(rows, organisation, 422)
    for row in written:
        try:
            services.send(row.desk, Sending(row.key, 0, row.written))
        except AlreadySent:
            row.problem = _("A report for this month has already arrived")
        except PeriodLocked as error:
            row.problem = words.refused(error.code)
    if any(row.problem for row in written):
        return _page(rows, organisation, 409)  # nothing of it stays, all that was typed does
    return leave_to(url_for("reporting.past"))


def _page(rows: list[Row], organisation: Organisation, status: int = 200, problem: str = "") -> Response:
    shown = [_cells(row) for row in rows]
    summary = [(cell["id"], cell["error"]) for row in shown for cell in row["cells"] if cell["error"]]
    return render_page(
        "reporting/months.html",
        status=status,
        layout="layouts/reporter.html",
        holder=organisation.names or organisation.name,
        rows=shown,
        errors=[("months", problem), *summary] if problem else summary,
        form_errors=bool(summary or problem),
        home_url=url_for("reporting.start"),
        # by these months: once they are sent, what a phone kept of them is not offered again
        typed=",".join(row.desk.report for row in rows),
    )


def _cells(row: Row) -> dict[str, Any]:
    found = present.errors_in_words(row.desk, row.checked) if row.checked else {}
    if row.problem:
        found[_asked(row.desk)[0].code] = row.problem
    cells = [
        {
            "id": f"{answers.field_name(m.code)}-{row.desk.period}",
            "label": tr(m.labels),
            "unit": tr(m.units) if m.units else "",
            "text": row.written.raw.get(m.code, RawAnswer()).text,
            "error": found.get(m.code, ""),
        }
        for m in _asked(row.desk)
    ]
    return {"period": row.desk.period, "key": row.key, "not_held": row.not_held, "cells": cells}
