"""Past counts: what becomes of each group's month, worked out without writing anything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.datasets import definition
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.measures import AnswerState, RawAnswer, answers_to_json, content_digest
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Permission, may
from portal.domain.workflow import State
from portal.extensions import db
from portal.intake.count_cells import Report, read
from portal.intake.fates import Fate, Tell, refused, silent
from portal.intake.fields import Measures, place
from portal.intake.headings import Mapping
from portal.intake.tables import Sheet, key
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import answers
from portal.reporting import queries as reports
from portal.reporting.answers import Written
from portal.reporting.desk import IMPORT, Desk, in_reach
from portal.reporting.models import Submission, SubmissionVersion

KEEP, REPLACE = "leave", "replace"


def plan(actor: Actor, data_set: DataSet, sheet: Sheet, mapping: Mapping, tell: Tell = silent) -> list[Fate]:
    """The fate of every group's month in the file, and of the rows that hold none."""
    form = definition.form(data_set.current.definition)
    specs = {spec.code: spec for spec in form.specs}
    found = read(sheet, mapping, Measures(form), specs)
    lookup = Lookup(actor, data_set, [one.month for one in found if isinstance(one, Report)])
    fates = []
    for done, one in enumerate(found):
        tell(done, len(found))
        fates.append(lookup.fate(one) if isinstance(one, Report) else one)
    return fates


