"""What staff keep for themselves at the review desk: views to come back to, notes, marks of who is late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model


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
