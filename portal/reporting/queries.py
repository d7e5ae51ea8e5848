"""Reads of the reporting desk: what is due, what was sent, what stood there last time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import Assignment, DataSet, Measure
from portal.domain.periods import Cadence, FiscalYear, Month, expected_periods
from portal.domain.permissions import Actor, Role
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.plan.models import Indicator, IndicatorSource
from portal.reporting import receipts
from portal.reporting.models import Draft, SheetAnswer, Submission, SubmissionVersion

Values = dict[str, dict[str, Any]]
KEYED_FROM = ("paper", "telephone")
NEW_VERSION = ("sent", "corrected", "amended")
# `shown`, as a column
SHOWN = case((Submission.state == State.APPROVED, Submission.approved_version), else_=Submission.version)


def sheet(version: SubmissionVersion) -> SheetAnswer | None:
    """The filled sheet that a version was read from; None where it was typed."""
    return db.session.get(SheetAnswer, version.id)


@dataclass(frozen=True)
class Due:
    """A report that an organisation owes, or may already write. `submission` is None until it is sent."""

    assignment: Assignment
    period: str
    due_on: date
    submission: Submission | None
    draft: Draft | None
    locked: bool = False  # it is not taken any more, unless the office lets this organisation send it

    @property
    def data_set(self) -> DataSet:
        return self.assignment.data_set

    @property
    def open(self) -> bool:
        """Is it asked for: its period over, nothing here, and still taken?"""
        return self.submission is None and self.over and not self.locked

    @property
    def over(self) -> bool:
        """Is its period over? (The current month may be written ahead.)"""
        return Month.parse(self.period).last_day < clock.today()


def officer_organisations(actor: Actor) -> list[Organisation]:
    """The offices and sections that an officer files for, by their grants."""
    ids = [g.organisation_id for g in actor.grants if g.role is Role.OFFICER and g.organisation_id]
    return [found for found in map(organisations.by_id, ids) if found]


def keyed_for(public_id: str) -> Organisation | None:
    """A group by its public id: whose report staff may key in. Whether this actor may, the desk asks."""
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.public_id == public_id, Organisation.side.not_in(("office", "section")))
        .options(joinedload(Organisation.district))
    ).one_or_none()


def submission(
    organisation_id: int, data_set_id: int, period: str, *, withdrawn: bool = False
) -> Submission | None:
    """The report for a period; one that was taken back is not there, unless it is asked for."""
    found = db.session.scalars(
        select(Submission).where(
            Submission.organisation_id == organisation_id,
            Submission.data_set_id == data_set_id,
            Submission.period == period,
        )
    ).one_or_none()
    return found if found is None or withdrawn or found.state != State.WITHDRAWN else None


def by_receipt(code: str) -> Submission | None:
    """The submission that a receipt code belongs to, as typed by whoever holds it."""
    return db.session.scalars(
        select(Submission).where(Submission.receipt_digest == receipts.digest(receipts.read(code)))
    ).one_or_none()


def draft(organisation_id: int, data_set_id: int, period: str) -> Draft | None:
    return db.session.get(Draft, (organisation_id, data_set_id, period))


def shown(submission: Submission) -> int:
    """The number of the version that stands for a report: the newest, but of an approved one what counts.
    (A newer one may have been taken back: see domain/workflow.)
    """
    approved = submission.approved_version if submission.state == State.APPROVED else None
    return approved or submission.version


def version(submission: Submission, number: int | None = None) -> SubmissionVersion:
    """One version of a submission; by default the one that is shown."""
    wanted = number or shown(submission)
    return next(v for v in submission.versions if v.version == wanted)


@dataclass(frozen=True)
class Keyed:
    """A version that staff keyed in: who (an actor's key), when, from what; and when it was confirmed."""

    by: str
    at: datetime
    source: str
    confirmed_at: datetime | None


def keyed(submission: Submission, number: int | None = None) -> Keyed | None:
    """Whether a version (the one shown by default) was keyed in for somebody. Its events say so."""
    wanted = number or shown(submission)
    mine = [event for event in submission.events if event.version == wanted]
    sent = next((event for event in mine if event.kind in NEW_VERSION), None)
    if sent is None or sent.data.get("source") not in KEYED_FROM:
        return None
    confirmed = next((event.at for event in mine if event.kind == "confirmed"), None)
    return Keyed(sent.actor, sent.at, sent.data["source"], confirmed)


def values_of_periods(organisation_id: int, data_set_id: int, keys: list[str]) -> dict[str, Values]:
    """What was last sent for some periods: {period: values}."""
    rows = db.session.execute(
        select(Submission.period, SubmissionVersion.values)
        .join(
            SubmissionVersion,
            and_(
                SubmissionVersion.submission_id == Submission.id,
                SubmissionVersion.version == SHOWN,
            ),
        )
        .where(
            Submission.organisation_id == organisation_id,
            Submission.data_set_id == data_set_id,
            Submission.period.in_(keys),
            Submission.state != State.WITHDRAWN,
        )
    )
    return dict(rows.all())


def history(organisation_id: int, data_set_id: int, before: str) -> dict[str, Values]:
    """All earlier periods' answers, for gentle questions."""
    rows = db.session.execute(
        select(Submission.period, SubmissionVersion.values)
        .join(
            SubmissionVersion,
            and_(
                SubmissionVersion.submission_id == Submission.id,
                SubmissionVersion.version == SHOWN,
            ),
        )
        .where(
            Submission.organisation_id == organisation_id,
            Submission.data_set_id == data_set_id,
            Submission.period < before,
            Submission.state != State.WITHDRAWN,
        )
        .order_by(Submission.period)
    )
    return dict(rows.all())


def due(organisation: Organisation) -> list[Due]:
    """Every report of the open years that is owed or may be written, oldest first, with what is there."""
    today = clock.today()
    newest = Month.of(today)
    first = FiscalYear.of(today).previous().first
    sent = {
        (row.data_set_id, row.period): row
        for row in db.session.scalars(
            select(Submission)
            .where(Submission.organisation_id == organisation.id, Submission.state != State.WITHDRAWN)
            .options(joinedload(Submission.data_set))
        )
    }
    drafts = {
        (row.data_set_id, row.period): row
        for row in db.session.scalars(select(Draft).where(Draft.organisation_id == organisation.id))
    }
    found = []
    calendar = periods.Calendar()
    merged = datasets.merged_months(organisation.id)
    for assignment in datasets.assignments_of(organisation.id):
        closed = min((d for d in (assignment.ends_on, organisation.closed_on) if d), default=None)
        opened = max(assignment.starts_on, organisation.opened_on)
        cadence = Cadence(assignment.cadence)
        for month in expected_periods(cadence, opened, closed, first, cadence.period_of(newest)):
            if calendar.is_closed(month.fiscal_year) or month.first_day.replace(day=1) > today:
                continue
            key = (assignment.data_set_id, month.key)
            if (organisation.id, *key) in merged.others:
                continue  # it stands under a group that has become part of this one
            found.append(
                Due(
                    assignment=assignment,
                    period=month.key,
                    due_on=calendar.due_on(assignment.data_set, month.key, _district(organisation)),
                    submission=sent.get(key),
                    draft=drafts.get(key),
                    locked=_locked(calendar, assignment.data_set, month.key, organisation),
                )
            )
    return sorted(found, key=lambda row: (row.period, row.data_set.position))


def _locked(calendar: periods.Calendar, data_set: DataSet, period: str, organisation: Organisation) -> bool:
    return bool(calendar.refusal(data_set, period, organisation.id, _district(organisation)))


def _district(organisation: Organisation) -> str:
    return organisation.district.code if organisation.district else ""


def sent(organisation_id: int) -> list[Submission]:
    """Everything an organisation has sent and not taken back, newest first, with versions."""
    return list(
        db.session.scalars(
            select(Submission)
            .where(Submission.organisation_id == organisation_id, Submission.state != State.WITHDRAWN)
            .options(
                joinedload(Submission.data_set).selectinload(DataSet.measures),
                selectinload(Submission.versions),
            )
            .order_by(Submission.period.desc(), Submission.data_set_id)
        )
    )


def sent_periods(organisation_id: int) -> list[str]:
    """The periods that an organisation has sent something for."""
    mine = Submission.organisation_id == organisation_id, Submission.state != State.WITHDRAWN
    return list(db.session.scalars(select(Submission.period).where(*mine).distinct()))


def fed_by(data_set_id: int, codes: list[str]) -> list[tuple[Indicator, str]]:
    """The indicators that measures of a form feed, with the measure's code, in the plan's order."""
    rows = db.session.execute(
        select(Indicator, Measure.code)
        .join(IndicatorSource, IndicatorSource.indicator_id == Indicator.id)
        .join(Measure, Measure.id == IndicatorSource.measure_id)
        .where(
            Measure.data_set_id == data_set_id, Measure.code.in_(codes), IndicatorSource.role != "activity"
        )
        .order_by(Indicator.participation, Indicator.position, Measure.position)
    )
    return [(indicator, code) for indicator, code in rows]


def answered(values: Values) -> list[str]:
    """The measures that carry a figure: a number or zero. Not held and unknown carry none."""
    return [code for code, answer in values.items() if answer.get("state") in ("number", "zero", "chosen")]


def entered(submission: Submission) -> list[Indicator]:
    """The indicators that this report's approved figures went into."""
    if submission.approved_version is None:
        return []
    codes = answered(version(submission, submission.approved_version).values)
    return list(dict.fromkeys(indicator for indicator, _code in fed_by(submission.data_set_id, codes)))
