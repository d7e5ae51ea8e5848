"""Reads of the ledger: the maintained sums, and where a figure comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.extensions import db
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.organisations.models import Organisation

Number = int | Decimal


class Sum(NamedTuple):
    """A measure's sum over a period and the whole city, and how many documents are in it."""

    total: Number
    reports: int


@dataclass(frozen=True)
class Sums:
    """Every maintained sum of some fiscal years, read at once.

    `months`: measure -> period -> option -> Sum; `organisations`: measure -> year -> organisation -> total.
    Only what at least one unreversed document stands behind is in here.
    """

    months: dict[int, dict[str, dict[str, Sum]]]
    organisations: dict[int, dict[int, dict[int, Number]]]


def sums(first_year: int, last_year: int, by_organisation: Collection[int] = ()) -> Sums:
    """The sums of these fiscal years, city-wide; those of `by_organisation` measures by organisation too.

    Two queries whatever the number of postings: the size follows measures x months, not reports.
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
        .where(MonthSum.fiscal_year.between(first_year, last_year))
        .group_by(MonthSum.measure_id, MonthSum.period, MonthSum.option)
        .having(func.sum(MonthSum.reports) > 0)
    )
    for measure, period, option, total, reports in rows:
        months[measure][period][option] = Sum(total, int(reports))
    organisations: dict[int, dict[int, dict[int, Number]]] = defaultdict(lambda: defaultdict(dict))
    if by_organisation:
        found = db.session.execute(
            select(
                OrganisationYear.measure_id,
                OrganisationYear.fiscal_year,
                OrganisationYear.organisation_id,
                func.sum(OrganisationYear.total, type_=OrganisationYear.total.type),
            )
            .where(
                OrganisationYear.measure_id.in_(set(by_organisation)),
                OrganisationYear.fiscal_year.between(first_year, last_year),
                OrganisationYear.reports > 0,
            )
            .group_by(
                OrganisationYear.measure_id, OrganisationYear.fiscal_year, OrganisationYear.organisation_id
            )
        )
        for measure, year, organisation, total in found:
            organisations[measure][year][organisation] = total
    return Sums(months, organisations)


class Origin(NamedTuple):
    """One posting behind a figure."""

    organisation: str
    period: str
    value: Number
    option: str
    document: str
    document_version: int
    recorded_at: datetime


def provenance(measure_ids: Collection[int], year: int, limit: int = 200) -> list[Origin]:
    """The postings of some measures in a fiscal year, newest period first; reversals are postings too."""
    rows = db.session.execute(
        select(
            Organisation.name,
            Posting.period,
            Posting.value,
            Posting.option,
            Posting.document,
            Posting.document_version,
            Posting.recorded_at,
        )
        .join(Organisation, Organisation.id == Posting.organisation_id)
        .where(Posting.measure_id.in_(set(measure_ids)), Posting.fiscal_year == year)
        .order_by(Posting.period.desc(), Organisation.name, Posting.id)
        .limit(limit)
    )
    return [Origin(*row) for row in rows]


def as_known_on(measure_id: int, year: int, day: date, zone: str = "Asia/Tokyo") -> Number:
    """A measure's sum over a fiscal year as it was known at the end of that day: by `recorded_at`."""
    until = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    total = db.session.scalar(
        select(func.sum(Posting.value, type_=Posting.value.type)).where(
            Posting.measure_id == measure_id, Posting.fiscal_year == year, Posting.recorded_at < until
        )
    )
    return total if total is not None else 0
