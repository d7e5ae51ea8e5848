"""What people type to get in: shape and wording only."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from portal.accounts.secrets import LONGEST_PASSWORD, normal_pin
from portal.web.i18n import _l


class Form(FlaskForm):  # type: ignore[misc]  # an untyped library
    """The token is checked once for every form by portal.web.csrf; all messages are our own."""

    class Meta:
        csrf = False

        def get_translations(self, _form: Any) -> None:
            return None


class PinForm(Form):
    pin = StringField(
        filters=[lambda typed: normal_pin(typed or "")],
        validators=[
            InputRequired(_l("Enter the PIN.")),
            Regexp(r"^[0-9]{6}$", message=_l("The PIN is six digits.")),
        ],
    )


class SignInForm(Form):
    email = StringField(validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=254)])
    password = PasswordField(
        validators=[InputRequired(_l("Enter your password.")), Length(max=LONGEST_PASSWORD)]
    )
