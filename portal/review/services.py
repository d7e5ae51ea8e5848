"""Decisions: approve (and post), take that back, ask back. Only this feature posts to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.datasets.queries import REPORTED
from portal.domain.errors import Conflict, Invalid, NotPermitted, PeriodLocked
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, Subject, may, require
from portal.domain.workflow import UNDO_FOR, Action, ReturnReason
from portal.extensions import db
from portal.ground import settings
from portal.ledger import services as ledger
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import days, events, queries
from portal.reporting.models import Submission
from portal.review import event_ledger
from portal.review.models import ReviewNote

POSTED = ("number", "zero", "chosen")


def subject(submission: Submission, entered_by: str | None = None) -> Subject:
    """What permissions need to know of a submission's version under review."""
    version = queries.version(submission)
    by_staff = version.source == "import" or queries.keyed(submission) is not None
    keyed = by_staff and not settings.get(settings.KEYER_MAY_APPROVE, False)
    found = datasets.subject(submission.data_set, submission.organisation, entered_by or version.entered_by)
    if keyed:
        return replace(found, second_person=True)
    return replace(found, second_person=False) if alone(submission.organisation) else found


def alone(organisation: Organisation) -> bool:
    """Has the city said that this office or section has one person only?"""
    return organisation.code in settings.get(settings.ONE_PERSON_OFFICES, []) if organisation.code else False


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


def may_decide(actor: Actor, submission: Submission, two: bool | None = None) -> bool:
    """Whether this actor may approve or ask back the version under review.

    `two`: what `wants_two` says, where a list has asked it once for all its rows.
    """
    if not may(actor, Permission.REVIEW_DECIDE, subject(submission)):
        return False
    two = wants_two() if two is None else two
    return not two or signed_off_by(submission) != actor.key


def wants_two() -> bool:
    """Does the city want two people to sign a report off?"""
    return bool(settings.get(settings.SECOND_SIGN_OFF, False))


def signed_off_by(submission: Submission) -> str | None:
    """Who has signed the newest version off as the first of two."""
    mine = (e for e in submission.events if e.version == submission.version and e.kind == "checked")
    return next((event.actor for event in mine), None)


def approve(actor: Actor, submission: Submission, expected_seq: int, batch: str = "") -> str:
    """Approve the newest version and post its figures, in this transaction; flush.

    Where the city wants two, the first only signs off: the answer says which it was, "checked" or
    "approved". What its writer counted day by day goes. An amended report's earlier postings are
    reversed. `batch` names reports that were approved together. Raises NotPermitted, StaleVersion
    (somebody was faster), Conflict (not to be approved in this state), PeriodLocked (closed year).
    """
    require(actor, Permission.REVIEW_DECIDE, subject(submission))
    if periods.is_closed(Month.parse(submission.period).fiscal_year):
        raise PeriodLocked("closed_year", period=submission.period)
    data = {"batch": batch} if batch else {}
    if wants_two():
        first = signed_off_by(submission)
        if first == actor.key:
            raise NotPermitted(Permission.REVIEW_DECIDE.value)
        if first is None:
            _append(submission, Action.CHECK, expected_seq, actor, data)
            return "checked"
    in_force = submission.approved_version
    _append(submission, Action.APPROVE, expected_seq, actor, data)
    if in_force is not None:
        ledger.reverse(submission.public_id, in_force, actor)
    _post(submission, submission.version, actor)
    event_ledger.settle_of(submission, actor)
    days.forget(submission)
    return "approved"


def withdraw_approval(actor: Actor, submission: Submission, expected_seq: int) -> None:
    """Take an approval back within ten minutes; flush. What counted before counts again.

    Raises NotPermitted, StaleVersion, Conflict("too_late" | "not_in_this_state"), PeriodLocked.
    """
    if not undoable_until(submission):
        require(actor, Permission.REVIEW_DECIDE, subject(submission))
        raise Conflict("too_late")
    take_approval_back(actor, submission, expected_seq)


def take_approval_back(actor: Actor, submission: Submission, expected_seq: int) -> None:
    """The same without the limit: for the undoing of a whole import, which has rules of its own; flush."""
    require(actor, Permission.REVIEW_DECIDE, subject(submission))
    if periods.is_closed(Month.parse(submission.period).fiscal_year):
        raise PeriodLocked("closed_year", period=submission.period)
    withdrawn = submission.approved_version
    _append(submission, Action.WITHDRAW_APPROVAL, expected_seq, actor, {})
    if withdrawn is not None:
        ledger.reverse(submission.public_id, withdrawn, actor)
    if submission.approved_version is not None:
        _post(submission, submission.approved_version, actor)
    event_ledger.settle_of(submission, actor)


def undoable_until(submission: Submission) -> datetime | None:
    """Until when the approval that stands can be taken back; None where it can't (any more)."""
    newest = submission.events[-1] if submission.events else None
    if submission.state != "approved" or newest is None or newest.kind != "approved":
        return None
    until = newest.at + UNDO_FOR
    return until if clock.now() <= until else None


def _post(submission: Submission, number: int, actor: Actor) -> None:
    version = queries.version(submission, number)
    made = lines(submission.organisation, submission.data_set, submission.period, version.values)
    one = version.entered_by == actor.key and submission.data_set.second_person
    ledger.post(made, submission.public_id, version.version, version.source, actor, one_person=one)


def _append(
    submission: Submission, action: Action, expected_seq: int, actor: Actor, data: Mapping[str, Any]
) -> None:
    events.append(submission, action, expected_seq, actor, data=data)
    db.session.expire(submission, ["events"])


def add_note(actor: Actor, submission: Submission, text: str) -> None:
    """A note among reviewers; flush. Raises Invalid("note_missing")."""
    require(actor, Permission.REVIEW_DECIDE, replace(subject(submission), second_person=False))
    if not text.strip():
        raise Invalid("note_missing")
    note = ReviewNote(submission_id=submission.id, at=clock.now(), author=actor.key, text=text.strip()[:1000])
    db.session.add(note)
    db.session.flush()


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
