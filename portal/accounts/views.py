"""The ways in: a card's address and PIN; staff's e-mail and password; a card's own phones."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, abort, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import (
    account_views,  # noqa: F401 - these hang their pages on the same blueprint
    credentials,
    link_views,  # noqa: F401
    phone_views,
    queries,
    services,
    staff_views,  # noqa: F401
    visitor,
    words,
)
from portal.accounts import sign_in as sessions
from portal.accounts.blueprint import bp as bp  # features registers it from here
from portal.accounts.forms import PinForm, SignInForm
from portal.accounts.models import Card, SignedInSession
from portal.accounts.second_views import after_password
from portal.domain.errors import Conflict, DomainError, NotFound
from portal.organisations import queries as organisations
from portal.web.access import PUBLIC, REPORTER, audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page

WAITING_MINUTES = 10  # how long a right PIN waits for the choice of a phone to sign out
WAITING = "card_waiting"


def _card_or_404(token: str) -> Card:
    return queries.card_by_token(token) or abort(404)


@bp.get("/<locale:slug>/card/<token>")
@audience(PUBLIC)
def card(token: str) -> Response:
    """A card's address. It never signs in: link previews and scanners read it too."""
    return phone_views.pin_page(_card_or_404(token), PinForm(formdata=None))


@bp.post("/<locale:slug>/card/<token>")
@audience(PUBLIC)
@shows_form_again
def enter_pin(token: str) -> BaseResponse:
    """The PIN, counted before it is checked."""
    card = _card_or_404(token)
    if (problem := phone_views.check_pin(card, PinForm())) is not None:
        return problem
    return _with_this_phone(card, token)


def _with_this_phone(card: Card, token: str) -> BaseResponse:
    try:
        services.add_phone(card, visitor.device())
    except Conflict:
        session[WAITING] = [card.id, clock.now().timestamp()]
        return leave_to(url_for("accounts.choose_phone", token=token))
    return leave_to(url_for("reporting.start"))


def _waiting_card(token: str) -> Card:
    """The card whose PIN this browser has just entered; 404 for anybody else."""
    card = _card_or_404(token)
    waiting = session.get(WAITING) or [0, 0]
    age = clock.now().timestamp() - float(waiting[1])
    return card if waiting[0] == card.id and age < WAITING_MINUTES * 60 else abort(404)


@bp.get("/<locale:slug>/card/<token>/phones")
@audience(PUBLIC)
def choose_phone(token: str) -> Response:
    """A fourth phone: which of the three goes?"""
    return _phones_page("accounts/too_many_phones.html", _waiting_card(token))


@bp.post("/<locale:slug>/card/<token>/phones")
@audience(PUBLIC)
@shows_form_again
def replace_phone(token: str) -> BaseResponse:
    """Sign the chosen phone out, and this one in."""
    card = _waiting_card(token)
    if token_failed():
        return _phones_page("accounts/too_many_phones.html", card, 400, words.stale())
    with suppress(NotFound):  # pressed twice: it is signed out already
        services.end_phone(sessions.actor_of_card(card), request.form.get("phone", 0, type=int))
    return _with_this_phone(card, token)


def _phones_page(
    template: str, card: Card, status: int = 200, error: str = "", here: SignedInSession | None = None
) -> Response:
    return render_page(
        template,
        status=status,
        holder=card.organisation.names or card.organisation.name,
        phones=queries.phones([card.id]),
        here=here.id if here else 0,
        leaves=next((one.leaves for one in phone_views.held() if one.current), ""),
        most=queries.MOST_PHONES,
        device=words.device,
        error=error,
    )


@bp.get("/<locale:slug>/report/card")
@audience(PUBLIC)
def no_card() -> BaseResponse:
    """For reporters who are not signed in: choose another card of this phone, scan one again, or call."""
    if sessions.current_session() is None and sessions.held():
        return leave_to(url_for("accounts.cards"))
    return render_page("accounts/no_card.html", office=organisations.office())


@bp.get("/<locale:slug>/report/phones")
@audience(REPORTER)
def phones() -> Response:
    """The phones that are signed in with this card."""
    return _own_phones_page()


@bp.post("/<locale:slug>/report/phones")
@audience(REPORTER)
@shows_form_again
def end_phone() -> BaseResponse:
    """Sign one of the card's phones out; this one too, if it is chosen."""
    if token_failed():
        return _own_phones_page(400, words.stale())
    here = sessions.current_session()
    ended = services.end_phone(signed_in(), request.form.get("phone", 0, type=int))
    if here is not None and ended.id == here.id:
        sessions.end_session()
        return leave_to(phone_views.way_in())
    return leave_to(url_for("accounts.phones"))


def _own_phones_page(status: int = 200, error: str = "") -> Response:
    here = sessions.current_session()
    card = here.card if here and here.card else abort(404)
    return _phones_page("accounts/phones.html", card, status, error, here)


@bp.post("/<locale:slug>/report/sign-out")
@audience(REPORTER)
def leave_phone() -> BaseResponse:
    services.leave(signed_in())
    return leave_to(phone_views.way_in())


@bp.get("/<locale:slug>/sign-in")
@audience(PUBLIC)
def sign_in() -> Response:
    """Staff's way in."""
    return _sign_in_page(SignInForm(formdata=None))


@bp.post("/<locale:slug>/sign-in")
@audience(PUBLIC)
@shows_form_again
def enter_password() -> BaseResponse:
    """E-mail and password; one answer for whichever of the two is wrong."""
    form = SignInForm()
    if token_failed():
        return _sign_in_page(form, 400, words.stale())
    if not form.validate():
        return _sign_in_page(form, 422)
    try:
        user = credentials.check_password(form.email.data, form.password.data, visitor.address())
    except DomainError as error:
        return _sign_in_page(form, visitor.refusal(error), words.sentence(error))
    return after_password(user)


def _sign_in_page(form: SignInForm, status: int = 200, error: str = "") -> Response:
    """`error` is about both fields together, and stands at the first."""
    errors = {name: str(found[0]) for name, found in form.errors.items()}
    if error:
        errors = {"email": error}
    return render_page(
        "accounts/sign_in.html",
        status=status,
        email=form.email.data or "",
        errors=errors,
        form_errors=list(errors.items()),
    )
