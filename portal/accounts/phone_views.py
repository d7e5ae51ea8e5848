"""Several cards on one phone, such as a salon's and a commissioner's: one is in use, the others rest."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import credentials, own_groups, phone_keys, queries, services, visitor, words
from portal.accounts import sign_in as sessions
from portal.accounts.blueprint import bp
from portal.accounts.forms import PinForm
from portal.accounts.models import Card, SignedInSession
from portal.domain.errors import DomainError
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web.access import PUBLIC, audience
from portal.web.csrf import OWNER, shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card of this phone. `leaves`: what goes from the phone's memory when it is signed out."""

    row: SignedInSession
    groups: list[Organisation]
    current: bool
    asks_pin: bool
    leaves: str


def held() -> list[HeldCard]:
    """The cards of this phone, in the order in which they came in."""
    here = sessions.current_session()
    rows = [row for _token, row in sessions.held()]
    return [_held(row, rows, here.id if here else 0) for row in rows]


def _held(row: SignedInSession, rows: list[SignedInSession], here: int) -> HeldCard:
    card = _card_of(row)
    others = {key for one in rows if one.id != row.id for key in phone_keys.of_everything(_card_of(one))}
    keys = [key for key in phone_keys.of_everything(card) if key not in others]
    return HeldCard(
        row=row,
        groups=card.groups,
        current=row.id == here,
        asks_pin=row.id != here and asks_pin(card),
        leaves=" ".join([phone_keys.of_card(card), *keys]) if len(rows) > 1 else "",
    )


def asks_pin(card: Card) -> bool:
    """Whoever borrows the phone must not open a commissioner's record by one touch."""
    return card.organisation.side == "commissioner"


def _card_of(row: SignedInSession) -> Card:
    return row.card or abort(404)


def _here(phone: int) -> SignedInSession:
    """A card of this very phone; 404 for any other."""
    return next((row for _token, row in sessions.held() if row.id == phone), None) or abort(404)


@bp.get("/<locale:slug>/report/cards")
@audience(PUBLIC)
def cards() -> Response:
    """The cards of this phone: one touch changes to another. Reached too where none is in use."""
    return _cards_page()


def _cards_page(status: int = 200, error: str = "") -> Response:
    return render_page("accounts/cards.html", status=status, cards=held(), error=error)


@bp.post("/<locale:slug>/report/cards")
@audience(PUBLIC)
@shows_form_again
def change_card() -> BaseResponse:
    """Change to another card; a commissioner's asks for its PIN first."""
    if token_failed():
        return _cards_page(400, words.stale())
    row = _here(request.form.get("phone", 0, type=int))
    here = sessions.current_session()
    if here is not None and here.id == row.id:
        return leave_to(url_for("reporting.start"))
    if asks_pin(_card_of(row)):
        return leave_to(url_for("accounts.card_pin", phone=row.id))
    sessions.wake(row)
    return leave_to(url_for("reporting.start"))


@bp.get("/<locale:slug>/report/cards/<int:phone>")
@audience(PUBLIC)
def card_pin(phone: int) -> Response:
    """The PIN of a confidential card of this phone."""
    return pin_page(_card_of(_here(phone)), PinForm(formdata=None))


@bp.post("/<locale:slug>/report/cards/<int:phone>")
@audience(PUBLIC)
@shows_form_again
def enter_card_pin(phone: int) -> BaseResponse:
    row, form = _here(phone), PinForm()
    card = _card_of(row)
    if (problem := check_pin(card, form)) is not None:
        return problem
    sessions.wake(_here(phone))
    services.came_back(card, row)
    return leave_to(url_for("reporting.start"))


@bp.post("/<locale:slug>/report/cards/<int:phone>/sign-out")
@audience(PUBLIC)
def leave_card(phone: int) -> BaseResponse:
    """Sign one card of this phone out; the others stay."""
    row, here = _here(phone), sessions.current_session()
    services.leave_phone(_card_of(row), row)
    if here is not None and here.id == row.id:
        sessions.end_session()
    sessions.forget_ended()
    return leave_to(way_in())


def way_in() -> str:
    """After signing out: the other cards of this phone, or how to come in with one."""
    return url_for("accounts.cards" if sessions.held() else "accounts.no_card")


# --- the PIN, asked in two places -----------------------------------------------------------------------


def check_pin(card: Card, form: PinForm) -> Response | None:
    """The PIN, counted before it is checked: None where it was right, else the page that says why not."""
    if token_failed():
        return pin_page(card, form, 400, words.stale())
    if not form.validate():
        return pin_page(card, form, 422)
    try:
        credentials.check_pin(card, form.pin.data, visitor.address())
    except DomainError as error:
        return pin_page(card, form, visitor.refusal(error), words.sentence(error))
    return None


def pin_page(card: Card, form: PinForm, status: int = 200, error: str = "") -> Response:
    locked, found = queries.is_locked(card), error or next(iter(form.pin.errors), "")
    errors = {"pin": str(found)} if found and not locked else {}
    others = [one for one in held() if one.row.card_id != card.id]
    return render_page(
        "accounts/locked.html" if locked else "accounts/pin.html",
        status=status,
        holder=card.organisation.names or card.organisation.name,
        group=card.organisation,
        groups=card.groups,
        others=others,
        asks_pin=asks_pin(card),
        again=len(others) < len(held()),
        office=organisations.office(),
        errors=errors,
        form_errors=list(errors.items()),
    )


# --- a form that was made for somebody else ---------------------------------------------------------------


@bp.before_app_request
def refuse_another_groups_form() -> Response | None:
    """Nothing of it is taken. Where the form's group is this phone's too, the page leads there."""
    if not own_groups.is_another_groups_form():
        return None
    owner = request.form.get(OWNER, "")
    here = own_groups.of_card()
    known = [*here, *(group for one in held() for group in one.groups)]
    return render_page(
        "accounts/other_group.html",
        status=409,
        made_for=next((group for group in known if group.public_id == owner), None),
        same_card=any(group.public_id == owner for group in here),
        address=request.path,
        now=own_groups.shown_now(),
    )


bp.app_url_defaults(own_groups.name_the_group)
