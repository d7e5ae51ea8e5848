"""Confirmed verdicts."""

from __future__ import annotations

from sqlalchemy import select

from portal.evaluation.models import Verdict
from portal.extensions import db


def confirmed() -> dict[tuple[str, int], Verdict]:
    """(indicator, fiscal year) -> its confirmed verdict."""
    return {(row.indicator_code, row.fiscal_year): row for row in db.session.scalars(select(Verdict))}


def verdict(code: str, year: int) -> Verdict | None:
    return db.session.get(Verdict, (code, year))
