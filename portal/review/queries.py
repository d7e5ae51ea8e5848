"""Reads of the review desk: the queue, its counts, and a report's own history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, Month
from portal.domain.permissions import Actor, Role
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import District, Organisation, OrganisationKind
from portal.reporting import queries as reports
from portal.reporting.models import Submission, SubmissionVersion
from portal.review import same_again
from portal.review.filters import STATES, Filters
from portal.review.models import ReviewNote
from portal.review.paging import Key, Order, moment, page, token, whole

SPOKEN = func.coalesce(Organisation.kana, Organisation.name)
WITH_EVERYTHING = (
    joinedload(Submission.data_set).selectinload(DataSet.measures),
    joinedload(Submission.organisation).options(
        joinedload(Organisation.district), selectinload(Organisation.kinds)
    ),
    selectinload(Submission.versions),
    selectinload(Submission.events),
)

Histories = dict[tuple[int, int], dict[str, dict[str, Any]]]
Cadences = dict[tuple[int, int], Cadence]
ORDERS: dict[str, Order] = {
    "unusual": (
        Key(Submission.unusual, lambda row: row.unusual, whole, descending=True),
        Key(Submission.sent_at, lambda row: row.sent_at, moment),
        Key(Submission.id, lambda row: row.id, whole),
    ),
    "oldest": (
        Key(Submission.sent_at, lambda row: row.sent_at, moment),
        Key(Submission.id, lambda row: row.id, whole),
    ),
    "newest": (
        Key(Submission.sent_at, lambda row: row.sent_at, moment, descending=True),
        Key(Submission.id, lambda row: row.id, whole),
    ),
    "name": (
        Key(SPOKEN, lambda row: row.organisation.kana or row.organisation.name, str),
        Key(Submission.period, lambda row: row.period, str),
        Key(Submission.id, lambda row: row.id, whole),
    ),
}


@dataclass(frozen=True)
class Row:
    """One line of the queue. `figure`, `before` and `bars` are of the form's first summed measure."""

    submission: Submission
    figure: dict[str, Any] | None
    before: dict[str, Any] | None
    bars: Sequence[int | None]
    same_again: str = ""


@dataclass(frozen=True)
class Queue:
    """One page of a tab. `before`, `after`: tokens of the pages around it, "" where there is none."""

    rows: list[Row]
    total: int
    before: str = ""
    after: str = ""


def scope(actor: Actor) -> ColumnElement[bool]:
    """Which submissions this actor may review: data set x district, as granted."""
    if actor.kind == "system":
        return Submission.id.is_not(None)
    parts: list[ColumnElement[bool]] = []
    for grant in actor.grants:
        if grant.role is not Role.REVIEWER:
            continue
        limits: list[ColumnElement[bool]] = [Submission.id.is_not(None)]
        # what is confidential needs a grant that names it (domain/permissions: entrusted)
        named = DataSet.code == grant.data_set if grant.data_set else DataSet.confidential.is_(False)
        limits.append(named)
        if grant.district:
            limits.append(District.code == grant.district)
        if grant.organisation_id:
            limits.append(Submission.organisation_id == grant.organisation_id)
        parts.append(and_(*limits))
    return or_(*parts) if parts else Submission.id.is_(None)


def _joined(actor: Actor, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(DataSet, DataSet.id == Submission.data_set_id)
        .join(Organisation, Organisation.id == Submission.organisation_id)
        .outerjoin(District, District.id == Organisation.district_id)
        .where(scope(actor))
    )


def counts(actor: Actor) -> dict[str, int]:
    """How many reports stand in each tab. Those that are not in: see `late`."""
    found = {
        state: (n, unusual)
        for state, n, unusual in db.session.execute(
            _joined(
                actor, Submission.state, func.count(), func.count().filter(Submission.unusual > 0)
            ).group_by(Submission.state)
        )
    }
    result = {tab: sum(found.get(state, (0, 0))[0] for state in states) for tab, states in STATES.items()}
    result["unusual"] = sum(found.get(state, (0, 0))[1] for state in STATES["unusual"])
    return result


def queue(actor: Actor, filters: Filters) -> Queue:
    """One page of a tab, in a fixed number of queries however long the queue is."""
    total = db.session.scalar(
        select(func.count()).select_from(_filtered(_joined(actor, Submission.id), filters).subquery())
    )
    order = ORDERS.get(filters.sort, ORDERS["unusual"])
    found = page(
        _filtered(_joined(actor, Submission), filters),
        order,
        _load,
        after=filters.after,
        before=filters.before,
    )
    return Queue(_rows(found.rows), total or 0, found.before, found.after)


def _load(query: Select[Any]) -> Sequence[Submission]:
    return db.session.scalars(query.options(*WITH_EVERYTHING)).all()


def row(actor: Actor, public_id: str) -> Row | None:
    """One line of the queue; None for what this actor may not see."""
    query = _joined(actor, Submission).where(Submission.public_id == public_id)
    found = _rows(_load(query.execution_options(populate_existing=True)))
    return found[0] if found else None


