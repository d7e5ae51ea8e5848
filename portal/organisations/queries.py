"""Reads of organisations, always as somebody: what lies outside an actor's scope is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal import clock
from portal.domain.errors import NotFound
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.extensions import db
from portal.organisations.models import (
    BY_CARD,
    COMMISSIONER_FORM,
    SIDES,
    Contact,
    District,
    Organisation,
    OrganisationKind,
    Registration,
)
from portal.organisations.readings import patterns


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted. `on`: open on that day; None: closed ones too. `text`: in a name."""

    district: str | None = None
    kind: str | None = None
    side: str | None = None
    on: date | None = None
    text: str = ""


def subject(organisation: Organisation) -> Subject:
    """An organisation as permissions see it. What opens a commissioner's record is as close as the record."""
    district = organisation.district.code if organisation.district else None
    if organisation.side == "commissioner":
        return Subject(COMMISSIONER_FORM, district, organisation.id, confidential=True)
    return Subject(district=district, organisation_id=organisation.id)


def listed(actor: Actor, filters: Filters) -> list[Organisation]:
    """Organisations in the actor's scope: groups by district and name, then offices, then sections."""
    query = select(Organisation).options(joinedload(Organisation.district))
    if filters.district:
        query = query.where(Organisation.district.has(District.code == filters.district))
    if filters.kind:
        query = query.where(Organisation.kinds.any(OrganisationKind.kind == filters.kind))
    if filters.side:
        query = query.where(Organisation.side == filters.side)
    if filters.text:
        query = query.where(named(filters.text))
    if filters.on:
        open_then = or_(Organisation.closed_on.is_(None), Organisation.closed_on >= filters.on)
        query = query.where(Organisation.opened_on <= filters.on, open_then)
        query = query.where(Organisation.merged_into_id.is_(None))
    found = (o for o in db.session.scalars(query) if may(actor, Permission.ORGANISATIONS_READ, subject(o)))
    return sorted(found, key=place)


def named(typed: str) -> ColumnElement[bool]:
    """Organisations whose name, reading or name in another language holds what was typed."""
    looked_for = patterns(typed)
    if not looked_for:
        return false()
    return or_(*(Organisation.search.contains(pattern, autoescape=True) for pattern in looked_for))


def place(organisation: Organisation) -> tuple[int, int, str, int]:
    """Its place in a list: groups by district and name, then areas, offices, sections."""
    position = organisation.district.position if organisation.district else 0
    return SIDES.index(organisation.side), position, organisation.kana or organisation.name, organisation.id


def by_public_id(
    actor: Actor, public_id: str, permission: Permission = Permission.ORGANISATIONS_READ
) -> Organisation:
    """One organisation; NotFound where there is none, or none that the actor may see."""
    found = db.session.scalars(
        select(Organisation)
        .where(Organisation.public_id == public_id)
        .options(joinedload(Organisation.district))
    ).first()
    if found is None or not may(actor, permission, subject(found)):
        raise NotFound("organisation")
    return found


def by_id(organisation_id: int) -> Organisation | None:
    """One organisation by the id in a session or a grant: whoever holds that has already been let in."""
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.district))
    ).one_or_none()


def by_code(code: str) -> Organisation | None:
    """An office or section by the code that the plan file gives it."""
    return db.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()


def by_any_name(text: str) -> Organisation:
    """For commands: by public id, code or exact name. NotFound("organisation", found=n) unless it is one."""
    names = (Organisation.public_id == text, Organisation.code == text, Organisation.name == text)
    found = db.session.scalars(select(Organisation).where(or_(*names)).order_by(Organisation.id)).all()
    if len(found) != 1:
        raise NotFound("organisation", found=len(found))
    return found[0]


def districts() -> list[District]:
    return list(db.session.scalars(select(District).order_by(District.position, District.id)))


def district(code: str | None) -> District | None:
    """The district of that code; None for none; NotFound for an unknown one."""
    if not code:
        return None
    found = db.session.scalars(select(District).where(District.code == code)).first()
    if found is None:
        raise NotFound("district")
    return found


def now_called(public_id: str) -> str:
    """The public id of the group that this one is part of by now: old addresses and forms go on working."""
    into = aliased(Organisation)
    query = select(into.public_id).join(Organisation, Organisation.merged_into_id == into.id)
    return db.session.scalar(query.where(Organisation.public_id == public_id)) or public_id


class MergedGroups(dict[int, tuple[int, str]]):
    """A group that was merged -> the one that it is part of, and since which period."""

    def in_year(self, organisation: int, year: int) -> int:
        """Which group that is in a fiscal year: two that were one all through it count once."""
        into, since = self.get(organisation, (organisation, ""))
        return into if FiscalYear(year).first.key >= since else organisation


