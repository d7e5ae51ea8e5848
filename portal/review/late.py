"""Who has not reported: expected, past due, not in; and what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import Invalid
from portal.domain.periods import FiscalYear, Month, is_late
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db, insert_into
from portal.ground.audit import record
from portal.organisations.models import Organisation
from portal.organisations.readings import patterns
from portal.periods import queries as periods
from portal.periods.models import PeriodException
from portal.reporting.models import Submission
from portal.review.filters import Filters
from portal.review.models import LateMark

MARKS = ("called", "will_send", "not_meeting")


@dataclass(frozen=True)
class Late:
    """A report that is past its due day and not in. `mark`: what was found out, if anything."""

    organisation: Organisation
    data_set: DataSet
    period: str
    due_on: date
    mark: LateMark | None = None
    locked_since: date | None = None  # the last day on which it was taken, where that is past
    exception: PeriodException | None = None  # it may be sent all the same, until a day


def late(actor: Actor, filters: Filters | None = None) -> list[Late]:
    """Expected, past due, not in: oldest first. From the open years only."""
    filters = filters or Filters()
    today = clock.today()
    newest = Month.of(today).previous()
    first = FiscalYear.of(today).previous().first
    wanted = [d for d in datasets.all_data_sets() if not filters.data_set or d.code == filters.data_set]
    expected = datasets.expected_by_data_set(first, newest, [data_set.id for data_set in wanted])
    arrived = _arrived(first)
    calendar = periods.Calendar()
    missing = [
        (data_set, period, organisation)
        for data_set in wanted
        for period, organisations in expected.get(data_set.id, {}).items()
        if not calendar.is_closed(Month.parse(period).fiscal_year)
        for organisation in organisations
        if (data_set.id, period, organisation) not in arrived
    ]
    rows = narrowed(_rows(actor, missing, calendar), filters)
    return sorted(rows, key=lambda row: (row.due_on, row.organisation.name, row.data_set.position))


def _arrived(first: Month) -> set[tuple[int, str, int]]:
    """(data set, period, organisation) of what is in."""
    query = select(Submission.data_set_id, Submission.period, Submission.organisation_id)
    found = db.session.execute(query.where(Submission.period >= first.key, Submission.state != "withdrawn"))
    return {(data_set, period, organisation) for data_set, period, organisation in found}


def _rows(actor: Actor, missing: list[tuple[DataSet, str, int]], calendar: periods.Calendar) -> list[Late]:
    organisations = {
        row.id: row
        for row in db.session.scalars(
            select(Organisation)
            .where(Organisation.id.in_({organisation for _data_set, _period, organisation in missing}))
            .options(joinedload(Organisation.district), selectinload(Organisation.kinds))
        )
    }
    oldest = min((period for _data_set, period, _organisation in missing), default="")
    marked = db.session.scalars(select(LateMark).where(LateMark.period >= oldest))
    marks = {(mark.organisation_id, mark.data_set_id, mark.period): mark for mark in marked}
    rows, today = [], clock.today()
    for data_set, period, organisation_id in missing:
        organisation = organisations[organisation_id]
        district = organisation.district.code if organisation.district else ""
        due = calendar.due_on(data_set, period, district)
        if not is_late(Month.parse(period), due, today):
            continue
        if may(actor, Permission.REVIEW_DECIDE, datasets.subject(data_set, organisation)):
            mark = marks.get((organisation_id, data_set.id, period))
            last = calendar.last_day(data_set, period, district)
            locked = last if last is not None and last < today else None
            granted = calendar.exception(organisation_id, data_set.code, period)
            rows.append(Late(organisation, data_set, period, due, mark, locked, granted))
    return rows


def narrowed(rows: list[Late], filters: Filters) -> list[Late]:
    """Those of the list that the filters name."""
    looked_for = patterns(filters.q)
    return [
        row
        for row in rows
        if filters.district in ("", row.organisation.district.code if row.organisation.district else None)
        and filters.data_set in ("", row.data_set.code)
        and filters.period in ("", row.period)
        and (not filters.kind or filters.kind in row.organisation.kind_codes)
        and (not filters.q or any(pattern in row.organisation.search for pattern in looked_for))
    ]


def find(actor: Actor, public_id: str, data_set: str, period: str) -> Late | None:
    """One line of the list, if it still stands there and this actor may see it."""
    rows = late(actor, Filters(data_set=data_set, period=period))
    return next((row for row in rows if row.organisation.public_id == public_id), None)


def put_mark(actor: Actor, row: Late, mark: str) -> None:
    """Keep what was found out about a late report; "" takes the mark away. Flush. Invalid("unknown_mark")."""
    require(actor, Permission.REVIEW_DECIDE, datasets.subject(row.data_set, row.organisation))
    if mark and mark not in MARKS:
        raise Invalid("unknown_mark")
    key = {
        "organisation_id": row.organisation.id,
        "data_set_id": row.data_set.id,
        "period": row.period,
    }
    if mark:
        insert = insert_into(LateMark).values(**key, mark=mark, at=clock.now(), actor=actor.key)
        fresh = {name: insert.excluded[name] for name in ("mark", "at", "actor")}
        db.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=fresh))
    else:
        db.session.execute(delete(LateMark).filter_by(**key))
    told = {"data_set": row.data_set.code, "period": row.period, "mark": mark}
    record("organisation", row.organisation.id, "late_marked", actor, **told)
    db.session.expire_all()
