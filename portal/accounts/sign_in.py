"""Who is signed in: a random id in the cookie, everything else in the `sessions` table.

Ending the row cuts a lost phone off at its next request. The cookie alone proves nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from flask import abort, current_app, g, redirect, request, session, url_for
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts.models import Card, CardGroup, SignedInSession, User
from portal.accounts.secrets import digest
from portal.accounts.throttle import own_transaction
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Grant, Role, needs_second_factor
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web.unit_of_work import SAFE_METHODS

COOKIE_KEY = "sid"
OTHERS = "others"  # in the cookie: the ids of this phone's other cards, which rest
GROUP = "group"  # in an address: which of the card's groups a page is about; its own where none is named
CARD_DAYS = 365  # a phone stays one of the group's for a year
STAFF_HOURS = 12  # a working day
MOST_CARDS = 6  # of one phone: as many as a family or a community centre has, and a cookie holds
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
    if row.card is not None:
        return _acting(row.card)
    note_use()
    return actor_of_user(row.user)


def _acting(card: Card) -> Actor:
    """The card for the group that the address names; NotFound where it is not one of the card's.

    A phone with several cards may hold the one that it is of: it is asked which card to use.
    """
    named = request.args.get(GROUP, "")
    found = [group for group in card.groups if group.public_id == named] if named else card.groups
    if not found:  # printed on paper, or kept on a phone, before two groups became one
        named = organisations.now_called(named)
        found = [group for group in card.groups if group.public_id == named]
    if not found and session.get(OTHERS) and request.method in SAFE_METHODS:
        abort(redirect(url_for("accounts.cards"), 303))
    if not found:
        raise NotFound("organisation")
    show_as(card, found[0])
    return actor_of_card(card).about(found[0].id)


def show_as(card: Card, organisation: Organisation) -> None:
    """From here on forms carry this group's name, and links the address of its pages."""
    g.page_of = organisation.public_id
    g.named_group = organisation.public_id if organisation.id != card.organisation_id else None


def current_session() -> SignedInSession | None:
    """The row behind this browser's cookie, while it is good; remembered for the request."""
    if "signed_in_session" not in g:
        g.signed_in_session = _find(session.get(COOKIE_KEY))
    row: SignedInSession | None = g.signed_in_session
    return row


def _find(token: str | None) -> SignedInSession | None:
    if not token:
        return None
    card = joinedload(SignedInSession.card)
    query = (
        select(SignedInSession)
        .where(
            SignedInSession.token_digest == _digest(token),
            SignedInSession.ended_at.is_(None),
            SignedInSession.resting_at.is_(None),
            SignedInSession.expires_at > clock.now(),
        )
        .options(
            joinedload(SignedInSession.user).joinedload(User.grants),
            card.joinedload(Card.organisation).lazyload(Organisation.kinds),
            card.joinedload(Card.further).joinedload(CardGroup.organisation).lazyload(Organisation.kinds),
        )
    )
    row = db.session.scalars(query).unique().first()
    if row is None or (row.card and row.card.revoked_at):
        return None
    if row.user and (not row.user.active or lacks_second_factor(row.user)):
        return None
    return row


def held() -> list[tuple[str, SignedInSession]]:
    """The cards that this browser has come in with, each with its id in the cookie: the one in use, and
    those that rest. Whatever has ended meanwhile is not among them.
    """
    tokens = {_digest(token): token for token in (session.get(COOKIE_KEY), *session.get(OTHERS, ())) if token}
    if not tokens:
        return []
    rows = db.session.scalars(
        select(SignedInSession)
        .where(
            SignedInSession.token_digest.in_(list(tokens)),
            SignedInSession.ended_at.is_(None),
            SignedInSession.expires_at > clock.now(),
            SignedInSession.card.has(Card.revoked_at.is_(None)),
        )
        .options(joinedload(SignedInSession.card).joinedload(Card.organisation))
        .order_by(SignedInSession.started_at, SignedInSession.id)
    )
    return [(tokens[row.token_digest], row) for row in rows]


def forget_ended() -> None:
    """Cards that have been signed out are no longer cards of this phone."""
    session[OTHERS] = [token for token, _row in held() if token != session.get(COOKIE_KEY)]


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
    """A card acts for its own organisation, or for one of the further groups that staff have put on it."""
    ids = tuple(group.id for group in card.groups)
    return Actor("card", card.id, card.organisation_id, (Grant(Role.REPORTER),), ids)


def actor_of_user(user: User | None) -> Actor | None:
    if user is None:
        return None
    grants = (Grant(Role(g_.role), g_.data_set, g_.district, g_.organisation_id) for g_ in user.grants)
    return Actor("staff", user.id, None, tuple(grants))


def start_session(*, user: User | None = None, card: Card | None = None, device: str) -> SignedInSession:
    """Sign this browser in, under a new id. Other cards of this phone rest; staff share with none."""
    kept = _make_room(card)
    token, at = secrets.token_hex(32), clock.now()
    lasts = timedelta(days=CARD_DAYS) if card else timedelta(hours=STAFF_HOURS)
    row = SignedInSession(
        token_digest=_digest(token), user=user, card=card, device=device, started_at=at, expires_at=at + lasts
    )
    db.session.add(row)
    db.session.flush()
    _carry(token, kept)
    session.permanent = card is not None  # a staff browser forgets at closing
    return row


def _make_room(card: Card | None) -> list[str]:
    """Before a card comes in: this phone's other cards rest, its own earlier sign-in ends. Gives the ids that
    stay in the cookie, at most as many as fit. For staff (None) all end.
    """
    rows = held()
    others = [(token, row) for token, row in rows if card is not None and row.card_id != card.id]
    stay = others[-(MOST_CARDS - 1) :]
    _end(row for _token, row in rows if row.id not in {kept.id for _kept, kept in stay})
    current = current_session()
    if current is not None and current.user is not None:
        _end([current])
    for _token, row in stay:
        row.resting_at = row.resting_at or clock.now()
    db.session.flush()
    return [token for token, _row in stay]


def _end(rows: Iterable[SignedInSession]) -> None:
    for row in rows:
        row.ended_at = clock.now()
    db.session.flush()


def wake(row: SignedInSession) -> None:
    """Change to another of this phone's cards: it opens again, the others rest. Else NotFound."""
    rows = held()
    token = next((kept for kept, one in rows if one.id == row.id), None)
    if token is None:
        raise NotFound("phone")
    for _token, one in rows:
        one.resting_at = None if one.id == row.id else one.resting_at or clock.now()
    db.session.flush()
    _carry(token, [kept for kept, one in rows if one.id != row.id])
    session.permanent = True


def _carry(token: str | None, others: list[str]) -> None:
    """What the cookie holds from now on, and nothing else: a new CSRF token too."""
    session.clear()
    if token:
        session[COOKIE_KEY] = token
    if others:
        session[OTHERS] = others
    for name in ("csrf_token", "signed_in_session", "actor", "page_of", "named_group"):
        g.pop(name, None)


def end_session() -> None:
    """Sign this browser out, and drop its CSRF token. The other cards of a phone stay."""
    row = current_session()
    if row is not None:
        _end([row])
    _carry(None, list(session.get(OTHERS, ())))
    session.permanent = bool(session.get(OTHERS))
