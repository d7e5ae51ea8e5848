"""Reads of the review desk: the queue, its counts, who is late, and a report's own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, FiscalYear, Month, is_late
from portal.domain.permissions import Actor, Permission, Role, may
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations.models import District, Organisation, OrganisationKind
from portal.periods import queries as periods
from portal.reporting.models import Submission, SubmissionVersion

PAGE = 50
TABS = ("waiting", "resent", "returned", "late", "approved")
STATES = {
    "waiting": ("waiting", "resent", "amended"),
    "resent": ("resent", "amended"),
    "returned": ("returned",),
    "approved": ("approved",),
}
ORDERS: dict[str, tuple[Any, ...]] = {
    "unusual": (Submission.unusual.desc(), Submission.sent_at, Submission.id),
    "oldest": (Submission.sent_at, Submission.id),
    "newest": (Submission.sent_at.desc(), Submission.id),
    "name": (Organisation.name, Submission.period, Submission.id),
}


@dataclass(frozen=True)
class Filters:
    """What the reviewer looks at. Empty means all."""

    tab: str = "waiting"
    district: str = ""
    kind: str = ""
    data_set: str = ""
    period: str = ""
    sort: str = "unusual"
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One line of the queue. `figure`, `before` and `bars` are of the form's first summed measure."""

    submission: Submission
    figure: dict[str, Any] | None
    before: dict[str, Any] | None
    bars: Sequence[int | None]


@dataclass(frozen=True)
class Late:
    """A report that is past its due day and not in."""

    organisation: Organisation
    data_set: DataSet
    period: str
    due_on: date


@dataclass(frozen=True)
class Queue:
    rows: list[Row]
    late: list[Late]
    total: int
    pages: int


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
    """How many reports stand in each tab, and how many of those waiting are unusual; late ones too."""
    found = {
        state: (n, unusual)
        for state, n, unusual in db.session.execute(
            _joined(
                actor, Submission.state, func.count(), func.count().filter(Submission.unusual > 0)
            ).group_by(Submission.state)
        )
    }
    result = {tab: sum(found.get(state, (0, 0))[0] for state in states) for tab, states in STATES.items()}
    result["unusual"] = sum(found.get(state, (0, 0))[1] for state in STATES["waiting"])
    result["late"] = len(late(actor))
    return result


def queue(actor: Actor, filters: Filters) -> Queue:
    """One page of a tab, in a fixed number of queries however long the queue is."""
    if filters.tab == "late":
        found = late(actor, filters)
        return Queue(
            [], found[(filters.page - 1) * PAGE : filters.page * PAGE], len(found), _pages(len(found))
        )
    matching = _filtered(_joined(actor, Submission.id), filters)
    total = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    order = ORDERS.get(filters.sort, ORDERS["oldest"])
    submissions = db.session.scalars(
        _filtered(_joined(actor, Submission), filters)
        .options(
            joinedload(Submission.data_set).selectinload(DataSet.measures),
            joinedload(Submission.organisation).options(
                joinedload(Organisation.district), selectinload(Organisation.kinds)
            ),
        )
        .order_by(*order)
        .limit(PAGE)
        .offset((filters.page - 1) * PAGE)
    ).all()
    return Queue(_rows(submissions), [], total, _pages(total))


def first_waiting(actor: Actor, but: Submission) -> str | None:
    """The public id at the head of the queue, as it stands by default, leaving one out."""
    query = _filtered(_joined(actor, Submission.public_id), Filters()).where(Submission.id != but.id)
    return db.session.scalars(query.order_by(*ORDERS["unusual"]).limit(1)).first()


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(Submission.state.in_(STATES.get(filters.tab, STATES["waiting"])))
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
    """Rows with twelve months behind them, read for the whole page at once."""
    if not submissions:
        return []
    histories = _histories(submissions)
    cadences = datasets.cadences()
    rows = []
    for submission in submissions:
        code = headline(submission.data_set)
        history = histories[submission.organisation_id, submission.data_set_id]
        month = Month.parse(submission.period)
        key = (submission.organisation_id, submission.data_set_id)
        length = cadences.get(key, Cadence(submission.data_set.cadence)).length
        bars = [
            _number(history.get(month.plus(-back * length).key, {}).get(code)) for back in range(11, -1, -1)
        ]
        rows.append(
            Row(
                submission=submission,
                figure=history.get(submission.period, {}).get(code),
                before=history.get(month.plus(-length).key, {}).get(code),
                bars=bars,
            )
        )
    return rows


