"""Who has not reported, as a table to call from."""

from __future__ import annotations

from portal import clock
from portal.domain.permissions import Actor, Permission, may
from portal.organisations import queries as organisations
from portal.organisations.models import Contact
from portal.organisations.reachability import present_contacts
from portal.returns.tables import Cell, Column, Table
from portal.review import late, words
from portal.web.filters import month_of_year
from portal.web.i18n import _, tr_plain


def table(actor: Actor, rows: list[late.Late]) -> Table:
    """One row a report; telephone numbers only of those whose contacts this actor may take along."""
    people = present_contacts({row.organisation.id for row in rows})
    columns = [
        Column(_("Organisation")),
        Column(_("District")),
        Column(_("Form")),
        Column(_("Period")),
        Column(_("Due by"), "date"),
        Column(_("Days late"), "number"),
        Column(_("Mark")),
        Column(_("Contact name")),
        Column(_("Telephone")),
    ]
    today = clock.today()
    made: list[list[Cell]] = []
    for row in rows:
        reached = may(actor, Permission.CONTACTS_EXPORT, organisations.subject(row.organisation))
        district = row.organisation.district
        made.append(
            [
                row.organisation.name,
                tr_plain(district.names) if district else "",
                tr_plain(row.data_set.names),
                month_of_year(row.period),
                row.due_on,
                (today - row.due_on).days,
                str(words.MARKS[row.mark.mark]) if row.mark else "",
                *(_contact(people.get(row.organisation.id, [])) if reached else ("", "")),
            ]
        )
    notes = [
        _("Reports that are past their due day and not in, as of %(day)s", day=today.isoformat()),
        _("Names and telephone numbers are personal data. Please delete the file when you are done."),
    ]
    return Table("未報告", columns, made, notes)


def _contact(people: list[Contact]) -> tuple[str, str]:
    found = next((person for person in people if person.phone), None)
    return (found.name or "", found.phone or "") if found else ("", "")
