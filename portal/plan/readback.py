"""The plan's tables read back as the flat rows of `projection`, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.datasets.models import DataSet
from portal.extensions import db
from portal.organisations.models import District, Organisation
from portal.plan import queries
from portal.plan.document import Data
from portal.plan.models import Indicator
from portal.plan.projection import Rows, question_key

OWN_FIELDS = ("names", "filed_by", "cadence", "due_day", "second_person", "confidential", "position")
# What a new file no longer names stays: a district has groups, an office has sent reports.
KEPT = ("district", "organisation", "data_set")


def rows() -> Rows:
    """Every row of the plan as the tables have it, by kind and natural key."""
    return {(kind, key): row for kind, reader in _READERS.items() for key, row in reader().items()}


def _fields(row: Any, *names: str) -> Data:
    return {name: getattr(row, name) for name in names}


def _plan() -> dict[str, Data]:
    facts = queries.facts()
    return {str(facts["code"]): facts}


def _districts() -> dict[str, Data]:
    return {row.code: _fields(row, "names", "position") for row in db.session.scalars(select(District))}


def _organisations() -> dict[str, Data]:
    found = db.session.scalars(select(Organisation).where(Organisation.code.is_not(None)))
    return {str(row.code): _fields(row, "side", "names") for row in found}


def _data_sets() -> dict[str, Data]:
    own = OWN_FIELDS
    offices = (joinedload(DataSet.reviewing_office), joinedload(DataSet.controller))
    return {
        row.code: {
            **_fields(row, *own),
            "reviewing_office": row.reviewing_office.code,
            "controller": row.controller.code,
            **_fields(row.current, "definition", "sha256"),
        }
        for row in db.session.scalars(select(DataSet).options(*offices))
    }


def _goals() -> dict[str, Data]:
    return {str(goal.number): {"names": goal.names} for goal in queries.tree()}


def _directions() -> dict[str, Data]:
    return {
        f"{goal.number}-{direction.number}": {"names": direction.names}
        for goal in queries.tree()
        for direction in goal.directions
    }


def _programmes() -> dict[str, Data]:
    own = ("position", "side", "heading", "names", "departments", "repeated")
    found = {}
    for goal in queries.tree():
        for direction in goal.directions:
            code = f"{goal.number}-{direction.number}"
            for row in direction.programmes:
                found[f"{code}/{row.position:02}"] = {"direction": code, **_fields(row, *own)}
    return found


def _indicators() -> dict[str, Data]:
    own = (
        "position", "names", "units", "kind", "stages", "source", "aggregation", "note", "side", "department",
        "target_kind", "better", "base", "target", "participation",
    )  # fmt: skip
    codes = {row.id: row.code for row in db.session.scalars(select(DataSet))}
    return {
        row.code: {
            **_fields(row, *own),
            "sources": _sources(row, codes),
            "placements": [
                (f"{place.direction.goal.number}-{place.direction.number}", place.position)
                for place in row.placements
            ],
        }
        for row in queries.indicators()
    }


def _sources(indicator: Indicator, data_sets: dict[int, str]) -> list[Data]:
    return [
        {
            "role": row.role,
            "data_set": data_sets[row.measure.data_set_id] if row.measure else None,
            "measure": row.measure.code if row.measure else None,
            "register": row.register,
        }
        for row in indicator.sources
    ]


def _questions() -> dict[str, Data]:
    own = ("position", "indicator_code", "question", "default", "answer")
    return {question_key(row.indicator_code, row.question): _fields(row, *own) for row in queries.pending()}


_READERS: dict[str, Callable[[], dict[str, Data]]] = {
    "plan": _plan,
    "district": _districts,
    "organisation": _organisations,
    "data_set": _data_sets,
    "goal": _goals,
    "direction": _directions,
    "programme": _programmes,
    "indicator": _indicators,
    "question": _questions,
}
