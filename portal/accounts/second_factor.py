"""Staff's second factor: codes of an app on their phone (RFC 6238), and recovery codes for its loss.

A code is taken once, and the steps before and after the present one too, since clocks drift. The secret
is sealed at rest; recovery codes are kept as digests. Who needs one: docs/adr/0030.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, func, or_, select, update

from portal import clock
from portal.accounts import sealing, throttle
from portal.accounts.models import RecoveryCode, User
from portal.accounts.secrets import digest, normal_pin
from portal.accounts.services import end_sessions
from portal.accounts.sign_in import actor_of_user
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record

STEP = 30  # seconds
DRIFT = 1  # steps before and after
RECOVERY_CODES = 10
OFFER_MINUTES = 60  # to fetch the phone and install an app
WINDOW = 15  # minutes, as for passwords
AT_REST, OFFERED = "second-factor", "second-factor-offer"
ISSUER = "Tsunagari Portal"


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is not in force yet. `sealed` travels in the form: looking at it writes nothing."""

    secret: str
    sealed: str
    address: str

    @property
    def spelled(self) -> str:
        """The secret as it is typed: in groups of four."""
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))


def is_set(user: User) -> bool:
    return user.totp_since is not None


def offer(user: User, sealed: str = "") -> Offer:
    """A new secret for this user, or the one that they have before them already."""
    try:
        secret = _offered(user, sealed)
    except Invalid:
        secret = pyotp.random_base32()
        sealed = sealing.seal(OFFERED, f"{user.id}:{secret}")
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Offer(secret, sealed, address)


def _offered(user: User, sealed: str) -> str:
    owner, _colon, secret = sealing.unseal(OFFERED, sealed, minutes=OFFER_MINUTES).partition(":")
    if owner != str(user.id):
        raise Invalid("unreadable")
    return secret


def confirm(user: User, sealed: str, typed: str, session_id: int | None = None) -> list[str]:
    """Put an offered secret in force, if the code is its own; gives ten recovery codes, this once.

    The one before it dies, and every other browser is signed out. Invalid("wrong_code", field="code").
    """
    secret = _offered(user, sealed)
    if user.totp_secret and _opened(user) == secret:
        raise Conflict("already_set")
    step = _step_of(secret, typed)
    if step is None:
        raise Invalid("wrong_code", field="code")
    user.totp_secret, user.totp_since, user.totp_step = sealing.seal(AT_REST, secret), clock.now(), step
    db.session.flush()
    codes = _new_codes(user)
    ended = end_sessions(user_id=user.id, but=[session_id] if session_id else [])
    _record(user, "second_factor_set", sessions=ended)
    return codes


def check_code(user: User, typed: str, address: str) -> None:
    """Return if this is the present code, unused.

    Raises Invalid("wrong_code"), Throttled after five wrong ones in a quarter of an hour.
    """
    own, place = _spend(user, address)
    step = _step_of(_opened(user), typed)
    if step is None or not _take_step(user, step):
        raise Invalid("wrong_code", field="code")
    user.totp_secret = sealing.reseal(AT_REST, user.totp_secret or "")
    throttle.forget(own)
    throttle.give_back(place)


def check_recovery(user: User, typed: str, address: str) -> int:
    """Spend a recovery code; how many are left. Invalid("wrong_recovery"), Throttled together with codes."""
    own, place = _spend(user, address)
    spent = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.digest == _digest(user, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    if spent.first() is None:
        raise Invalid("wrong_recovery", field="code")
    throttle.forget(own)
    throttle.give_back(place)
    left = codes_left(user)
    _record(user, "recovery_code_used", left=left)
    return left


def _spend(user: User, address: str) -> tuple[throttle.Try, throttle.Try]:
    own, place = throttle.by_account("code", user.id), throttle.by_address("code", address, WINDOW)
    with throttle.own_transaction():
        throttle.spend(own, place)
    return own, place


def _opened(user: User) -> str:
    """The secret; "" where no key opens it any more, so that only a recovery code gets in."""
    try:
        return sealing.unseal(AT_REST, user.totp_secret or "")
    except Invalid:
        return ""


def _step_of(secret: str, typed: str) -> int | None:
    """The step whose code this is, the present one first."""
    if not secret:
        return None
    code, totp, now = normal_pin(typed), pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP
    steps = sorted(range(now - DRIFT, now + DRIFT + 1), key=lambda step: abs(step - now))
    fits = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return fits[0] if fits else None


def _take_step(user: User, step: int) -> bool:
    """In one statement: the same code that comes twice at once is taken once."""
    taken = db.session.execute(
        update(User)
        .where(User.id == user.id, or_(User.totp_step.is_(None), User.totp_step < step))
        .values(totp_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def codes_left(user: User) -> int:
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing from now on."""
    if not is_set(user):
        raise Conflict("no_second_factor")
    codes = _new_codes(user)
    _record(user, "recovery_codes_made")
    return codes


def _new_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_new_code() for _n in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(user_id=user.id, digest=_digest(user, code), made_at=clock.now()) for code in codes
    )
    db.session.flush()
    return codes


def _new_code() -> str:
    """80 random bits as four groups of four letters and digits."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _digest(user: User, typed: str) -> str:
    return digest(f"recovery:{user.id}:{normal_pin(typed)}")


def reset(actor: Actor, user: User) -> None:
    """A lost phone: away with the factor and its recovery codes, and signed out everywhere.

    Somebody else's only: whoever has found an open browser must not free themselves of it.
    """
    require(actor, Permission.USERS_MANAGE)
    if actor.key == f"staff:{user.id}":
        raise Conflict("own_second_factor")
    if not is_set(user):
        return
    clear(user)
    ended = end_sessions(user_id=user.id)
    record("user", user.id, "second_factor_reset", actor, sessions=ended)


def clear(user: User) -> None:
    """Without a second factor; flush."""
    user.totp_secret = user.totp_since = user.totp_step = None
    db.session.flush()
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def reseal_all() -> tuple[int, list[str]]:
    """Every secret under today's key: (how many, e-mail addresses of those that no key opens)."""
    done, lost = 0, []
    for user in db.session.scalars(select(User).where(User.totp_secret.is_not(None)).order_by(User.id)):
        try:
            user.totp_secret = sealing.reseal(AT_REST, user.totp_secret or "")
            done += 1
        except Invalid:
            lost.append(user.email)
    db.session.flush()
    return done, lost


def _record(user: User, action: str, **told: object) -> None:
    actor = actor_of_user(user)
    assert actor is not None  # noqa: S101 - only None has none
    record("user", user.id, action, actor, **told)
