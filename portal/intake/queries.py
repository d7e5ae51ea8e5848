"""Reads of imports: each is its maker's own; a list of groups is the administrators' too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, Role, may
from portal.extensions import db
from portal.intake.models import FATES, Intake, IntakeItem, IntakeMapping, IntakeRow
from portal.intake.tables import Row, Sheet
from portal.reporting import keying

PAGE = 50
SAMPLE = 4  # rows shown under the headings


def forms(actor: Actor) -> list[DataSet]:
    """The forms whose past counts this actor may bring in: groups' own, and nothing confidential."""
    found = datasets.all_data_sets() if actor.kind == "system" else keying.forms(actor)
    return [row for row in found if row.filed_by == "group" and not row.confidential]


def listed(actor: Actor, most: int = 20) -> list[Intake]:
    """The newest imports that the actor may open."""
    query = select(Intake).options(joinedload(Intake.data_set)).order_by(Intake.id.desc()).limit(most)
    mine = Intake.created_by == actor.key
    if actor.has_role(Role.ADMINISTRATOR):
        query = query.where(or_(mine, Intake.kind == "groups"))
    else:
        query = query.where(mine)
    return list(db.session.scalars(query))


def by_public_id(actor: Actor, public_id: str) -> Intake:
    """One import; NotFound unless it is the actor's to see."""
    found = db.session.scalars(select(Intake).where(Intake.public_id == public_id)).one_or_none()
    if found is None or not may(actor, Permission.IMPORT):
        raise NotFound("intake")
    if found.created_by != actor.key and not (found.kind == "groups" and actor.has_role(Role.ADMINISTRATOR)):
        raise NotFound("intake")
    return found


def sheet(intake: Intake, number: int, until: int | None = None) -> Sheet:
    """One sheet as it was read; `until`: only its first rows."""
    meta = intake.sheets[number]
    query = select(IntakeRow).where(IntakeRow.intake_id == intake.id, IntakeRow.sheet == number)
    if until is not None:
        query = query.where(IntakeRow.number <= until)
    rows = [Row(row.number, list(row.cells)) for row in db.session.scalars(query.order_by(IntakeRow.number))]
    return Sheet(meta["name"], rows, [tuple(merge) for merge in meta["merges"]])


def counts(intake: Intake) -> dict[str, int]:
    """How many items of each fate, in order; 0 for none."""
    found = dict(
        db.session.execute(
            select(IntakeItem.fate, func.count())
            .where(IntakeItem.intake_id == intake.id)
            .group_by(IntakeItem.fate)
        ).all()
    )
    return {fate: found.get(fate, 0) for fate in FATES}


def items(intake: Intake, fate: str = "", after: int = -1, most: int = PAGE) -> Sequence[IntakeItem]:
    """A page of items from a position on, in the file's order."""
    query = select(IntakeItem).where(IntakeItem.intake_id == intake.id, IntakeItem.position > after)
    if fate:
        query = query.where(IntakeItem.fate == fate)
    return db.session.scalars(query.order_by(IntakeItem.position).limit(most)).all()


def undecided(intake: Intake) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(IntakeItem)
            .where(IntakeItem.intake_id == intake.id, IntakeItem.fate == "decide", IntakeItem.decision == "")
        )
        or 0
    )


def remembered(fingerprint: str) -> IntakeMapping | None:
    return db.session.get(IntakeMapping, fingerprint)
