"""Stories as rows: submissions, versions, chained events and postings, inserted in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from portal.datasets.models import DataSet, DataSetVersion
from portal.demo.city import stable_id
from portal.domain import workflow
from portal.domain.measures import answers_from_json, content_digest
from portal.domain.periods import Month
from portal.domain.workflow import Action, SubmissionState
from portal.extensions import db
from portal.ledger.models import Posting
from portal.ledger.rebuild import rebuild_sums
from portal.organisations.models import Organisation
from portal.reporting import events, receipts
from portal.reporting.models import Submission, SubmissionEvent, SubmissionVersion
from portal.review.services import lines as lines_of

Answers = dict[str, dict[str, Any]]
COLUMNS = [column.name for column in Posting.__table__.columns if column.name != "id"]
SENDING = (Action.SEND, Action.CORRECT, Action.AMEND)


@dataclass
class Story:
    """One submission's whole life, as rows to insert."""

    organisation: Organisation
    data_set: DataSet
    edition: DataSetVersion
    period: Month
    versions: list[tuple[Answers, str]] = field(default_factory=list)
    steps: list[tuple[Action, str, datetime, dict[str, str]]] = field(default_factory=list)
    source: str = "group"
    evidence: str | None = None
    unusual: int = 0

    @property
    def public_id(self) -> str:
        return stable_id("submission", self.organisation.public_id, self.data_set.code, self.period.key)


def insert_all(stories: Iterable[Story]) -> dict[str, int]:
    stories = list(stories)
    ids = _insert_submissions(stories)
    versions: list[dict[str, Any]] = []
    happened: list[dict[str, Any]] = []
    for story in stories:
        versions.extend(_version_rows(story, ids[story.public_id]))
        happened.extend(_event_rows(story, ids[story.public_id]))
    db.session.execute(insert(SubmissionVersion), versions)
    db.session.execute(insert(SubmissionEvent), happened)
    db.session.flush()
    postings = _post(stories)
    return {"reports": len(stories), "versions": len(versions), "events": len(happened), "postings": postings}


def _final(story: Story) -> SubmissionState:
    state: SubmissionState | None = None
    for action, _actor, _at, reasons in story.steps:
        state = workflow.apply(state, action, state.last_seq if state else 0, reasons or None).state
    assert state is not None  # noqa: S101 - a story begins with sending
    return state


def _insert_submissions(stories: list[Story]) -> dict[str, int]:
    rows = []
    for story in stories:
        state = _final(story)
        rows.append(
            {
                "public_id": story.public_id,
                "organisation_id": story.organisation.id,
                "data_set_id": story.data_set.id,
                "period": story.period.key,
                "receipt_digest": receipts.digest(receipts.new_code(story.public_id)),
                "state": state.state.value,
                "version": state.version,
                "approved_version": state.approved_version,
                "last_seq": state.last_seq,
                "unusual": story.unusual,
                "sent_at": [at for action, _a, at, _r in story.steps if action in SENDING][-1],
            }
        )
    db.session.execute(insert(Submission), rows)
    found = db.session.execute(select(Submission.public_id, Submission.id))
    return dict(found.all())


def _version_rows(story: Story, submission_id: int) -> Iterator[dict[str, Any]]:
    moments = [at for action, _a, at, _r in story.steps if action in SENDING]
    for number, ((values, entered_by), at) in enumerate(zip(story.versions, moments, strict=True), 1):
        yield {
            "submission_id": submission_id,
            "version": number,
            "submission_key": stable_id("key", story.public_id, number),
            "content_digest": content_digest(answers_from_json(values)),
            "data_set_version_id": story.edition.id,
            "values": values,
            "answers": {},
            "evidence": story.evidence,
            "source": story.source,
            "entered_by": entered_by,
            "created_at": at,
        }


def _event_rows(story: Story, submission_id: int) -> Iterator[dict[str, Any]]:
    state: SubmissionState | None = None
    previous = workflow.GENESIS
    for action, actor, at, reasons in story.steps:
        step = workflow.apply(state, action, state.last_seq if state else 0, reasons or None)
        data = {"reasons": reasons} if reasons else {}
        moment = at.astimezone(UTC)
        content = events.payload(
            step.event.seq, step.event.kind.value, step.event.version, moment, actor, data
        )
        linked = workflow.chain(previous, content)
        yield {
            "submission_id": submission_id,
            "seq": step.event.seq,
            "kind": step.event.kind.value,
            "version": step.event.version,
            "at": moment,
            "actor": actor,
            "data": data,
            "previous": previous,
            "hash": linked,
        }
        state, previous = step.state, linked


def _posting_rows(stories: list[Story]) -> tuple[list[dict[str, Any]], dict[tuple[str, int], datetime]]:
    """The postings of every approval, and when those that an amendment replaced were reversed."""
    rows: list[dict[str, Any]] = []
    reversed_at: dict[tuple[str, int], datetime] = {}
    for story in stories:
        state: SubmissionState | None = None
        for action, actor, at, reasons in story.steps:
            in_force = state.approved_version if state else None
            state = workflow.apply(state, action, state.last_seq if state else 0, reasons or None).state
            if action is not Action.APPROVE:
                continue
            if in_force is not None:
                reversed_at[story.public_id, in_force] = at
            values, _entered_by = story.versions[state.version - 1]
            for line in lines_of(story.organisation, story.data_set, story.period.key, values):
                rows.append(
                    {
                        **asdict(line),
                        "source": story.source,
                        "document": story.public_id,
                        "document_version": state.version,
                        "recorded_at": at,
                        "recorded_by": actor,
                    }
                )
    return rows, reversed_at


def _post(stories: list[Story]) -> int:
    """Post every approval at the moment it was given, reverse what was amended, and add the sums up once."""
    rows, reversed_at = _posting_rows(stories)
    if rows:
        db.session.execute(insert(Posting), rows)
    opposite = []
    for (document, version), at in reversed_at.items():
        standing = db.session.scalars(
            select(Posting).where(Posting.document == document, Posting.document_version == version)
        )
        for posting in standing:
            columns = {name: getattr(posting, name) for name in COLUMNS}
            opposite.append(
                {**columns, "value": -posting.value, "reverses_id": posting.id, "recorded_at": at}
            )
    if opposite:
        db.session.execute(insert(Posting), opposite)
    rebuild_sums()
    return len(rows) + len(opposite)
