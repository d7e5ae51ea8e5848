"""After the password: a code, a recovery code, or the first time a phone is tied to the account.

Nobody is signed in on these pages yet; what opens them is a right password of ten minutes ago at most.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import half_way, second_factor, services, staff_words, visitor, words
from portal.accounts.blueprint import bp
from portal.accounts.models import User
from portal.accounts.sign_in import lacks_second_factor
from portal.accounts.staff_forms import CodeForm, EnrolForm
from portal.domain.errors import DomainError, Invalid
from portal.web import qr
from portal.web.access import PUBLIC, audience
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page

CHECKS: dict[str, Callable[[User, str, str], object]] = {
    "code": second_factor.check_code,
    "recovery": second_factor.check_recovery,
}


def after_password(user: User) -> BaseResponse:
    """On to the code where there is a second factor, to making one where there must be one, else in."""
    if second_factor.is_set(user):
        half_way.begin(user)
        return leave_to(url_for("accounts.second_step", way="code"))
    if lacks_second_factor(user):
        half_way.begin(user)
        return leave_to(url_for("accounts.first_phone"))
    services.add_browser(user, visitor.device())
    return leave_to(url_for("home.staff"))


@bp.get("/staff/sign-in/<any(code, recovery):way>")
@audience(PUBLIC)
def second_step(way: str) -> BaseResponse:
    """The code of the app, or a recovery code."""
    user = half_way.holder()
    if user is None or not second_factor.is_set(user):
        return leave_to(url_for("accounts.sign_in"))
    return _code_page(way, CodeForm(formdata=None))


@bp.post("/staff/sign-in/<any(code, recovery):way>")
@audience(PUBLIC)
@shows_form_again
def enter_code(way: str) -> BaseResponse:
    """Counted before it is checked, like the password."""
    user, form = half_way.holder(), CodeForm()
    if user is None or not second_factor.is_set(user):
        return leave_to(url_for("accounts.sign_in"))
    if token_failed():
        return _code_page(way, form, 400)
    if not form.validate():
        return _code_page(way, form, 422)
    try:
        CHECKS[way](user, form.code.data, visitor.address())
    except DomainError as error:
        form.code.errors = [staff_words.sentence(error)]
        return _code_page(way, form, visitor.refusal(error))
    services.add_browser(user, visitor.device(), way)
    return leave_to(url_for("accounts.account" if way == "recovery" else "home.staff"))


def _code_page(way: str, form: CodeForm, status: int = 200) -> Response:
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    return render_page(
        "accounts/staff/code.html",
        status=status,
        way=way,
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
    )


@bp.get("/staff/sign-in/phone")
@audience(PUBLIC)
def first_phone() -> BaseResponse:
    """Where a second factor is required and there is none: the only page there is."""
    user = half_way.holder()
    if user is None or second_factor.is_set(user):
        return leave_to(url_for("accounts.sign_in"))
    return phone_page(user, EnrolForm(formdata=None), required=True)


@bp.post("/staff/sign-in/phone")
@audience(PUBLIC)
@shows_form_again
def tie_first_phone() -> BaseResponse:
    """The first code puts it in force and signs in; recovery codes are shown on this answer only."""
    user, form = half_way.holder(), EnrolForm()
    if user is None or second_factor.is_set(user):
        return leave_to(url_for("accounts.sign_in"))
    if token_failed() or not form.validate():
        return phone_page(user, form, 400 if token_failed() else 422, required=True)
    try:
        codes = second_factor.confirm(user, form.sealed.data, form.code.data)
    except Invalid as error:
        form.code.errors = [staff_words.sentence(error)]
        return phone_page(user, form, 422, required=True)
    services.add_browser(user, visitor.device(), "code")
    return codes_page(codes)


def phone_page(user: User, form: EnrolForm, status: int = 200, *, required: bool = False) -> Response:
    """The square to scan, the same as text, and where its first code goes."""
    offer = second_factor.offer(user, "" if request.method == "GET" else form.sealed.data or "")
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    return render_page(
        "accounts/staff/first_phone.html" if required else "accounts/staff/phone.html",
        status=status,
        offer=offer,
        drawn=qr.svg(offer.address),
        user=user,
        replaces=second_factor.is_set(user),
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
    )


def codes_page(codes: list[str]) -> Response:
    """Ten recovery codes: on this answer and never again."""
    return render_page("accounts/staff/codes_once.html", codes=codes)
