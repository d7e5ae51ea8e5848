"""An import's steps. Pages call those that somebody presses; the jobs runner (`work`) does the long ones.

    reading -> columns -> checking -> ready -> writing -> done -> undoing -> undone

Each flushes and never commits. Audit events carry the import's id and numbers, never what stands in a file.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, update

from portal import clock
from portal.datasets import definition
from portal.datasets.models import DataSet
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db, insert_into
from portal.ground.audit import record
from portal.intake import counts, fields, groups, headings, queries
from portal.intake.fates import Fate, Tell, silent
from portal.intake.fields import MEASURE, VALUE, Measures
from portal.intake.headings import Mapping
from portal.intake.models import Intake, IntakeItem, IntakeMapping, IntakeRow
from portal.intake.tables import Limits, Sheet
from portal.intake.writing import Writer

KEPT_FOR = timedelta(days=1)  # rows and items: the file's personal data
UNDO_FOR = timedelta(days=90)  # what undoing needs to know (earlier telephone numbers, for one)
BATCH = 1_000
LONG_NAME = 120


def limits() -> Limits:
    return Limits.of(current_app.config["SETTINGS"])


def start(actor: Actor, kind: str, data_set: DataSet | None, filename: str, content: bytes) -> Intake:
    """Keep a file until the jobs runner reads it. Invalid("no_file" | "too_large" | "no_form")."""
    require(actor, Permission.IMPORT)
    if not content:
        raise Invalid("no_file", field="file")
    if len(content) > limits().size:
        raise Invalid("too_large", field="file", limit=limits().size // 1024**2)
    if (kind == "counts") != (data_set is not None):
        raise Invalid("no_form", field="data_set")
    if data_set is not None and data_set.id not in {row.id for row in queries.forms(actor)}:
        raise Invalid("no_form", field="data_set")
    row = Intake(
        public_id=uuid.uuid4().hex,
        kind=kind,
        state="reading",
        data_set=data_set,
        filename=PurePath(filename.replace("\\", "/")).name[-LONG_NAME:],
        content=content,
        sheets=[],
        mapping={},
        remembered=False,
        counts={},
        effects={},
        approve=False,
        created_by=actor.key,
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    record("intake", row.public_id, "started", actor, kind=kind, bytes=len(content))
    return row


def measures_of(intake: Intake) -> Measures | None:
    """The counts that columns may hold; None for a list of groups."""
    if intake.data_set is None:
        return None
    return Measures(definition.form(intake.data_set.current.definition))


def keep_sheets(intake: Intake, sheets: list[Sheet]) -> None:
    """What was read, as rows; the file itself goes. The columns are as last time, or guessed; flush."""
    for number, sheet in enumerate(sheets):
        for start_at in range(0, len(sheet.rows), BATCH):
            rows = sheet.rows[start_at : start_at + BATCH]
            values = [
                {"intake_id": intake.id, "sheet": number, "number": row.number, "cells": row.cells}
                for row in rows
            ]
            db.session.execute(insert(IntakeRow), values)
    intake.content = None
    intake.sheets = [
        {"name": sheet.name, "rows": len(sheet.rows), "merges": [list(merge) for merge in sheet.merges]}
        for sheet in sheets
    ]
    mapping = headings.guess(sheets, measures_of(intake), intake.filename)
    known = queries.remembered(_fingerprint(intake, sheets[mapping.sheet], mapping))
    if known is not None:
        mapping = _as_last_time(mapping, known.mapping)
    if intake.kind == "groups" and not mapping.form:
        mapping.form = "salon" if known is None else mapping.form
    intake.mapping = mapping.to_json()
    intake.remembered = known is not None
    intake.state = "checking" if known is not None and not missing(intake, mapping) else "columns"
    db.session.flush()


def _fingerprint(intake: Intake, sheet: Sheet, mapping: Mapping) -> str:
    kind = f"{intake.kind}:{intake.data_set.code if intake.data_set else ''}"
    return headings.fingerprint(kind, headings.columns_of(sheet, mapping.first, mapping.last))


def _as_last_time(guessed: Mapping, kept: dict[str, Any]) -> Mapping:
    """Last time's columns and signs; where the headings stand and of which year it is, this file says."""
    if len(kept["columns"]) != len(guessed.columns):
        return guessed
    guessed.columns, guessed.dash = list(kept["columns"]), kept["dash"]
    guessed.measure, guessed.form = kept["measure"], kept["form"]
    return guessed


