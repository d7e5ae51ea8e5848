"""Both tables of sums made anew from the postings, by the database itself: after a bulk load or a restore."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, insert, select

from portal.extensions import db
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.ledger.queries import REPORTS


def rebuild_sums() -> None:
    """Replace every sum by the sum of its postings; in the caller's transaction."""
    _rebuild(MonthSum, ("measure_id", "period", "district", "option"), ("fiscal_year",))
    _rebuild(OrganisationYear, ("measure_id", "fiscal_year", "organisation_id", "option"), ())


def _rebuild(table: Any, key: tuple[str, ...], carried: tuple[str, ...]) -> None:
    groups = [getattr(Posting, name) for name in (*key, *carried)]
    sums = select(*groups, func.sum(Posting.value), REPORTS).group_by(*groups)
    db.session.execute(delete(table))
    db.session.execute(insert(table).from_select([*key, *carried, "total", "reports"], sums))
