"""Verdicts on closed years: proposed by rule, confirmed by people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model


class Verdict(Model):
    """A confirmed verdict on one indicator's closed year; only this reaches the public."""

    __tablename__ = "verdicts"

    indicator_code: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str]
    verdict: Mapped[str]
    proposed: Mapped[str | None]
    reason: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
