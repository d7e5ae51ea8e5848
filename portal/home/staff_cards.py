"""Staff's hand on access cards: issuing (shown once, to be printed), unlocking, revoking, phones."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import queries, services
from portal.accounts.models import Card
from portal.domain.permissions import Permission
from portal.home import staff_words as words
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web.access import audience, signed_in
from portal.web.hypermedia import leave_to, render_page
from portal.web.locale import enabled_slugs

bp = Blueprint("cards", __name__, template_folder="templates")
ISSUE, UNLOCK = Permission.CARDS_ISSUE, Permission.CARDS_UNLOCK


@bp.post("/staff/organisations/<public_id>/cards")
@audience(ISSUE)
def issue(public_id: str) -> Response:
    """A new card on a page to be printed. Address and PIN are on this one answer and nowhere else."""
    organisation = organisations.by_public_id(signed_in(), public_id, ISSUE)
    role, replaces = request.form.get("role", "leader"), request.form.get("replaces", type=int)
    made = services.issue_card(signed_in(), organisation, role, replaces=replaces)
    address = services.card_address(made.token, _language(organisation, role))
    return render_page(
        "home/staff/organisations/card.html",
        organisation=organisation,
        office=organisations.office(),
        role=words.ROLES[role],
        address=address,
        qr=qr(address),
        pin=made.pin,
    )


@bp.post("/staff/cards/<int:card_id>/unlock")
@audience(UNLOCK)
def unlock(card_id: int) -> BaseResponse:
    """Five new tries for its PIN."""
    card = queries.card_for(signed_in(), card_id, UNLOCK)
    services.unlock_card(signed_in(), card)
    return _back(card)


@bp.post("/staff/cards/<int:card_id>/revoke")
@audience(ISSUE)
def revoke(card_id: int) -> BaseResponse:
    """The card is lost, or no longer wanted."""
    card = queries.card_for(signed_in(), card_id, ISSUE)
    services.revoke_card(signed_in(), card)
    return _back(card)


@bp.post("/staff/phones/<int:phone_id>/end")
@audience(ISSUE)
def end_phone(phone_id: int) -> BaseResponse:
    """Sign a group's phone out: it was lost, or changed hands."""
    phone = services.end_phone(signed_in(), phone_id)
    assert phone.card is not None  # noqa: S101 - the service ends nothing else
    return _back(phone.card)


def _back(card: Card) -> BaseResponse:
    return leave_to(url_for("organisations.show", public_id=card.organisation.public_id))


def _language(organisation: Organisation, role: str) -> str:
    """The language in which the card's holder will read the page that it opens."""
    contact = organisations.present_contact(organisation, role)
    return contact.language if contact and contact.language in enabled_slugs() else "ja"


def qr(address: str) -> Markup:
    """A QR of an address as inline SVG; error correction Q, since the card lives in a purse."""
    code = segno.make_qr(address, error="q")
    svg = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return Markup(svg)  # noqa: S704 - made by us out of squares
