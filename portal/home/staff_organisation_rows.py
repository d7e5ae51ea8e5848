"""What the organisations' pages show: organisations with their forms, cards and phones, read in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.models import Card, CardGroup, SignedInSession
from portal.datasets.models import Assignment, DataSet
from portal.domain.errors import NotFound
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import COMMISSIONER_FORM, REGISTERS, Contact, Organisation


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `assignments`: those in force today."""

    organisation: Organisation
    assignments: tuple[Assignment, ...]
    card: accounts.CardState


def rows(actor: Actor, filters: organisations.Filters, card: str = "") -> list[Row]:
    """The list in the actor's scope; `card`: only those whose card is in that state. Five queries."""
    found = organisations.listed(actor, filters)
    ids = [organisation.id for organisation in found]
    states, forms = accounts.card_states(ids), defaultdict(list)
    for assignment in assignments(ids, clock.today()):
        forms[assignment.organisation_id].append(assignment)
    made = (Row(o, tuple(forms[o.id]), states[o.id]) for o in found)
    return [row for row in made if not card or row.card == card]


def assignments(organisation_ids: Sequence[int], on: date | None = None) -> list[Assignment]:
    """Who files what, by form and first day; `on`: in force on that day, else all there ever were."""
    query = (
        select(Assignment)
        .join(Assignment.data_set)
        .where(Assignment.organisation_id.in_(organisation_ids))
        .options(joinedload(Assignment.data_set))
        .order_by(DataSet.position, Assignment.starts_on.desc())
    )
    if on is not None:
        over = Assignment.ends_on.is_(None) | (Assignment.ends_on >= on)
        query = query.where(Assignment.starts_on <= on, over)
    return list(db.session.scalars(query))


def may_reelect(actor: Actor) -> bool:
    """Is somewhere an area whose cards this actor may make?"""
    return any(
        may(actor, Permission.CARDS_ISSUE, Subject(COMMISSIONER_FORM, grant.district, confidential=True))
        for grant in actor.grants
        if grant.data_set == COMMISSIONER_FORM
    )


def assignment_of(organisation: Organisation, assignment_id: int) -> Assignment:
    """One of the organisation's own; else NotFound."""
    found = db.session.get(Assignment, assignment_id)
    if found is None or found.organisation_id != organisation.id:
        raise NotFound("assignment")
    return found


def forms_for(organisation: Organisation) -> list[DataSet]:
    """The report forms that its side files, in their order."""
    query = (
        select(DataSet).where(DataSet.filed_by == organisation.side).order_by(DataSet.position, DataSet.id)
    )
    return list(db.session.scalars(query))


def form_by_code(code: str) -> DataSet:
    found = db.session.scalars(select(DataSet).where(DataSet.code == code)).first()
    if found is None:
        raise NotFound("data_set")
    return found


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card in force with the phones that it has signed in."""

    card: Card
    locked: bool
    phones: tuple[SignedInSession, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of one organisation's page."""

    organisation: Organisation
    assignments: list[Assignment]
    contacts: list[Contact]
    cards: list[CardLine]
    elsewhere: list[CardGroup]
    registrations: dict[str, list[int]]
    years: list[int]
    may_write: bool
    may_issue: bool
    may_unlock: bool

    @property
    def in_force(self) -> dict[str, int]:
        """contact role -> id of its card; 0 where it has none."""
        return defaultdict(int, {line.card.contact_role: line.card.id for line in self.cards})


def sheet(actor: Actor, organisation: Organisation) -> Sheet:
    """`years`: last, this and next fiscal year, and every other that the organisation is registered in."""
    cards = accounts.open_cards([organisation.id])
    phones = accounts.phones([card.id for card in cards])
    lines = [
        CardLine(card, accounts.is_locked(card), tuple(p for p in phones if p.card_id == card.id))
        for card in cards
    ]
    registered = organisations.registrations(organisation)
    subject, year = organisations.subject(organisation), FiscalYear.of(clock.today()).year
    known = {y for register in REGISTERS for y in registered.get(register, ())}
    return Sheet(
        organisation=organisation,
        assignments=assignments([organisation.id]),
        contacts=organisations.contacts(organisation),
        cards=lines,
        elsewhere=accounts.on_cards_of_others([organisation.id]),
        registrations=registered,
        years=sorted({year - 1, year, year + 1} | known),
        may_write=may(actor, Permission.ORGANISATIONS_WRITE, subject),
        may_issue=may(actor, Permission.CARDS_ISSUE, subject),
        may_unlock=may(actor, Permission.CARDS_UNLOCK, subject),
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """What the organisation is part of, since when; and what is part of it."""

    into: Organisation | None
    since: str | None
    parts: list[Organisation]


def merged(organisation: Organisation) -> Merged:
    into = organisations.by_id(organisation.merged_into_id) if organisation.merged_into_id else None
    return Merged(into, organisation.merged_from, organisations.merged_into(organisation))
