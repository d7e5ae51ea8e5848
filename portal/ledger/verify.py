"""The sums worked out again from the postings, and every reversal held against what it reverses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.ledger.queries import REPORTS


def verify() -> tuple[dict[str, int], str | None]:
    """({what was counted: how many}, the first mismatch or None)."""
    counted = {"postings": db.session.scalar(select(func.count()).select_from(Posting)) or 0}
    if fault := _reversals():
        return counted, fault
    for table, key in (
        (MonthSum, ("measure_id", "period", "district", "option")),
        (OrganisationYear, ("measure_id", "fiscal_year", "organisation_id", "option")),
    ):
        number, fault = _sums(table, key)
        counted[table.__tablename__] = number
        if fault:
            return counted, fault
    return counted, None


def _reversals() -> str | None:
    """A reversal has the opposite value of a posting of the same document, measure, period and option."""
    first = aliased(Posting)
    same = ("measure_id", "organisation_id", "period", "option", "document", "document_version")
    differs = Posting.value != -first.value
    for name in same:
        differs = differs | (getattr(Posting, name) != getattr(first, name))
    wrong = db.session.scalar(
        select(Posting.id)
        .join(first, first.id == Posting.reverses_id)
        .where(differs | first.reverses_id.is_not(None))
        .order_by(Posting.id)
        .limit(1)
    )
    return f"posting {wrong} does not reverse what it names" if wrong else None


def _sums(table: Any, key: tuple[str, ...]) -> tuple[int, str | None]:
    groups = [getattr(Posting, name) for name in key]
    worked_out = {
        tuple(row[: len(key)]): (row[-2], row[-1])
        for row in db.session.execute(
            select(*groups, func.sum(Posting.value, type_=Posting.value.type), REPORTS).group_by(*groups)
        )
    }
    kept = {
        tuple(row[: len(key)]): (row[-2], row[-1])
        for row in db.session.execute(
            select(*(getattr(table, name) for name in key), table.total, table.reports)
        )
    }
    for place in sorted(worked_out.keys() | kept.keys(), key=str):
        if worked_out.get(place) != kept.get(place):
            return len(
                kept
            ), f"{table.__tablename__} {place}: kept {kept.get(place)}, is {worked_out.get(place)}"
    return len(kept), None
