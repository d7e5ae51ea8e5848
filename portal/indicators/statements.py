"""Statements on indicators: made by one, in force once another confirms them, taken back by another.

What is in force: of several statements of one kind on one year the newest. Every step is an event of the
statement's own audit chain; `verify` folds it again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from portal import clock
from portal.domain.canonical import canonical_json, sha256_of
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.numerals import read_count, read_decimal
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Actor, Permission, Subject, may, require
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.ground.models import AuditEvent
from portal.indicators.models import Statement
from portal.indicators.subjects import organisation_of, subject
from portal.periods import locks
from portal.periods.services import require_open
from portal.plan.models import Indicator

KINDS = ("adopted", "break", "stage")
LONGEST = 300


@dataclass(frozen=True)
class Stated:
    """What somebody states, as typed. `year`: of adopted and break; `day`: since when a stage holds."""

    kind: str
    year: str = ""
    day: str = ""
    value: str = ""
    stage: str = ""
    reason: str = ""
    evidence: str = ""


# --- reads ----------------------------------------------------------------------------------------------


def in_force() -> dict[str, list[Statement]]:
    """Every confirmed statement by indicator, the oldest first; in one query."""
    found: dict[str, list[Statement]] = defaultdict(list)
    rows = select(Statement).where(Statement.state == "confirmed").order_by(Statement.id)
    for row in db.session.scalars(rows):
        found[row.indicator_code].append(row)
    return found


def of_indicator(code: str) -> list[Statement]:
    """All that were ever made on one, the newest first."""
    rows = select(Statement).where(Statement.indicator_code == code).order_by(Statement.id.desc())
    return list(db.session.scalars(rows))


def waiting() -> list[Statement]:
    """Those that wait for a second person."""
    rows = select(Statement).where(Statement.state == "proposed").order_by(Statement.id)
    return list(db.session.scalars(rows))


def by_public_id(code: str, public_id: str) -> Statement:
    rows = select(Statement).where(Statement.indicator_code == code, Statement.public_id == public_id)
    found = db.session.scalars(rows).one_or_none()
    if found is None:
        raise NotFound("statement")
    return found


def may_decide(actor: Actor, row: Indicator, statement: Statement) -> bool:
    """May this actor confirm it, or take it back once it is in force?"""
    return may(actor, Permission.FIGURE_CONFIRM, _second(row, statement))


def _second(row: Indicator, statement: Statement) -> Subject:
    """Two pairs of eyes, but where the city has said that the office has one person only."""
    office = organisation_of(row)
    alone = office is not None and office.code in settings.get(settings.ONE_PERSON_OFFICES, [])
    return replace(subject(row), entered_by=statement.made_by, second_person=not alone)


def kinds_for(row: Indicator) -> tuple[str, ...]:
    """What can be stated of an indicator: a figure for those that have figures, a stage for the others."""
    if row.participation:
        return ()
    return ("stage",) if row.kind == "stage" else ("adopted", "break")


# --- writes ---------------------------------------------------------------------------------------------


def make(actor: Actor, row: Indicator, stated: Stated, years: Iterable[int]) -> Statement:
    """Put a statement down; flush. It counts once somebody else confirms it.

    `years`: those that are drawn. Raises NotPermitted; Invalid with the `field` that is wrong; PeriodLocked
    where it would move a closed year's figure.
    """
    require(actor, Permission.FIGURE_STATE, subject(row))
    if stated.kind not in kinds_for(row):
        raise Invalid("kind", field="kind")
    day, year = _when(stated, set(years))
    made = Statement(
        public_id=uuid.uuid4().hex,
        indicator_code=row.code,
        kind=stated.kind,
        fiscal_year=year,
        day=day,
        value=_value(row, stated.value) if stated.kind == "adopted" else None,
        stage=_stage(row, stated.stage) if stated.kind == "stage" else None,
        reason=_text(stated.reason, "reason"),
        evidence=_text(stated.evidence, "evidence"),
        state="proposed",
        made_at=clock.now(),
        made_by=actor.key,
    )
    _require_open(made)
    made.sha256 = digest(made)
    db.session.add(made)
    record("statement", made.public_id, "stated", actor, sha256=made.sha256, indicator=row.code)
    return made


def confirm(actor: Actor, row: Indicator, statement: Statement) -> None:
    """It counts from now on; flush. Raises NotPermitted to whoever made it, Conflict("decided")."""
    require(actor, Permission.FIGURE_CONFIRM, _second(row, statement))
    if statement.state != "proposed":
        raise Conflict("decided")
    _require_open(statement)
    statement.state, statement.decided_at, statement.confirmed_by = "confirmed", clock.now(), actor.key
    record("statement", statement.public_id, "confirmed", actor, sha256=statement.sha256)


def withdraw(actor: Actor, row: Indicator, statement: Statement) -> None:
    """Take it back; flush. One that is in force, only by somebody else than who made it."""
    if statement.state == "confirmed":
        require(actor, Permission.FIGURE_CONFIRM, _second(row, statement))
    else:
        require(actor, Permission.FIGURE_STATE, subject(row))
    if statement.state == "withdrawn":
        raise Conflict("decided")
    _require_open(statement)
    statement.state, statement.decided_at = "withdrawn", clock.now()
    record("statement", statement.public_id, "withdrawn", actor, sha256=statement.sha256)


def _require_open(statement: Statement) -> None:
    """A closed year's figures are final. A break moves no figure: it says how to read them."""
    if statement.kind != "break":
        locks.share([statement.fiscal_year])
        require_open([statement.fiscal_year])