def missing(intake: Intake, mapping: Mapping) -> str:
    """What has still to be said about the columns before rows can be checked: a code, or ""."""
    if "name" not in mapping.columns:
        return "no_name_column"
    if intake.kind == "groups":
        return ""
    found = [code for code in mapping.columns if code.startswith(MEASURE) or code == VALUE]
    if not found:
        return "no_count_column"
    if VALUE in found and fields.ITEM not in mapping.columns:
        return "no_item_column"
    return ""


def set_columns(actor: Actor, intake: Intake, mapping: Mapping) -> None:
    """Say what the columns hold, and have the rows checked; flush. Invalid(what is missing)."""
    _require(actor, intake, "columns", "ready")
    if code := missing(intake, mapping):
        raise Invalid(code, field="columns")
    intake.mapping = mapping.to_json()
    intake.fault = None
    intake.state, intake.claimed_at = "checking", None
    kept = {"fingerprint": _fingerprint(intake, queries.sheet(intake, mapping.sheet), mapping)}
    values = {"mapping": mapping.to_json(), "saved_at": clock.now()}
    statement = insert_into(IntakeMapping).values(**kept, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["fingerprint"], set_=values))
    db.session.flush()


def guess_again(actor: Actor, intake: Intake, mapping: Mapping) -> None:
    """Another sheet, or headings in other rows: what do its columns hold? flush."""
    _require(actor, intake, "columns", "ready")
    sheet = queries.sheet(intake, mapping.sheet)
    found = headings.completed(sheet, mapping, measures_of(intake), intake.filename)
    intake.mapping, intake.state = found.to_json(), "columns"
    db.session.flush()


def plan(actor: Actor, intake: Intake, tell: Tell = silent) -> list[Fate]:
    """Every row's fate, by the rules and the data of this moment. Writes nothing."""
    mapping = Mapping.from_json(intake.mapping)
    sheet = queries.sheet(intake, mapping.sheet)
    if intake.data_set is None:
        return groups.plan(actor, sheet, mapping, tell)
    return counts.plan(actor, intake.data_set, sheet, mapping, tell)


def keep_fates(intake: Intake, fates: Iterable[Fate]) -> None:
    """The fates, to be looked at; decisions of an earlier look at the same thing stay; flush."""
    decided = {
        (item.label, item.period, item.question): item.decision
        for item in db.session.scalars(
            select(IntakeItem).where(IntakeItem.intake_id == intake.id, IntakeItem.decision != "")
        )
    }
    db.session.execute(delete(IntakeItem).where(IntakeItem.intake_id == intake.id))
    values = [
        {
            "intake_id": intake.id,
            "position": position,
            "rows": fate.rows,
            "label": fate.label,
            "period": fate.period,
            "fate": fate.fate,
            "question": fate.question,
            "asked_about": fate.asked_about,
            "decision": decided.get((fate.label, fate.period, fate.question), "") if fate.question else "",
            "changes": fate.changes,
            "reasons": fate.reasons,
            "options": fate.options,
            "data": fate.data,
        }
        for position, fate in enumerate(fates)
    ]
    for start_at in range(0, len(values), BATCH):
        db.session.execute(insert(IntakeItem), values[start_at : start_at + BATCH])
    intake.state = "ready"
    intake.counts = queries.counts(intake)
    db.session.flush()


def decide(actor: Actor, intake: Intake, decisions: dict[int, str]) -> None:
    """What becomes of items that ask; {id: choice}, "" for not yet. One answer for all months of a name."""
    _require(actor, intake, "ready")
    for item in db.session.scalars(
        select(IntakeItem).where(IntakeItem.intake_id == intake.id, IntakeItem.id.in_(decisions))
    ):
        choice = decisions[item.id]
        if item.fate != "decide" or choice not in ("", *choices(item)):
            raise Invalid("unknown_choice", field=f"d-{item.id}")
        for one in _asked_alike(item):
            if choice in ("", *choices(one)):  # a month that this group does not owe stays open
                one.decision = choice
    db.session.flush()


def _asked_alike(item: IntakeItem) -> list[IntakeItem]:
    """The item, and those of the same name that ask the same."""
    if not item.asked_about:
        return [item]
    same = IntakeItem.intake_id == item.intake_id, IntakeItem.asked_about == item.asked_about
    return list(db.session.scalars(select(IntakeItem).where(*same)))


def choices(item: IntakeItem) -> list[str]:
    """The answers that an item's question takes."""
    own = [option[0] for option in item.options]
    new = [groups.NEW] if item.question == "same_name" and not item.period else []
    return [*own, *new, "leave"]


