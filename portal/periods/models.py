"""Closed years, and the days by which reports are due where they differ from the rule."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model


class ClosedYear(Model):
    """A closed fiscal year: its figures are final, and its verdicts may be confirmed."""

    __tablename__ = "closed_years"

    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class DueDay(Model):
    """An exception to a data set's due day, for all districts ("") or one."""

    __tablename__ = "due_days"

    data_set: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    district: Mapped[str] = mapped_column(primary_key=True, default="")
    due_on: Mapped[date]
