"""The groups that cards are made for: what the page lists, and what came back ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal import clock
from portal.accounts import queries as accounts
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, may
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation

MOST = 96  # twelve pages: each PIN takes a moment to hash


@dataclass(frozen=True, slots=True)
class CardRow:
    """A group with its cards' state. `replaces`: id of the leader's card in force, 0 for none."""

    organisation: Organisation
    state: accounts.CardState
    replaces: int
    phones: int


def groups(actor: Actor, district: str) -> list[CardRow]:
    """The open groups and held areas of a district (of all: ""), whose cards this actor may make."""
    filters = organisations.Filters(district=district, on=clock.today())
    listed = [row for row in organisations.listed(actor, filters) if row.code is None]
    held = organisations.present_commissioners([row.id for row in listed if row.side == "commissioner"])
    found = [
        row
        for row in listed
        if may(actor, Permission.CARDS_ISSUE, organisations.subject(row))
        and (row.side == "group" or row.id in held)
    ]
    ids = [row.id for row in found]
    states = accounts.card_states(ids)
    cards = {
        card.organisation_id: card.id
        for card in accounts.open_cards(ids)
        if card.contact_role == "leader"
        or (card.contact_role == "commissioner" and card.contact_id == held.get(card.organisation_id))
    }
    phones = accounts.phones(cards.values())
    return [
        CardRow(
            organisation=row,
            state=states[row.id],
            replaces=cards.get(row.id, 0),
            phones=sum(phone.card_id == cards.get(row.id) for phone in phones),
        )
        for row in found
    ]


def role_of(organisation: Organisation) -> str:
    """Whose card it is that a district's print makes."""
    return "commissioner" if organisation.side == "commissioner" else "leader"


def chosen(actor: Actor, items: Sequence[str]) -> list[tuple[Organisation, int]]:
    """What was ticked, "<public id>:<id of the card seen in force>"; NotFound for a group of others."""
    own = {
        row.public_id: row
        for row in organisations.listed(actor, organisations.Filters())
        if may(actor, Permission.CARDS_ISSUE, organisations.subject(row))
    }
    found = {}
    for item in items:
        public_id, _, card = item.rpartition(":")
        if public_id not in own:
            raise NotFound("organisation")
        found[public_id] = (own[public_id], int(card) if card.isdecimal() else -1)
    return list(found.values())
