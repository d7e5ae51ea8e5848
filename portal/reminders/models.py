"""Reminders that went out: a row is a claim, so that nobody is reminded twice of one thing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model

KINDS = ("soon", "late")


class Reminder(Model):
    """One reminder of one report: before its due day (soon) or after it (late)."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("organisation_id", "data_set_id", "period", "kind"),
        CheckConstraint("kind IN ('soon', 'late')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"))
    period: Mapped[str]
    kind: Mapped[str]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id"))
    queued_at: Mapped[datetime]
