"""Views of the queue that somebody keeps under a name: links of one's own."""

from __future__ import annotations

from sqlalchemy import delete, select

from portal.domain.errors import Invalid
from portal.domain.permissions import Actor
from portal.extensions import db, insert_into
from portal.review.models import SavedView

MOST = 20  # a list that is read, not searched


def of(actor: Actor) -> list[SavedView]:
    """This person's views, by name."""
    mine = select(SavedView).where(SavedView.user_id == actor.id).order_by(SavedView.name)
    return list(db.session.scalars(mine)) if actor.kind == "staff" else []


def keep(actor: Actor, name: str, query: str) -> None:
    """Keep a view; the same name again replaces it. Flush. Invalid("no_name" | "too_many_views")."""
    name = name.strip()[:60]
    if not name:
        raise Invalid("no_name")
    if len([view for view in of(actor) if view.name != name]) >= MOST:
        raise Invalid("too_many_views")
    insert = insert_into(SavedView).values(user_id=actor.id, name=name, query=query)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["user_id", "name"], set_={"query": insert.excluded.query}
        )
    )


def drop(actor: Actor, view_id: int) -> None:
    """Take one's own view out; anybody else's stays."""
    db.session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == actor.id))
