"""Who is signed in: a random id in the cookie, everything else in the `sessions` table.

Ending the row cuts a lost phone off at its next request. The cookie alone proves nothing.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, g, session
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts.models import Card, SignedInSession, User
from portal.accounts.secrets import digest
from portal.accounts.throttle import own_transaction
from portal.domain.permissions import Actor, Grant, Role, needs_second_factor
from portal.extensions import db
from portal.organisations.models import Organisation

COOKIE_KEY = "sid"
CARD_DAYS = 365  # a phone stays one of the group's for a year
STAFF_HOURS = 12  # a working day
USE_NOTED = timedelta(minutes=10)

# What makes a browser one of these, most telling first; it is all that is kept of the User-Agent.
DEVICES = (
    ("ipad", "iPad"),
    ("iphone", "iPhone"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac", "Macintosh"),
    ("linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """A code such as "android"; "other" where nothing is known."""
    return next((code for code, mark in DEVICES if mark in user_agent), "other")


def load_actor() -> Actor | None:
    """The actor of this request, or None. One query, whoever it is."""
    row = current_session()
    if row is None:
        return None
    note_use()
    return actor_of_card(row.card) if row.card is not None else actor_of_user(row.user)


def current_session() -> SignedInSession | None:
    """The row behind this browser's cookie, while it is good; remembered for the request."""
    if "signed_in_session" not in g:
        g.signed_in_session = _find(session.get(COOKIE_KEY))
    row: SignedInSession | None = g.signed_in_session
    return row


def _find(token: str | None) -> SignedInSession | None:
    if not token:
        return None
    query = (
        select(SignedInSession)
        .where(
            SignedInSession.token_digest == _digest(token),
            SignedInSession.ended_at.is_(None),
            SignedInSession.expires_at > clock.now(),
        )
        .options(
            joinedload(SignedInSession.user).joinedload(User.grants),
            joinedload(SignedInSession.card).joinedload(Card.organisation).lazyload(Organisation.kinds),
        )
    )
    row = db.session.scalars(query).unique().first()
    if row is None or (row.card and row.card.revoked_at):
        return None
    if row.user and (not row.user.active or lacks_second_factor(row.user)):
        return None
    return row


def lacks_second_factor(user: User) -> bool:
    """In production a password alone opens nothing to those who need a second factor (docs/adr/0030)."""
    if user.totp_since is not None or not current_app.config["SETTINGS"].production:
        return False
    actor = actor_of_user(user)
    return actor is not None and needs_second_factor(actor.grants)


def note_use() -> None:
    """Keep when staff's browser was last used, to ten minutes: a GET may be all that it does for hours.

    The third of the places that commit by themselves: before the view, and nothing but this.
    """
    row, at = current_session(), clock.now()
    if row is None or row.user is None or at - (row.last_used_at or row.started_at) < USE_NOTED:
        return
    with own_transaction():
        db.session.execute(
            update(SignedInSession)
            .where(SignedInSession.id == row.id)
            .values(last_used_at=at)
            .execution_options(synchronize_session=False)
        )


def _digest(token: str) -> str:
    return digest(f"session:{token}")


def actor_of_card(card: Card) -> Actor:
    """A card acts for its organisation and nothing else."""
    return Actor("card", card.id, card.organisation_id, (Grant(Role.REPORTER),))


def actor_of_user(user: User | None) -> Actor | None:
    if user is None:
        return None
    grants = (Grant(Role(g_.role), g_.data_set, g_.district, g_.organisation_id) for g_ in user.grants)
    return Actor("staff", user.id, None, tuple(grants))


def start_session(*, user: User | None = None, card: Card | None = None, device: str) -> SignedInSession:
    """Sign this browser in, under a new id: whatever it carried before is worth nothing afterwards."""
    end_session()
    token, at = secrets.token_hex(32), clock.now()
    lasts = timedelta(days=CARD_DAYS) if card else timedelta(hours=STAFF_HOURS)
    row = SignedInSession(
        token_digest=_digest(token), user=user, card=card, device=device, started_at=at, expires_at=at + lasts
    )
    db.session.add(row)
    db.session.flush()
    session[COOKIE_KEY] = token
    session.permanent = card is not None  # a staff browser forgets at closing
    return row


def end_session() -> None:
    """Sign this browser out, and drop its CSRF token with it."""
    row = current_session()
    if row is not None:
        row.ended_at = clock.now()
        db.session.flush()
    session.clear()
    for name in ("csrf_token", "signed_in_session", "actor"):
        g.pop(name, None)
