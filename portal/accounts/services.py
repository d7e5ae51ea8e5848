"""Cards and phones: issuing, revoking, unlocking, handing over. Each asks permission and is audited.

Services flush and never commit. A card's token and PIN exist in plain only in what `issue_card` returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select, update

from portal import clock
from portal.accounts import card_groups, queries
from portal.accounts.models import Card, SignedInSession, User
from portal.accounts.secrets import digest, hash_secret, new_pin, new_token
from portal.accounts.sign_in import actor_of_card, actor_of_user, end_session, held, start_session
from portal.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.ground.audit import record
from portal.organisations import queries as organisations
from portal.organisations import services as organisation_services
from portal.organisations.models import Organisation
from portal.organisations.services import Person, roles_of


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A new card with what is printed on it and never kept: the token of its address, and its PIN."""

    card: Card
    token: str
    pin: str


def card_address(token: str, slug: str = "ja") -> str:
    """The absolute address of a card's QR. It is printed on paper, so it must go on working."""
    return f"{current_app.config['SETTINGS'].public_url}/{slug}/card/{token}"


@dataclass(frozen=True, slots=True)
class Secret:
    """What a new card is opened with: the token of its address, its PIN, and the PIN as it is kept."""

    token: str
    pin: str
    pin_hash: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A card that is wanted. `replaces`: id of the card that the actor saw in force (0: none)."""

    organisation: Organisation
    contact_role: str = "leader"
    replaces: int | None = None


def issue_card(
    actor: Actor, organisation: Organisation, contact_role: str = "leader", *, replaces: int | None = None
) -> IssuedCard:
    """Make the card of a contact role. The one it had dies at once, and its phones are signed out."""
    return issue_cards(actor, [Wish(organisation, contact_role, replaces)])[0]


def issue_cards(actor: Actor, wishes: Sequence[Wish], secrets: Sequence[Secret] = ()) -> list[IssuedCard]:
    """Several cards, all or none. Raises StaleVersion if the card that one `replaces` is another by now,
    so that pressing reload does not kill the cards that were just printed.

    All PINs are hashed before the first write: hashing is slow on purpose, and writers wait in line. Whoever
    writes before brings its `secrets` along.
    """
    for wish in wishes:
        require(actor, Permission.CARDS_ISSUE, organisations.subject(wish.organisation))
        if wish.contact_role not in roles_of(wish.organisation.side):
            raise Invalid("unknown_role", field="role")
    terms = _terms([wish.organisation for wish in wishes])
    old: dict[tuple[int, str, int | None], list[Card]] = defaultdict(list)
    for card in queries.open_cards({wish.organisation.id for wish in wishes}):
        old[card.organisation_id, card.contact_role, card.contact_id].append(card)
    replaced = []
    for wish in wishes:
        cards = old[wish.organisation.id, wish.contact_role, terms.get(wish.organisation.id)]
        if wish.replaces not in (None, cards[-1].id if cards else 0):
            raise StaleVersion("card_changed", expected=wish.replaces, actual=cards[-1].id if cards else 0)
        replaced.append(cards)
    found = []
    for wish, cards, secret in zip(wishes, replaced, secrets or new_secrets(len(wishes)), strict=True):
        further = card_groups.to_carry_over(actor, cards)
        for card in cards:
            _revoke(actor, card, "replaced")
        made = _new_card(actor, wish, terms.get(wish.organisation.id), secret)
        for group in further:
            card_groups.add(actor, made, group)
        found.append(IssuedCard(made, secret.token, secret.pin))
    return found


def new_secrets(count: int) -> list[Secret]:
    """Addresses and PINs of cards to be."""
    return [Secret(new_token(), pin, hash_secret(pin)) for pin in (new_pin() for _number in range(count))]


def _new_card(actor: Actor, wish: Wish, term: int | None, secret: Secret) -> Card:
    card = Card(
        organisation=wish.organisation,
        contact_role=wish.contact_role,
        contact_id=term,
        token_digest=digest(secret.token),
        pin_hash=secret.pin_hash,
        failures=0,
        issued_at=clock.now(),
    )
    db.session.add(card)
    db.session.flush()
    record("card", card.id, "issued", actor, organisation=wish.organisation.id, role=wish.contact_role)
    return card


def _terms(wanted: Sequence[Organisation]) -> dict[int, int]:
    """A commissioner's card is that of the present term; NotFound("contact") for a vacant area."""
    areas = [organisation.id for organisation in wanted if organisation.side == "commissioner"]
    terms = organisations.present_commissioners(areas) if areas else {}
    if set(areas) - set(terms):
        raise NotFound("contact")
    return terms


def revoke_card(actor: Actor, card: Card) -> None:
    """A lost card: its address is unknown from now on, and its phones are signed out."""
    require(actor, Permission.CARDS_ISSUE, organisations.subject(card.organisation))
    if card.revoked_at is None:
        _revoke(actor, card, "revoked")


