"""Forms of staff's own pages: shape and wording only."""

from __future__ import annotations

from wtforms import PasswordField, SelectField, StringField
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
