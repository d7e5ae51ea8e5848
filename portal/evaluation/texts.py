"""Reasons of confirmed verdicts in other languages (ground/texts keeps them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.domain.permissions import Actor
from portal.evaluation import queries
from portal.ground.texts import PUBLIC, Kind, Place, Text, Words, held
from portal.indicators.subjects import subject
from portal.plan import queries as plan


def _read() -> Iterable[Text]:
    found, indicators = held("verdict"), {row.code: row for row in plan.indicators()}
    for (code, year), row in queries.confirmed().items():
        if code in indicators:
            key = f"{code}/{year}"
            words = {**found.get((key, "reason"), {}), "ja": row.reason}
            yield Text(("verdict", key, "reason"), words, (), subject(indicators[code]))


def _nowhere_else(_actor: Actor, _words: Mapping[Place, Words]) -> None:
    """A verdict's own row has room for one language: translations stand in their events alone."""


KINDS = (Kind("verdicts", PUBLIC, _read, _nowhere_else),)
