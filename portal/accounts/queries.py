"""Reads of cards, phones and staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock
from portal.accounts.models import Card, CardGroup, SignedInSession, User
from portal.accounts.secrets import digest, normal_email
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation

MOST_TRIES = 5  # wrong PINs until the card is locked
MOST_PHONES = 3  # phones that are signed in with one card


class CardState(StrEnum):
    """What staff see of an organisation's card."""

    NONE = "none"
    UNUSED = "unused"
    IN_USE = "in_use"
    LOCKED = "locked"


def is_locked(card: Card) -> bool:
    return card.locked_at is not None or card.failures >= MOST_TRIES


def card_by_token(token: str) -> Card | None:
    """The card of a QR's address, unless it was revoked."""
    return db.session.scalars(
        select(Card)
        .where(Card.token_digest == digest(token), Card.revoked_at.is_(None))
        .options(joinedload(Card.organisation))
    ).first()


def card(card_id: int) -> Card:
    """The card of somebody who is signed in with it."""
    return db.session.get_one(Card, card_id)


def card_for(actor: Actor, card_id: int, permission: Permission) -> Card:
    """A card that the actor may act on; NotFound for anybody else's."""
    card = db.session.get(Card, card_id, options=[joinedload(Card.organisation)])
    if card is None or not may(actor, permission, organisations.subject(card.organisation)):
        raise NotFound("card")
    return card


def open_cards(organisation_ids: Iterable[int]) -> list[Card]:
    """The cards in force, in the order in which they were issued."""
    return list(
        db.session.scalars(
            select(Card)
            .where(Card.organisation_id.in_(list(organisation_ids)), Card.revoked_at.is_(None))
            .order_by(Card.organisation_id, Card.contact_role, Card.id)
            .options(selectinload(Card.further).joinedload(CardGroup.organisation))
        )
    )


def phones(card_ids: Iterable[int]) -> list[SignedInSession]:
    """The browsers signed in with these cards, the oldest first."""
    return list(
        db.session.scalars(
            select(SignedInSession)
            .where(
                SignedInSession.card_id.in_(list(card_ids)),
                SignedInSession.ended_at.is_(None),
                SignedInSession.expires_at > clock.now(),
            )
            .order_by(SignedInSession.started_at, SignedInSession.id)
        )
    )


def browsers(user_id: int) -> list[SignedInSession]:
    """Where a member of staff is signed in, the one used last first."""
    found = db.session.scalars(
        select(SignedInSession).where(
            SignedInSession.user_id == user_id,
            SignedInSession.ended_at.is_(None),
            SignedInSession.expires_at > clock.now(),
        )
    )
    return sorted(found, key=lambda row: (row.last_used_at or row.started_at, row.id), reverse=True)


def card_states(organisation_ids: Sequence[int]) -> dict[int, CardState]:
    """organisation id -> its card's state; the one that needs a hand wins where there are several."""
    cards = [(card.organisation_id, card) for card in open_cards(organisation_ids)]
    cards += [(row.organisation_id, row.card) for row in on_cards_of_others(organisation_ids)]
    used = {phone.card_id for phone in phones([card.id for _organisation, card in cards])}
    states = dict.fromkeys(organisation_ids, CardState.NONE)
    rank = list(CardState)
    for organisation_id, card in cards:
        state = CardState.IN_USE if card.id in used else CardState.UNUSED
        state = CardState.LOCKED if is_locked(card) else state
        states[organisation_id] = max(states[organisation_id], state, key=rank.index)
    return states


def on_cards_of_others(organisation_ids: Iterable[int]) -> list[CardGroup]:
    """Where these groups stand on another group's card that is in force."""
    query = (
        select(CardGroup)
        .join(CardGroup.card)
        .where(CardGroup.organisation_id.in_(list(organisation_ids)), Card.revoked_at.is_(None))
        .options(joinedload(CardGroup.card).joinedload(Card.organisation), joinedload(CardGroup.organisation))
    )
    return list(db.session.scalars(query.order_by(CardGroup.card_id, CardGroup.organisation_id)))


def user_by_email(email: str) -> User | None:
    return db.session.scalars(select(User).where(User.email == normal_email(email))).first()


def user(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound("user")
    return found


def users() -> list[User]:
    """All staff with their grants: those who may sign in first, then by e-mail."""
    order = (User.active.desc(), User.email)
    return list(db.session.scalars(select(User).options(selectinload(User.grants)).order_by(*order)))


def names() -> dict[str, str]:
    """actor reference -> what staff call them: "staff:3" -> a name, "card:7" -> a group's."""
    people = {f"staff:{row.id}": row.name for row in db.session.execute(select(User.id, User.name))}
    cards = select(Card.id, Organisation.name).join(Card.organisation)
    return people | {f"card:{row.id}": row.name for row in db.session.execute(cards)}
