"""A fiscal year of an organisation: what the ledger holds of it, month by month, and what is not there yet.

Only approved figures are figures here. Whatever is sent and not confirmed, or not here, is named as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import Assignment, DataSet, Measure
from portal.domain.measures import Number
from portal.domain.periods import Cadence, FiscalYear, Month, expected_periods
from portal.extensions import db
from portal.ledger import queries as ledger
from portal.organisations.models import Organisation
from portal.reporting.models import Submission
from portal.reporting.terms import Mine, everything

# The same person is counted once a month: months of it can't be added (domain.md 3).
NEVER_SUMMED = ("people",)
CONFIRMED, CHANGING, WAITING, ASKED, MISSING, AHEAD = (
    "confirmed", "changing", "waiting", "asked", "missing", "ahead",
)  # fmt: skip
IN_FORCE = (CONFIRMED, CHANGING)


@dataclass(frozen=True)
class Period:
    """One period. `figures`: what is approved, by measure's code; only where its state is one IN_FORCE.

    `changing`: approved, and a correction of it waits; `ahead`: it is not over.
    """

    key: str
    state: str
    cadence: Cadence
    figures: dict[str, Number] = field(default_factory=dict)
    under: int | None = None  # the group that has sent it, where that has become part of this one

    @property
    def confirmed(self) -> bool:
        return self.state in IN_FORCE

    @property
    def not_held(self) -> bool:
        """Confirmed, and there is no figure: they did not meet, or do not know."""
        return self.confirmed and not self.figures

    @property
    def months(self) -> list[Month]:
        return self.cadence.months_of(Month.parse(self.key))


@dataclass(frozen=True)
class Year:
    """An organisation's year on one form, in order of its periods."""

    organisation: Organisation
    data_set: DataSet
    year: int
    periods: tuple[Period, ...]

    @property
    def confirmed(self) -> list[Period]:
        return [row for row in self.periods if row.confirmed]

    @property
    def expected(self) -> list[Period]:
        """Those that could be here: over, or sent already."""
        return [row for row in self.periods if row.state != AHEAD]

    def of(self, *states: str) -> list[Period]:
        return [row for row in self.periods if row.state in states]

    def total(self, code: str, keys: Collection[str] | None = None) -> Number | None:
        """The sum of a measure's approved figures (of some periods); None where there is none, never 0."""
        rows = [row for row in self.periods if keys is None or row.key in keys]
        known = [row.figures[code] for row in rows if code in row.figures]
        return sum(known) if known else None


def summed(data_set: DataSet) -> list[Measure]:
    """The measures of a form whose months may be added, in its order."""
    left_out = (*NEVER_SUMMED, datasets.REPORTED)
    return [row for row in data_set.measures if row.kind == "flow" and row.code not in left_out]


def of(organisation: Organisation, data_set: DataSet, year: int, mine: Mine = everything) -> Year:
    """One organisation's year, as far as it is the reader's to see."""
    return of_many([organisation], data_set, year, mine)[organisation.id]


def of_many(
    organisations: Sequence[Organisation], data_set: DataSet, year: int, mine: Mine = everything
) -> dict[int, Year]:
    """The same year of several organisations in four queries: {organisation id: Year}."""
    ids = {row.id for row in organisations}
    duties: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in datasets.assignments(
        organisation_id=next(iter(ids)) if len(ids) == 1 else None, data_set_id=data_set.id
    ):
        duties[assignment.organisation_id].append(assignment)
    merged = {key: old for key, old in datasets.merged_months().others.items() if key[0] in ids}
    sent = _sent(ids | set(merged.values()), data_set, year)
    posted = ledger.of_documents([row.public_id for row in sent if row.approved_version is not None])
    names = {row.id: row.code for row in summed(data_set)}
    found: dict[int, dict[str, Submission]] = defaultdict(dict)
    for row in sent:
        found[row.organisation_id][row.period] = row
    for (into, form, period), old in merged.items():  # of two that have become one, whichever has sent it
        if form == data_set.id and period in found[old]:
            found[into][period] = found[old][period]
    return {
        organisation.id: Year(
            organisation,
            data_set,
            year,
            tuple(
                replace(
                    _period(month, cadence, found[organisation.id].get(month.key), posted, names),
                    under=merged.get((organisation.id, data_set.id, month.key)),
                )
                for month, cadence in _periods(organisation, duties[organisation.id], found, data_set, year)
                if mine(month.key)
            ),
        )
        for organisation in organisations
    }


def _sent(ids: Collection[int], data_set: DataSet, year: int) -> list[Submission]:
    whole = FiscalYear(year)
    return list(
        db.session.scalars(
            select(Submission)
            .where(
                Submission.organisation_id.in_(ids),
                Submission.data_set_id == data_set.id,
                Submission.period.between(whole.first.key, whole.last.key),
            )
            .order_by(Submission.period)
        )
    )


def _periods(
    organisation: Organisation,
    duties: Iterable[Assignment],
    sent: dict[int, dict[str, Submission]],
    data_set: DataSet,
    year: int,
) -> list[tuple[Month, Cadence]]:
    """What is owed for the year, and whatever was sent besides, with the cadence that it was owed at."""
    whole = FiscalYear(year)
    found: dict[Month, Cadence] = {}
    for duty in duties:
        cadence = Cadence(duty.cadence)
        opened = max(duty.starts_on, organisation.opened_on)
        closed = min((d for d in (duty.ends_on, organisation.closed_on) if d), default=None)
        for month in expected_periods(cadence, opened, closed, whole.first, whole.last):
            found[month] = cadence
    for key in sent[organisation.id]:
        month, usual = Month.parse(key), Cadence(data_set.cadence)
        found.setdefault(month, usual if usual.period_of(month) == month else Cadence.MONTHLY)
    return sorted(found.items())


def _period(
    month: Month,
    cadence: Cadence,
    sent: Submission | None,
    posted: dict[str, dict[int, Number]],
    names: dict[int, str],
) -> Period:
    if sent is None or sent.state == "withdrawn":
        return Period(month.key, _unsent(month, clock.today()), cadence)
    if sent.approved_version is None:
        return Period(month.key, ASKED if sent.state == "returned" else WAITING, cadence)
    figures = posted.get(sent.public_id, {})
    state = CONFIRMED if sent.state == "approved" else CHANGING
    known = {names[m]: value for m, value in figures.items() if m in names}
    return Period(month.key, state, cadence, known)


def _unsent(month: Month, today: date) -> str:
    return MISSING if month.last_day < today else AHEAD
