"""One member of staff: roles with their scope, in or out, a new password, a lost phone, leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField

from portal.accounts import links, queries, second_factor, user_services
from portal.accounts.models import User
from portal.accounts.secrets import NO_PASSWORD
from portal.accounts.staff_words import ROLES
from portal.accounts.staff_words import sentence as account_sentence
from portal.accounts.words import device, stale
from portal.datasets.models import DataSet
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Grant, Permission, Role
from portal.extensions import db
from portal.home.staff_organisation_forms import StaffForm
from portal.organisations import queries as organisations
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import tr_plain

bp = Blueprint("users", __name__, template_folder="templates")
MANAGE = Permission.USERS_MANAGE


def scopes() -> dict[str, dict[str, Any]]:
    """What a role may be limited to: kind of limit -> value -> names per language."""
    data_sets = db.session.scalars(select(DataSet).order_by(DataSet.position))
    return {
        "data_set": {row.code: row.names for row in data_sets},
        "district": {row.code: row.names for row in organisations.districts()},
        "organisation": {
            str(row.id): row.names or {"ja": row.name} for row in organisations.sections_and_offices()
        },
    }


class GrantForm(StaffForm):
    """A role and how far it reaches; empty means everywhere."""

    role = SelectField(choices=list(ROLES), default="reviewer")
    data_set = SelectField(default="")
    district = SelectField(default="")
    organisation = SelectField(default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes = scopes()
        for name, values in self.scopes.items():
            self[name].choices = ["", *values]

    def grant(self) -> Grant:
        organisation = int(self.organisation.data) if self.organisation.data else None
        data_set, district = self.data_set.data or None, self.district.data or None
        return Grant(Role(self.role.data), data_set, district, organisation)


@bp.get("/staff/users/<int:user_id>")
@audience(MANAGE)
def show(user_id: int) -> Response:
    """Roles, and whether this person may sign in."""
    return _page(queries.user(user_id), GrantForm(formdata=None))


@bp.post("/staff/users/<int:user_id>/grants")
@audience(MANAGE)
@shows_form_again
def grant(user_id: int) -> BaseResponse:
    """Give a role."""
    user, form = queries.user(user_id), GrantForm()
    if not token_failed() and form.validate():
        try:
            user_services.grant(signed_in(), user, form.grant())
            return leave_to(url_for("users.show", user_id=user.id))
        except Invalid as error:
            form[str(error.params["field"])].errors = [account_sentence(error)]
    return _page(user, form)


@bp.post("/staff/users/<int:user_id>/grants/<int:grant_id>/end")
@audience(MANAGE)
def take_back(user_id: int, grant_id: int) -> BaseResponse:
    """Take a role back."""
    return _done(user_id, lambda user: user_services.take_back(signed_in(), user, grant_id))


@bp.post("/staff/users/<int:user_id>/active")
@audience(MANAGE)
def set_active(user_id: int) -> BaseResponse:
    """Let in (`active=1`) or keep out from now on."""
    active = request.form.get("active") == "1"
    return _done(user_id, lambda user: user_services.set_active(signed_in(), user, active))


@bp.post("/staff/users/<int:user_id>/password")
@audience(MANAGE)
def reset_password(user_id: int) -> Response:
    """A new password, shown on this answer and never again."""
    user = queries.user(user_id)
    password = user_services.reset_password(signed_in(), user)
    return render_page("accounts/staff/password_once.html", user=user, password=password)


@bp.post("/staff/users/<int:user_id>/link")
@audience(MANAGE)
def send_link(user_id: int) -> BaseResponse:
    """An invitation, or a link for a new password: they choose it themselves."""
    return _done(user_id, lambda user: links.send(signed_in(), user), sent=1)


@bp.post("/staff/users/<int:user_id>/second-factor")
@audience(MANAGE)
def reset_second_factor(user_id: int) -> BaseResponse:
    """A lost phone: they begin anew with the next one."""
    return _done(user_id, lambda user: second_factor.reset(signed_in(), user))


@bp.post("/staff/users/<int:user_id>/browsers")
@audience(MANAGE)
def end_browsers(user_id: int) -> BaseResponse:
    """Sign somebody out everywhere."""
    return _done(user_id, lambda user: user_services.end_browsers(signed_in(), user))


@bp.post("/staff/users/<int:user_id>/erase")
@audience(MANAGE)
def erase(user_id: int) -> BaseResponse:
    """Name and address of somebody who has left."""
    return _done(user_id, lambda user: user_services.erase(signed_in(), user))


def _done(user_id: int, act: Callable[[User], object], **query: Any) -> BaseResponse:
    try:
        act(queries.user(user_id))
    except Conflict as error:
        return _refused(user_id, error)
    return leave_to(url_for("users.show", user_id=user_id, **query))


def _refused(user_id: int, error: Conflict) -> Response:
    """The rule said no after it had been tried: take it back before the page is drawn."""
    db.session.rollback()
    return _page(queries.user(user_id), GrantForm(formdata=None), account_sentence(error))


def _page(user: User, form: GrantForm, refused: str = "") -> Response:
    return render_page(
        "home/staff/users/show.html",
        status=409 if refused else form.status,
        user=user,
        form=form,
        errors=form.first_errors,
        form_errors=form.error_links(),
        stale=stale() if token_failed() else "",
        refused=refused,
        sent="sent" in request.args,
        mail_goes_out=links.mail_goes_out(),
        browsers=queries.browsers(user.id),
        device=device,
        invited=user.password_hash == NO_PASSWORD,
        own=signed_in().key == f"staff:{user.id}",
        role_words=ROLES,
        scopes=form.scopes,
        options={
            kind: [(value, tr_plain(names)) for value, names in values.items()]
            for kind, values in form.scopes.items()
        },
    )