def drop_card(actor: Actor, card: Card) -> None:
    """A card of a term that is taken back before it began: it dies, and points at nobody any more."""
    revoke_card(actor, card)
    card.contact_id = None
    db.session.flush()


def unlock_card(actor: Actor, card: Card) -> None:
    """Five new tries for a card that wrong PINs have locked."""
    require(actor, Permission.CARDS_UNLOCK, organisations.subject(card.organisation))
    if card.revoked_at is not None:
        raise Conflict("card_revoked")
    if not queries.is_locked(card):
        return
    card.locked_at, card.failures = None, 0
    db.session.flush()
    record("card", card.id, "unlocked", actor)


def end_phone(actor: Actor, phone_id: int) -> SignedInSession:
    """Sign a phone out: by its own card, or by staff who may issue that card. Else NotFound."""
    phone = db.session.get(SignedInSession, phone_id)
    if phone is None or phone.card is None or phone.ended_at is not None:
        raise NotFound("phone")
    own = actor.kind == "card" and actor.id == phone.card_id
    if not own and not may(actor, Permission.CARDS_ISSUE, organisations.subject(phone.card.organisation)):
        raise NotFound("phone")
    phone.ended_at = clock.now()
    db.session.flush()
    record("card", phone.card.id, "phone_ended", actor, session=phone.id)
    return phone


def add_phone(card: Card, device: str) -> SignedInSession:
    """Sign this browser in with a card whose PIN was right. Conflict("too_many_phones") at the fourth.

    The card's row is held meanwhile, so phones that sign in at the same moment are counted one after the
    other (SQLite has one writer, and this unit of work has written already: the tries, or a phone's end).
    """
    locked = select(Card.revoked_at).where(Card.id == card.id).with_for_update()
    if db.session.scalar(locked) is not None:
        raise NotFound("card")  # revoked while the PIN was being checked
    here = {row.id for _token, row in held()}  # scanned once more: this phone takes no second place
    if len([phone for phone in queries.phones([card.id]) if phone.id not in here]) >= queries.MOST_PHONES:
        raise Conflict("too_many_phones")
    row = start_session(card=card, device=device)
    record("card", card.id, "phone_added", actor_of_card(card), session=row.id)
    return row


def add_browser(user: User, device: str, second: str | None = None) -> SignedInSession:
    """Sign a member of staff in here; `second`: what came after the password ("code", "recovery")."""
    actor = actor_of_user(user)
    assert actor is not None  # noqa: S101 - only None has none
    row = start_session(user=user, device=device)
    record("user", user.id, "signed_in", actor, session=row.id, **({"second": second} if second else {}))
    return row


def leave(actor: Actor) -> None:
    """Sign this browser out."""
    kind = "card" if actor.kind == "card" else "user"
    end_session()
    record(kind, actor.id, "signed_out", actor)


def leave_phone(card: Card, row: SignedInSession) -> None:
    """Sign one of this phone's cards out, the one in use or another."""
    row.ended_at = clock.now()
    db.session.flush()
    record("card", card.id, "signed_out", actor_of_card(card))


def came_back(card: Card, row: SignedInSession) -> None:
    """A confidential card of this phone was opened again with its PIN."""
    record("card", card.id, "phone_came_back", actor_of_card(card), session=row.id)


def hand_over(
    actor: Actor, organisation: Organisation, role: str, person: Person, starts_on: date | None = None
) -> list[Card]:
    """Somebody new takes a role: the history stays, the cards of that role die with their phones.

    But a commissioner's card lives on: its last month is still to be reported, and it opens no later one.
    Gives the cards that died. Conflict("began_today") where the present contact began today.
    """
    require(actor, Permission.CARDS_ISSUE, organisations.subject(organisation))
    organisation_services.begin_contact(actor, organisation, role, person, starts_on)
    if organisation.side == "commissioner":
        return []
    cards = [card for card in queries.open_cards([organisation.id]) if card.contact_role == role]
    for card in cards:
        _revoke(actor, card, "handed_over")
    card_groups.take_off_all(actor, organisation, role)
    return cards


def _revoke(actor: Actor, card: Card, why: str) -> None:
    card.revoked_at = clock.now()
    db.session.flush()
    ended = end_sessions(card_id=card.id)
    record("card", card.id, "revoked", actor, why=why, phones=ended)


def end_sessions(*, card_id: int | None = None, user_id: int | None = None, but: Iterable[int] = ()) -> int:
    """Sign out every browser of a card or of a user; how many there were. `but`: session ids that stay."""
    holder = SignedInSession.card_id == card_id if card_id else SignedInSession.user_id == user_id
    ended = db.session.execute(
        update(SignedInSession)
        .where(holder, SignedInSession.ended_at.is_(None), SignedInSession.id.not_in(list(but)))
        .values(ended_at=clock.now())
        .returning(SignedInSession.id)
    )
    return len(ended.all())
