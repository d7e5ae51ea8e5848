"""Names of groups and areas in other languages, for whoever translates them (ground/texts)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.ground.texts import REPORTERS, Kind, Place, Text, Words
from portal.organisations import queries
from portal.organisations.models import BY_CARD, Organisation


def _read() -> Iterable[Text]:
    query = select(Organisation).options(joinedload(Organisation.district)).order_by(Organisation.id)
    query = query.where(Organisation.side.in_(BY_CARD))
    query = query.where(or_(Organisation.closed_on.is_(None), Organisation.closed_on >= clock.today()))
    for row in db.session.scalars(query):
        words = {**row.names, "ja": row.name}
        # its name alone is no confidence: only the record of an area is
        subject = replace(queries.subject(row), data_set=None, confidential=False)
        yield Text(("group", row.public_id, "names"), words, (), subject)


def _write(actor: Actor, words: Mapping[Place, Words]) -> None:
    wanted = {place[1]: said for place, said in words.items()}
    for row in db.session.scalars(select(Organisation).where(Organisation.public_id.in_(wanted))):
        require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(row))
        row.names = {**wanted[row.public_id], "ja": row.name}
        record("organisation", row.id, "edited", actor, changed=["names"])
    db.session.flush()


KINDS = (Kind("groups", REPORTERS, _read, _write, proper=True),)
