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
from portal.domain.canonical import canonical_json, sha256_of
from portal.domain.errors import Invalid, NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.plan import projection, queries, tables
from portal.plan.document import Data, parse
from portal.plan.models import PlanEdit
from portal.plan.projection import Rows

EDITED, DROPPED, IN_FILE = "edited", "dropped", "in_file"
FIELDS: dict[str, tuple[str, ...]] = {  # what may be changed; the rest is known by it, or follows from it
    "plan": ("city", "shakyo", "name", "vision", "committees", "corrections"),
    "district": ("names", "position"),
    "organisation": ("names",),
    "data_set": ("names", "due_day", "reviewing_office", "controller", "second_person", "definition"),
    "goal": ("names",),
    "direction": ("names",),
    "programme": ("heading", "names", "departments", "repeated"),
    "indicator": (
        "names", "units", "stages", "source", "aggregation", "note", "side", "department", "kind",
        "target_kind", "better", "base", "target", "sources",
    ),
    "question": ("default", "answer"),
}  # fmt: skip
Place = tuple[str, str, str]  # kind, key, field


def put(kind: str, key: str, values: Mapping[str, Any], actor: Actor, reason: str = "") -> list[PlanEdit]:
    """Change fields of one row: an edit for each that is another now, the tables, and an audit event.

    NotFound("plan_row") for a row that the plan does not have; Invalid, with its `field`, for a field that is
    not edited in the portal. `values` are JSON. The same values again write nothing.
    """
    require(actor, Permission.PLAN_WRITE)
    rows = in_tables()
    row = rows.get((kind, key))
    if row is None:
        raise NotFound("plan_row", kind=kind, key=key)
    for field in values:
        if field not in FIELDS[kind]:
            raise Invalid("not_edited_here", field=field)
    changed = {field: value for field, value in values.items() if row[field] != value}
    if not changed:
        return []
    after = with_values(rows, {(kind, key, field): value for field, value in changed.items()})
    made = [_add((kind, key, field), row[field], changed[field], EDITED, actor, reason) for field in changed]
    tables.write_only(after, [(kind, key)])
    db.session.flush()
    _told(kind, key, made, actor)
    return made


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


def applied(rows: Rows) -> Rows:
    """A document's rows with the edits on top: what the tables must say. `rows` itself stays as it is."""
    values = {place: edit.after["value"] for place, edit in standing().items()}
    return with_values(rows, {place: value for place, value in values.items() if place[:2] in rows})


def with_values(rows: Rows, values: Mapping[Place, Any]) -> Rows:
    """Rows with some fields of theirs changed, and what follows from them."""
    found = dict(rows)
    for (kind, key, field), value in values.items():
        found[kind, key] = _row(kind, found[kind, key] | {field: value})
    return found


def _row(kind: str, row: Data) -> Data:
    """An edition is known by the sum of its definition."""
    if kind == "data_set":
        return row | {"sha256": sha256_of(canonical_json(row["definition"]))}
    return row


def in_tables() -> Rows:
    """What the tables must say now. NotFound("no_plan") before any file was loaded."""
    stored = queries.document()
    if stored is None:
        raise NotFound("no_plan")
    return applied(projection.rows(parse(stored.text)))
