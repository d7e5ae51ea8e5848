"""Reports of a month or a fiscal year as a table: organisation x measures, and what is not in.

What counts is what was confirmed; a report that is not confirmed yet stands there with its state. A number
has a column of its own, and so has the answer in its place (not held, unknown): blank is none of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.event_lines import EventLine
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import queries as reporting
from portal.reporting.models import Submission, SubmissionVersion
from portal.returns.asked import Asked, asked
from portal.returns.tables import Cell, Column, Table
from portal.returns.words import ANSWERS, SOURCES, STATES
from portal.web.i18n import _, in_language, tr_plain

PLAIN = ("number", "zero")


@dataclass(frozen=True)
class Line:
    """One report that is owed or in. `version`: the confirmed one, else the newest; None: not in."""

    organisation: Organisation
    period: str
    submission: Submission | None
    version: SubmissionVersion | None

    @property
    def state(self) -> str:
        if self.submission is None:
            return "not_in"
        if self.submission.approved_version is not None and self.submission.state != "approved":
            return "amended"
        return self.submission.state


def lines(actor: Actor, data_set: DataSet, months: Sequence[Month]) -> list[Line]:
    """Every report of these months in the actor's scope: those owed, and those in all the same."""
    months = [month for month in months if month.first_day <= clock.today()]
    if not months:
        return []
    owed = datasets.expected(data_set, months[0], months[-1])
    query = (
        select(Submission)
        .where(Submission.data_set_id == data_set.id, Submission.period.in_([m.key for m in months]))
        .options(selectinload(Submission.versions), selectinload(Submission.events))
    )
    sent = {(row.period, row.organisation_id): row for row in db.session.scalars(query)}
    keys = {(period, organisation) for period, ids in owed.items() for organisation in ids} | set(sent)
    reach = _in_reach(actor, data_set, {organisation for _period, organisation in keys})
    found = [
        _line(reach[organisation], period, sent.get((period, organisation)))
        for period, organisation in keys
        if organisation in reach
    ]
    return sorted(found, key=lambda line: (line.period, organisations.place(line.organisation)))


def _in_reach(actor: Actor, data_set: DataSet, ids: set[int]) -> dict[int, Organisation]:
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    return {
        row.id: row
        for row in db.session.scalars(query)
        if may(actor, Permission.RETURNS_READ, datasets.subject(data_set, row))
    }


def _line(organisation: Organisation, period: str, submission: Submission | None) -> Line:
    if submission is None or submission.state == "withdrawn":
        return Line(organisation, period, submission, None)
    version = reporting.version(submission, submission.approved_version)
    return Line(organisation, period, submission, version)


def newest(data_set: DataSet, month: Month, ids: Sequence[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """What some organisations last sent for a month, whatever became of it: {organisation: values}."""
    query = (
        select(Submission.organisation_id, SubmissionVersion.values)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(SubmissionVersion.version == reporting.SHOWN, Submission.state != "withdrawn")
        .where(Submission.data_set_id == data_set.id, Submission.period == month.key)
        .where(Submission.organisation_id.in_(ids))
    )
    return dict(db.session.execute(query).all())


def table(data_set: DataSet, found: Sequence[Line], when: str) -> Table:
    """The lines as a sheet."""
    questions = asked(data_set)
    columns = [
        Column(_("Period")),
        Column(_("Organisation")),
        Column(_("District")),
        Column(_("State")),
        Column(_("Sent on"), "date"),
        Column(_("Sent from")),
        *(column for code in questions for column in _columns(questions[code])),
    ]
    rows = [_row(line, questions) for line in found]
    confirmed = sum(
        line.submission is not None and line.submission.approved_version is not None for line in found
    )
    notes = [
        _("%(form)s, %(when)s", form=tr_plain(data_set.names), when=when),
        _("Confirmed: %(confirmed)s of %(all)s.", confirmed=confirmed, all=len(found)),
        _("Where a report is not confirmed yet, its state says so; its figures count nowhere."),
        _("An empty cell is no answer. It is not 0."),
    ]
    return Table("報告", columns, rows, notes)


def _columns(question: dict[str, Any]) -> list[Column]:
    name = tr_plain(question["labels"])
    unit = in_language(question.get("units"), "ja")[0]
    if question.get("options"):
        return [Column(name)]
    number = Column(f"{name} ({unit})" if unit else name, "number")
    events = [Column(_("%(what)s: each event", what=name))] if question.get("lines") else []
    if set(question.get("states") or PLAIN) <= set(PLAIN):
        return [number, *events]
    return [number, Column(_("%(what)s: answer", what=name)), *events]


def _row(line: Line, questions: Asked) -> list[Cell]:
    row: list[Cell] = [
        line.period,
        line.organisation.name,
        tr_plain(line.organisation.district.names) if line.organisation.district else "",
        str(STATES[line.state]),
        clock.local(line.version.created_at).date() if line.version else None,
        _source(line),
    ]
    values = line.version.values if line.version else {}
    for code, question in questions.items():
        row += cells(question, values.get(code))
    return row


def _source(line: Line) -> str:
    if line.submission is None or line.version is None:
        return ""
    keyed = reporting.keyed(line.submission, line.version.version)
    return str(SOURCES[keyed.source if keyed else line.version.source])


def cells(question: dict[str, Any], answer: dict[str, Any] | None) -> list[Cell]:
    """One question's cells: its number, and in a column of its own the answer where it may be another."""
    if question.get("options"):
        return ["、".join(chosen(question, answer))]
    value = amount(answer)
    events: list[Cell] = [_events(answer)] if question.get("lines") else []
    if set(question.get("states") or PLAIN) <= set(PLAIN):
        return [value, *events]
    return [value, str(ANSWERS[answer["state"]]) if answer else None, *events]


def _events(answer: dict[str, Any] | None) -> str:
    """The events that a number was counted from: day, name, place."""
    lines = [EventLine.from_json(line) for line in (answer or {}).get("lines", ())]
    return "、".join(" ".join(filter(None, (line.day.isoformat(), line.name, line.place))) for line in lines)


def amount(answer: dict[str, Any] | None) -> int | Decimal | None:
    """The number of an answer; none where it is not held, unknown or blank."""
    if not answer or answer.get("state") not in PLAIN:
        return None
    value = answer["value"]
    return Decimal(value) if isinstance(value, str) else int(value)


def chosen(question: dict[str, Any], answer: dict[str, Any] | None) -> list[str]:
    """The chosen options in words, in the form's order."""
    if not answer or answer.get("state") != "chosen":
        return []
    return [tr_plain(row["names"]) for row in question["options"] if row["code"] in answer["value"]]
