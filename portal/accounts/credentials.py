"""Is it really them? A PIN is checked against its card, a password against its user."""

from __future__ import annotations

from sqlalchemy import update

from portal import clock
from portal.accounts import throttle
from portal.accounts.models import Card, User
from portal.accounts.queries import MOST_TRIES, user_by_email
from portal.accounts.secrets import hash_secret, normal_email, outdated, verify
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit

PIN_WINDOW = 10  # minutes
PASSWORD_WINDOW = 15  # minutes


def check_pin(card: Card, pin: str, address: str) -> None:
    """Return if `pin` is the card's.

    Raises Invalid("wrong_pin", left=tries), Conflict("card_locked") from the fifth wrong one on until staff
    unlock it, Throttled where too many came from one network address. A lock stops new phones only: with
    a photograph of a card, a stranger could otherwise sign the group's own phones out.
    """
    place = throttle.by_address("pin", address, PIN_WINDOW)
    with throttle.own_transaction():
        throttle.spend(place)
        if not _take_try(card.id):
            raise Conflict("card_locked")
    if verify(card.pin_hash, pin):
        card.failures = 0
        db.session.flush()
        throttle.give_back(place)
        return
    if card.failures < MOST_TRIES:
        raise Invalid("wrong_pin", left=MOST_TRIES - card.failures)
    with throttle.own_transaction():
        card.locked_at = clock.now()
        db.session.flush()  # the card's row is ours before its chain is read
        audit.record("card", card.id, "locked", SYSTEM, failures=card.failures)
    raise Conflict("card_locked")


def _take_try(card_id: int) -> bool:
    """Spend one of the five, in one statement: tries that come at the same time can't share one."""
    spent = db.session.execute(
        update(Card)
        .where(Card.id == card_id, Card.locked_at.is_(None), Card.failures < MOST_TRIES)
        .values(failures=Card.failures + 1)
        .returning(Card.id)
        .execution_options(synchronize_session=False)
    )
    return spent.first() is not None


def check_password(email: str, password: str, address: str) -> User:
    """The user whose password this is.

    Raises Invalid("wrong_sign_in") without saying which of the two was wrong, in the same time, and
    Throttled after five wrong ones for an e-mail address in a quarter of an hour (fifty for a network's).
    """
    email = normal_email(email)
    own, place = throttle.by_email(email), throttle.by_address("password", address, PASSWORD_WINDOW)
    with throttle.own_transaction():
        throttle.spend(own, place)
    user = user_by_email(email)
    right = verify(user.password_hash if user and user.active else None, password)
    if user is None or not right:
        raise Invalid("wrong_sign_in")
    throttle.forget(own)
    throttle.give_back(place)
    if outdated(user.password_hash):
        user.password_hash = hash_secret(password)
    return user


def check_own_password(user: User, password: str, field: str) -> None:
    """Before something that an open browser alone must not do.

    Raises Invalid("wrong_password", field=field), Throttled.
    """
    own = throttle.by_account("own-password", user.id)
    with throttle.own_transaction():
        throttle.spend(own)
    if not verify(user.password_hash, password):
        raise Invalid("wrong_password", field=field)
    throttle.forget(own)
