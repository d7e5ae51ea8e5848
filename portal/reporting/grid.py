"""The keying grid: a month's paper sheets as rows, typed or pasted, each kept as it is typed.

A cell holds what people write in a spreadsheet: a number, 休 or － for a month without a meeting, ？ for
unknown; of a choice the options' numbers or names. Nothing typed is changed before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select

from portal import clock
from portal.datasets.definition import Form, FormMeasure
from portal.datasets.models import DataSet
from portal.domain.errors import Conflict, Invalid, NotFound, PeriodLocked
from portal.domain.measures import AnswerState, Checked, RawAnswer
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import State
from portal.extensions import db, insert_into
from portal.organisations.models import Organisation
from portal.reporting import answers, queries, services, unusual
from portal.reporting.answers import PICKED, Written
from portal.reporting.desk import Desk, sit_down
from portal.reporting.models import KeyedRow, Submission
from portal.reporting.services import Sending

LONGEST = 200  # characters of a cell
KEPT = timedelta(days=92)  # what was typed and never sent
NOT_HELD = {"休", "休み", "-", "－", "ー", "―", "×", "なし"}
UNKNOWN = {"?", "？", "不明"}
_BETWEEN = re.compile(r"[\s,、，;/]+")


@dataclass(frozen=True)
class Judged:
    """A row as it stands. `questions`: fields that are asked about, until the row's `sure` is ticked."""

    desk: Desk
    row: KeyedRow
    written: Written
    checked: Checked
    questions: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return self.checked.ok and (self.row.sure or not self.questions)


def read_cell(measure: FormMeasure, text: str) -> RawAnswer:
    """What a cell says; a word that is neither a number nor an option is left for the check to refuse."""
    plain = text.strip()
    if measure.spec.kind in PICKED:
        return RawAnswer(chosen=tuple(_option(measure, word) for word in _BETWEEN.split(plain) if word))
    states = measure.spec.states
    if plain in NOT_HELD and AnswerState.NOT_HELD in states:
        return RawAnswer(state="not_held")
    if plain in UNKNOWN and AnswerState.UNKNOWN in states:
        return RawAnswer(state="unknown")
    return RawAnswer(text=text)


def _option(measure: FormMeasure, word: str) -> str:
    codes = [code for code, _names in measure.options]
    if word.isdecimal() and 1 <= int(word) <= len(codes):
        return codes[int(word) - 1]
    begun = {code for code, names in measure.options if any(n.startswith(word) for n in names.values())}
    return begun.pop() if len(begun) == 1 else word


def written(form: Form, cells: Mapping[str, str]) -> Written:
    """The whole row as a report."""
    return Written({m.code: read_cell(m, cells.get(m.code, "")) for m in form.measures})


def rows(actor: Actor, data_set: DataSet, period: str) -> dict[int, KeyedRow]:
    """What this person has typed for a month, by organisation."""
    mine = select(KeyedRow).where(
        KeyedRow.actor == actor.key, KeyedRow.data_set_id == data_set.id, KeyedRow.period == period
    )
    return {row.organisation_id: row for row in db.session.scalars(mine)}


def keep(desk: Desk, cells: Mapping[str, str], sure: bool) -> KeyedRow | None:
    """Keep a row as typed; an empty one is taken out. Flush."""
    require(desk.actor, Permission.REPORT_FILL, desk.subject)
    kept = {m.code: cells.get(m.code, "")[:LONGEST] for m in desk.form.measures}
    key = {
        "actor": desk.actor.key,
        "organisation_id": desk.organisation.id,
        "data_set_id": desk.data_set.id,
        "period": desk.period,
    }
    if not any(text.strip() for text in kept.values()):
        db.session.execute(delete(KeyedRow).filter_by(**key))
        return None
    insert = insert_into(KeyedRow).values(
        **key, cells=kept, sure=sure, submission_key=services.new_key(), saved_at=clock.now()
    )
    fresh = {name: insert.excluded[name] for name in ("cells", "sure", "saved_at")}
    db.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=fresh))
    return db.session.get(KeyedRow, tuple(key.values()), populate_existing=True)


def judge(desk: Desk, row: KeyedRow) -> Judged:
    """What is to be said about a row: faults, and gentle questions."""
    report = written(desk.form, row.cells)
    checked = answers.read(desk.form, report, desk.period)
    asked = tuple(question.field for question in unusual.questions(desk, checked)) if checked.ok else ()
    return Judged(desk, row, report, checked, asked)


def desk_of(actor: Actor, organisation: Organisation, data_set: DataSet, period: str) -> Desk | None:
    """The desk where this group's sheet is keyed in; None where this actor can't (any more)."""
    try:
        desk = sit_down(actor, organisation, data_set.code, period, "entry")
    except NotFound:
        return None
    return desk if desk.keying else None


def send(found: Judged, keyed_from: str) -> bool:
    """Send a row that is ready, and take it out of the grid; flush. Once, however often it is pressed.

    False where the group's own report has come in meanwhile, or the year was closed: the row stays.
    """
    replies = {field: {"answer": "yes", "reason": ""} for field in found.questions}
    report = Written(found.written.raw, "", replies)
    here = queries.submission(found.desk.organisation.id, found.desk.data_set.id, found.desk.period)
    if here is not None and here.versions[-1].submission_key != found.row.submission_key:
        return False
    try:
        services.send(found.desk, Sending(found.row.submission_key, 0, report, keyed_from))
    except (Conflict, Invalid, PeriodLocked):
        return False
    db.session.delete(found.row)
    db.session.flush()
    return True


def tidy() -> str:
    """Delete rows whose report has come in by another way, and those nobody has touched for long; flush."""
    here = select(Submission.id).where(
        Submission.organisation_id == KeyedRow.organisation_id,
        Submission.data_set_id == KeyedRow.data_set_id,
        Submission.period == KeyedRow.period,
        Submission.state != State.WITHDRAWN,
    )
    old = KeyedRow.saved_at < clock.now() - KEPT
    statement = delete(KeyedRow).where(or_(old, here.exists())).returning(KeyedRow.period)
    gone = db.session.scalars(statement, execution_options={"synchronize_session": False}).all()
    return f"Rows of the keying grid deleted: {len(gone)}" if gone else ""
