"""The ledger: append-only postings, and sums maintained with them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, false
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from portal.extensions import Model

PLACES = 4


class Figure(TypeDecorator[Decimal]):
    """A figure: whole numbers come back as int, others as Decimal; four places at most.

    SQLite has no decimals: its NUMERIC affinity keeps 40 as an integer and 1.34 as the nearest double,
    whose shortest text is 1.34 again. A sum of doubles may be a hair off (0.1 + 0.2), so what comes out
    is rounded to the four places that went in.
    """

    impl = Numeric(18, PLACES, asdecimal=False)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else float(value) if value != int(value) else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        value = round(value, PLACES)
        return int(value) if value == int(value) else Decimal(repr(value))


class Posting(Model):
    """One figure of one approved document. An amendment reverses it by a posting of the opposite value.

    `document` and `document_version` name the submission and the version that was approved; `option` is
    the chosen option of a measure that is a choice ("" otherwise). Triggers forbid UPDATE and DELETE.
    `one_person`: whoever entered it has confirmed it too, where an office has nobody else.
    """

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("source IN ('group', 'office', 'department', 'survey', 'import')", name="source"),
        Index("ix_postings_measure_period", "measure_id", "period"),
        Index("ix_postings_document", "document", "document_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    district: Mapped[str]
    period: Mapped[str]
    fiscal_year: Mapped[int]
    option: Mapped[str] = mapped_column(default="")
    value: Mapped[Decimal] = mapped_column(Figure)
    source: Mapped[str]
    document: Mapped[str]
    document_version: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("postings.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    one_person: Mapped[bool] = mapped_column(default=False, server_default=false())


class MonthSum(Model):
    """Sum of a measure over a district and month, maintained with each posting.

    `reports` counts the documents whose figure is in the sum (a reversal takes one off).
    """

    __tablename__ = "month_sums"

    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    district: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    total: Mapped[Decimal] = mapped_column(Figure)
    reports: Mapped[int]


class OrganisationYear(Model):
    """Sum of a measure over an organisation and fiscal year: who took part, and how often."""

    __tablename__ = "organisation_years"

    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[Decimal] = mapped_column(Figure)
    reports: Mapped[int]
