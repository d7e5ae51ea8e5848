"""The plan's tables, written from flat rows (`projection`): the whole plan, or only what an edit touches."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.datasets.models import Assignment, DataSet, DataSetVersion, Measure
from portal.extensions import db
from portal.organisations.models import BY_CARD, District, Organisation
from portal.plan import queries
from portal.plan.document import Data
from portal.plan.models import (
    Direction,
    Goal,
    Indicator,
    IndicatorSource,
    PendingQuestion,
    Placement,
    Programme,
)
from portal.plan.overlay import Rows
from portal.plan.projection import REPORTED, Key
from portal.plan.readback import OWN_FIELDS

ByKind = dict[str, dict[str, Data]]
TREE = ("goal", "direction", "programme")


def write(rows: Rows) -> None:
    """Every row of the plan; what is not among them goes, or stays where others hang on it."""
    by_kind = _by_kind(rows)
    opened = _opened(by_kind)
    _upsert(District, District.code, by_kind["district"])
    _organisations(by_kind["organisation"], opened)
    _data_sets(by_kind["data_set"], opened)
    _tree(by_kind)
    _indicators(by_kind["indicator"])
    _questions(by_kind)


def write_only(rows: Rows, keys: Collection[Key]) -> None:
    """What these rows need and no more: an edit of one form must not touch who files another."""
    by_kind = _by_kind(rows)
    mine = _by_kind({key: rows[key] for key in keys})
    opened = _opened(by_kind)
    if "plan" in mine and (stored := queries.document()) is not None:
        stored.facts = next(iter(mine["plan"].values()))
    _upsert(District, District.code, mine.get("district", {}))
    _organisations(mine.get("organisation", {}), opened)
    _data_sets(mine.get("data_set", {}), opened)
    if mine.keys() & set(TREE):
        _tree(by_kind)
    if "indicator" in mine:
        _indicators(by_kind["indicator"])
    if "question" in mine:
        _questions(by_kind)
    db.session.flush()
    db.session.expire_all()


def _by_kind(rows: Rows) -> ByKind:
    found: ByKind = {}
    for (kind, key), row in rows.items():
        found.setdefault(kind, {})[key] = row
    return found


def _opened(by_kind: ByKind) -> date:
    """The first day of the year after the base year: from then on figures are asked for."""
    plan = next(iter(by_kind["plan"].values()))
    return date(plan["base_year"] + 1, 4, 1)


def _questions(by_kind: ByKind) -> None:
    db.session.execute(delete(PendingQuestion))
    db.session.add_all(PendingQuestion(**row) for row in by_kind.get("question", {}).values())
    db.session.flush()


def _upsert(model: Any, key_column: Any, rows: Mapping[Any, Data]) -> dict[Any, Any]:
    """Rows of a table brought to what the document says, by their natural key."""
    existing = {getattr(row, key_column.key): row for row in db.session.scalars(select(model))}
    for key, values in rows.items():
        row = existing.get(key)
        if row is None:
            row = existing[key] = model(**{key_column.key: key})
            db.session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()
    return existing


def _organisations(rows: dict[str, Data], opened: date) -> None:
    known = set(db.session.scalars(select(Organisation.code).where(Organisation.code.is_not(None))))
    values: dict[str, Data] = {}
    for code, row in rows.items():
        values[code] = {"side": row["side"], "name": row["names"]["ja"], "names": row["names"]}
        if code not in known:
            values[code] |= {
                "public_id": uuid.uuid5(uuid.NAMESPACE_URL, f"organisation/{code}").hex,
                "opened_on": opened,
            }
    existing = {
        row.code: row for row in db.session.scalars(select(Organisation).where(Organisation.code.in_(values)))
    }
    for code, fields in values.items():
        organisation = existing.get(code) or Organisation(code=code)
        for name, value in fields.items():
            setattr(organisation, name, value)
        db.session.add(organisation)
    db.session.flush()


def _by_code() -> dict[str, Organisation]:
    found = db.session.scalars(select(Organisation).where(Organisation.code.is_not(None)))
    return {str(row.code): row for row in found}


def _data_sets(rows: dict[str, Data], opened: date) -> None:
    offices = _by_code()
    fields = {
        code: {
            **{k: row[k] for k in OWN_FIELDS},
            "reviewing_office_id": offices[row["reviewing_office"]].id,
            "controller_id": offices[row["controller"]].id,
        }
        for code, row in rows.items()
    }
    found = _upsert(DataSet, DataSet.code, fields)
    for code, row in rows.items():
        _edition(found[code], row)
        _measures(found[code], row["definition"], offices)
        _assign(found[code], row, offices, opened)


def _edition(data_set: DataSet, row: Data) -> None:
    """A new edition where the definition changed."""
    newest = db.session.scalars(
        select(DataSetVersion)
        .where(DataSetVersion.data_set_id == data_set.id)
        .order_by(DataSetVersion.version.desc())
        .limit(1)
    ).first()
    if newest is None or newest.sha256 != row["sha256"]:
        db.session.add(
            DataSetVersion(
                data_set_id=data_set.id,
                version=newest.version + 1 if newest else 1,
                definition=row["definition"],
                sha256=row["sha256"],
                made_at=clock.now(),
            )
        )
    db.session.flush()


def _measures(data_set: DataSet, definition: Data, offices: dict[str, Organisation]) -> None:
    existing = {
        row.code: row for row in db.session.scalars(select(Measure).where(Measure.data_set_id == data_set.id))
    }
    reported = {"code": REPORTED, "kind": "flow", "labels": {"ja": "報告", "en": "report"}, "units": None}
    for position, item in enumerate([*definition["measures"], reported]):
        row = existing.get(item["code"]) or Measure(data_set_id=data_set.id, code=item["code"])
        row.kind, row.names, row.units, row.position = item["kind"], item["labels"], item["units"], position
        row.organisation_id = offices[item["asked"]].id if item.get("asked") else None
        db.session.add(row)
    db.session.flush()


def _assign(data_set: DataSet, row: Data, offices: dict[str, Organisation], opened: date) -> None:
    """Offices and sections file what the plan asks of them; groups are assigned when they are taken in."""
    if row["filed_by"] in BY_CARD:
        return
    asked = {item["asked"] for item in row["definition"]["measures"] if item.get("asked")}
    codes = asked or {code for code, o in offices.items() if o.side == row["filed_by"]}
    rows = db.session.scalars(select(Assignment).where(Assignment.data_set_id == data_set.id))
    assigned: dict[int, list[Assignment]] = {}
    for assignment in rows:
        assigned.setdefault(assignment.organisation_id, []).append(assignment)
    for code in sorted(codes):
        office = offices[code]
        if assigned.pop(office.id, None) is None:  # one that is there is staff's to change
            db.session.add(
                Assignment(
                    organisation_id=office.id,
                    data_set_id=data_set.id,
                    cadence=row["cadence"],
                    starts_on=opened,
                )
            )
    _end([one for several in assigned.values() for one in several])
    db.session.flush()


def _end(assignments: list[Assignment]) -> None:
    """No longer asked from today on; what was owed before stays owed."""
    yesterday = clock.today() - timedelta(days=1)
    for assignment in assignments:
        if assignment.ends_on is None or assignment.ends_on > yesterday:
            assignment.ends_on = max(assignment.starts_on, yesterday)


def _tree(by_kind: dict[str, dict[str, Data]]) -> None:
    goals = {int(number): row for number, row in by_kind["goal"].items()}
    found = _upsert(Goal, Goal.number, goals)
    db.session.execute(delete(Programme))
    db.session.expire_all()  # a direction that was read with its programmes would bring them back
    existing = {(row.goal.number, row.number): row for row in db.session.scalars(select(Direction))}
    directions: dict[str, Direction] = {}
    for code, row in by_kind["direction"].items():
        goal, number = map(int, code.split("-"))
        direction = existing.pop((goal, number), None) or Direction(goal_id=found[goal].id, number=number)
        direction.names = row["names"]
        db.session.add(direction)
        directions[code] = direction
    db.session.flush()
    for row in by_kind["programme"].values():
        fields = {name: value for name, value in row.items() if name != "direction"}
        db.session.add(Programme(direction_id=directions[row["direction"]].id, **fields))
    db.session.flush()
    _drop_unplaced(list(existing.values()), {number: g for number, g in found.items() if number not in goals})


def _drop_unplaced(directions: list[Direction], goals: dict[Any, Any]) -> None:
    """Directions and goals that the new file no longer has; their placements go with them."""
    for direction in directions:
        db.session.execute(delete(Placement).where(Placement.direction_id == direction.id))
        db.session.delete(direction)
    db.session.flush()
    for goal in goals.values():
        db.session.delete(goal)
    db.session.flush()


def _indicators(rows: dict[str, Data]) -> None:
    measures = {
        (data_set, code): id_
        for data_set, code, id_ in db.session.execute(
            select(DataSet.code, Measure.code, Measure.id).join(DataSet, DataSet.id == Measure.data_set_id)
        )
    }
    directions = {f"{d.goal.number}-{d.number}": d.id for d in db.session.scalars(select(Direction))}
    db.session.execute(delete(IndicatorSource))
    db.session.execute(delete(Placement))
    own = {name for name in next(iter(rows.values())) if name not in ("sources", "placements")}
    existing = {row.code: row for row in db.session.scalars(select(Indicator))}
    for gone in set(existing) - set(rows):
        db.session.delete(existing[gone])
    found = _upsert(Indicator, Indicator.code, {code: {k: row[k] for k in own} for code, row in rows.items()})
    for code, row in rows.items():
        for position, source in enumerate(row["sources"]):
            db.session.add(
                IndicatorSource(
                    indicator_id=found[code].id,
                    position=position,
                    role=source["role"],
                    measure_id=measures[source["data_set"], source["measure"]] if source["measure"] else None,
                    register=source["register"],
                )
            )
        for direction, position in row["placements"]:
            db.session.add(
                Placement(indicator_id=found[code].id, direction_id=directions[direction], position=position)
            )
    db.session.flush()
    db.session.expire_all()
