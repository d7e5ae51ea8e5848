"""Writes about organisations. Each asks for the permission itself and leaves an audit event.

Services flush and never commit. Audit events carry codes and numbers: the words stand in the rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, Subject, require
from portal.extensions import db
from portal.ground import texts
from portal.ground.audit import record
from portal.organisations import queries
from portal.organisations.models import (
    COMMISSIONER_KINDS,
    GROUP_KINDS,
    REGISTERS,
    SIDES,
    Contact,
    District,
    Organisation,
    OrganisationKind,
    Registration,
)

CONTACT_ROLES = ("leader", "deputy", "secretary", "commissioner")


def roles_of(side: str) -> tuple[str, ...]:
    """The roles that there are in an organisation of that side."""
    return ("commissioner",) if side == "commissioner" else CONTACT_ROLES[:3]


@dataclass(frozen=True, slots=True)
class Details:
    """What staff write down about a group or an area. `names`: its name in other languages, per slug."""

    name: str
    district: District | None = None
    kinds: tuple[str, ...] = ()

    @property
    def side(self) -> str:
        """Areas and posts of commissioners are known by their kind."""
        return "commissioner" if set(self.kinds) & set(COMMISSIONER_KINDS) else "group"

    phone: str | None = None
    opened_on: date | None = None
    kana: str | None = None
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to call; all of it optional, and erased with the row."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str = "ja"


def create(actor: Actor, details: Details, side: str = "group", code: str | None = None) -> Organisation:
    """Add an organisation, open from `details.opened_on` (default: today). Groups have no code."""
    _check(details, side)
    require(actor, Permission.ORGANISATIONS_WRITE, _subject_of(details.district))
    organisation = Organisation(
        public_id=uuid.uuid4().hex,
        side=side,
        code=code,
        name=details.name.strip(),
        kana=_kana(details),
        names=_names(details),
        phone=details.phone or None,
        district=details.district,
        opened_on=details.opened_on or clock.today(),
        kinds=[OrganisationKind(kind=kind) for kind in sorted(set(details.kinds))],
    )
    db.session.add(organisation)
    db.session.flush()
    record("organisation", organisation.id, "created", actor, side=side, kinds=organisation.kind_codes)
    return organisation


def edit(actor: Actor, organisation: Organisation, details: Details) -> list[str]:
    """Change what staff write down; gives the names of what changed. Nothing changed: nothing recorded.

    Of an office or a section only the telephone number: the rest stands in the plan file.
    """
    _check(details, organisation.side)
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    new: dict[str, object] = {"phone": details.phone or None}
    if organisation.code is None:
        require(actor, Permission.ORGANISATIONS_WRITE, _subject_of(details.district, organisation.id))
        new |= {
            "name": details.name.strip(),
            "kana": _kana(details),
            "names": _names(details, organisation.names),
            "district": details.district,
        }
        new["opened_on"] = details.opened_on or organisation.opened_on
        if organisation.closed_on and details.opened_on and details.opened_on > organisation.closed_on:
            raise Invalid("closed_before_opened", field="opened_on")
    changed = [name for name, value in new.items() if getattr(organisation, name) != value]
    if "names" in changed:
        place = ("group", organisation.public_id, "names")
        texts.noted(place, organisation.names, _names(details, organisation.names), actor)
    for name in changed:
        setattr(organisation, name, new[name])
    if organisation.code is None and organisation.kind_codes != sorted(set(details.kinds)):
        _set_kinds(organisation, details.kinds)
        changed.append("kinds")
    db.session.flush()
    if changed:
        record("organisation", organisation.id, "edited", actor, changed=sorted(changed))
    return changed


def close(actor: Actor, organisation: Organisation, closed_on: date | None) -> None:
    """The group's last day; None opens it again. Its cards stay: the last month is reported afterwards."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    if organisation.code is not None:
        raise Conflict("stands_in_the_plan")
    if closed_on is not None and closed_on < organisation.opened_on:
        raise Invalid("closed_before_opened", field="closed_on")
    if organisation.closed_on == closed_on:
        return
    organisation.closed_on = closed_on
    db.session.flush()
    day = closed_on.isoformat() if closed_on else None
    record("organisation", organisation.id, "closed" if closed_on else "opened_again", actor, day=day)


