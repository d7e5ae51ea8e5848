"""Taking back what was brought in, by events of the workflow: what has happened stays to be read."""

from __future__ import annotations

from portal.domain.errors import StaleVersion
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import Action
from portal.reporting import events
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
        services.take_approval_back(actor, submission, expected_seq)
    events.append(submission, Action.WITHDRAW, submission.last_seq, actor)