@dataclass
class Lookup:
    """Whose reports there may be, and which there are: read once for the whole file."""

    actor: Actor
    data_set: DataSet
    months: list[str]
    _named: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    _sent: dict[tuple[int, str], tuple[Submission, SubmissionVersion]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._form = definition.form(self.data_set.current.definition)
        there = _groups(self.actor, self.data_set)
        earlier = [row for row in there if row.merged_from and min(self.months, default="") < row.merged_from]
        for name, row in [*organisations.names_now(there), *((row.name, row) for row in earlier)]:
            if row not in self._named[key(name)]:
                self._named[key(name)].append(row)
        self._calendar = periods.Calendar()
        self._places = {
            place(text): row.code
            for row in organisations.districts()
            for text in (row.code, *row.names.values())
        }
        self._owed: datasets.Expected = {}
        if self.months:
            first, last = Month.parse(min(self.months)), Month.parse(max(self.months))
            self._owed = datasets.expected(self.data_set, first, last)
            self._sent = _sent(self.data_set, first, last)

    def fate(self, report: Report) -> Fate:
        """What becomes of one report."""
        if report.reasons:
            return refused(report.rows, report.name, *report.reasons, period=report.month)
        if not in_reach(Month.parse(report.month)):
            return refused(report.rows, report.name, {"code": "out_of_reach"}, period=report.month)
        if self._calendar.is_closed(Month.parse(report.month).fiscal_year):
            return refused(report.rows, report.name, {"code": "closed_year"}, period=report.month)
        same_name = self._named.get(key(report.name), [])
        if report.district:
            code = self._places.get(place(report.district))
            same_name = [row for row in same_name if row.district and row.district.code == code]
        if not same_name:
            return refused(report.rows, report.name, {"code": "no_group"}, period=report.month)
        if len(same_name) == 1:
            return self.of_group(report.rows, same_name[0], report.month, report.raw)
        fates = [self.of_group(report.rows, row, report.month, report.raw) for row in same_name]
        fitting = [(row, fate) for row, fate in zip(same_name, fates, strict=True) if fate.fate == "new"]
        if not fitting:  # all of them have reported, or don't owe it: nothing is replaced by a guess
            return next((fate for fate in fates if fate.fate != "refused"), fates[0])
        options = [[row.public_id, row.name, _place(row)] for row, _fate in fitting]
        data = {"of": {row.public_id: fate.data for row, fate in fitting}}
        changes = [change for change in fitting[0][1].changes if change[2] is not None]
        return Fate(
            report.rows, report.name, "decide", report.month, "same_name", key(report.name),
            [[code, None, new] for code, _old, new in changes], options=options, data=data,
        )  # fmt: skip

    def of_group(self, rows: list[int], group: Organisation, month: str, raw: dict[str, RawAnswer]) -> Fate:
        """What becomes of a month of a known group."""
        if group.id not in self._owed.get(month, ()):
            return refused(rows, group.name, {"code": "not_owed"}, period=month)
        submission, version = self._sent.get((group.id, month), (None, None))
        stands = submission is not None and submission.state != State.WITHDRAWN
        if why := self._refusal(group, month, submission):
            return refused(rows, group.name, {"code": why}, period=month)
        opening = raw.get(self._form.measures[0].code, RawAnswer())
        if stands and version is not None and opening.state != AnswerState.NOT_HELD:
            raw = {**answers.of_version(version.values, None).raw, **raw}
        desk = self.desk(group, month)
        checked = answers.read(desk.form, Written(raw), month)
        if not checked.ok:
            faults = [
                {
                    "code": "answer",
                    "error": fault.code,
                    "measure": fault.field,
                    "params": _plain(fault.params),
                }
                for fault in checked.errors
            ]
            return refused(rows, group.name, *faults, period=month)
        new = answers_to_json(checked.values)
        old: dict[str, Any] = dict(version.values) if stands and version is not None else {}
        changes = [[code, old.get(code), value] for code, value in new.items() if old.get(code) != value]
        data: dict[str, Any] = {"raw": _raw_json(raw), "target": group.public_id}
        fate = Fate(rows, group.name, "new", month, changes=changes, data=data)
        if not stands or submission is None or version is None:
            return fate
        fate.data["version"] = submission.version
        if content_digest(checked.values) == version.content_digest:
            fate.fate = "same"
        elif submission.state != State.APPROVED:
            return refused(rows, group.name, {"code": "waits"}, period=month)
        else:
            fate.fate, fate.question, fate.options = "decide", "approved", [[REPLACE, "", ""]]
        return fate

    def _refusal(self, group: Organisation, month: str, submission: Submission | None) -> str:
        """Why the month is not taken any more; whoever was asked back may still answer."""
        if submission is not None and submission.state == State.RETURNED:
            return ""
        district = group.district.code if group.district else ""
        return self._calendar.refusal(self.data_set, month, group.id, district)

    def desk(self, group: Organisation, month: str) -> Desk:
        return Desk(self.actor, group, self.data_set, self.data_set.current, self._form, month, IMPORT)


def raw_of(data: dict[str, Any]) -> dict[str, RawAnswer]:
    """The answers that an item's data keeps."""
    return dict(Written.from_json({"raw": data["raw"]}).raw)


def _raw_json(raw: dict[str, RawAnswer]) -> dict[str, Any]:
    found: dict[str, Any] = Written(raw).to_json()["raw"]
    return found


def _plain(params: Any) -> dict[str, Any]:
    """A fault's figures, as JSON takes them."""
    return {
        name: value if isinstance(value, int | str | list) else str(value) for name, value in params.items()
    }


def _groups(actor: Actor, data_set: DataSet) -> list[Organisation]:
    """The groups whose report on this form the actor may key in, closed ones too, in a list's order."""
    query = (
        select(Organisation)
        .where(Organisation.side == data_set.filed_by)
        .options(joinedload(Organisation.district))
    )
    mine = (row for row in db.session.scalars(query) if _may_fill(actor, data_set, row))
    return sorted(mine, key=organisations.place)


def _may_fill(actor: Actor, data_set: DataSet, row: Organisation) -> bool:
    return may(actor, Permission.REPORT_FILL, datasets.subject(data_set, row))


def _sent(
    data_set: DataSet, first: Month, last: Month
) -> dict[tuple[int, str], tuple[Submission, SubmissionVersion]]:
    """Every report of those months with its newest version, in one query."""
    rows = db.session.execute(
        select(Submission, SubmissionVersion)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            Submission.data_set_id == data_set.id,
            Submission.period >= first.key,
            Submission.period <= last.key,
            SubmissionVersion.version == reports.SHOWN,
        )
    )
    return {
        (submission.organisation_id, submission.period): (submission, version) for submission, version in rows
    }


def _place(row: Organisation) -> str:
    told = [
        row.district.names.get("ja", "") if row.district else "",
        f"〜{row.closed_on}" if row.closed_on else "",
    ]
    return " ".join(part for part in told if part)
