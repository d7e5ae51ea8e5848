"""What the check page asks of staff who change an approved report."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.domain.measures import Checked, answers_to_json
from portal.reporting import amending, present, staff_words
from portal.reporting.desk import Desk
from portal.reporting.models import Submission

LONGEST_NOTE = 500


def asked(desk: Desk, submission: Submission | None, checked: Checked, problem: str) -> dict[str, Any] | None:
    """The figures that will move, and why they do; None where nothing approved is changed by staff."""
    if submission is None or not amending.is_amending(desk, submission):
        return None
    reason, note = why()
    return {
        "moves": present.moves(desk, amending.moves(submission, answers_to_json(checked.values))),
        "reasons": [(code, str(text)) for code, text in staff_words.AMEND_REASONS.items()],
        "reason": reason,
        "note": note,
        "problem": problem,
    }


def why() -> tuple[str, str]:
    """The reason's code and the note, as posted."""
    return request.form.get("amend_reason", ""), request.form.get("amend_note", "")[:LONGEST_NOTE]
