"""Taking back what was brought in, by events of the workflow: what has happened stays to be read."""

from __future__ import annotations

from portal.domain.errors import PeriodLocked, StaleVersion
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import Action
from portal.ledger import services as ledger
from portal.periods import queries as periods
from portal.reporting import events, queries
from portal.reporting.models import Submission
from portal.review import services


def take_back(actor: Actor, submission: Submission, expected_seq: int) -> None:
    """Withdraw the newest version; flush. If it was approved, its approval is taken back first, and the
    version that was in force before it counts again.

    Raises NotPermitted, StaleVersion (somebody acted since `expected_seq`), PeriodLocked (closed year).
    """
    require(actor, Permission.REPORT_FILL, services.subject(submission))
    if submission.last_seq != expected_seq:
        raise StaleVersion("stale", expected=expected_seq, actual=submission.last_seq)
    if submission.approved_version == submission.version:
        _take_approval_back(actor, submission)
    events.append(submission, Action.WITHDRAW, submission.last_seq, actor)


def _take_approval_back(actor: Actor, submission: Submission) -> None:
    require(actor, Permission.REVIEW_DECIDE, services.subject(submission))
    if periods.is_closed(Month.parse(submission.period).fiscal_year):
        raise PeriodLocked("closed_year", period=submission.period)
    taken = submission.version
    events.append(submission, Action.REOPEN, submission.last_seq, actor)
    ledger.reverse(submission.public_id, taken, actor)
    if submission.approved_version is None:
        return
    version = queries.version(submission, submission.approved_version)
    again = services.lines(submission.organisation, submission.data_set, submission.period, version.values)
    ledger.post(again, submission.public_id, version.version, version.source, actor)
