"""Loading a plan file: checked whole, shown as a difference, written once; and taken out again."""

from __future__ import annotations

from sqlalchemy import select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.plan import edits, projection, readback, tables
from portal.plan.document import parse
from portal.plan.models import PlanDocument as StoredDocument
from portal.plan.projection import Diff


def in_force() -> StoredDocument | None:
    """The plan document that was loaded last."""
    return db.session.scalars(select(StoredDocument).order_by(StoredDocument.id.desc()).limit(1)).first()


def export() -> str:
    """The plan file in force, byte for byte as it was loaded. NotFound before any was."""
    stored = in_force()
    if stored is None:
        raise NotFound("no_plan")
    return stored.text


def diff(text: str) -> Diff:
    """What loading `text` would change. Raises PlanFaults."""
    stored = in_force()
    old = projection.rows(parse(stored.text)) if stored else {}
    return projection.compare(old, projection.rows(parse(text)))


def load(text: str, actor: Actor) -> Diff:
    """Load a plan file; the same file again writes nothing. Raises PlanFaults before anything is written.

    A form whose definition changed becomes a new edition. A measure that is no longer asked stays, since
    the ledger may name it; what an indicator no longer draws on simply counts no more.
    """
    require(actor, Permission.USERS_MANAGE)
    document = parse(text)
    stored = in_force()
    if stored is not None and stored.sha256 == document.sha256:
        return Diff([], [], [])
    difference = diff(text)
    tables.write(projection.rows(document))
    made = StoredDocument(
        sha256=document.sha256,
        text=text,
        facts=projection.facts(document),
        loaded_at=clock.now(),
        loaded_by=actor.key,
    )
    db.session.add(made)
    db.session.flush()
    for key, value in (document.data.get("settings") or {}).items():
        if settings.get(key) is None:
            settings.put(key, value, actor)
    record("plan", document.data["plan"]["code"], "loaded", actor, sha256=document.sha256, document=made.id)
    return difference


def verify() -> tuple[dict[str, int], str | None]:
    """({what was counted: how many}, the first row that is not what the document and the edits make)."""
    stored = in_force()
    if stored is None:
        return {"plan rows": 0}, None
    expected = edits.applied(projection.rows(parse(stored.text)))
    difference = projection.compare(readback.rows(), expected)
    gone = [key for key in difference.removed if key[0] not in readback.KEPT]
    wrong = [*difference.changed, *difference.added, *gone]
    return {"plan rows": len(expected)}, f"plan {wrong[0][0]} {wrong[0][1]}" if wrong else None
