"""Groups with their contacts as a table, for whoever may make their cards: telephone numbers are personal."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.organisations import queries
from portal.organisations.models import BY_CARD, Contact, Organisation, Registration
from portal.organisations.reachability import present_contacts
from portal.returns.tables import Cell, Column, Table
from portal.returns.words import KINDS, ROLES
from portal.web.i18n import _, tr_plain
from portal.web.locale import LOCALES


def in_reach(actor: Actor) -> list[Organisation]:
    """Open groups and areas whose contacts this actor may take along."""
    found = queries.listed(actor, queries.Filters(on=clock.today()))
    mine = [row for row in found if row.side in BY_CARD]
    return [row for row in mine if may(actor, Permission.CONTACTS_EXPORT, queries.subject(row))]


def table(found: list[Organisation]) -> Table:
    """A row for each present contact; a group without one has a row of its own."""
    ids = [row.id for row in found]
    contacts, registers, forms = present_contacts(set(ids)), _registers(ids), _forms()
    columns = [
        Column(_("Organisation")),
        Column(_("Reading")),
        Column(_("Kind")),
        Column(_("District")),
        Column(_("Forms")),
        Column(_("Fiscal years with a grant")),
        Column(_("Known as kayoi-no-ba in")),
        Column(_("First day"), "date"),
        Column(_("Contact role")),
        Column(_("Contact name")),
        Column(_("Telephone")),
        Column(_("E-mail")),
        Column(_("Language")),
        Column(_("Contact since"), "date"),
    ]
    rows: list[list[Cell]] = []
    for row in found:
        own: list[Cell] = [
            row.name,
            row.kana,
            "、".join(str(KINDS[kind]) for kind in row.kind_codes),
            tr_plain(row.district.names) if row.district else "",
            "、".join(forms.get(row.id, [])),
            _years(registers[row.id, "subsidy"]),
            _years(registers[row.id, "kayoinoba"]),
            row.opened_on,
        ]
        people: list[Contact | None] = list(contacts.get(row.id, []))
        rows += [[*own, *_contact(contact)] for contact in people or [None]]
    notes = [
        _("Groups and their contacts, as of %(day)s", day=clock.today().isoformat()),
        _("Names and telephone numbers are personal data. Please delete the file when you are done."),
    ]
    return Table("団体と連絡先", columns, rows, notes)


def _contact(contact: Contact | None) -> list[Cell]:
    if contact is None:
        return [None] * 6
    return [
        str(ROLES.get(contact.role, contact.role)),
        contact.name,
        contact.phone,
        contact.email,
        LOCALES[contact.language].own_name if contact.language in LOCALES else contact.language,
        contact.starts_on,
    ]


def _registers(ids: list[int]) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    query = select(Registration).where(Registration.organisation_id.in_(ids))
    for row in db.session.scalars(query.order_by(Registration.fiscal_year)):
        found[row.organisation_id, row.register].append(row.fiscal_year)
    return found


def _forms() -> dict[int, list[str]]:
    today = clock.today()
    found: dict[int, list[str]] = defaultdict(list)
    for row in datasets.assignments():
        if row.starts_on <= today and (row.ends_on is None or row.ends_on >= today):
            found[row.organisation_id].append(tr_plain(row.data_set.names))
    return found


def _years(years: list[int]) -> str:
    return "、".join(str(year) for year in years)
