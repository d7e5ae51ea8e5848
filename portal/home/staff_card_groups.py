"""Several groups behind one card: staff put a group on a card, and take it off."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import card_groups, queries
from portal.accounts.models import SHARED, Card
from portal.accounts.words import stale
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.permissions import Permission
from portal.home.staff_words import sentence
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("card_groups", __name__, template_folder="templates")
ISSUE = Permission.CARDS_ISSUE


def _card(card_id: int) -> Card:
    """A group's card in force that this actor may make; 404 for others, and for a commissioner's."""
    card = queries.card_for(signed_in(), card_id, ISSUE)
    if card.revoked_at is not None or card.organisation.side != SHARED:
        raise NotFound("card")
    return card


@bp.get("/staff/cards/<int:card_id>/groups")
@audience(ISSUE)
def show(card_id: int) -> Response:
    """The groups that a card is for."""
    return _page(_card(card_id))


@bp.post("/staff/cards/<int:card_id>/groups")
@audience(ISSUE)
@shows_form_again
def add(card_id: int) -> BaseResponse:
    """One group more. Both must be this actor's to make cards for."""
    card, asked = _card(card_id), request.form.get("further", "")
    if token_failed():
        return _page(card, 400, stale=stale())
    if not asked:
        return _page(card, 422, _("Choose a group."))
    group = organisations.by_public_id(signed_in(), asked, ISSUE)
    try:
        card_groups.add(signed_in(), card, group)
    except (Invalid, Conflict) as error:
        return _page(card, 422, sentence(error))
    return leave_to(url_for("card_groups.show", card_id=card.id))


@bp.post("/staff/cards/<int:card_id>/groups/<public_id>/off")
@audience(ISSUE)
def take_off(card_id: int, public_id: str) -> BaseResponse:
    """The card no longer opens that group. Asked from the group's side too, whoever's the card is."""
    group = organisations.by_public_id(signed_in(), public_id, ISSUE)
    rows = [row for row in queries.on_cards_of_others([group.id]) if row.card_id == card_id]
    for row in rows:
        card_groups.take_off(signed_in(), row.card, group)
    back = request.form.get("back") == "card" and rows
    return leave_to(
        url_for("card_groups.show", card_id=card_id)
        if back
        else url_for("organisations.show", public_id=public_id)
    )


def _page(card: Card, status: int = 200, problem: str = "", stale: str = "") -> Response:
    here = {group.id for group in card.groups}
    own = {row.id: row for row in card_groups.choices(signed_in())}
    return render_page(
        "home/staff/organisations/card_groups.html",
        status=status,
        card=card,
        own=own,
        options=[(row.public_id, _named(row)) for row in own.values() if row.id not in here],
        chosen=request.form.get("further", ""),
        problem=problem,
        stale=stale,
        form_errors=[("further", problem)] if problem else [],
        most=card_groups.MOST,
    )


def _named(group: Organisation) -> str:
    name = tr_plain(group.names) or group.name
    return f"{tr_plain(group.district.names)} · {name}" if group.district else name
