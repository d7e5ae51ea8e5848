"""An import from its file to its undoing: rows as read, what becomes of each, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from portal.datasets.models import DataSet
from portal.extensions import Json, Model

KINDS = ("groups", "counts")
STATES = (
    "reading",  # the file waits for the jobs runner, or is being read
    "refused",  # it could not be read
    "columns",  # a person says what the columns hold
    "checking",
    "ready",  # every row's fate can be looked at; nothing is written yet
    "writing",
    "done",
    "undoing",
    "undone",
)
FATES = ("new", "change", "same", "decide", "refused", "left_out")


class Intake(Model):
    """One file brought in. `content` is there until it has been read; rows and items for a day.

    `mapping`: what the columns hold; `fault`: why it stopped, {"code", ...}; `counts`: how many of each
    fate; `effects`: how many of each thing were written.
    """

    __tablename__ = "intakes"
    __table_args__ = (
        CheckConstraint("kind IN ('groups', 'counts')", name="kind"),
        CheckConstraint(
            "state IN ('reading', 'refused', 'columns', 'checking', 'ready', 'writing', 'done', 'undoing',"
            " 'undone')",
            name="state",
        ),
        Index("ix_intakes_state_created_at", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    data_set_id: Mapped[int | None] = mapped_column(ForeignKey("data_sets.id"))
    filename: Mapped[str]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    sheets: Mapped[list[Any]] = mapped_column(Json)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    remembered: Mapped[bool]
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    counts: Mapped[dict[str, Any]] = mapped_column(Json)
    effects: Mapped[dict[str, Any]] = mapped_column(Json)
    approve: Mapped[bool]
    created_by: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    written_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    wiped_at: Mapped[datetime | None]

    data_set: Mapped[DataSet | None] = relationship()


class IntakeRow(Model):
    """One row of one sheet, as read. Wiped with its items after a day."""

    __tablename__ = "intake_rows"

    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"), primary_key=True)
    sheet: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[Any]] = mapped_column(Json)


class IntakeItem(Model):
    """What becomes of one thing in the file: a group, or one group's report for a month.

    `changes`: [[field, old, new]]; `reasons`: [{"code", ...}]; `options`: [[value, label, note]] of a
    decision; `data`: what would be written; `effect`: what was, as far as undoing needs it (it outlives
    the rest).
    """

    __tablename__ = "intake_items"
    __table_args__ = (
        Index("ix_intake_items_fate", "intake_id", "fate", "position"),
        CheckConstraint("fate IN ('new', 'change', 'same', 'decide', 'refused', 'left_out')", name="fate"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    position: Mapped[int]
    rows: Mapped[list[Any]] = mapped_column(Json)
    label: Mapped[str] = mapped_column(Text)
    period: Mapped[str]
    fate: Mapped[str]
    question: Mapped[str]
    asked_about: Mapped[str] = mapped_column(Text)
    decision: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(Json)
    reasons: Mapped[list[Any]] = mapped_column(Json)
    options: Mapped[list[Any]] = mapped_column(Json)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    effect: Mapped[dict[str, Any] | None] = mapped_column(Json)


class IntakeMapping(Model):
    """What the columns of a table with these headings held last time."""

    __tablename__ = "intake_mappings"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime]
