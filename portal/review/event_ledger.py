"""What a pair of events does to the ledger: one that counts in two indicators is taken out of the second.

The report itself stays as it is. The correction is a document of its own, `event:<pair>`, of the opposite
value: a figure's provenance shows it, and it is reversed like any other once it no longer holds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.domain.periods import Month
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.ground import settings
from portal.ledger import services as ledger
from portal.ledger.models import Posting
from portal.ledger.services import Line
from portal.periods import queries as periods
from portal.reporting.models import Submission
from portal.reporting.services import SOURCES
from portal.review import event_pairs
from portal.review.models import EventDecision, EventPair

DOCUMENT = "event:"


def counts_in_two() -> bool:
    """May one event count in two indicators? The city's setting."""
    return bool(settings.get(settings.EVENTS_COUNT_IN_TWO, False))


def document(row: EventPair) -> str:
    return f"{DOCUMENT}{row.key}"


def second(row: EventPair) -> dict[str, Any]:
    """The line that does not go on counting."""
    return row.other if row.keeps == row.one["key"] else row.one


def wanted(row: EventPair) -> bool:
    """Should the second line be taken out? Only while both stand in what counts."""
    if row.state != event_pairs.LINKED or not row.keeps or counts_in_two():
        return False
    return all(_stands(side) for side in (row.one, row.other))


def _stands(side: dict[str, Any]) -> bool:
    """Is the line in the version of its report that counts?"""
    submission = db.session.get_one(Submission, side["submission"])
    if submission.approved_version is None:
        return False
    standing = event_pairs.of_version(submission, submission.approved_version, {})
    return side["key"] in {entry.key for entry in standing}


def settled(row: EventPair) -> bool:
    """Does the ledger say what the decision and the city's setting say?"""
    return wanted(row) == bool(ledger.in_force(document(row)))


def settle(row: EventPair, actor: Actor) -> None:
    """Post or reverse the correction, as it should be; flush. PeriodLocked in a closed year."""
    standing = ledger.in_force(document(row))
    if wanted(row) == bool(standing):
        return
    if standing:
        ledger.reverse(document(row), standing[0].document_version, actor)
        return
    side = second(row)
    year = Month.parse(side["period"]).fiscal_year
    line = Line(
        side["measure"], side["organisation"], side["district"], side["period"], year, -side["amount"]
    )
    submission = db.session.get_one(Submission, side["submission"])
    ledger.post([line], document(row), row.last_seq, SOURCES[submission.data_set.filed_by], actor)


def settle_of(submission: Submission, actor: Actor) -> None:
    """After a report's figures have moved: its linked events again; flush."""
    for row in event_pairs.of_submission(submission):
        settle(row, actor)


def unsettled() -> list[EventPair]:
    """The pairs of open years about which the ledger does not say yet what the setting says."""
    rows = db.session.scalars(select(EventPair).where(EventPair.keeps != "").order_by(EventPair.id))
    return [row for row in rows if not periods.is_closed(row.fiscal_year) and not settled(row)]


def folded(decisions: list[EventDecision]) -> tuple[str, str, int]:
    """State, what goes on counting, and the last decision's number."""
    last = decisions[-1] if decisions else None
    if last is None or last.kind == "undone":
        return event_pairs.OPEN, "", last.seq if last else 0
    return last.kind, last.keeps, last.seq


def verify() -> tuple[dict[str, int], str | None]:
    """({what was counted: how many}, the first mismatch or None)."""
    rows = list(db.session.scalars(select(EventPair).order_by(EventPair.id)))
    counted = {"pairs of events": len(rows)}
    known = {document(row): row for row in rows}
    for row in rows:
        if (row.state, row.keeps, row.last_seq) != folded(row.decisions):
            return counted, f"pair of events {row.key}: its state is not what its decisions make"
        standing = ledger.in_force(document(row))
        if standing and not _is_correction(row, standing):
            return counted, f"pair of events {row.key}: its correction is not what was decided"
    query = select(Posting.document).where(Posting.document.startswith(DOCUMENT)).distinct()
    stray = [name for name in db.session.scalars(query) if name not in known]
    return counted, f"posting of {stray[0]}: there is no such pair" if stray else None


def _is_correction(row: EventPair, standing: list[Posting]) -> bool:
    side = second(row)
    posted = [(one.measure_id, one.period, one.value) for one in standing]
    return row.state == event_pairs.LINKED and posted == [(side["measure"], side["period"], -side["amount"])]
