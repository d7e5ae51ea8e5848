"""What is changed in the portal after the plan was loaded: a row for each field, on top of the document.

    edits.put("data_set", "salon", {"reviewing_office": "city"}, actor, "moved in April")
    edits.applied(projection.rows(document))     what the tables must say (services.verify)

Kinds and keys are those of `projection` and `readback`. A form's `definition` becomes a new edition, and what
was sent on an older one keeps it. Rows can be changed, not made or taken away: that is a new file's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.domain.errors import Invalid, NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.plan import projection, queries, rebuilding, tables
from portal.plan.document import PlanDocument, parse
from portal.plan.merging import GONE, Merge
from portal.plan.models import PlanEdit
from portal.plan.overlay import FIELDS, Place, Rows, with_values
from portal.plan.projection import Key
from portal.plan.yaml_lines import Fault

EDITED, DROPPED, IN_FILE = "edited", "dropped", "in_file"


class Unfit(Invalid):
    """The plan would not hold together with this value. `faults`: what a plan file's check says of it."""

    def __init__(self, field: str, faults: list[Fault]) -> None:
        super().__init__("plan_fault", field=field, faults=[fault.code for fault in faults])
        self.faults = faults


def put(kind: str, key: str, values: Mapping[str, Any], actor: Actor, reason: str = "") -> list[PlanEdit]:
    """Change fields of one row: an edit for each that is another now, the tables, and an audit event.

    NotFound("plan_row") for a row that the plan does not have; Invalid, with its `field`, for a field that is
    not edited in the portal, and Unfit for a value that a plan file could not have. The same values again
    write nothing. `values` are JSON.
    """
    return put_all({(kind, key): values}, actor, reason)


def put_all(
    values: Mapping[Key, Mapping[str, Any]],
    actor: Actor,
    reason: str = "",
    asks: Permission = Permission.PLAN_WRITE,
) -> list[PlanEdit]:
    """`put` of several rows at once. `asks`: another permission, where the caller has seen to it that
    nothing but what that one covers is changed (translations: see plan/texts)."""
    require(actor, asks)
    rows = in_tables()
    after = _tried(rows, values)
    places = [
        (*row, field)
        for row, fields in values.items()
        for field, value in fields.items()
        if rows[row][field] != value
    ]
    if not places:
        return []
    made = [
        _add(place, rows[place[:2]][place[2]], values[place[:2]][place[2]], EDITED, actor, reason)
        for place in places
    ]
    changed = list(dict.fromkeys(place[:2] for place in places))
    tables.write_only(after, changed)
    db.session.flush()
    for kind, key in changed:
        _told(kind, key, [edit for edit in made if (edit.kind, edit.key) == (kind, key)], actor)
    return made


def tried(rows: Rows, kind: str, key: str, values: Mapping[str, Any]) -> Rows:
    """The rows as they would be, checked; nothing is written. Raises as `put` does."""
    return _tried(rows, {(kind, key): values})


def _tried(rows: Rows, values: Mapping[Key, Mapping[str, Any]]) -> Rows:
    for (kind, key), fields in values.items():
        if (kind, key) not in rows:
            raise NotFound("plan_row", kind=kind, key=key)
        for field in fields:
            if field not in FIELDS[kind]:
                raise Invalid("not_edited_here", field=field)
    flat = {(*row, field): value for row, fields in values.items() for field, value in fields.items()}
    after = with_values(rows, flat)
    if flat and (faults := rebuilding.new_faults(_document().data, rows, after)):
        raise Unfit(next(iter(flat))[2], faults)
    return after


def _add(place: Place, before: Any, after: Any, how: str, actor: Actor, reason: str) -> PlanEdit:
    kind, key, field = place
    edit = PlanEdit(
        kind=kind,
        key=key,
        field=field,
        before={"value": before},
        after={"value": after},
        how=how,
        reason=reason.strip(),
        actor=actor.key,
        at=clock.now(),
    )
    db.session.add(edit)
    db.session.flush()
    return edit


def _told(kind: str, key: str, made: list[PlanEdit], actor: Actor) -> None:
    """The audit trail has the numbers; the words stand in the edits themselves."""
    plan = queries.facts()["code"]
    told = {"kind": kind, "key": key, "fields": [edit.field for edit in made]}
    record("plan", plan, "edited", actor, edits=[edit.id for edit in made], **told)


def standing() -> dict[Place, PlanEdit]:
    """The edit that holds of each edited field; fields where the file's own value holds are left out."""
    newest = {
        (row.kind, row.key, row.field): row
        for row in db.session.scalars(select(PlanEdit).order_by(PlanEdit.id))
    }
    return {place: row for place, row in newest.items() if row.how == EDITED}


def history(kind: str | None = None, key: str | None = None) -> list[PlanEdit]:
    """Every edit there ever was, the newest first; of one kind or row, if named."""
    query = select(PlanEdit).order_by(PlanEdit.id.desc())
    if kind is not None:
        query = query.where(PlanEdit.kind == kind)
    if key is not None:
        query = query.where(PlanEdit.key == key)
    return list(db.session.scalars(query))


def values() -> dict[Place, Any]:
    """The value of each edit that holds."""
    return {place: edit.after["value"] for place, edit in standing().items()}


def applied(rows: Rows) -> Rows:
    """A document's rows with the edits on top: what the tables must say. `rows` itself stays as it is."""
    return with_values(rows, values())


def in_tables() -> Rows:
    """What the tables must say now. NotFound("no_plan") before any file was loaded."""
    return applied(projection.rows(_document()))


def _document() -> PlanDocument:
    stored = queries.document()
    if stored is None:
        raise NotFound("no_plan")
    return parse(stored.text)


def settle(merged: Merge, actor: Actor) -> list[int]:
    """After a file was loaded: what it says too, and what it overrules, holds by the file from now on.

    The numbers of the edits that it overruled.
    """
    for place, value in merged.settled.items():
        _add(place, None if value is GONE else value, None if value is GONE else value, IN_FILE, actor, "")
    overruled = standing()
    for clash in merged.dropped:
        _add(clash.place, clash.ours, None if clash.gone else clash.theirs, DROPPED, actor, "")
    return [overruled[clash.place].id for clash in merged.dropped]
