"""Whose report is in: for a district's chair, who sees that it is, and nothing of what it says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.datasets.queries import Expected
from portal.domain.periods import Month, months_between
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import BY_CARD, Organisation
from portal.reporting.models import Submission
from portal.reporting.words import TAGS

MONTHS = 3  # the newest that are over


@dataclass(frozen=True)
class Arrival:
    """One organisation. `states`: by month "arrived", "asked", "confirmed", "not_yet", or "" for not owed."""

    organisation: Organisation
    states: list[str]


@dataclass(frozen=True)
class Sheet:
    """One form: who is in, over the newest months. `missing`: how many of the newest are not."""

    data_set: DataSet
    months: list[Month]
    rows: list[Arrival]

    @property
    def missing(self) -> int:
        return sum(row.states[-1] == "not_yet" for row in self.rows)

    @property
    def owed(self) -> int:
        return sum(bool(row.states[-1]) for row in self.rows)


def sheets(actor: Actor) -> list[Sheet]:
    """A sheet for each form that the actor may follow, its organisations by district and name."""
    newest = Month.of(clock.today()).previous()
    months = months_between(newest.plus(1 - MONTHS), newest)
    owed = datasets.expected_by_data_set(months[0], months[-1])
    forms = [row for row in datasets.all_data_sets() if row.filed_by in BY_CARD]
    found = [_sheet(actor, row, months, owed.get(row.id, {})) for row in forms]
    return [sheet for sheet in found if sheet.rows]


def _sheet(actor: Actor, data_set: DataSet, months: list[Month], expected: Expected) -> Sheet:
    ids = set().union(*expected.values()) if expected else set()
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    followed = [row for row in db.session.scalars(query) if _sees(actor, data_set, row)]
    states = _states(data_set, months, [row.id for row in followed])
    rows = [
        Arrival(
            row,
            [
                states.get((row.id, m.key), "not_yet") if row.id in expected.get(m.key, ()) else ""
                for m in months
            ],
        )
        for row in sorted(followed, key=organisations.place)
    ]
    return Sheet(data_set, months, rows)


def _sees(actor: Actor, data_set: DataSet, organisation: Organisation) -> bool:
    return may(actor, Permission.REVIEW_READ, datasets.subject(data_set, organisation))


def _states(data_set: DataSet, months: list[Month], ids: list[int]) -> dict[tuple[int, str], str]:
    rows = db.session.execute(
        select(Submission.organisation_id, Submission.period, Submission.state).where(
            Submission.data_set_id == data_set.id,
            Submission.organisation_id.in_(ids),
            Submission.period.in_([month.key for month in months]),
        )
    )
    return {(organisation, period): TAGS[state] for organisation, period, state in rows}