def _when(stated: Stated, years: set[int]) -> tuple[date, int]:
    if stated.kind == "stage":
        try:
            day = date.fromisoformat(stated.day)
        except ValueError as error:
            raise Invalid("day", field="day") from error
        if day > clock.today() or FiscalYear.of(day).year not in years:
            raise Invalid("day", field="day")
        return day, FiscalYear.of(day).year
    year = int(stated.year[:4]) if stated.year.isdecimal() else 0
    if year not in years:
        raise Invalid("year", field="year")
    return clock.today(), year


def _value(row: Indicator, typed: str) -> int | Decimal:
    reading = read_decimal(typed, 2) if row.kind == "ratio" else read_count(typed)
    if reading.value is None:
        raise Invalid(reading.error or "blank", field="value")
    return reading.value


def _stage(row: Indicator, typed: str) -> str:
    if typed not in {stage["code"] for stage in row.stages}:
        raise Invalid("stage", field="stage")
    return typed


def _text(typed: str, field: str) -> str:
    text = "".join(sign if sign.isprintable() else " " for sign in typed).strip()[:LONGEST]
    if not text:
        raise Invalid(f"{field}_missing", field=field)
    return text


# --- what must hold -------------------------------------------------------------------------------------


def digest(row: Statement) -> str:
    """What was stated, all of it, in one number."""
    said = {
        "public_id": row.public_id,
        "indicator": row.indicator_code,
        "kind": row.kind,
        "fiscal_year": row.fiscal_year,
        "day": row.day,
        "value": None if row.value is None else Decimal(row.value),
        "stage": row.stage,
        "reason": hashlib.sha256(row.reason.encode()).hexdigest(),
        "evidence": hashlib.sha256(row.evidence.encode()).hexdigest(),
        "made_by": row.made_by,
    }
    return sha256_of(canonical_json(said))


STATES = {"stated": "proposed", "confirmed": "confirmed", "withdrawn": "withdrawn"}


def verify() -> tuple[dict[str, int], str | None]:
    """Every statement against its chain of events: nothing altered, and in the state that they make."""
    chains: dict[str, list[AuditEvent]] = defaultdict(list)
    events = select(AuditEvent).where(AuditEvent.subject_type == "statement").order_by(AuditEvent.seq)
    for event in db.session.scalars(events):
        chains[event.subject_id].append(event)
    rows = list(db.session.scalars(select(Statement).order_by(Statement.id)))
    for row in rows:
        chain = chains.pop(row.public_id, [])
        confirmed = [event.actor for event in chain if event.action == "confirmed"]
        if (
            not chain
            or STATES.get(chain[-1].action) != row.state
            or confirmed != [row.confirmed_by][: len(confirmed)]
        ):
            return {
                "statements": len(rows)
            }, f"statement {row.public_id}: its state is not what its events make"
        if any(event.data.get("sha256") != digest(row) for event in chain):
            return {"statements": len(rows)}, f"statement {row.public_id} was changed"
    gone = next(iter(chains), None)
    return {"statements": len(rows)}, f"statement {gone} is gone" if gone else None
