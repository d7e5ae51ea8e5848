"""一斉改選: what becomes of many areas on one day, looked at first and then done, all of it or nothing.

Whoever stays goes on with the same card. Where somebody else comes, the outgoing person's card lives on for
the months of that term (November is still theirs), and the new one gets a card of their own, made ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.models import Card
from portal.accounts.services import IssuedCard, Wish, drop_card, issue_cards, new_secrets
from portal.domain.errors import Invalid, StaleVersion
from portal.domain.periods import term_end
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations import terms
from portal.organisations.models import Contact, Organisation
from portal.organisations.services import Person
from portal.organisations.terms import ROLE

OPEN, STAY, CHANGE, COVER, VACANT, TAKE_BACK = "open", "stay", "change", "cover", "vacant", "take_back"
BY_SOMEBODY = (CHANGE, COVER)  # a term begins, and a card is made
MOST_CARDS = 200  # at once: each PIN takes a moment to hash


@dataclass(frozen=True)
class AreaRow:
    """An area on the day before the new term. `present` holds it then, `coming` is named for afterwards."""

    area: Organisation
    present: Contact | None
    coming: Contact | None
    goes_on: Contact | None  # who holds it afterwards, if nobody decides anything

    @property
    def seen(self) -> str:
        """What stood here when somebody looked."""
        until = self.present.ends_on.isoformat() if self.present and self.present.ends_on else "-"
        return f"{self.present.id if self.present else 0}_{until}_{self.coming.id if self.coming else 0}"

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be decided; the first is what stands if nobody decides."""
        if self.coming is not None:
            return (OPEN, TAKE_BACK) if self.coming.starts_on > clock.today() else (OPEN,)
        if self.present is None:
            return (OPEN, CHANGE, COVER)
        return (OPEN, STAY, CHANGE, COVER, VACANT)


@dataclass(frozen=True)
class Decision:
    """One row's choice; `person`: who begins, `covers`: the area whose person takes this one on too."""

    row: AreaRow
    choice: str = OPEN
    name: str = ""
    covers: AreaRow | None = None


def rows(actor: Actor, ends: date, district: str = "") -> list[AreaRow]:
    """The open areas whose cards this actor may make, by district and name."""
    filters = organisations.Filters(district=district, side="commissioner", on=max(ends, clock.today()))
    found = [
        area
        for area in organisations.listed(actor, filters)
        if may(actor, Permission.CARDS_ISSUE, organisations.subject(area))
    ]
    contacts = terms.contacts_of(found)
    return [_row(area, contacts[area.id], ends) for area in found]


def _row(area: Organisation, contacts: list[Contact], ends: date) -> AreaRow:
    present, coming = terms.on_duty(contacts, ends), terms.coming(contacts, ends)
    stays = present if present and (present.ends_on is None or present.ends_on > ends) else None
    return AreaRow(area, present, coming, coming or stays)


def next_end(ends: date) -> date:
    """The last day of the term that begins after that day."""
    return term_end(ends + timedelta(days=1))


def carry_out(
    actor: Actor, ends: date, decisions: Sequence[Decision], seen: Mapping[str, str]
) -> list[IssuedCard]:
    """Do it all, or nothing; gives the new cards. Flush.

    StaleVersion where an area is not as it was `seen` (public id -> `AreaRow.seen`).
    """
    for one in decisions:
        _check(actor, one, seen)
    begin = [one for one in decisions if one.choice in BY_SOMEBODY]
    if len(begin) > MOST_CARDS:
        raise Invalid("too_many_cards", most=MOST_CARDS)
    secrets = new_secrets(len(begin))  # slow, so before the first write
    people = {one.row.area.id: _person(one, decisions) for one in begin}
    for one in decisions:
        _do(actor, ends, one)
    for one in begin:
        terms.begin(actor, one.row.area, people[one.row.area.id], ends + timedelta(days=1), one.row.present)
    return issue_cards(actor, [Wish(one.row.area, ROLE, 0) for one in begin], secrets)


def _check(actor: Actor, one: Decision, seen: Mapping[str, str]) -> None:
    require(actor, Permission.CARDS_ISSUE, organisations.subject(one.row.area))
    if one.choice == OPEN:
        return  # whoever acts on it meanwhile is in nobody's way
    if seen.get(one.row.area.public_id) != one.row.seen:
        raise StaleVersion("area_changed")
    if one.choice not in one.row.choices:
        raise Invalid("unknown_choice")
    if one.choice == COVER and (one.covers is None or one.covers.area.id == one.row.area.id):
        raise Invalid("covered_by_nobody")


def _do(actor: Actor, ends: date, one: Decision) -> None:
    """All but what begins: that comes afterwards, with its cards."""
    row = one.row
    if one.choice == STAY and row.present and row.present.ends_on is not None:
        terms.set_end(actor, row.area, row.present, next_end(ends))
    elif one.choice == VACANT and row.present:
        terms.set_end(actor, row.area, row.present, ends)
    elif one.choice == TAKE_BACK and row.coming:
        for card in db.session.scalars(select(Card).where(Card.contact_id == row.coming.id)):
            drop_card(actor, card)
        terms.take_back(actor, row.area, row.coming, row.present)


def _person(one: Decision, decisions: Sequence[Decision]) -> Person:
    """Who begins: the name that was typed, or whoever holds the covering area from that day on."""
    if one.covers is None:
        return Person(one.name.strip() or None)
    other = next((d for d in decisions if d.row.area.id == one.covers.area.id), Decision(one.covers))
    if other.choice == CHANGE:
        return Person(other.name.strip() or None)
    holder = one.covers.present if other.choice == STAY else one.covers.goes_on
    if holder is None or other.choice in (VACANT, COVER, TAKE_BACK):
        raise Invalid("covered_by_nobody")
    return Person(holder.name, holder.phone, holder.email, holder.language)
