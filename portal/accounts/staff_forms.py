"""Forms of staff's own pages: shape and wording only."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal.accounts.forms import Form
from portal.accounts.secrets import LONGEST_PASSWORD
from portal.accounts.staff_words import ROLES
from portal.web.i18n import _l


class UserForm(Form):
    email = StringField(validators=[InputRequired(_l("Enter an e-mail address, such as tanaka@example.jp."))])
    name = StringField(validators=[InputRequired(_l("Enter a name.")), Length(max=100)])
    role = SelectField(choices=list(ROLES), default="reviewer")


class PasswordForm(Form):
    current = PasswordField(validators=[InputRequired(_l("Enter your present password."))])
    new = PasswordField(validators=[InputRequired(_l("Enter a new password.")), Length(max=LONGEST_PASSWORD)])


class CodeForm(Form):
    """Six digits, or a recovery code."""

    code = StringField(validators=[InputRequired(_l("Enter the code.")), Length(max=60)])


class EnrolForm(CodeForm):
    """`sealed`: the secret that the page offered; `current`: only where a phone is replaced."""

    sealed = HiddenField()
    current = PasswordField(validators=[Length(max=LONGEST_PASSWORD)])


class OwnPasswordForm(Form):
    current = PasswordField(validators=[InputRequired(_l("Enter your present password."))])


class ForgottenForm(Form):
    email = StringField(
        validators=[
            InputRequired(_l("Enter an e-mail address, such as tanaka@example.jp.")),
            Length(max=254),
        ]
    )


class NewPasswordForm(Form):
    new = PasswordField(validators=[InputRequired(_l("Enter a new password.")), Length(max=LONGEST_PASSWORD)])
