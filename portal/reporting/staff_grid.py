"""The keying grid's pages: many paper sheets of one month at a sitting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.periods import Month
from portal.domain.permissions import Permission
from portal.organisations.models import Organisation
from portal.reporting import grid, present, queries, services, staff_words
from portal.reporting.answers import PICKED
from portal.reporting.desk import Desk
from portal.reporting.staff_paper import Wanted, selects, wanted_here
from portal.web.access import audience, signed_in
from portal.web.filters import clock_time
from portal.web.hypermedia import is_part, leave_to, render_page
from portal.web.i18n import _, ngettext, tr, tr_plain

bp = Blueprint("grid", __name__, template_folder="templates", url_prefix="/staff/paper/grid")
FILL = Permission.REPORT_FILL


@bp.get("/")
@audience(FILL)
def show() -> Response:
    """Groups down, measures across: type, or paste from a spreadsheet."""
    return _page(wanted_here() or abort(404))


@bp.post("/<organisation>/<data_set>/<period>")
@audience(FILL)
def keep(organisation: str, data_set: str, period: str) -> BaseResponse:
    """A row as it is typed: its state in words for htmx, else the grid again."""
    group = queries.keyed_for(organisation) or abort(404)
    wanted = wanted_here(data_set, period) or abort(404)
    desk = grid.desk_of(signed_in(), group, wanted.data_set, wanted.month.key) or abort(404)
    cells = {m.code: request.form.get(f"c-{m.code}", "") for m in desk.form.measures}
    row = grid.keep(desk, cells, bool(request.form.get("sure")))
    if not is_part():
        return leave_to(f"{url_for('grid.show', **_where(wanted))}#g-{organisation}")
    return render_page(
        "reporting/staff/_grid_state.html", state=_state(desk, row) if row else None, organisation=group
    )


@bp.post("/send")
@audience(FILL)
def send() -> Response:
    """Send every row that is ready; what is not stays in the grid and says why."""
    wanted = wanted_here(request.form.get("data_set", ""), request.form.get("period", "")) or abort(404)
    keyed_from = request.form.get("keyed_from", "")
    if keyed_from not in services.KEYED_FROM:
        return _page(wanted, status=422, problem=str(staff_words.KEYING["choose"]))
    mine = grid.rows(signed_in(), wanted.data_set, wanted.month.key)
    sent = 0
    for one in wanted.rows():
        row = mine.get(one.organisation.id)
        desk = _desk(wanted, one.organisation) if row else None
        if row is None or desk is None:
            continue
        judged = grid.judge(desk, row)
        sent += judged.ready and grid.send(judged, keyed_from)
    return _page(wanted, sent=sent)


def _where(wanted: Wanted) -> dict[str, Any]:
    return {**wanted.query, "district": request.values.get("district", "")[:40] or None}


def _desk(wanted: Wanted, organisation: Organisation) -> Desk | None:
    return grid.desk_of(signed_in(), organisation, wanted.data_set, wanted.month.key)


def _page(wanted: Wanted, *, status: int = 200, problem: str = "", sent: int | None = None) -> Response:
    owed = [row for row in wanted.rows() if row.submission is None]
    mine = grid.rows(signed_in(), wanted.data_set, wanted.month.key)
    form = next((d.form for row in owed if (d := _desk(wanted, row.organisation))), None)
    rows = []
    for one in owed:
        row = mine.get(one.organisation.id)
        desk = _desk(wanted, one.organisation) if row else None
        rows.append(
            {
                "organisation": one.organisation,
                "cells": row.cells if row else {},
                "sure": row.sure if row else False,
                "state": _state(desk, row) if desk and row else None,
                "url": url_for(
                    "grid.keep",
                    organisation=one.organisation.public_id,
                    data_set=wanted.data_set.code,
                    period=wanted.month.key,
                ),
            }
        )
    return render_page(
        "reporting/staff/grid.html",
        status=status,
        section="review",
        wanted=wanted,
        begun=wanted.month <= Month.of(clock.today()),
        where=_where(wanted),
        columns=_columns(form) if form else [],
        rows=rows,
        selects=selects(wanted),
        keyed_options=[(code, str(text)) for code, text in staff_words.KEYED_FROM.items()],
        keyed_from=request.form.get("keyed_from", ""),
        question=str(staff_words.KEYING["question"]),
        errors=[("keyed_from", problem)] if problem else [],
        form_errors=bool(problem),
        sent=ngettext("%(num)s report was sent.", "%(num)s reports were sent.", sent) if sent else "",
    )


def _columns(form: Any) -> list[dict[str, Any]]:
    """A column a measure: its label, and of a choice the numbers that stand for its options."""
    return [
        {
            "code": measure.code,
            "label": tr_plain(measure.labels),
            "unit": tr(measure.units) if measure.units else "",
            "picked": measure.spec.kind in PICKED,
            "options": [
                f"{number} {tr_plain(names)}" for number, (_code, names) in enumerate(measure.options, 1)
            ],
        }
        for measure in form.measures
    ]


def _state(desk: Desk, row: Any) -> dict[str, Any]:
    """A row in words: what must be put right, what is asked, or that it is ready."""
    judged = grid.judge(desk, row)
    faults = present.errors_in_words(desk, judged.checked)
    labels = present.labels(desk)
    asked = [] if faults else [one.text for one in present.questions(desk, judged.checked)]
    return {
        "faults": [f"{labels.get(field, '')}: {text}" for field, text in faults.items()],
        "asked": asked,
        "sure": row.sure,
        "ready": judged.ready,
        "kept": _("kept %(time)s", time=clock_time(row.saved_at or clock.now())),
        "form": f"row-{desk.organisation.public_id}",
    }
