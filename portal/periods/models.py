"""Closed years and their history, due days that differ from the rule, and exceptions to a lock."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text
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


class YearClosing(Model):
    """One closing of a fiscal year, kept when the year is opened again.

    `release`: the number of the release that it published, whose figures are the final ones; None where
    it published none by itself. `reason`: why the year was opened again. It can be erased; the audit
    event keeps its digest.
    """

    __tablename__ = "year_closings"

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    release: Mapped[int | None]
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(Text)


class PeriodException(Model):
    """One organisation may send one locked report until a day; from the day after it is locked again.

    `reason` in the words of who granted it. It can be erased; the audit event keeps its digest.
    """

    __tablename__ = "period_exceptions"
    __table_args__ = (Index("ix_period_exceptions_report", "organisation_id", "data_set", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    data_set: Mapped[str]
    period: Mapped[str]
    until: Mapped[date]
    reason: Mapped[str | None] = mapped_column(Text)
    granted_at: Mapped[datetime]
    granted_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
