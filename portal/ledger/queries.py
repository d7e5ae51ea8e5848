"""Reads of the ledger: the maintained sums, and where a figure comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Integer, Select, case, cast, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.datasets.models import Measure
from portal.domain.disclosure import Move
from portal.domain.periods import Month
from portal.extensions import db
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.organisations.models import Organisation

Number = int | Decimal

# A posting counts its report once; its reversal takes it off again.
REPORTS = cast(func.sum(case((Posting.reverses_id.is_(None), 1), else_=-1)), Integer)


class Sum(NamedTuple):
    """A measure's sum over a period and the whole city, and how many documents are in it."""

    total: Number
    reports: int


@dataclass(frozen=True)
class Sums:
    """The sums of some fiscal years, read at once.

    `months`: measure -> period -> option -> Sum; `organisations`: measure -> year -> organisation -> total.
    Only what at least one unreversed document stands behind is in here.
    """

    months: dict[int, dict[str, dict[str, Sum]]]
    organisations: dict[int, dict[int, dict[int, Number]]]


def sums(first_year: int, last: Month, by_organisation: Collection[int] = ()) -> Sums:
    """City-wide sums from a fiscal year on to a month; by organisation too of the measures named.

    Three queries whatever the number of postings: the size follows measures x months, not reports. Only
    the last year by organisation is added up from postings, since its maintained sum may know of a month
    after `last`.
    """
    months: dict[int, dict[str, dict[str, Sum]]] = defaultdict(lambda: defaultdict(dict))
    rows = db.session.execute(
        select(
            MonthSum.measure_id,
            MonthSum.period,
            MonthSum.option,
            func.sum(MonthSum.total, type_=MonthSum.total.type),
            func.sum(MonthSum.reports),
        )
        .where(MonthSum.fiscal_year >= first_year, MonthSum.period <= last.key)
        .group_by(MonthSum.measure_id, MonthSum.period, MonthSum.option)
        .having(func.sum(MonthSum.reports) > 0)
    )
    for measure, period, option, total, reports in rows:
        months[measure][period][option] = Sum(total, int(reports))
    organisations: dict[int, dict[int, dict[int, Number]]] = defaultdict(lambda: defaultdict(dict))
    if by_organisation:
        for query in (_whole_years(first_year, last), _part_of_year(last)):
            found = db.session.execute(query.where(query.selected_columns[0].in_(set(by_organisation))))
            for measure, year, organisation, total in found:
                organisations[measure][year][organisation] = total
    return Sums(months, organisations)


def _whole_years(first_year: int, last: Month) -> Select[int, int, int, Decimal]:
    table = OrganisationYear
    return (
        select(
            table.measure_id,
            table.fiscal_year,
            table.organisation_id,
            func.sum(table.total, type_=table.total.type),
        )
        .where(table.fiscal_year >= first_year, table.fiscal_year < last.fiscal_year, table.reports > 0)
        .group_by(table.measure_id, table.fiscal_year, table.organisation_id)
    )


def _part_of_year(last: Month) -> Select[int, int, int, Decimal]:
    return (
        select(
            Posting.measure_id,
            Posting.fiscal_year,
            Posting.organisation_id,
            func.sum(Posting.value, type_=Posting.value.type),
        )
        .where(Posting.fiscal_year == last.fiscal_year, Posting.period <= last.key)
        .group_by(Posting.measure_id, Posting.fiscal_year, Posting.organisation_id)
        .having(REPORTS > 0)
    )


def by_district(measure_ids: Collection[int], first: Month, last: Month) -> dict[tuple[int, str, str], Sum]:
    """The maintained sums of counts, by district: {(measure, period, district's code): Sum}."""
    rows = db.session.execute(
        select(
            MonthSum.measure_id, MonthSum.period, MonthSum.district, MonthSum.total, MonthSum.reports
        ).where(
            MonthSum.measure_id.in_(set(measure_ids)),
            MonthSum.period >= first.key,
            MonthSum.period <= last.key,
            MonthSum.option == "",
            MonthSum.reports > 0,
        )
    )
    return {
        (measure, period, district): Sum(total, reports) for measure, period, district, total, reports in rows
    }


def one_person(first_year: int) -> set[tuple[int, int]]:
    """(measure, fiscal year) of the figures that one person alone has entered and confirmed."""
    undoing = aliased(Posting)
    rows = db.session.execute(
        select(Posting.measure_id, Posting.fiscal_year)
        .outerjoin(undoing, undoing.reverses_id == Posting.id)
        .where(
            Posting.one_person.is_(True),
            Posting.fiscal_year >= first_year,
            Posting.reverses_id.is_(None),
            undoing.id.is_(None),
        )
        .distinct()
    )
    return {(measure, year) for measure, year in rows}


