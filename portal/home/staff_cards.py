"""Staff's hand on access cards: making them (shown once, to be printed), unlocking, revoking, phones."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import queries, services
from portal.accounts.models import Card
from portal.accounts.services import Wish
from portal.domain.permissions import Permission
from portal.home import card_print
from portal.home import staff_card_rows as rows
from portal.home import staff_words as words
from portal.organisations import queries as organisations
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("cards", __name__, template_folder="templates")
ISSUE, UNLOCK = Permission.CARDS_ISSUE, Permission.CARDS_UNLOCK


@bp.get("/staff/cards/")
@audience(ISSUE)
def choose() -> Response:
    """The groups of a district and their cards: those without one are ticked."""
    return _choice_page()


@bp.post("/staff/cards/")
@audience(ISSUE)
@shows_form_again
def issue_many() -> Response:
    """Cards for the groups that are ticked, to be printed. Old cards die only where that was asked."""
    chosen = rows.chosen(signed_in(), request.form.getlist("chosen"))
    if token_failed():
        return _choice_page(400, _("This page was open for too long. Please press again."))
    if not 0 < len(chosen) <= rows.MOST:
        return _choice_page(422, _("Choose at least one group, and at most %(most)s.", most=rows.MOST))
    if any(replaces for _group, replaces in chosen) and not request.form.get("replace"):
        return _choice_page(422, _("Some of these groups have a card. Tick below that it is to be replaced."))
    made = services.issue_cards(
        signed_in(), [Wish(group, rows.role_of(group), card) for group, card in chosen]
    )
    return card_print.show(made, url_for("cards.choose", district=request.form.get("district", "")))


@bp.post("/staff/organisations/<public_id>/cards")
@audience(ISSUE)
def issue(public_id: str) -> Response:
    """A new card on a page to be printed. Address and PIN are on this one answer and nowhere else."""
    organisation = organisations.by_public_id(signed_in(), public_id, ISSUE)
    role, replaces = request.form.get("role", "leader"), request.form.get("replaces", type=int)
    made = services.issue_card(signed_in(), organisation, role, replaces=replaces)
    return card_print.show([made], url_for("organisations.show", public_id=public_id))


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


def _choice_page(status: int = 200, problem: str = "") -> Response:
    """`district`: of the address, or of the form that is shown again with its ticks."""
    district = request.values.get("district", "")
    groups = rows.groups(signed_in(), district)
    without = [row for row in groups if row.state == "none"]
    ticked = {item.rpartition(":")[0] for item in request.form.getlist("chosen")}
    return render_page(
        "home/staff/organisations/cards.html",
        status=status,
        groups=groups,
        without=len(without),
        ticked=ticked if status != 200 else {row.organisation.public_id for row in without if district},
        district=district,
        replace=bool(request.form.get("replace")),
        district_options=[(row.code, tr_plain(row.names)) for row in organisations.districts()],
        errors=[("groups", problem)] if problem else [],
        form_errors=bool(problem),
        words=words,
    )