def next_after(actor: Actor, filters: Filters, done: Submission) -> str | None:
    """The public id of the next report in this queue after one; from its head again where it was the last."""
    order = ORDERS[filters.sort]
    query = _filtered(_joined(actor, Submission), filters).where(Submission.id != done.id)
    query = query.where(Submission.state.in_(STATES["waiting"]))
    fetch = lambda found: db.session.scalars(found.options(joinedload(Submission.organisation))).all()  # noqa: E731
    for place in (token(order, done), ""):
        found = page(query, order, fetch, after=place)
        if found.rows:
            return str(found.rows[0].public_id)
    return None


def plain(actor: Actor, filters: Filters, most: int) -> list[Submission]:
    """What waits in this view with nothing unusual about it, in its order: to be approved together."""
    query = _filtered(_joined(actor, Submission), filters)
    query = query.where(Submission.unusual == 0, Submission.state.in_(STATES["waiting"]))
    columns = [key.column.desc() if key.descending else key.column for key in ORDERS[filters.sort]]
    return list(_load(query.order_by(*columns).limit(most)))


def by_public_ids(actor: Actor, public_ids: Iterable[str]) -> list[Submission]:
    """Those of these submissions that this actor may see, by name; in a fixed number of queries."""
    query = _joined(actor, Submission).where(Submission.public_id.in_(list(public_ids)))
    return list(_load(query.order_by(SPOKEN, Submission.period, Submission.id)))


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(Submission.state.in_(STATES.get(filters.tab, STATES["waiting"])))
    if filters.tab == "unusual":
        query = query.where(Submission.unusual > 0)
    if filters.q:
        query = query.where(organisations.named(filters.q))
    if filters.district:
        query = query.where(District.code == filters.district)
    if filters.data_set:
        query = query.where(DataSet.code == filters.data_set)
    if filters.period:
        query = query.where(Submission.period == filters.period)
    if filters.kind:
        kinds = select(OrganisationKind.organisation_id).where(OrganisationKind.kind == filters.kind)
        query = query.where(Submission.organisation_id.in_(kinds))
    return query


def _rows(submissions: Sequence[Submission]) -> list[Row]:
    """Rows with twelve periods behind them, read for the whole page at once."""
    if not submissions:
        return []
    cadences = datasets.cadences()
    behind = {row.id: _behind(row, cadences) for row in submissions}
    histories = _histories(submissions, {month for months in behind.values() for month in months})
    rows = []
    for submission in submissions:
        code = headline(submission.data_set)
        history = histories[submission.organisation_id, submission.data_set_id]
        months = behind[submission.id]
        rows.append(
            Row(
                submission=submission,
                figure=history.get(submission.period, {}).get(code),
                before=history.get(months[-2], {}).get(code),
                bars=[number(history.get(month, {}).get(code)) for month in months],
                same_again=same_again.in_queue(submission, history, months),
            )
        )
    return rows


def _behind(submission: Submission, cadences: Cadences) -> list[str]:
    """This report's period and the eleven before it, at its organisation's cadence, oldest first."""
    key = (submission.organisation_id, submission.data_set_id)
    length = cadences.get(key, Cadence(submission.data_set.cadence)).length
    month = Month.parse(submission.period)
    return [month.plus(-back * length).key for back in range(11, -1, -1)]


def headline(data_set: DataSet) -> str:
    """The measure that a queue row shows: attendance where the form has it, else the first number."""
    if data_set.confidential:
        return ""  # a list shows whose record is in, never what it says: each look at one is kept
    codes = [measure.code for measure in data_set.measures if measure.code != "reported"]
    return "attendance" if "attendance" in codes else codes[0] if codes else ""


def number(answer: dict[str, Any] | None) -> int | None:
    if not answer:
        return None
    value = answer.get("value")
    return int(float(value)) if value is not None else 0 if answer.get("state") == "zero" else None


def _histories(submissions: Sequence[Submission], months: set[str] | None = None) -> Histories:
    """What was last sent by these reports' organisations: in some months, or always."""
    wanted = {(s.organisation_id, s.data_set_id) for s in submissions}
    found: Histories = {key: {} for key in wanted}
    query = select(
        Submission.organisation_id, Submission.data_set_id, Submission.period, SubmissionVersion.values
    ).join(
        SubmissionVersion,
        and_(
            SubmissionVersion.submission_id == Submission.id,
            SubmissionVersion.version == reports.SHOWN,
        ),
    )
    query = query.where(Submission.organisation_id.in_({organisation for organisation, _form in wanted}))
    if months is not None:
        query = query.where(Submission.period.in_(months))
    rows = db.session.execute(query)
    for organisation, data_set, period, values in rows:
        if (organisation, data_set) in found:
            found[organisation, data_set][period] = values
    return found


def history(submission: Submission) -> dict[str, dict[str, Any]]:
    """Every period's answers of this organisation on this form: {period: values}."""
    return _histories([submission])[submission.organisation_id, submission.data_set_id]


def notes(submission: Submission) -> list[ReviewNote]:
    """What reviewers have told one another about a report, oldest first."""
    mine = select(ReviewNote).where(ReviewNote.submission_id == submission.id)
    return list(db.session.scalars(mine.order_by(ReviewNote.at, ReviewNote.id)))


def by_public_id(actor: Actor, public_id: str) -> Submission | None:
    """A submission that this actor may see, with everything its page shows; None otherwise."""
    return db.session.scalars(
        _joined(actor, Submission)
        .where(Submission.public_id == public_id)
        .options(selectinload(Submission.versions), selectinload(Submission.events))
    ).one_or_none()
