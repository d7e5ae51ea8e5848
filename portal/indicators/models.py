"""What people state about an indicator's figures, beside what is counted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.ledger.models import Figure


class Statement(Model):
    """A dated statement on one indicator: made by one person, in force once another confirms it.

    `kind`: adopted (another official figure stands in for the year's count), break (from this year on it
    is counted in another way), stage (a stage is reached since `day`). What was stated is never changed:
    its digest stands in the audit trail, and so does each step. State and who are a projection of that.
    """

    __tablename__ = "statements"
    __table_args__ = (
        CheckConstraint("kind IN ('adopted', 'break', 'stage')", name="kind"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn')", name="state"),
        CheckConstraint("(kind = 'adopted') = (value IS NOT NULL)", name="value_adopted"),
        CheckConstraint("(kind = 'stage') = (stage IS NOT NULL)", name="stage_stated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    indicator_code: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    fiscal_year: Mapped[int]
    day: Mapped[date]
    value: Mapped[Decimal | None] = mapped_column(Figure)
    stage: Mapped[str | None]
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]

    @property
    def one_person(self) -> bool:
        """Has whoever made it confirmed it too?"""
        return self.confirmed_by == self.made_by