class Origin(NamedTuple):
    """One posting behind a figure. `district` is a code, "" for none; `data_set_id` the form's."""

    measure_id: int
    data_set_id: int
    organisation_id: int
    organisation: str
    district: str
    period: str
    value: Number
    option: str
    document: str
    document_version: int
    recorded_at: datetime


def provenance(measure_ids: Collection[int], year: int) -> list[Origin]:
    """What stands behind a figure: the unreversed postings of some measures in a year, newest first."""
    undoing = aliased(Posting)
    rows = db.session.execute(
        select(
            Posting.measure_id,
            Measure.data_set_id,
            Posting.organisation_id,
            Organisation.name,
            Posting.district,
            Posting.period,
            Posting.value,
            Posting.option,
            Posting.document,
            Posting.document_version,
            Posting.recorded_at,
        )
        .join(Organisation, Organisation.id == Posting.organisation_id)
        .join(Measure, Measure.id == Posting.measure_id)
        .outerjoin(undoing, undoing.reverses_id == Posting.id)
        .where(
            Posting.measure_id.in_(set(measure_ids)),
            Posting.fiscal_year == year,
            Posting.reverses_id.is_(None),
            undoing.id.is_(None),
        )
        .order_by(Posting.period.desc(), Organisation.name, Posting.id)
    )
    return [Origin(*row) for row in rows]


def of_documents(documents: Collection[str]) -> dict[str, dict[int, Number]]:
    """document -> measure -> the figure that counts; without choices. What was never posted is not in it."""
    found: dict[str, dict[int, Number]] = defaultdict(dict)
    rows = db.session.execute(
        select(Posting.document, Posting.measure_id, func.sum(Posting.value, type_=Posting.value.type))
        .where(Posting.document.in_(documents), Posting.option == "")
        .group_by(Posting.document, Posting.measure_id)
        .having(REPORTS > 0)
    )
    for document, measure, total in rows:
        found[document][measure] = total
    return found


def moves(
    measure_id: int, district: str, periods: Collection[str], settled: Callable[[str], datetime]
) -> dict[str, list[Move]]:
    """period -> how a district's sum of a measure came to be, posting by posting, the oldest first.

    `settled`: the moment from which on a period's sum is shown to anybody.
    """
    found: dict[str, list[Move]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Posting.period,
            Posting.organisation_id,
            Posting.value,
            Posting.reverses_id,
            Posting.recorded_at,
        )
        .where(Posting.measure_id == measure_id, Posting.district == district, Posting.period.in_(periods))
        .order_by(Posting.id)
    )
    for period, organisation, value, reverses, at in rows:
        found[period].append(Move(organisation, value, reverses is not None, at < settled(period)))
    return found


def elsewhere(measure_id: int, district: str, periods: Collection[str]) -> dict[str, int]:
    """period -> how many organisations of the other districts have a figure above 0 in it."""
    above = (
        select(Posting.period)
        .where(Posting.measure_id == measure_id, Posting.district != district, Posting.period.in_(periods))
        .group_by(Posting.period, Posting.organisation_id)
        .having(func.sum(Posting.value) > 0)
        .subquery()
    )
    rows = db.session.execute(select(above.c.period, func.count()).group_by(above.c.period))
    return dict(rows.all())


def as_known_on(day: date) -> dict[tuple[int, str, str, str], Sum]:
    """Every month's sums as they were known at the end of that day in the city, from `recorded_at`.

    {(measure, period, district, option): Sum}; what nothing stood behind then is not in it. This reads
    all postings: for questions about the past, not for pages.
    """
    until = datetime.combine(day + timedelta(days=1), time(), clock.local(clock.now()).tzinfo)
    rows = db.session.execute(
        select(
            Posting.measure_id,
            Posting.period,
            Posting.district,
            Posting.option,
            func.sum(Posting.value, type_=Posting.value.type),
            REPORTS,
        )
        .where(Posting.recorded_at < until)
        .group_by(Posting.measure_id, Posting.period, Posting.district, Posting.option)
        .having(REPORTS > 0)
    )
    return {
        (measure, period, district, option): Sum(total, reports)
        for measure, period, district, option, total, reports in rows
    }
