"""Events of a fiscal year that stand in two reports, or twice in one: found anew from what the reports say.

A pair has a row only once somebody has decided about it; what is likely is worked out from the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.domain.errors import NotFound
from portal.domain.event_lines import EventLine, Posted, likely_doubles, pair_key
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, may
from portal.domain.workflow import State
from portal.extensions import db
from portal.plan.models import Indicator, IndicatorSource
from portal.reporting import queries as reports
from portal.reporting.models import Submission
from portal.review.models import EventPair

OPEN, LINKED, DISMISSED = "open", "linked", "dismissed"


@dataclass(frozen=True)
class Entry:
    """One event in one report: what is shown of it, and what the ledger would take back for it."""

    submission: Submission
    measure: Measure
    posted: Posted
    version: int
    entered_by: str
    indicators: tuple[Indicator, ...]

    @property
    def key(self) -> str:
        return self.posted.key

    @property
    def line(self) -> EventLine:
        return self.posted.line

    @property
    def codes(self) -> set[str]:
        return {indicator.code for indicator in self.indicators}

    @property
    def approved(self) -> bool:
        """Does it stand in the version that counts?"""
        return self.submission.approved_version == self.version

    def snapshot(self) -> dict[str, Any]:
        """Ids and numbers: names of events stay in the reports."""
        organisation = self.submission.organisation
        return {
            "key": self.key,
            "submission": self.submission.id,
            "measure": self.measure.id,
            "organisation": organisation.id,
            "district": organisation.district.code if organisation.district else "",
            "period": self.submission.period,
            "amount": 1 if self.line.people is None else self.line.people,
            "counts_in": sorted(self.codes),
        }


@dataclass(frozen=True)
class Pair:
    """Two entries side by side; `row` once there is a decision."""

    one: Entry
    other: Entry
    row: EventPair | None

    @property
    def key(self) -> str:
        return pair_key(self.one.key, self.other.key)

    @property
    def state(self) -> str:
        return self.row.state if self.row else OPEN

    @property
    def seq(self) -> int:
        return self.row.last_seq if self.row else 0

    @property
    def counts_twice(self) -> bool:
        """Do the two count in different indicators? Twice in one is a slip: the report is asked back."""
        return bool(self.one.codes and self.other.codes and not self.one.codes & self.other.codes)

    def side(self, key: str) -> Entry:
        return self.one if self.one.key == key else self.other


def pairs(actor: Actor, year: int) -> list[Pair]:
    """The likely doubles of a year whose both reports the actor reviews, by day."""
    rows = [(entry.posted, entry) for entry in entries(year) if _reviews(actor, entry)]
    known = {row.key: row for row in db.session.scalars(_rows(year))}
    found = (Pair(one, other, None) for one, other in likely_doubles(rows))
    return [Pair(pair.one, pair.other, known.get(pair.key)) for pair in found]


def pair(actor: Actor, year: int, key: str) -> Pair:
    """One of them; else NotFound."""
    found = next((row for row in pairs(actor, year) if row.key == key), None)
    if found is None:
        raise NotFound("event_pair")
    return found


def _rows(year: int) -> Any:
    return select(EventPair).where(EventPair.fiscal_year == year).options(selectinload(EventPair.decisions))


def _reviews(actor: Actor, entry: Entry) -> bool:
    row = entry.submission
    return may(actor, Permission.REVIEW_DECIDE, datasets.subject(row.data_set, row.organisation))


def entries(year: int) -> list[Entry]:
    """Every event that stands in a report of the year, by the version that is shown."""
    whole = FiscalYear(year)
    query = (
        select(Submission)
        .where(
            Submission.period.between(whole.first.key, whole.last.key),
            Submission.state != State.WITHDRAWN,
            Submission.data_set_id.in_([row.id for row in with_lines()]),
        )
        .options(
            joinedload(Submission.organisation),
            joinedload(Submission.data_set).selectinload(DataSet.measures),
            selectinload(Submission.versions),
        )
        .order_by(Submission.period, Submission.id)
    )
    feeds = _feeds()
    return [
        entry for row in db.session.scalars(query) for entry in of_version(row, reports.shown(row), feeds)
    ]


def with_lines() -> list[DataSet]:
    """The forms of which some edition lets events be written one by one."""
    return [
        row
        for row in datasets.all_data_sets()
        if not row.confidential
        and any(item.get("lines") for edition in row.versions for item in edition.definition["measures"])
    ]


def of_version(
    submission: Submission, number: int, feeds: Mapping[int, tuple[Indicator, ...]] | None = None
) -> Iterator[Entry]:
    """The events of one version of a report."""
    feeds = _feeds() if feeds is None else feeds
    version = reports.version(submission, number)
    measures = {measure.code: measure for measure in submission.data_set.measures}
    for code, answer in version.values.items():
        where = (str(submission.organisation_id), submission.data_set.code, submission.period, code)
        seen: Counter[str] = Counter()
        for data in answer.get("lines", ()) if code in measures else ():
            posted = Posted(where, EventLine.from_json(data))
            posted = Posted(where, posted.line, seen[posted.key])
            seen[Posted(where, posted.line).key] += 1
            measure = measures[code]
            yield Entry(submission, measure, posted, number, version.entered_by, feeds.get(measure.id, ()))


def _feeds() -> dict[int, tuple[Indicator, ...]]:
    """measure -> the indicators of which it is a part of a sum."""
    found: dict[int, tuple[Indicator, ...]] = {}
    rows = db.session.execute(
        select(IndicatorSource.measure_id, Indicator)
        .join(Indicator, Indicator.id == IndicatorSource.indicator_id)
        .where(IndicatorSource.role == "value", Indicator.aggregation == "sum")
        .order_by(Indicator.position)
    )
    for measure_id, indicator in rows:
        if measure_id is not None:
            found[measure_id] = (*found.get(measure_id, ()), indicator)
    return found


def of_submission(submission: Submission) -> list[EventPair]:
    """The pairs that somebody has decided about and one of whose lines stands in this report."""
    year = Month.parse(submission.period).fiscal_year
    return [
        row
        for row in db.session.scalars(_rows(year))
        if submission.id in (row.one["submission"], row.other["submission"])
    ]


def of_year(year: int) -> list[EventPair]:
    return list(db.session.scalars(_rows(year).order_by(EventPair.id)))
