"""A forgotten password: ask for a link by mail, and choose a new one with it."""

from __future__ import annotations

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import links, staff_words, visitor, words
from portal.accounts.blueprint import bp
from portal.accounts.models import PasswordLink
from portal.accounts.secrets import PASSWORD_LENGTH
from portal.accounts.staff_forms import ForgottenForm, NewPasswordForm
from portal.accounts.throttle import Throttled
from portal.domain.errors import Invalid
from portal.web.access import PUBLIC, audience
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import render_page


@bp.get("/staff/forgotten")
@audience(PUBLIC)
def forgotten() -> Response:
    """Where to send the link."""
    return _forgotten_page(ForgottenForm(formdata=None))


@bp.post("/staff/forgotten")
@audience(PUBLIC)
@shows_form_again
def send_link() -> Response:
    """One answer, whoever asks for whom."""
    form = ForgottenForm()
    if token_failed() or not links.mail_goes_out():
        return _forgotten_page(form, 400 if token_failed() else 200)
    if not form.validate():
        return _forgotten_page(form, 422)
    try:
        links.ask(form.email.data, visitor.address())
    except Throttled as error:
        form.email.errors = [words.sentence(error)]
        return _forgotten_page(form, 429)
    minutes = int(links.RESET_LASTS.total_seconds()) // 60
    return render_page("accounts/staff/forgotten_sent.html", email=form.email.data, minutes=minutes)


def _forgotten_page(form: ForgottenForm, status: int = 200) -> Response:
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    return render_page(
        "accounts/staff/forgotten.html",
        status=status,
        email=form.email.data or "",
        mail_goes_out=links.mail_goes_out(),
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
    )


@bp.get("/staff/new-password/<token>")
@audience(PUBLIC)
def new_password(token: str) -> Response:
    """The link itself. Opening it spends nothing: mail programs and scanners open it too."""
    link = links.by_token(token)
    return _gone_page() if link is None else _password_page(link, NewPasswordForm(formdata=None))


@bp.post("/staff/new-password/<token>")
@audience(PUBLIC)
@shows_form_again
def choose_password(token: str) -> BaseResponse:
    """Spends the link. Whoever has a second factor needs it afterwards, as always."""
    link, form = links.by_token(token), NewPasswordForm()
    if link is None:
        return _gone_page()
    if token_failed() or not form.validate():
        return _password_page(link, form, 400 if token_failed() else 422)
    try:
        user = links.set_password(link, form.new.data)
    except Invalid as error:
        form.new.errors = [staff_words.sentence(error)]
        return _password_page(link, form, 422)
    return render_page("accounts/staff/password_set.html", user=user)


def _password_page(link: PasswordLink, form: NewPasswordForm, status: int = 200) -> Response:
    errors = {name: str(found[0]) for name, found in form.errors.items() if found}
    return render_page(
        "accounts/staff/new_password.html",
        status=status,
        user=link.user,
        kind=link.kind,
        length=PASSWORD_LENGTH,
        errors=errors,
        form_errors=list(errors.items()),
        stale=words.stale() if token_failed() else "",
    )


def _gone_page() -> Response:
    """Used, too old, or never ours: the same page for all, and the way to a new one."""
    return render_page("accounts/staff/link_gone.html", status=404, mail_goes_out=links.mail_goes_out())
