"""Which of a card's groups a page is about, and that a form never lands at another.

The address says it: `?group=<public id>`, or none for the card's own. No session remembers it, so two windows
with two groups can't mix them up. Links of a page that is about a further group carry it on by themselves;
each form carries the group that it was made for (web.csrf.csrf_field), and is refused where that is not the
one of its address: a phone may have changed to another card meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import abort, current_app, g, request, session

from portal.accounts import sign_in
from portal.accounts.models import Card
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web.access import REPORTER, audience_of, current_actor, signed_in
from portal.web.csrf import OWNER
from portal.web.unit_of_work import SAFE_METHODS

# Pages of the card and not of one group, as those of phones are: their addresses and forms name none.
OF_THE_CARD = frozenset({"reporting.start", "offline.token", "accounts.end_phone", "accounts.leave_phone"})


def _is_of_a_group(endpoint: str | None) -> bool:
    view = current_app.view_functions.get(endpoint or "")
    return view is not None and audience_of(view) is REPORTER and endpoint not in OF_THE_CARD


def of_card() -> list[Organisation]:
    """The groups of the card that is signed in, its own first; none where nobody is."""
    row = sign_in.current_session()
    return row.card.groups if row is not None and row.card is not None else []


def shown_now() -> Organisation:
    """The group that the card in use is open for."""
    row = sign_in.current_session()
    return shown(row.card if row is not None and row.card is not None else abort(404))


def shown(card: Card) -> Organisation:
    """The group that this page is about."""
    wanted = g.get("named_group")
    return next((group for group in card.groups if group.public_id == wanted), card.organisation)


def other_cards() -> bool:
    """Has somebody come in on this phone with another card too?"""
    return bool(session.get(sign_in.OTHERS))


@contextmanager
def about(organisation: Organisation) -> Iterator[Actor]:
    """For a page about several groups: addresses made inside name this one. Gives the card acting for it."""
    row = sign_in.current_session()
    card = row.card if row is not None and row.card is not None else abort(404)
    before = g.get("page_of", ""), g.get("named_group")
    sign_in.show_as(card, organisation)
    try:
        yield signed_in().about(organisation.id)
    finally:
        g.page_of, g.named_group = before


def name_the_group(endpoint: str, values: dict[str, Any]) -> None:
    """Addresses of a reporter's pages stay with the group that this page is about."""
    named = g.get("named_group")
    if named and sign_in.GROUP not in values and _is_of_a_group(endpoint):
        values[sign_in.GROUP] = named


def is_another_groups_form() -> bool:
    """Was a reporter's form made for another group than the one that it is sent for?

    A form without that field is as old as a phone's queue can be; it is taken where it can't be mistaken.
    """
    if request.method in SAFE_METHODS or not _is_of_a_group(request.endpoint):
        return False
    try:
        actor = current_actor()
    except NotFound:
        if session.get(sign_in.OTHERS):
            return True  # of a group of another card of this phone
        raise
    if actor is None or actor.kind != "card":
        return False
    owner = request.form.get(OWNER)
    if owner is None:
        return len(actor.organisations) > 1 or bool(session.get(sign_in.OTHERS))
    here = g.get("page_of")
    return bool(owner != here and organisations.now_called(owner) != here)
