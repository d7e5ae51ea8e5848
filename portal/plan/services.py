"""Loading a plan file: checked whole, compared with what was edited in the portal, written once; and taken
out again, with those edits (docs/adr/0035).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.plan import document, edits, projection, readback, rebuilding, tables
from portal.plan.document import PlanDocument, parse
from portal.plan.merging import Merge, merge
from portal.plan.models import PlanDocument as StoredDocument
from portal.plan.overlay import FIELDS, of_file, with_values, written
from portal.plan.projection import Diff
from portal.plan.yaml_lines import Fault, PlanFaults


def in_force() -> StoredDocument | None:
    """The plan document that was loaded last."""
    return db.session.scalars(select(StoredDocument).order_by(StoredDocument.id.desc()).limit(1)).first()


def export() -> str:
    """The plan in force as a file: byte for byte as it was loaded, with the portal's edits at its end.

    Loaded into an empty portal it gives the same tables. NotFound before any was loaded.
    """
    stored = in_force()
    if stored is None:
        raise NotFound("no_plan")
    rows, changed = projection.rows(parse(stored.text)), edits.values()
    if with_values(rows, changed) == rows:
        return stored.text
    text = written(stored.text, of_file(parse(stored.text).data) | changed)
    if projection.rows(parse(text)) != with_values(rows, changed):
        raise RuntimeError("the file would not say what the portal says")  # rather none than a wrong one
    return text


def check(text: str) -> list[Fault]:
    """Every fault of a plan file, those of the `edits` that it carries too."""
    faults = document.check(text)
    return faults or _of_edits(parse(text))


def _of_edits(read: PlanDocument) -> list[Fault]:
    """Faults of the edits in a file, at the line of their list: unknown fields, and values that break it."""
    carried = of_file(read.data)
    line = next((n for n, one in enumerate(read.text.splitlines(), 1) if one.startswith("edits:")), 1)
    base = projection.rows(dataclasses.replace(read, data=read.data | {"edits": []}))
    unknown = [
        place for place in carried if place[:2] not in base or place[2] not in FIELDS.get(place[0], ())
    ]
    if unknown:
        return [Fault(line, "edits", "unknown_edit", f"there is no “{' '.join(place)}”") for place in unknown]
    broken = rebuilding.new_faults(read.data, base, with_values(base, carried))
    return [Fault(line, f"edits: {fault.path}", fault.code, fault.message) for fault in broken]


def compare(text: str, *, replace: bool = False) -> Merge:
    """What loading `text` would come to, beside what was edited in the portal. Raises PlanFaults.

    `replace`: the file wins everywhere.
    """
    if faults := check(text):
        raise PlanFaults(faults)
    stored = in_force()
    base = projection.rows(parse(stored.text)) if stored else {}
    theirs = projection.rows(parse(text))
    merged = merge(base, edits.values(), theirs, replace=replace)
    if merged.kept and (faults := rebuilding.new_faults(parse(text).data, theirs, merged.rows)):
        raise PlanFaults([Fault(1, fault.path, "kept_edit", fault.message) for fault in faults])
    return merged


def diff(text: str) -> Diff:
    """What loading `text` would change in the tables. Raises PlanFaults."""
    return compare(text).difference


class PlanConflicts(Exception):
    """The file and the portal changed the same fields: nothing is loaded until somebody decides."""

    def __init__(self, merged: Merge) -> None:
        super().__init__(f"{len(merged.clashes)} fields changed in the portal and in the file")
        self.merged = merged


def load(text: str, actor: Actor, *, replace: bool = False) -> Merge:
    """Load a plan file; the same file again writes nothing. Raises PlanFaults before anything is written,
    and PlanConflicts unless `replace`: then the file wins, and every edit of the portal is dropped.

    A form whose definition changed becomes a new edition. A measure that is no longer asked stays, since
    the ledger may name it; what an indicator no longer draws on simply counts no more.
    """
    require(actor, Permission.PLAN_WRITE)
    read = parse(text)
    merged = compare(text, replace=replace)
    if merged.clashes:
        raise PlanConflicts(merged)
    stored = in_force()
    if stored is None or stored.sha256 != read.sha256:
        stored = _keep(text, read, actor)
    elif not merged.dropped:
        return merged
    stored.facts = merged.rows["plan", read.data["plan"]["code"]]
    tables.write(merged.rows)
    dropped = edits.settle(merged, actor)
    for key, value in (read.data.get("settings") or {}).items():
        if settings.get(key) is None:
            settings.put(key, value, actor)
    told: dict[str, Any] = {"sha256": read.sha256, "document": stored.id}
    if merged.kept or dropped:
        told |= {"edits_kept": len(merged.kept), "edits_dropped": dropped}
    record("plan", read.data["plan"]["code"], "loaded", actor, **told)
    return merged


def _keep(text: str, read: PlanDocument, actor: Actor) -> StoredDocument:
    made = StoredDocument(
        sha256=read.sha256,
        text=text,
        facts=projection.facts(read),
        loaded_at=clock.now(),
        loaded_by=actor.key,
    )
    db.session.add(made)
    db.session.flush()
    return made


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
