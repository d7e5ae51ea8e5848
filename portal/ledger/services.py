"""The two writes of the ledger: post, and reverse. Nothing is ever changed or taken away.

Only review calls these. Each posting moves two sums with it, in the same transaction and by the
database's own addition, so that two reviewers at once can't lose one another's figure:

    month_sums           measure x month x district x option   (what an indicator is drawn from)
    organisation_years   measure x fiscal year x organisation x option   (who took part)

`portal verify` works both out again from the postings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.periods import Month
from portal.domain.permissions import Actor
from portal.extensions import db, insert_into
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.periods import locks
from portal.periods.services import require_open

SOURCES = ("group", "office", "department", "survey", "import")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of an approved document.

    `district` is a district's code, "" for an organisation in none; `period` a month such as 2026-10;
    `option` the chosen option (or stage) of a measure that is a choice, with value 1.
    """

    measure_id: int
    organisation_id: int
    district: str
    period: str
    fiscal_year: int
    value: int | Decimal
    option: str = ""


def post(
    lines: Sequence[Line],
    document: str,
    version: int,
    source: str,
    actor: Actor,
    *,
    one_person: bool = False,
) -> int:
    """Post an approved version of a document; flush. Returns how many postings were made.

    `one_person`: whoever entered it has confirmed it as well, and the figure says so.

    Raises PeriodLocked in a closed year, Conflict("already_posted") while any version of the document is
    posted and not reversed, Invalid("line") for a year that is not its month's or an unknown source.
    """
    _check(lines, source)
    years = {line.fiscal_year for line in lines}
    require_open(years)  # early, while nothing is written
    if in_force(document):
        raise Conflict("already_posted", document=document, version=version)
    common = {
        "source": source,
        "document": document,
        "document_version": version,
        "recorded_at": clock.now(),
        "recorded_by": actor.key,
        "one_person": one_person,
    }
    _append([{**_columns(line), **common, "reverses_id": None} for line in lines], reports=1)
    return len(lines)


def reverse(document: str, version: int, actor: Actor) -> int:
    """Post the opposite of everything of this version that still counts; flush. Returns how many.

    Raises PeriodLocked in a closed year, Conflict("not_posted") where there is nothing to reverse.
    """
    standing = [row for row in in_force(document) if row.document_version == version]
    if not standing:
        raise Conflict("not_posted", document=document, version=version)
    require_open({row.fiscal_year for row in standing})
    now = clock.now()
    _append([_opposite(row, actor, now) for row in standing], reports=-1)
    return len(standing)


def in_force(document: str) -> list[Posting]:
    """The postings of a document that nothing has reversed: at most one version's."""
    undoing = aliased(Posting)
    return list(
        db.session.scalars(
            select(Posting)
            .outerjoin(undoing, undoing.reverses_id == Posting.id)
            .where(Posting.document == document, Posting.reverses_id.is_(None), undoing.id.is_(None))
            .order_by(Posting.id)
        )
    )


def _check(lines: Iterable[Line], source: str) -> None:
    if source not in SOURCES:
        raise Invalid("line", source=source)
    for line in lines:
        if Month.parse(line.period).fiscal_year != line.fiscal_year:
            raise Invalid("line", period=line.period, fiscal_year=line.fiscal_year)


def _columns(line: Line) -> dict[str, Any]:
    return {
        "measure_id": line.measure_id,
        "organisation_id": line.organisation_id,
        "district": line.district,
        "period": line.period,
        "fiscal_year": line.fiscal_year,
        "value": line.value,
        "option": line.option,
    }


def _opposite(row: Posting, actor: Actor, now: Any) -> dict[str, Any]:
    return {
        "measure_id": row.measure_id,
        "organisation_id": row.organisation_id,
        "district": row.district,
        "period": row.period,
        "fiscal_year": row.fiscal_year,
        "value": -row.value,
        "option": row.option,
        "source": row.source,
        "document": row.document,
        "document_version": row.document_version,
        "reverses_id": row.id,
        "recorded_at": now,
        "recorded_by": actor.key,
        "one_person": row.one_person,
    }


def _append(rows: list[dict[str, Any]], *, reports: int) -> None:
    """Write postings and both sums. The years are asked again, now inside the writing transaction."""
    if not rows:
        return
    years = {row["fiscal_year"] for row in rows}
    locks.share(years)
    db.session.execute(insert(Posting), rows)
    require_open(years)
    _add_up(
        MonthSum.__table__, ("measure_id", "period", "district", "option"), ("fiscal_year",), rows, reports
    )
    _add_up(
        OrganisationYear.__table__,
        ("measure_id", "fiscal_year", "organisation_id", "option"),
        (),
        rows,
        reports,
    )
    db.session.flush()


def _add_up(
    table: Any, key: tuple[str, ...], carried: tuple[str, ...], rows: list[dict[str, Any]], reports: int
) -> None:
    """Add rows' values to a table of sums: one statement, executed for each key in one fixed order.

    The order lets two transactions on PostgreSQL wait for each other's rows without a deadlock.
    """
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    totals: dict[tuple[Any, ...], Any] = defaultdict(int)
    counts: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        place = tuple(row[name] for name in key)
        sums[place] = {name: row[name] for name in (*key, *carried)}
        totals[place] += row["value"]
        counts[place] += reports
    made = [{**sums[place], "total": totals[place], "reports": counts[place]} for place in sorted(sums)]
    db.session.execute(_upsert(table, key), made)


def _upsert(table: Table, key: tuple[str, ...]) -> Any:
    statement = insert_into(table)
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={
            "total": table.c.total + statement.excluded.total,
            "reports": table.c.reports + statement.excluded.reports,
        },
    )
