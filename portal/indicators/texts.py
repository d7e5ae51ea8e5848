"""Reasons and evidence of confirmed statements in other languages (ground/texts keeps them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from portal.domain.permissions import Actor
from portal.extensions import db
from portal.ground.texts import PUBLIC, Kind, Place, Text, Words, held
from portal.indicators.models import Statement
from portal.indicators.subjects import subject
from portal.plan import queries as plan

FIELDS = ("reason", "evidence")


def _read() -> Iterable[Text]:
    found, indicators = held("statement"), {row.code: row for row in plan.indicators()}
    query = select(Statement).where(Statement.state == "confirmed").order_by(Statement.id)
    for row in db.session.scalars(query):
        indicator = indicators.get(row.indicator_code)
        if indicator is None:
            continue
        for field in FIELDS:
            words = {**found.get((row.public_id, field), {}), "ja": getattr(row, field)}
            yield Text(("statement", row.public_id, field), words, (), subject(indicator))


def _nowhere_else(_actor: Actor, _words: Mapping[Place, Words]) -> None:
    """What was stated is never changed: its translations stand in their events alone."""


KINDS = (Kind("statements", PUBLIC, _read, _nowhere_else),)
