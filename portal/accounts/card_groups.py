"""Several groups behind one card: one person often leads two. Staff put a group on a card and take it off.

Whoever does so must be allowed to make cards for both: a card with a further group opens that group's pages.
Only groups share a card: a commissioner's area never does, whatever its holder leads besides (民生委員法).
"""

from __future__ import annotations

from collections.abc import Iterable

from portal import clock
from portal.accounts import queries
from portal.accounts.models import SHARED, Card, CardGroup
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.ground.audit import record
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation

MOST = 8  # groups of one card; whoever leads more is an office


def add(actor: Actor, card: Card, group: Organisation) -> None:
    """From now on the card is for this group too; flush. Pressed twice it is the same."""
    require(actor, Permission.CARDS_ISSUE, organisations.subject(card.organisation))
    require(actor, Permission.CARDS_ISSUE, organisations.subject(group))
    if card.revoked_at is not None:
        raise Conflict("card_revoked")
    if card.organisation.side != SHARED or group.side != SHARED:
        raise Invalid("not_a_group", field="further")
    if group in card.groups:
        return
    if len(card.groups) >= MOST:
        raise Invalid("too_many_groups", field="further")
    card.further.append(CardGroup(organisation=group))
    db.session.flush()
    record("card", card.id, "group_added", actor, organisation=group.id)


def take_off(actor: Actor, card: Card, group: Organisation) -> None:
    """The card no longer opens this group, from the next page on; flush."""
    require(actor, Permission.CARDS_ISSUE, organisations.subject(group))
    _take_off(actor, [row for row in card.further if row.organisation_id == group.id])


def take_off_all(actor: Actor, group: Organisation, role: str) -> None:
    """Somebody else takes this role of the group: the cards of whoever had it open it no longer."""
    rows = queries.on_cards_of_others([group.id])
    _take_off(actor, [row for row in rows if row.card.contact_role == role])


def _take_off(actor: Actor, rows: Iterable[CardGroup]) -> None:
    for row in list(rows):
        card, organisation_id = row.card, row.organisation_id
        card.further.remove(row)
        db.session.flush()
        record("card", card.id, "group_taken_off", actor, organisation=organisation_id)


def to_carry_over(actor: Actor, cards: Iterable[Card]) -> list[Organisation]:
    """The further groups of a card that is replaced, as far as this actor may make cards for them: whoever
    prints a card holds its PIN for a moment.
    """
    found = {group.id: group for card in cards for group in card.groups[1:]}
    return [
        group for group in found.values() if may(actor, Permission.CARDS_ISSUE, organisations.subject(group))
    ]


def choices(actor: Actor) -> list[Organisation]:
    """The groups that this actor could put on a card."""
    open_now = organisations.Filters(side=SHARED, on=clock.today())
    return [
        row
        for row in organisations.listed(actor, open_now)
        if may(actor, Permission.CARDS_ISSUE, organisations.subject(row))
    ]