def set_registrations(
    actor: Actor, organisation: Organisation, register: str, years: Collection[int]
) -> None:
    """The fiscal years in which the group stands in a register (subsidy granted, known 通いの場)."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    if register not in REGISTERS:
        raise Invalid("unknown_register", field="register")
    had, wanted = set(queries.registrations(organisation).get(register, ())), set(years)
    for year in had - wanted:
        db.session.delete(db.session.get_one(Registration, (organisation.id, register, year)))
    for year in wanted - had:
        row = Registration(organisation_id=organisation.id, register=register, fiscal_year=year)
        db.session.add(row)
    db.session.flush()
    if had != wanted:
        told = {"register": register, "added": sorted(wanted - had), "removed": sorted(had - wanted)}
        record("organisation", organisation.id, "registered", actor, **told)


def begin_contact(
    actor: Actor, organisation: Organisation, role: str, person: Person, starts_on: date | None = None
) -> Contact:
    """Somebody takes a role over from a day on (today); whoever had it ends the day before, and stays in
    the history.
    """
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    if role not in roles_of(organisation.side):
        raise Invalid("unknown_role", field="role")
    day = starts_on or clock.today()
    before = queries.present_contact(organisation, role)
    if before is not None:
        if before.starts_on >= day:
            raise Conflict("began_today")  # a slip of the pen is corrected, not handed over
        before.ends_on = day - timedelta(days=1)
    row = Contact(organisation_id=organisation.id, role=role, starts_on=day, **_person(person))
    db.session.add(row)
    db.session.flush()
    ended = before.id if before else None
    record("organisation", organisation.id, "contact_began", actor, role=role, contact=row.id, ended=ended)
    return row


def end_contact(actor: Actor, organisation: Organisation, contact: Contact, ends_on: date) -> None:
    """Somebody's last day in a role, with nobody after them yet. Invalid("ends_before_start")."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    if contact.organisation_id != organisation.id:
        raise Invalid("not_its_contact")
    if ends_on < contact.starts_on:
        raise Invalid("ends_before_start", field="ends_on")
    contact.ends_on = ends_on
    db.session.flush()
    told = {"contact": contact.id, "ends_on": ends_on.isoformat()}
    record("organisation", organisation.id, "contact_ended", actor, **told)


def correct_contact(actor: Actor, organisation: Organisation, contact: Contact, person: Person) -> None:
    """Put a contact's details right: the same person still."""
    require(actor, Permission.ORGANISATIONS_WRITE, queries.subject(organisation))
    if contact.organisation_id != organisation.id:
        raise Invalid("not_its_contact")
    changed = [name for name, value in _person(person).items() if getattr(contact, name) != value]
    for name in changed:
        setattr(contact, name, getattr(person, name) or None)
    if "email" in changed:
        contact.email_refused_at = None  # that was another address
    db.session.flush()
    if changed:
        told = {"contact": contact.id, "changed": changed}
        record("organisation", organisation.id, "contact_corrected", actor, **told)


def _person(person: Person) -> dict[str, str | None]:
    return {
        "name": person.name or None,
        "phone": person.phone or None,
        "email": person.email or None,
        "language": person.language or "ja",
    }


def _check(details: Details, side: str) -> None:
    if side not in SIDES:
        raise Invalid("unknown_side", field="side")
    if not details.name.strip():
        raise Invalid("no_name", field="name")
    fitting = {"group": GROUP_KINDS, "commissioner": COMMISSIONER_KINDS}.get(side, ())
    if unknown := set(details.kinds) - set(fitting):
        raise Invalid("unknown_kind", field="kinds", kinds=sorted(unknown))


def _names(details: Details, kept: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The names per language: those given replace those kept, and an empty one takes its language out."""
    names = {**kept, **details.names, "ja": details.name}
    return {slug: text.strip() for slug, text in names.items() if text.strip()}


def _kana(details: Details) -> str | None:
    return (details.kana or "").strip() or None


def _set_kinds(organisation: Organisation, kinds: Collection[str]) -> None:
    """Keep the rows that stay: their key is the kind itself."""
    kept = [row for row in organisation.kinds if row.kind in kinds]
    new = sorted(set(kinds) - {row.kind for row in kept})
    organisation.kinds = [*kept, *(OrganisationKind(kind=kind) for kind in new)]


def _subject_of(district: District | None, organisation_id: int | None = None) -> Subject:
    return Subject(district=district.code if district else None, organisation_id=organisation_id)
