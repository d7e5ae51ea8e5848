"""What staff keep for themselves at the review desk: views to come back to, notes, marks of who is late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Json, Model


class SavedView(Model):
    """The queue as somebody likes to look at it: a name, and the query of its address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    query: Mapped[str]


class ReviewNote(Model):
    """A note among reviewers about a report. The reporter never sees it; it can be erased."""

    __tablename__ = "review_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str]
    text: Mapped[str] = mapped_column(Text)


class LateMark(Model):
    """What was found out about a report that is not in: called on, will send, not meeting."""

    __tablename__ = "late_marks"
    __table_args__ = (CheckConstraint("mark IN ('called', 'will_send', 'not_meeting')", name="mark"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]


class EventPair(Model):
    """Two lines of reports that may be the same event, once somebody has said something about them.

    `one`, `other`: the lines as they stood then ({"key", "submission", "measure", "amount", ...}): ids and
    numbers only. State, `keeps` (the key of the line that goes on counting) and last_seq are a projection
    of the decisions.
    """

    __tablename__ = "event_pairs"
    __table_args__ = (CheckConstraint("state IN ('open', 'linked', 'dismissed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    one: Mapped[dict[str, Any]] = mapped_column(Json)
    other: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str]
    keeps: Mapped[str]
    last_seq: Mapped[int]

    decisions: Mapped[list[EventDecision]] = relationship(order_by="EventDecision.seq", back_populates="pair")


class EventDecision(Model):
    """The same event, two events, or taken back; with the reason. Rows are only added."""

    __tablename__ = "event_decisions"
    __table_args__ = (
        UniqueConstraint("pair_id", "seq"),
        CheckConstraint("kind IN ('linked', 'dismissed', 'undone')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("event_pairs.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    keeps: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    actor: Mapped[str]

    pair: Mapped[EventPair] = relationship(back_populates="decisions")