def headline(data_set: DataSet) -> str:
    """The measure that a queue row shows: attendance where the form has it, else the first number."""
    if data_set.confidential:
        return ""  # a list shows whose record is in, never what it says: each look at one is kept
    codes = [measure.code for measure in data_set.measures if measure.code != "reported"]
    return "attendance" if "attendance" in codes else codes[0] if codes else ""


def _number(answer: dict[str, Any] | None) -> int | None:
    if not answer:
        return None
    value = answer.get("value")
    return int(float(value)) if value is not None else 0 if answer.get("state") == "zero" else None


Histories = dict[tuple[int, int], dict[str, dict[str, Any]]]


def _histories(submissions: Sequence[Submission]) -> Histories:
    wanted = {(s.organisation_id, s.data_set_id) for s in submissions}
    found: Histories = {key: {} for key in wanted}
    rows = db.session.execute(
        select(
            Submission.organisation_id, Submission.data_set_id, Submission.period, SubmissionVersion.values
        )
        .join(
            SubmissionVersion,
            and_(
                SubmissionVersion.submission_id == Submission.id,
                SubmissionVersion.version == Submission.version,
            ),
        )
        .where(Submission.organisation_id.in_({organisation for organisation, _data_set in wanted}))
    )
    for organisation, data_set, period, values in rows:
        if (organisation, data_set) in found:
            found[organisation, data_set][period] = values
    return found


def history(submission: Submission) -> dict[str, dict[str, Any]]:
    """Every period's answers of this organisation on this form: {period: values}."""
    return _histories([submission])[submission.organisation_id, submission.data_set_id]


def late(actor: Actor, filters: Filters | None = None) -> list[Late]:
    """Expected, past due, not in: oldest first. From the open years only."""
    filters = filters or Filters()
    today = clock.today()
    newest = Month.of(today).previous()
    first = FiscalYear.of(today).previous().first
    found: list[Late] = []
    calendar = periods.Calendar()
    for data_set in datasets.all_data_sets():
        if filters.data_set and data_set.code != filters.data_set:
            continue
        expected = datasets.expected(data_set, first, newest)
        arrived = {
            (organisation, period)
            for organisation, period in db.session.execute(
                select(Submission.organisation_id, Submission.period).where(
                    Submission.data_set_id == data_set.id,
                    Submission.period >= first.key,
                    Submission.state != State.WITHDRAWN,
                )
            )
        }
        missing = {
            (period, organisation)
            for period, organisations in expected.items()
            for organisation in organisations
            if (organisation, period) not in arrived
            and not calendar.is_closed(Month.parse(period).fiscal_year)
        }
        found.extend(_late_rows(actor, data_set, missing, filters, calendar))
    return sorted(found, key=lambda row: (row.due_on, row.organisation.name, row.data_set.position))


def _late_rows(
    actor: Actor,
    data_set: DataSet,
    missing: set[tuple[str, int]],
    filters: Filters,
    calendar: periods.Calendar,
) -> list[Late]:
    organisations = {
        row.id: row
        for row in db.session.scalars(
            select(Organisation)
            .where(Organisation.id.in_({organisation for _period, organisation in missing}))
            .options(joinedload(Organisation.district), selectinload(Organisation.kinds))
        )
    }
    rows, today = [], clock.today()
    for period, organisation_id in missing:
        organisation = organisations[organisation_id]
        district = organisation.district.code if organisation.district else ""
        due = calendar.due_on(data_set, period, district)
        if not is_late(Month.parse(period), due, today) or not _wanted(
            organisation, district, period, filters
        ):
            continue
        if may(actor, Permission.REVIEW_DECIDE, datasets.subject(data_set, organisation)):
            rows.append(Late(organisation, data_set, period, due))
    return rows


def _wanted(organisation: Organisation, district: str, period: str, filters: Filters) -> bool:
    return (
        (not filters.district or filters.district == district)
        and (not filters.period or filters.period == period)
        and (not filters.kind or filters.kind in organisation.kind_codes)
    )


def by_public_id(actor: Actor, public_id: str) -> Submission | None:
    """A submission that this actor may see, with everything its page shows; None otherwise."""
    return db.session.scalars(
        _joined(actor, Submission)
        .where(Submission.public_id == public_id)
        .options(selectinload(Submission.versions), selectinload(Submission.events))
    ).one_or_none()
