""" "Please call me": one press, nothing to fill in; the office sees it until somebody has called."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db, insert_into
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting.models import CallRequest


def ask(actor: Actor, organisation: Organisation) -> None:
    """Write it down, once a day and group; flush. Pressed again after the call, it stands open again."""
    require(actor, Permission.REPORT_READ_OWN, organisations.subject(organisation))
    now = clock.now()
    row = {"organisation_id": organisation.id, "asked_on": clock.today(), "asked_at": now}
    insert = insert_into(CallRequest).values(**row)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["organisation_id", "asked_on"],
            set_={"asked_at": now, "done_at": None, "done_by": None},
            where=CallRequest.done_at.is_not(None),
        )
    )
    db.session.flush()


def is_asked(organisation_id: int) -> bool:
    """Does somebody wait for a call?"""
    query = select(CallRequest.id).where(
        CallRequest.organisation_id == organisation_id, CallRequest.done_at.is_(None)
    )
    return db.session.scalars(query.limit(1)).first() is not None


def waiting(actor: Actor) -> list[CallRequest]:
    """Whom to call, in the actor's scope; the longest waiting first, a group once."""
    query = (
        select(CallRequest)
        .where(CallRequest.done_at.is_(None))
        .options(joinedload(CallRequest.organisation).joinedload(Organisation.district))
        .order_by(CallRequest.asked_at, CallRequest.id)
    )
    first: dict[int, CallRequest] = {}
    for row in db.session.scalars(query):
        if may(actor, Permission.ORGANISATIONS_READ, organisations.subject(row.organisation)):
            first.setdefault(row.organisation_id, row)
    return list(first.values())


def done(actor: Actor, request_id: int) -> None:
    """Somebody has called: the group's open requests are settled, of earlier days too; flush."""
    asked = db.session.get(CallRequest, request_id)
    if asked is None or not may(
        actor, Permission.ORGANISATIONS_READ, organisations.subject(asked.organisation)
    ):
        raise NotFound("call_request")
    open_rows = select(CallRequest).where(
        CallRequest.organisation_id == asked.organisation_id, CallRequest.done_at.is_(None)
    )
    for row in db.session.scalars(open_rows):
        row.done_at, row.done_by = clock.now(), actor.key
    db.session.flush()
