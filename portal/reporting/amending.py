"""Changing a report that is approved already: why, and which figures it will move, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.domain.errors import Invalid
from portal.domain.workflow import State
from portal.reporting import queries
from portal.reporting.desk import Desk
from portal.reporting.models import Submission

REASONS = ("slip", "told_later", "counted_twice", "other")  # other: with a note


@dataclass(frozen=True)
class Move:
    """One indicator that this report feeds, and what it gives to it before and after."""

    names: dict[str, str]
    code: str
    measure: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def is_amending(desk: Desk, submission: Submission | None) -> bool:
    """Do staff change somebody's report that counts already?"""
    return desk.keying and submission is not None and submission.state == State.APPROVED


def moves(submission: Submission, values: queries.Values) -> list[Move]:
    """The indicators that other answers would move, in the plan's order. Nothing moves before approval."""
    if submission.approved_version is None:
        standing: queries.Values = {}
    else:
        standing = queries.version(submission, submission.approved_version).values
    changed = [c for c in {**standing, **values} if standing.get(c) != values.get(c)]
    return [
        Move(indicator.names, indicator.code, code, standing.get(code), values.get(code))
        for indicator, code in queries.fed_by(submission.data_set_id, changed)
    ]


def check(desk: Desk, submission: Submission, reason: str, note: str) -> None:
    """Invalid("amend_reason_missing" | "note_missing") where nothing says why an approved one is changed."""
    if not is_amending(desk, submission):
        return
    if reason not in REASONS:
        raise Invalid("amend_reason_missing", field="amend_reason")
    if reason == "other" and not note.strip():
        raise Invalid("note_missing", field="amend_note")
