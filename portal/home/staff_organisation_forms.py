"""Forms of the organisations' pages: shape and wording only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.domain.errors import Conflict, Invalid
from portal.home.staff_words import CADENCES, ERRORS, KINDS, ROLES, sentence
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.organisations.services import Details, Person
from portal.web.csrf import token_failed
from portal.web.i18n import _l
from portal.web.locale import LOCALES

DAY = _l("Enter a day, such as 2026-04-01.")


class StaffForm(FlaskForm):  # type: ignore[misc]  # an untyped library
    """The token is checked once for every form by portal.web.csrf; all messages are our own."""

    class Meta:
        csrf = False

        def get_translations(self, _form: Any) -> None:
            return None

    @property
    def first_errors(self) -> dict[str, str]:
        """field name -> its first error, in the form's order."""
        return {name: str(found[0]) for name, found in self.errors.items() if name and found}

    def error_links(self, prefix: str = "") -> list[tuple[str, str]]:
        """(id of the field, message) pairs for the summary; ids are the names behind `prefix`."""
        return [(prefix + name, message) for name, message in self.first_errors.items()]

    def carried_out(self, act: Callable[[], object], field: str) -> bool:
        """Do it, if the form is good; a rule that says no is shown at the field that it is about."""
        if token_failed() or not self.validate():
            return False
        try:
            act()
        except (Invalid, Conflict) as error:
            if error.code not in ERRORS:
                raise
            named = str(error.params.get("field", field))
            self[named if named in self else field].errors = [sentence(error)]
            return False
        return True

    @property
    def status(self) -> int:
        """Of a page that shows this form again: 200 untouched, 400 stale, 422 to be put right."""
        if token_failed():
            return 400
        return 422 if self.errors else 200


class DayField(DateField):  # type: ignore[misc]
    """A day; what can't be read is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(DAY)) from None


class OrganisationForm(StaffForm):
    name = StringField(validators=[InputRequired(_l("Enter a name.")), Length(max=100)])
    kana = StringField(validators=[Length(max=100)])
    name_en = StringField(validators=[Length(max=100)])
    district = SelectField(default="")
    kinds = SelectMultipleField(choices=list(KINDS))
    phone = StringField(validators=[Length(max=30)])
    opened_on = DayField(validators=[InputRequired(DAY)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.district.choices = ["", *(row.code for row in organisations.districts())]

    def details(self) -> Details:
        return Details(
            name=self.name.data,
            district=organisations.district(self.district.data),
            kinds=tuple(self.kinds.data or ()),
            phone=self.phone.data,
            opened_on=self.opened_on.data,
            kana=self.kana.data,
            names={"en": self.name_en.data or ""},
        )


class PhoneForm(StaffForm):
    """Of an office or a section only this is kept here; the rest stands in the plan file."""

    phone = StringField(validators=[Length(max=30)])

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def details(self) -> Details:
        return Details(name=self.organisation.name, phone=self.phone.data)


def typed(organisation: Organisation) -> OrganisationForm | PhoneForm:
    """The form that fits the organisation, with what was typed."""
    return OrganisationForm() if organisation.code is None else PhoneForm(organisation)


def filled(organisation: Organisation) -> OrganisationForm | PhoneForm:
    """The form that fits the organisation, as it stands."""
    if organisation.code is not None:
        return PhoneForm(organisation, formdata=None, phone=organisation.phone or "")
    return OrganisationForm(
        formdata=None,
        name=organisation.name,
        kana=organisation.kana or "",
        name_en=organisation.names.get("en", ""),
        district=organisation.district.code if organisation.district else "",
        kinds=organisation.kind_codes,
        phone=organisation.phone or "",
        opened_on=organisation.opened_on,
    )


class ContactForm(StaffForm):
    role = SelectField(choices=list(ROLES))
    person = StringField(validators=[Length(max=100)])
    phone = StringField(validators=[Length(max=30)])
    email = StringField(validators=[Length(max=254)])
    language = SelectField(choices=list(LOCALES), default="ja")
    starts_on = DayField(validators=[Optional()])

    def details(self) -> Person:
        return Person(self.person.data, self.phone.data, self.email.data, self.language.data)


class AssignmentForm(StaffForm):
    data_set = SelectField()
    cadence = SelectField(choices=list(CADENCES))
    starts_on = DayField(validators=[InputRequired(DAY)])

    def __init__(self, codes: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.data_set.choices = codes


class DayForm(StaffForm):
    """One day, or none."""

    day = DayField(validators=[Optional()])

    def day_or_none(self) -> date | None:
        day: date | None = self.day.data
        return day
