"""The day counter: what a commissioner counts day by day, and the month that it adds up to.

These are the notes of one card's term and no report (docs/adr/0025): no page of the staff's reads them, they
go into a record only when its writer sends that, and they are deleted once the record is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, or_, select
from sqlalchemy.sql.elements import ColumnElement

from portal import clock
from portal.accounts import queries as accounts
from portal.domain import tallies
from portal.domain.errors import NotFound
from portal.domain.measures import RawAnswer
from portal.domain.periods import Cadence, Month
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db, insert_into
from portal.organisations.models import Organisation
from portal.reporting import queries
from portal.reporting.answers import Written
from portal.reporting.desk import Desk, sit_down
from portal.reporting.models import Submission, Tap

KEPT_MONTHS = 3  # whole months after the counted one; then the notes go, whatever became of the record


def desk_on(actor: Actor, organisation: Organisation, data_set: str, day: date) -> Desk:
    """The record that a day belongs to; NotFound unless it is this card's and may be counted."""
    desk = sit_down(actor, organisation, data_set, Month.of(day).key, "reporting")
    if not may_count(desk):
        raise NotFound("day_counter", data_set=data_set)
    return desk


def may_count(desk: Desk) -> bool:
    """A card's own report, of a form that allows it, month by month. Never at a desk of the staff's."""
    own = desk.actor.kind == "card" and desk.blueprint == "reporting"
    return own and desk.form.day_counter and desk.cadence is Cadence.MONTHLY


def is_open(desk: Desk) -> bool:
    """Until the record is confirmed, or its year closed."""
    submission = queries.submission(desk.organisation.id, desk.data_set.id, desk.period)
    return not desk.locked and (submission is None or submission.approved_version is None)


def _own(desk: Desk) -> list[ColumnElement[bool]]:
    """What this card's term has counted: of an area that changed hands, not what the other one did."""
    where = [Tap.organisation_id == desk.organisation.id, Tap.data_set_id == desk.data_set.id]
    return [*where, Tap.contact_id.is_not_distinct_from(_term(desk))]


def _term(desk: Desk) -> int | None:
    return accounts.card(desk.actor.id).contact_id if desk.organisation.side == "commissioner" else None


# --- reads ------------------------------------------------------------------------------------------


def taps(desk: Desk, first: date, last: date) -> list[tallies.Tap]:
    """Everything counted from one day to another, taken back or not, in its order."""
    rows = db.session.scalars(select(Tap).where(*_own(desk), Tap.day.between(first, last)).order_by(Tap.id))
    return [tallies.Tap(row.tap_key, row.day, row.measure, row.undoes or "") for row in rows]


def add_up(desk: Desk, counted: Iterable[tallies.Tap]) -> dict[str, int]:
    """{measure: number} that these presses make in the form, with the days on which there were any."""
    counted = list(counted)
    sums = tallies.sums(counted)
    active = len(tallies.days(counted))
    asked = {m.code: sums.get(m.code, 0) for m in desk.form.measures if m.countable}
    asked |= {m.code: active for m in desk.form.measures if m.counts_days}
    return {code: number for code, number in asked.items() if number}


def month_of(desk: Desk) -> dict[str, int]:
    """What the month has come to so far; nothing where nothing was, or may be, counted."""
    if not may_count(desk):
        return {}
    return add_up(desk, taps(desk, desk.month.first_day, desk.month.last_day))


def counted(desk: Desk) -> Written:
    """A form to begin with: what was counted is filled in, everything else blank."""
    return fill(desk, Written({}))


def fill(desk: Desk, written: Written) -> Written:
    """What was counted in the place of what stands there; what was not counted stays as it is."""
    raw = {code: RawAnswer(text=str(number)) for code, number in month_of(desk).items()}
    return Written({**written.raw, **raw}, written.evidence, written.answers)


def notice(desk: Desk, written: Written) -> str:
    """What the form says: "filled" where the counted numbers stand in it, "offer" where others do."""
    numbers = month_of(desk)
    if not numbers:
        return ""
    same = all(written.raw.get(code, RawAnswer()).text == str(number) for code, number in numbers.items())
    return "filled" if same else "offer"


# --- writes -----------------------------------------------------------------------------------------


def take(
    actor: Actor, organisation: Organisation, data_set: str, pressed: Iterable[tallies.Tap]
) -> tuple[list[str], list[str]]:
    """Count what was pressed; flush. Gives the keys that are counted by now, and those that can't be.

    A key that has arrived before counts as counted. A month that is confirmed, closed or not this card's
    counts nothing more.
    """
    taken: list[str] = []
    refused: list[str] = []
    desks: dict[Month, Desk | None] = {}
    for tap in pressed:
        month = Month.of(tap.day)
        if month not in desks:
            desks[month] = _open_desk(actor, organisation, data_set, tap.day)
        desk = desks[month]
        (taken if desk is not None and _count(desk, tap) else refused).append(tap.key)
    return taken, refused


def _open_desk(actor: Actor, organisation: Organisation, data_set: str, day: date) -> Desk | None:
    if day < _first_kept():
        return None
    try:
        desk = desk_on(actor, organisation, data_set, day)
    except NotFound:
        return None
    require(actor, Permission.REPORT_FILL, desk.subject)
    return desk if is_open(desk) else None


def _count(desk: Desk, tap: tallies.Tap) -> bool:
    """Write one press down, once; whether it stands there now."""
    countable = {m.code for m in desk.form.measures if m.countable}
    if tap.measure not in countable or tap.day > clock.today() or not (_undoes(desk, tap) or not tap.undoes):
        return False
    row = {
        "organisation_id": desk.organisation.id,
        "data_set_id": desk.data_set.id,
        "contact_id": _term(desk),
        "day": tap.day,
        "measure": tap.measure,
        "step": -1 if tap.undoes else 1,
        "tap_key": tap.key,
        "undoes": tap.undoes or None,
        "entered_by": desk.actor.key,
        "at": clock.now(),
    }
    db.session.execute(insert_into(Tap).values(**row).on_conflict_do_nothing())
    db.session.flush()
    arrived = or_(Tap.tap_key == tap.key, Tap.undoes == tap.undoes)  # a "" undoes nothing: no row has it
    return db.session.scalars(select(Tap.id).where(*_own(desk), arrived).limit(1)).first() is not None


def _undoes(desk: Desk, tap: tallies.Tap) -> bool:
    """Is the press that it takes back one of this card's, for that day and that item?"""
    found = select(Tap.id).where(
        *_own(desk), Tap.tap_key == tap.undoes, Tap.step == 1, Tap.day == tap.day, Tap.measure == tap.measure
    )
    return db.session.scalars(found).first() is not None


def forget(submission: Submission) -> None:
    """Its record is confirmed: the notes have done their work; flush."""
    if not submission.data_set.current.definition.get("day_counter"):
        return
    month = Month.parse(submission.period)
    db.session.execute(
        delete(Tap).where(
            Tap.organisation_id == submission.organisation_id,
            Tap.data_set_id == submission.data_set_id,
            Tap.day.between(month.first_day, month.last_day),
        )
    )
    db.session.flush()


def tidy() -> str:
    """Delete notes of months that nobody sent a record for, or that were confirmed by other ways; flush."""
    gone = db.session.scalars(delete(Tap).where(Tap.day < _first_kept()).returning(Tap.id)).all()
    return f"Presses of the day counter deleted: {len(gone)}" if gone else ""


def _first_kept() -> date:
    return Month.of(clock.today()).plus(-KEPT_MONTHS).first_day