def carry_out(actor: Actor, intake: Intake, *, approve: bool, without: bool) -> None:
    """Have everything written; flush. Conflict("rows_left") unless it is said that some stay out."""
    _require(actor, intake, "ready")
    left = intake.counts.get("refused", 0) + queries.undecided(intake)
    if left and not without:
        raise Invalid("rows_left", field="without", num=left)
    if not any(intake.counts.get(fate) for fate in ("new", "change", "decide")):
        raise Invalid("nothing_to_write", field="without")
    intake.approve = approve
    intake.state, intake.claimed_at, intake.fault = "writing", None, None
    db.session.flush()


def write(actor: Actor, intake: Intake, tell: Tell = silent) -> None:
    """Write it all, in this unit of work. Conflict("changed_meanwhile") if the preview is true no more."""
    items = list(
        db.session.scalars(
            select(IntakeItem).where(IntakeItem.intake_id == intake.id).order_by(IntakeItem.position)
        )
    )
    now = plan(actor, intake)
    shown = [(i.label, i.period, i.fate, i.question, i.changes, i.options, i.data) for i in items]
    if [fate.told() for fate in now] != shown:
        raise Conflict("changed_meanwhile")
    intake.effects = Writer(actor, intake).write(items, tell)
    intake.state, intake.written_at, intake.fault = "done", clock.now(), None
    record("intake", intake.public_id, "written", actor, **intake.effects)
    db.session.flush()


def undo(actor: Actor, intake: Intake) -> None:
    """Have everything taken back; flush."""
    _require(actor, intake, "done")
    if intake.written_at is None or not may_be_undone(intake):
        raise Conflict("too_late")
    intake.state, intake.claimed_at, intake.fault = "undoing", None, None
    db.session.flush()


def may_be_undone(intake: Intake) -> bool:
    return intake.state == "done" and bool(intake.written_at and intake.written_at + UNDO_FOR > clock.now())


def take_back(actor: Actor, intake: Intake) -> None:
    """Take it all back, in this unit of work. Conflict("built_on") if anybody has built on any of it."""
    query = select(IntakeItem).where(IntakeItem.intake_id == intake.id).order_by(IntakeItem.position)
    Writer(actor, intake).take_back(list(db.session.scalars(query)))
    intake.state, intake.undone_at, intake.fault = "undone", clock.now(), None
    record("intake", intake.public_id, "undone", actor)
    db.session.flush()


def stop(intake: Intake, state: str, fault: dict[str, Any]) -> None:
    """It does not go on: why, for its page; flush."""
    intake.state, intake.fault = state, fault
    if state == "refused":
        intake.content = None
    db.session.flush()


def drop(actor: Actor, intake: Intake) -> None:
    """Nothing is to come of it: the file and its rows go at once; flush."""
    _require(actor, intake, "reading", "refused", "columns", "checking", "ready")
    _wipe([intake.id])
    db.session.execute(delete(IntakeItem).where(IntakeItem.intake_id == intake.id))
    record("intake", intake.public_id, "dropped", actor)
    db.session.delete(intake)
    db.session.flush()


def tidy() -> None:
    """What a file held goes after a day; what undoing needs, after ninety; flush."""
    now = clock.now()
    due = select(Intake).where(Intake.created_at < now - KEPT_FOR, Intake.wiped_at.is_(None))
    for intake in db.session.scalars(due).all():
        _wipe([intake.id])
        intake.wiped_at, intake.content = now, None
        if intake.written_at is None:
            db.session.execute(delete(IntakeItem).where(IntakeItem.intake_id == intake.id))
            intake.state, intake.fault = "refused", intake.fault or {"code": "too_old"}
    old = select(Intake.id).where(Intake.written_at < now - UNDO_FOR)
    db.session.execute(delete(IntakeItem).where(IntakeItem.intake_id.in_(old)))
    db.session.flush()


def _wipe(ids: list[int]) -> None:
    db.session.execute(delete(IntakeRow).where(IntakeRow.intake_id.in_(ids)))
    bare: dict[str, Any] = {
        "changes": [],
        "reasons": [],
        "options": [],
        "data": {},
        "label": "",
        "asked_about": "",
    }
    db.session.execute(update(IntakeItem).where(IntakeItem.intake_id.in_(ids)).values(**bare))


def _require(actor: Actor, intake: Intake, *states: str) -> None:
    require(actor, Permission.IMPORT)
    if intake.state not in states:
        raise Conflict("not_in_this_state", state=intake.state)
