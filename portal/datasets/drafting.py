"""The next edition of a form while it is being written: kept on the server, one a form, for several sittings.

A change is a function from one definition to the next (editing.py, wording.py). Services flush, never commit.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from portal import clock
from portal.datasets.models import DataSet, FormDraft
from portal.datasets.wording import Definition
from portal.domain.errors import StaleVersion
from portal.domain.permissions import Actor, Permission, Subject, require
from portal.extensions import db, insert_into

Change = Callable[[Definition], Definition]


def subject(data_set: DataSet) -> Subject:
    """A form itself, of no district and nobody's report."""
    return Subject(data_set=data_set.code, confidential=data_set.confidential)


def draft(data_set: DataSet) -> FormDraft | None:
    return db.session.get(FormDraft, data_set.id, populate_existing=True)


def standing(data_set: DataSet) -> Definition:
    """What an editor sees: the draft, else the newest edition."""
    found = draft(data_set)
    return found.definition if found else data_set.current.definition


def token(found: FormDraft | None) -> str:
    """What a page of the editor carries, so that it changes only what it has shown; "" where no draft is
    begun. A draft that was thrown away and begun anew has another.
    """
    return f"{int(found.begun_at.timestamp())}.{found.version}" if found else ""


def change(actor: Actor, data_set: DataSet, seen: str, how: Change) -> FormDraft | None:
    """Change the draft (the first change begins one); flush. A change that changes nothing writes nothing.

    Raises Invalid as `how` does; StaleVersion where a colleague changed the draft since the page was made.
    """
    require(actor, Permission.FORMS_EDIT, subject(data_set))
    found = draft(data_set)
    if token(found) != seen:
        raise StaleVersion("draft_changed")
    before = standing(data_set)
    after = how(before)
    if after == before:
        return found
    if found is None:
        _begin(actor, data_set, after)
    else:
        fresh = {"version": found.version + 1, "saved_by": actor.key, "saved_at": clock.now()}
        fresh["definition"] = after
        here = (FormDraft.data_set_id == data_set.id, FormDraft.version == found.version)
        mine = update(FormDraft).where(*here)
        if db.session.execute(mine.values(**fresh).returning(FormDraft.data_set_id)).scalar() is None:
            raise StaleVersion("draft_changed")
    return draft(data_set)


def _begin(actor: Actor, data_set: DataSet, definition: Definition) -> None:
    now = clock.now()
    made = db.session.execute(
        insert_into(FormDraft)
        .values(
            data_set_id=data_set.id,
            base=data_set.current.version,
            version=1,
            definition=definition,
            begun_by=actor.key,
            begun_at=now,
            saved_by=actor.key,
            saved_at=now,
        )
        .on_conflict_do_nothing()
        .returning(FormDraft.data_set_id)
    ).scalar()
    if made is None:  # two editors began at the same moment
        raise StaleVersion("draft_changed")


def drop(actor: Actor, data_set: DataSet, seen: str) -> None:
    """Throw the draft away; flush. StaleVersion where a colleague changed it since the page was made."""
    require(actor, Permission.FORMS_EDIT, subject(data_set))
    found = draft(data_set)
    if found is None:
        return
    if token(found) != seen:
        raise StaleVersion("draft_changed")
    db.session.delete(found)
    db.session.flush()
