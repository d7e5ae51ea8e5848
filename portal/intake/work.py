"""The long steps of imports, done by the jobs runner: one at a time, each in its own unit of work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Select, or_, select, update

from portal import clock
from portal.accounts import sign_in
from portal.accounts.models import User
from portal.domain.errors import DomainError, NotPermitted
from portal.domain.permissions import SYSTEM, Actor
from portal.extensions import db
from portal.intake import reading, services
from portal.intake.models import Intake
from portal.intake.tables import Unreadable
from portal.web.unit_of_work import unit_of_work

WAITING = ("reading", "checking", "writing", "undoing")
GIVE_UP_AFTER = timedelta(minutes=15)  # a machine that stopped in the middle: somebody else takes the row
BACK_TO = {"reading": "refused", "checking": "columns", "writing": "ready", "undoing": "done"}
MEANWHILE = ("changed_meanwhile", "already_sent", "stale")  # the rows are checked anew, by themselves
log = logging.getLogger(__name__)


def waiting() -> bool:
    """Is there anything to do? One cheap question, asked every other second beside the server."""
    return db.session.scalar(_due().limit(1)) is not None


def _due() -> Select[int]:
    long_ago = clock.now() - GIVE_UP_AFTER
    free = or_(Intake.claimed_at.is_(None), Intake.claimed_at < long_ago)
    return select(Intake.id).where(Intake.state.in_(WAITING), free).order_by(Intake.id)


def run() -> list[str]:
    """Do every step that waits; the run in words for the operator."""
    with unit_of_work():
        services.tidy()
    done = 0
    while (intake_id := _claim()) is not None:
        step(intake_id)
        done += 1
    return [f"Import steps done: {done}"] if done else []


def _claim() -> int | None:
    """The next row, as ours: two runners share the work."""
    with unit_of_work():
        intake_id: int | None = db.session.scalar(_due().limit(1))
        if intake_id is None:
            return None
        taken = db.session.execute(
            update(Intake).where(Intake.id == intake_id, Intake.id.in_(_due())).values(claimed_at=clock.now())
        )
        return intake_id if taken.rowcount else None  # type: ignore[attr-defined]


def step(intake_id: int) -> None:
    """One step of one import. What goes wrong is written on its page; nothing of the step stays."""
    waiting = db.session.get(Intake, intake_id)
    if waiting is None:
        return  # thrown away since it was taken up
    state = waiting.state
    try:
        with unit_of_work():
            intake = db.session.get_one(Intake, intake_id)
            _STEPS[state](intake, _maker(intake))
            intake.claimed_at = None
    except DomainError as error:
        _stopped(intake_id, state, error.code, error)
    except Exception:
        log.exception("import %s failed while %s", intake_id, state)
        _stopped(intake_id, state, "unexpected", None)


def _stopped(intake_id: int, state: str, code: str, error: DomainError | None) -> None:
    with unit_of_work():
        intake = db.session.get(Intake, intake_id)
        if intake is None:
            return  # thrown away meanwhile: there is no page to say it on
        intake.claimed_at = None
        params = {} if error is None else {name: _plain(value) for name, value in error.params.items()}
        back = "checking" if code in MEANWHILE and state == "writing" else BACK_TO[state]
        services.stop(intake, back, params | {"code": code})


def _plain(value: object) -> object:
    return value if isinstance(value, int | str) else str(value)


def _maker(intake: Intake) -> Actor:
    """Whoever brought it in, with the grants of this moment."""
    kind, _colon, number = intake.created_by.partition(":")
    if kind == SYSTEM.kind:
        return SYSTEM
    user = db.session.get(User, int(number))
    actor = sign_in.actor_of_user(user) if user is not None and user.active else None
    if actor is None:
        raise NotPermitted("import")
    return actor


def _read(intake: Intake, _actor: Actor) -> None:
    if intake.content is None:
        raise Unreadable("empty")
    sheets = reading.read(intake.content, intake.filename, services.limits())
    services.keep_sheets(intake, sheets)


def _check(intake: Intake, actor: Actor) -> None:
    services.keep_fates(intake, services.plan(actor, intake))


_STEPS: dict[str, Callable[[Intake, Actor], None]] = {
    "reading": _read,
    "checking": _check,
    "writing": lambda intake, actor: services.write(actor, intake),
    "undoing": lambda intake, actor: services.take_back(actor, intake),
}
