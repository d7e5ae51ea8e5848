"""For whoever has no e-mail: words to copy into LINE or a fax, and letter sheets to print."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, request

from portal.domain.permissions import Permission
from portal.organisations import queries as organisations
from portal.organisations import reachability
from portal.organisations.models import Contact
from portal.reminders import letter, links, queries
from portal.reminders.queries import Owed
from portal.review.filters import Filters
from portal.review.late import late
from portal.web import qr
from portal.web.access import audience, signed_in
from portal.web.hypermedia import render_page
from portal.web.locale import LOCALES

bp = Blueprint("letters", __name__, template_folder="templates", url_prefix="/staff/reports/late")
MOST = 200  # sheets at once


@bp.get("/<public_id>")
@audience(Permission.REVIEW_DECIDE)
def words(public_id: str) -> Response:
    """One group's reminder in its language and in Japanese, and what was sent by e-mail."""
    rows = _late(public_id) or abort(404)
    organisation = rows[0].organisation
    contacts = reachability.present_contacts([organisation.id]).get(organisation.id, [])
    return render_page(
        "reminders/staff/words.html",
        section="review",
        organisation=organisation,
        rows=rows,
        letters=letter.both(rows, _reader(contacts), rows[0].data_set.reviewing_office),
        contacts=contacts,
        languages=LOCALES,
        reachable=[contact.id for contact in contacts if reachability.is_reachable(contact)],
        sent=queries.reminders_of(organisation.id),
    )


@bp.get("/letters")
@audience(Permission.REVIEW_DECIDE)
def letters() -> Response:
    """A letter sheet (A4) for each group that is late; `only`: for one organisation, a section too."""
    only = request.args.get("only", "")
    rows = [row for row in _late(only) if only or row.organisation.side == "group"]
    contacts = reachability.present_contacts({row.organisation.id for row in rows})
    by_group = [list(group) for _id, group in groupby(rows, key=lambda row: row.organisation.id)]
    sheets = [_sheet(group, contacts.get(group[0].organisation.id, [])) for group in by_group[:MOST]]
    return render_page(
        "reminders/staff/letters.html", section="review", sheets=sheets, left_out=len(by_group) - len(sheets)
    )


def _late(public_id: str = "") -> list[Owed]:
    """What this actor may see to be late, by group, the oldest first."""
    filters = Filters(tab="late", district=request.args.get("district", "")[:40])
    rows = [
        Owed(row.organisation, row.data_set, row.period, row.due_on)
        for row in late(signed_in(), filters)
        if public_id in ("", row.organisation.public_id)
    ]
    return sorted(
        rows, key=lambda row: (organisations.place(row.organisation), row.due_on, row.data_set.position)
    )


def _reader(contacts: Sequence[Contact]) -> Contact | None:
    """In whose language the letter is: the leader's, else the first there is."""
    return contacts[0] if contacts else None


def _sheet(rows: list[Owed], contacts: Sequence[Contact]) -> dict[str, Any]:
    organisation, office = rows[0].organisation, rows[0].data_set.reviewing_office
    made = letter.both(rows, _reader(contacts), office)
    return {
        "organisation": organisation,
        "letters": made,
        "qr": qr.svg(links.way_in(organisation, made[0].locale.slug)),
    }
