"""Submissions: drafts as typed, versions as sent, and the events that make the state."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.datasets.models import DataSet, DataSetVersion
from portal.extensions import Json, Model
from portal.organisations.models import Organisation


class Draft(Model):
    """What was typed, valid or not, until it is sent. One a report, shared by the group's phones."""

    __tablename__ = "drafts"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    raw: Mapped[dict[str, Any]] = mapped_column(Json)
    submission_key: Mapped[str]
    saved_at: Mapped[datetime]


class Submission(Model):
    """An organisation's report for a period. State, version and last_seq are a projection of its events."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("organisation_id", "data_set_id", "period"),
        Index("ix_submissions_queue", "state", "data_set_id", "period"),
        Index("ix_submissions_state_sent_at", "state", "sent_at"),
        CheckConstraint("version >= 1", name="version_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"))
    period: Mapped[str] = mapped_column(index=True)
    receipt_digest: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    version: Mapped[int]
    approved_version: Mapped[int | None]
    last_seq: Mapped[int]
    unusual: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    data_set: Mapped[DataSet] = relationship()
    versions: Mapped[list[SubmissionVersion]] = relationship(
        order_by="SubmissionVersion.version", back_populates="submission"
    )
    events: Mapped[list[SubmissionEvent]] = relationship(order_by="SubmissionEvent.seq")


class SubmissionVersion(Model):
    """What was sent, each time. `values`: {measure: {"state": ..., "value": ...}}.

    `submission_key` makes sending idempotent; `answers`: the reporter's replies to gentle questions;
    `evidence`: where a section's figure comes from (document, page). `source` as in the ledger;
    `entered_by` is the actor.
    """

    __tablename__ = "submission_versions"
    __table_args__ = (
        UniqueConstraint("submission_id", "version"),
        CheckConstraint("source IN ('group', 'office', 'department', 'survey', 'import')", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    version: Mapped[int]
    submission_key: Mapped[str] = mapped_column(unique=True)
    content_digest: Mapped[str]
    data_set_version_id: Mapped[int] = mapped_column(ForeignKey("data_set_versions.id"))
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    evidence: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str]
    entered_by: Mapped[str]
    created_at: Mapped[datetime]

    submission: Mapped[Submission] = relationship(back_populates="versions")
    form: Mapped[DataSetVersion] = relationship()


class SheetAnswer(Model):
    """Where a version that came in a file comes from: the file's digest, and who filled it in.

    The digest also stands in the version's event. The name is a text beside it and can be erased.
    """

    __tablename__ = "sheet_answers"

    version_id: Mapped[int] = mapped_column(ForeignKey("submission_versions.id"), primary_key=True)
    sha256: Mapped[str]
    filled_by: Mapped[str | None] = mapped_column(Text)


class SubmissionEvent(Model):
    """What happened to a submission, hash-chained. Ids, codes and numbers only."""

    __tablename__ = "submission_events"
    __table_args__ = (UniqueConstraint("submission_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    previous: Mapped[str]
    hash: Mapped[str]

    note: Mapped[SubmissionNote | None] = relationship(uselist=False)


class SubmissionNote(Model):
    """A reviewer's own words beside an event. It can be erased; the event keeps its digest."""

    __tablename__ = "submission_notes"

    event_id: Mapped[int] = mapped_column(ForeignKey("submission_events.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class KeyedRow(Model):
    """What somebody of the staff has typed into the keying grid for a group, until it is sent.

    One's own: it never touches the group's draft, nor a colleague's row. `cells`: measure -> text as typed.
    """

    __tablename__ = "keyed_rows"

    actor: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    cells: Mapped[dict[str, str]]
    sure: Mapped[bool]
    submission_key: Mapped[str]
    saved_at: Mapped[datetime]


class Original(Model):
    """A picture of the sheet that a report was keyed in from: a JPEG of our own making (pictures.py).

    `batch` holds the pages of one sitting at the desk together. Until the report is sent there is no
    submission; pages that never get one are deleted after a day.
    """

    __tablename__ = "originals"
    __table_args__ = (
        CheckConstraint("(submission_id IS NULL) = (version IS NULL)", name="sent_with_a_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    batch: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"))
    period: Mapped[str]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    version: Mapped[int | None]
    added_by: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class CallRequest(Model):
    """A group pressed "please call me". One row a day and group, however often it is pressed."""

    __tablename__ = "call_requests"
    __table_args__ = (UniqueConstraint("organisation_id", "asked_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    asked_on: Mapped[date]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    done_by: Mapped[str | None]

    organisation: Mapped[Organisation] = relationship()


class Tap(Model):
    """One press of +1 in the day counter, or the taking back of one (`undoes`: its key).

    A commissioner's own notes, not a report: nobody but the card of that term sees them. Rows are added,
    and deleted once the month is confirmed; none is ever changed. `tap_key` counts a press once however
    often it is sent.
    """

    __tablename__ = "taps"
    __table_args__ = (
        CheckConstraint("(step = 1 AND undoes IS NULL) OR (step = -1 AND undoes IS NOT NULL)", name="step"),
        Index("ix_taps_where", "organisation_id", "data_set_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    day: Mapped[date]
    measure: Mapped[str]
    step: Mapped[int]
    tap_key: Mapped[str] = mapped_column(unique=True)
    undoes: Mapped[str | None] = mapped_column(unique=True)
    entered_by: Mapped[str]
    at: Mapped[datetime]
