"""The plan as rows: what the document in force and the edits on top of it say, never changed by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.datasets.models import Measure
from portal.extensions import Json, Model


class PlanDocument(Model):
    """A loaded plan file, byte for byte; the newest is in force. `facts`: name, vision, years, offices."""

    __tablename__ = "plan_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str]


class Goal(Model):
    __tablename__ = "goals"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    names: Mapped[dict[str, str]]

    directions: Mapped[list[Direction]] = relationship(order_by="Direction.number", back_populates="goal")


class Direction(Model):
    """施策の方向性: the unit that the committees evaluate."""

    __tablename__ = "directions"
    __table_args__ = (UniqueConstraint("goal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id"), index=True)
    number: Mapped[int]
    names: Mapped[dict[str, str]]

    goal: Mapped[Goal] = relationship(back_populates="directions")
    programmes: Mapped[list[Programme]] = relationship(order_by="Programme.position")
    placements: Mapped[list[Placement]] = relationship(
        order_by="Placement.position", back_populates="direction"
    )


class Programme(Model):
    """One row of a 主な事業 table, as printed."""

    __tablename__ = "programmes"
    __table_args__ = (CheckConstraint("side IN ('city', 'shakyo')", name="side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    direction_id: Mapped[int] = mapped_column(ForeignKey("directions.id"), index=True)
    position: Mapped[int]
    side: Mapped[str]
    heading: Mapped[dict[str, str]]
    names: Mapped[dict[str, str]]
    departments: Mapped[list[Any]] = mapped_column(Json)
    repeated: Mapped[bool]


class Indicator(Model):
    """One of the plan's indicators (38 in 朝霞市), or one of the city's participation indicators.

    `base` and `target`: {"value", "printed", "stage"}. `target_kind` and `better` are written in the
    plan file, never inferred from the numbers.
    """

    __tablename__ = "indicators"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    participation: Mapped[bool]
    position: Mapped[int]
    names: Mapped[dict[str, str]]
    units: Mapped[dict[str, str] | None] = mapped_column(Json)
    side: Mapped[str]
    department: Mapped[str | None]
    kind: Mapped[str]
    target_kind: Mapped[str]
    better: Mapped[str]
    base: Mapped[dict[str, Any]] = mapped_column(Json)
    target: Mapped[dict[str, Any]] = mapped_column(Json)
    stages: Mapped[list[Any]] = mapped_column(Json)
    source: Mapped[str]
    aggregation: Mapped[str]
    note: Mapped[dict[str, str] | None] = mapped_column(Json)

    placements: Mapped[list[Placement]] = relationship(
        order_by="Placement.id", back_populates="indicator", lazy="selectin"
    )
    sources: Mapped[list[IndicatorSource]] = relationship(
        order_by="IndicatorSource.position", lazy="selectin"
    )


class IndicatorSource(Model):
    """A measure (or a register) that an indicator is computed from, and the part it plays.

    `role`: value, numerator, denominator, rate, part, stage, activity, register.
    """

    __tablename__ = "indicator_sources"
    __table_args__ = (
        CheckConstraint("(measure_id IS NULL) <> (register IS NULL)", name="measure_or_register"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    position: Mapped[int]
    role: Mapped[str]
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"), index=True)
    register: Mapped[str | None]

    measure: Mapped[Measure | None] = relationship(lazy="joined")


class Placement(Model):
    """Where an indicator stands. Two of 朝霞市's stand in two directions: one record, two placements."""

    __tablename__ = "placements"
    __table_args__ = (UniqueConstraint("indicator_id", "direction_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    direction_id: Mapped[int] = mapped_column(ForeignKey("directions.id"), index=True)
    position: Mapped[int]

    indicator: Mapped[Indicator] = relationship(back_populates="placements")
    direction: Mapped[Direction] = relationship(back_populates="placements", lazy="joined")


class PendingQuestion(Model):
    """確認待ち: what the plan does not define, with the default that holds until the city answers."""

    __tablename__ = "pending_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    indicator_code: Mapped[str | None] = mapped_column(index=True)
    question: Mapped[str] = mapped_column(Text)
    default: Mapped[str] = mapped_column(Text)
    # {"text", "on" (a day), "by" (who said so)}: what the city has answered; the default rests then
    answer: Mapped[dict[str, str] | None] = mapped_column(Json)


class PlanEdit(Model):
    """One field of one row of the plan, changed in the portal. Append-only; the newest of a field holds.

    `kind` and `key` are those of `projection`. `before` and `after` are {"value": …}, since null is a value.
    `how`: "edited" by a person; "dropped" when a file that was loaded won; "in_file" when the file says the
    same by now. From the last two on the file's own value holds again.
    """

    __tablename__ = "plan_edits"
    __table_args__ = (
        CheckConstraint("how IN ('edited', 'dropped', 'in_file')", name="how"),
        Index("ix_plan_edits_kind_key_field", "kind", "key", "field"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    field: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    how: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str]
    at: Mapped[datetime]