def merged_groups() -> MergedGroups:
    query = select(Organisation.id, Organisation.merged_into_id, Organisation.merged_from)
    rows = db.session.execute(query.where(Organisation.merged_into_id.is_not(None)))
    return MergedGroups({old: (into, since) for old, into, since in rows if into and since})


def names_now(rows: Iterable[Organisation]) -> list[tuple[str, Organisation]]:
    """Each name with the group that answers to it by now, once: a table still has the old one."""
    listed = list(rows)
    ids = {row.merged_into_id for row in listed if row.merged_into_id}
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    into = {row.id: row for row in db.session.scalars(query)} if ids else {}
    found = [(row.name, into.get(row.merged_into_id or 0, row)) for row in listed]
    return list({(name, row.id): (name, row) for name, row in found}.values())


def merged_into(organisation: Organisation) -> list[Organisation]:
    """The groups that have become part of this one, by name."""
    query = select(Organisation).where(Organisation.merged_into_id == organisation.id)
    return list(db.session.scalars(query.order_by(Organisation.name, Organisation.id)))


def office() -> Organisation | None:
    """The office that groups call: 社協's, else the first there is."""
    offices = db.session.scalars(
        select(Organisation).where(Organisation.side == "office").order_by(Organisation.id)
    ).all()
    return next((o for o in offices if o.code == "shakyo"), offices[0] if offices else None)


def sections_and_offices() -> list[Organisation]:
    """Those whose staff sign in with a password, offices first: a user's grant may be for one of them."""
    return list(
        db.session.scalars(
            select(Organisation)
            .where(Organisation.side.not_in(BY_CARD))
            .order_by(Organisation.side, Organisation.id)
        )
    )


def contacts(organisation: Organisation) -> list[Contact]:
    """All contacts there were, the present ones first, then the latest."""
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.organisation_id == organisation.id)
        .order_by(Contact.role, Contact.starts_on.desc(), Contact.id.desc())
    )
    return sorted(rows, key=lambda contact: not is_present(contact))


def present_contact(organisation: Organisation, role: str) -> Contact | None:
    """Whoever holds a role of the organisation now."""
    return next((c for c in contacts(organisation) if c.role == role and is_present(c)), None)


def languages(organisation_ids: Sequence[int], role: str = "leader") -> dict[int, str]:
    """organisation id -> the language that whoever holds that role reads; where nobody does, any other."""
    rows = db.session.scalars(select(Contact).where(Contact.organisation_id.in_(organisation_ids)))
    present = [contact for contact in rows if is_present(contact)]
    ordered = sorted(present, key=lambda contact: (contact.role == role, contact.id))
    return {contact.organisation_id: contact.language for contact in ordered}


def present_commissioners(areas: Sequence[int]) -> dict[int, int]:
    """area -> id of the contact who holds it, or is named for it already: cards are printed ahead of
    1 December. Vacant areas are not in it.
    """
    today = clock.today()
    rows = db.session.execute(
        select(Contact.organisation_id, Contact.id)
        .where(
            Contact.organisation_id.in_(areas),
            Contact.role == "commissioner",
            or_(Contact.ends_on.is_(None), Contact.ends_on >= today),
        )
        .order_by(Contact.starts_on.desc(), Contact.id)
    )
    found: dict[int, int] = {}
    for area, contact_id in rows:
        found.setdefault(area, contact_id)
    return found


def is_present(contact: Contact) -> bool:
    """The last day counts."""
    return contact.ends_on is None or contact.ends_on >= clock.today()


def holder(contacts: Iterable[Contact], month: Month) -> Contact | None:
    """Who held a commissioner's area last in that month; None where it was vacant."""
    during = [
        contact
        for contact in contacts
        if contact.starts_on <= month.last_day
        and (contact.ends_on is None or contact.ends_on >= month.first_day)
    ]
    return max(during, key=lambda contact: contact.starts_on, default=None)


def contact(organisation: Organisation, contact_id: int) -> Contact:
    """One of the organisation's own contacts; else NotFound."""
    found = db.session.get(Contact, contact_id)
    if found is None or found.organisation_id != organisation.id:
        raise NotFound("contact")
    return found


def registrations(organisation: Organisation) -> dict[str, list[int]]:
    """register -> the fiscal years in which the organisation stands in it."""
    years: dict[str, list[int]] = defaultdict(list)
    for row in db.session.scalars(
        select(Registration)
        .where(Registration.organisation_id == organisation.id)
        .order_by(Registration.register, Registration.fiscal_year)
    ):
        years[row.register].append(row.fiscal_year)
    return dict(years)


def registered(register: str, year: int) -> set[int]:
    """Ids of the organisations that stand in a register in that fiscal year."""
    query = select(Registration.organisation_id)
    return set(
        db.session.scalars(query.where(Registration.register == register, Registration.fiscal_year == year))
    )
