"""A report that is not taken any more: said before anything is typed, with the way on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, url_for

from portal.periods.queries import LOCKED
from portal.reporting import calls, staff_words, words
from portal.reporting.desk import Desk
from portal.reporting.models import Submission
from portal.web.hypermedia import render_page


def show(desk: Desk, refused: str, sent: Submission | None, frame: Mapping[str, Any]) -> Response:
    """`refused`: the desk's own code. Staff who key in are led to where an exception is granted."""
    let = desk.keying and refused == LOCKED
    said = words.settled(refused, sent.state) if sent else words.refused(refused)
    return render_page(
        "reporting/refused.html",
        **frame,
        refused=str(staff_words.KEYING[refused]) if desk.keying else said,
        arrived_url=desk.url("report") if sent else "",
        call_asked=calls.is_asked(desk.organisation.id),
        let_url=url_for("exceptions.show", public_id=desk.organisation.public_id, report=desk.report)
        if let
        else "",
    )
