"""One's own account: the second factor, where one is signed in, and out of all the others at once."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import (
    credentials,
    queries,
    second_factor,
    sign_in,
    staff_words,
    user_services,
    visitor,
    words,
)
from portal.accounts.blueprint import bp
from portal.accounts.models import User
from portal.accounts.second_views import codes_page, phone_page
from portal.accounts.staff_forms import EnrolForm, OwnPasswordForm
from portal.domain.errors import Conflict, DomainError
from portal.web.access import STAFF, audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page


def _me() -> User:
    return queries.user(signed_in().id)


@bp.get("/staff/account")
@audience(STAFF)
def account() -> Response:
    """What keeps this account safe, in one place."""
    return _account_page(OwnPasswordForm(formdata=None))


def _account_page(form: OwnPasswordForm, status: int = 200) -> Response:
    user, here = _me(), sign_in.current_session()
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    return render_page(
        "accounts/staff/account.html",
        status=status,
        user=user,
        browsers=queries.browsers(user.id),
        here=here.id if here else 0,
        device=words.device,
        codes_left=second_factor.codes_left(user),
        most_codes=second_factor.RECOVERY_CODES,
        ended=request.args.get("ended", type=int),
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
    )


@bp.post("/staff/account/browsers")
@audience(STAFF)
def end_other_browsers() -> BaseResponse:
    """Sign out everywhere but here."""
    here = sign_in.current_session()
    ended = user_services.end_browsers(signed_in(), _me(), here.id if here else None)
    return leave_to(url_for("accounts.account", ended=ended))


@bp.post("/staff/account/codes")
@audience(STAFF)
@shows_form_again
def renew_codes() -> Response:
    """Ten new recovery codes, for the password once more."""
    user, form = _me(), OwnPasswordForm()
    if token_failed() or not form.validate():
        return _account_page(form, 400 if token_failed() else 422)
    try:
        credentials.check_own_password(user, form.current.data, "current")
    except DomainError as error:
        form.current.errors = [staff_words.sentence(error)]
        return _account_page(form, visitor.refusal(error))
    return codes_page(second_factor.renew_codes(user))


@bp.get("/staff/account/phone")
@audience(STAFF)
def phone() -> Response:
    """Tie a phone to the account, or another one in its place."""
    return phone_page(_me(), EnrolForm(formdata=None))


@bp.post("/staff/account/phone")
@audience(STAFF)
@shows_form_again
def tie_phone() -> BaseResponse:
    """Its first code puts it in force; where there is one already, the password is asked for too."""
    user, form, here = _me(), EnrolForm(), sign_in.current_session()
    replaces = second_factor.is_set(user)
    if token_failed() or not form.validate() or here is None:
        return phone_page(user, form, 400 if token_failed() else 422)
    try:
        if replaces:
            credentials.check_own_password(user, form.current.data or "", "current")
        codes = second_factor.confirm(user, form.sealed.data, form.code.data, here.id)
    except Conflict:  # pressed twice: it is in force already
        return leave_to(url_for("accounts.account"))
    except DomainError as error:
        form[str(error.params.get("field", "code"))].errors = [staff_words.sentence(error)]
        return phone_page(user, form, visitor.refusal(error))
    return codes_page(codes)
