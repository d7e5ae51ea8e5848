"""Closing a fiscal year: what is missing before, what it does, and that it publishes a release."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import Invalid
from portal.domain.periods import FiscalYear
from portal.domain.permissions import SYSTEM, Actor, Permission, require
from portal.evaluation import queries as evaluation
from portal.extensions import db
from portal.indicators import queries as indicators
from portal.periods import services as periods
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.publication import services as publication
from portal.reporting.models import Submission
from portal.review import completeness

WAITING = ("waiting", "resent", "amended", "returned")


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form in the year: `here` of `owed` are in; `waiting` are in and not decided."""

    data_set: DataSet
    owed: int
    here: int
    waiting: int

    @property
    def missing(self) -> int:
        return self.owed - self.here


@dataclass(frozen=True)
class Preview:
    """What somebody should know before closing a year."""

    forms: list[FormLine]
    without: list[Indicator]  # of the plan, without a figure in this year
    judged: int  # verdicts that were confirmed earlier, before the year was opened again
    to_judge: int
    moved: int  # published figures that the release would change, whatever their year

    @property
    def missing(self) -> int:
        return sum(line.missing for line in self.forms)

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self.forms)


def preview(year: int) -> Preview:
    """Whole-city counts, whoever asks: only people who may close a year see them, and they are sums."""
    figures = {row.code: row for row in indicators.figures(clock.today())}
    without, planned = [], [row for row in plan.indicators() if not row.participation]
    for row in planned:
        value = next((v for v in figures[row.code].values if v.fiscal_year == year), None)
        if value is None or (value.value is None and value.stage is None):
            without.append(row)
    judged = sum(evaluation.verdict(row.code, year) is not None for row in planned)
    moved, _settled = publication.waiting()
    return Preview(_forms(year), without, judged, len(planned), len(moved))


def _forms(year: int) -> list[FormLine]:
    waiting = _waiting(year)
    lines = []
    for data_set in datasets.all_data_sets():
        reports = completeness.owed(SYSTEM, data_set, year)
        here = sum(row.came_on is not None for row in reports)
        if reports or waiting.get(data_set.id):
            lines.append(FormLine(data_set, len(reports), here, waiting.get(data_set.id, 0)))
    return lines


def _waiting(year: int) -> dict[int, int]:
    months = FiscalYear(year).months()
    query = (
        select(Submission.data_set_id, func.count())
        .where(Submission.state.in_(WAITING), Submission.period.between(months[0].key, months[-1].key))
        .group_by(Submission.data_set_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def close(actor: Actor, year: int, agreed: bool) -> None:
    """Close the year and publish its final figures as a release, in one; flush.

    Raises Invalid("not_agreed") without the tick, and what closing and publishing raise.
    """
    require(actor, Permission.YEAR_CLOSE)
    if not agreed:
        raise Invalid("not_agreed", field="agreed")
    periods.close_year(actor, year)
    if plan.document() is not None:
        release, _new = publication.publish(actor)
        periods.note_release(year, release.number)
