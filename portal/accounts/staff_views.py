"""Staff's own pages of accounts: who may sign in, one's own password, the audit trail."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import links, queries, services, sign_in, staff_words, user_services, words
from portal.accounts.blueprint import bp
from portal.accounts.secrets import PASSWORD_LENGTH
from portal.accounts.staff_forms import PasswordForm, UserForm
from portal.domain.errors import Conflict, DomainError, Invalid
from portal.domain.permissions import Grant, Permission, Role
from portal.ground import settings
from portal.ground.settings import KEYER_MAY_APPROVE
from portal.web.access import STAFF, audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page

WITHOUT_SCOPE = (Role.REVIEWER, Role.COMMITTEE, Role.ADMINISTRATOR)  # others are granted on the user's page


@bp.post("/staff/sign-out")
@audience(STAFF)
def sign_out() -> BaseResponse:
    services.leave(signed_in())
    return leave_to(url_for("accounts.sign_in"))


@bp.get("/staff/users/")
@audience(Permission.USERS_MANAGE)
def users() -> Response:
    """Everybody who signs in with a password, and a form to add one."""
    return _users_page(UserForm(formdata=None))


@bp.post("/staff/users/")
@audience(Permission.USERS_MANAGE)
@shows_form_again
def add_user() -> BaseResponse:
    """Add somebody: invited by mail, or with a first password that is shown on this answer only."""
    form = UserForm()
    if token_failed():
        return _users_page(form, 400)
    if not form.validate():
        return _users_page(form, 422)
    actor, invited = signed_in(), request.form.get("how") == "invite" and links.mail_goes_out()
    try:
        user, password = user_services.add_user(actor, form.email.data, form.name.data, invited=invited)
    except (Invalid, Conflict) as error:
        form[str(error.params["field"])].errors = [staff_words.sentence(error)]
        return _users_page(form, 422)
    if (role := Role(form.role.data)) in WITHOUT_SCOPE:
        user_services.grant(actor, user, Grant(role))
    if invited:
        links.send(actor, user)
        return leave_to(url_for("users.show", user_id=user.id, sent=1))
    return render_page("accounts/staff/password_once.html", user=user, password=password)


@bp.post("/staff/users/four-eyes")
@audience(Permission.USERS_MANAGE)
def four_eyes() -> BaseResponse:
    """The city's rule for reports that staff keyed in: may the same person approve them (`same=1`)?"""
    settings.put(KEYER_MAY_APPROVE, request.form.get("same") == "1", signed_in())
    return leave_to(url_for("accounts.users"))


def _users_page(form: UserForm, status: int = 200) -> Response:
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    roles = [(code, str(word)) for code, word in staff_words.ROLES.items()]
    return render_page(
        "accounts/staff/users.html",
        status=status,
        users=queries.users(),
        form=form,
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
        roles=roles,
        role_words=staff_words.ROLES,
        mail_goes_out=links.mail_goes_out(),
        same_person=bool(settings.get(KEYER_MAY_APPROVE, False)),
    )


@bp.get("/staff/password")
@audience(STAFF)
def password() -> Response:
    """One's own password."""
    return _password_page(changed="changed" in request.args)


@bp.post("/staff/password")
@audience(STAFF)
@shows_form_again
def change_password() -> BaseResponse:
    form, errors, here = PasswordForm(), {}, sign_in.current_session()
    if token_failed() or here is None:
        return _password_page(400)
    if not form.validate():
        errors = {name: str(found[0]) for name, found in form.errors.items()}
    else:
        try:
            user_services.change_password(signed_in(), form.current.data, form.new.data, here.id)
        except DomainError as error:
            errors = {str(error.params.get("field", "current")): staff_words.sentence(error)}
    if errors:
        return _password_page(422, errors)
    return leave_to(url_for("accounts.password", changed=1))


def _password_page(
    status: int = 200, errors: dict[str, str] | None = None, changed: bool = False
) -> Response:
    return render_page(
        "accounts/staff/password.html",
        status=status,
        errors=errors or {},
        form_errors=list((errors or {}).items()),
        changed=changed,
        length=PASSWORD_LENGTH,
        stale=words.stale() if token_failed() else "",
    )
