"""Decisions: approve (and post), ask back, amend. Only this feature posts to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.datasets.queries import REPORTED
from portal.domain.errors import Invalid, PeriodLocked
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, Subject, require
from portal.domain.workflow import Action, ReturnReason
from portal.ground import settings
from portal.ledger import services as ledger
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import events, queries
from portal.reporting.models import Submission

POSTED = ("number", "zero", "chosen")


def subject(submission: Submission, entered_by: str | None = None) -> Subject:
    """What permissions need to know of a submission's version under review."""
    version = queries.version(submission)
    by_staff = version.source == "import" or queries.keyed(submission) is not None
    keyed = by_staff and not settings.get(settings.KEYER_MAY_APPROVE, False)
    found = datasets.subject(submission.data_set, submission.organisation, entered_by or version.entered_by)
    return replace(found, second_person=True) if keyed else found


def lines(
    organisation: Organisation, data_set: DataSet, period: str, values: Mapping[str, Any]
) -> list[Line]:
    """What an approved version posts: a line a figure, a line an option, and one that the report is in.

    Not held and unknown post nothing: a sum neither grows nor counts them as an answer.
    """
    measures = {measure.code: measure for measure in data_set.measures}
    district = organisation.district.code if organisation.district else ""
    year = Month.parse(period).fiscal_year

    def line(measure: Measure, value: Any, option: str = "") -> Line:
        return Line(measure.id, organisation.id, district, period, year, value, option)

    found = [line(measures[REPORTED], 1)]
    for code, answer in values.items():
        if code not in measures or answer.get("state") not in POSTED:
            continue
        if answer["state"] == "chosen":
            found.extend(line(measures[code], 1, option) for option in answer["value"])
        else:
            found.append(line(measures[code], _figure(answer["value"])))
    return found


def _figure(value: Any) -> int | Decimal:
    """A stored value: whole numbers as int, decimals were stored as text."""
    return Decimal(value) if isinstance(value, str) else int(value)


def approve(actor: Actor, submission: Submission, expected_seq: int) -> None:
    """Approve the newest version and post its figures, in this transaction; flush.

    An amended report's earlier postings are reversed. Raises NotPermitted, StaleVersion (somebody was
    faster), Conflict (not to be approved in this state), PeriodLocked (closed year).
    """
    require(actor, Permission.REVIEW_DECIDE, subject(submission))
    if periods.is_closed(Month.parse(submission.period).fiscal_year):
        raise PeriodLocked("closed_year", period=submission.period)
    in_force = submission.approved_version
    events.append(submission, Action.APPROVE, expected_seq, actor)
    if in_force is not None:
        ledger.reverse(submission.public_id, in_force, actor)
    version = queries.version(submission)
    made = lines(submission.organisation, submission.data_set, submission.period, version.values)
    ledger.post(made, submission.public_id, version.version, version.source, actor)


def return_(
    actor: Actor, submission: Submission, expected_seq: int, reasons: Mapping[str, str], note: str = ""
) -> None:
    """Ask back with a reason code a measure, and a note of one's own; flush.

    Raises Invalid("reason_missing") without any reason, Invalid("note_missing") where the reason is
    "other" and no note says what is meant.
    """
    require(actor, Permission.REVIEW_DECIDE, subject(submission))
    note = note.strip()
    if ReturnReason.OTHER in reasons.values() and not note:
        raise Invalid("note_missing")
    events.append(submission, Action.RETURN, expected_seq, actor, reasons=reasons, note=note)
