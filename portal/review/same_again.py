"""Three reports in a row that say the same: a sign for whoever reviews, and never a question to the group.

It may be true; it may be last month's numbers written once more. Whoever knows the group can tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portal.domain.periods import Month
from portal.reporting import unusual
from portal.reporting.desk import Desk
from portal.reporting.models import Submission, SubmissionVersion
from portal.reporting.queries import Values
from portal.web.i18n import _


def remarks(desk: Desk, version: SubmissionVersion, history: Mapping[str, Values]) -> list[dict[str, str]]:
    """For the report's page; nothing where it differs."""
    in_a_row = [version.values, *_before(history, desk.month, desk.cadence.length)]
    if not unusual.same_again(desk.form.specs, in_a_row):
        return []
    said = _("The numbers are the same as in the two reports before.")
    return [{"words": said, "answer": _("The group was not asked about this.")}]


def in_queue(submission: Submission, history: Mapping[str, Values], months: Sequence[str]) -> str:
    """For a line of the queue: whether all that is counted is equal. Nothing of a confidential record.

    `months`: this report's period and those before it, oldest first.
    """
    if not submission.unusual or submission.data_set.confidential:
        return ""
    codes = [measure.code for measure in submission.data_set.measures if measure.kind in unusual.COUNTED]
    newest, *before = (
        [history.get(month, {}).get(code) for code in codes] for month in (months[-1], months[-2], months[-3])
    )
    return _("the same three times in a row") if any(newest) and before == [newest, newest] else ""


def _before(history: Mapping[str, Values], month: Month, length: int) -> Sequence[Values]:
    return [history.get(month.plus(-back * length).key, {}) for back in (1, 2)]
