"""Staff's pages of organisations: the list, one organisation, its contacts, forms and registers."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import services as accounts
from portal.accounts.words import device, stale
from portal.datasets import services as datasets
from portal.domain.periods import term_end
from portal.domain.permissions import Permission
from portal.home import card_print
from portal.home import staff_organisation_forms as forms
from portal.home import staff_organisation_rows as rows
from portal.home import staff_words as words
from portal.organisations import queries, services
from portal.organisations.models import Organisation
from portal.review import exceptions
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import tr_plain
from portal.web.locale import LOCALES

bp = Blueprint("organisations", __name__, template_folder="templates")
READ, WRITE = Permission.ORGANISATIONS_READ, Permission.ORGANISATIONS_WRITE
FOLDER = "home/staff/organisations"


@bp.get("/staff/organisations/")
@audience(READ)
def index() -> Response:
    """The list, narrowed by the address's query."""
    asked = {name: request.args.get(name, "") for name in ("q", "district", "kind", "side", "card", "closed")}
    filters = queries.Filters(
        district=asked["district"],
        kind=asked["kind"],
        side=asked["side"],
        on=None if asked["closed"] else clock.today(),
        text=asked["q"].strip(),
    )
    return render_page(
        f"{FOLDER}/index.html",
        fragment="list",
        rows=rows.rows(signed_in(), filters, asked["card"]),
        may_reelect=rows.may_reelect(signed_in()),
        asked=asked,
        district_options=_districts(),
        words=words,
    )


@bp.get("/staff/organisations/new")
@audience(WRITE)
def new() -> Response:
    """An empty form."""
    return _form_page(forms.OrganisationForm(formdata=None, opened_on=clock.today()))


@bp.post("/staff/organisations/new")
@audience(WRITE)
@shows_form_again
def create() -> BaseResponse:
    form, made = forms.OrganisationForm(), []
    if form.carried_out(lambda: made.append(_create(form.details())), "name"):
        return leave_to(_url(made[0]))
    return _form_page(form)


@bp.get("/staff/organisations/<public_id>")
@audience(READ)
def show(public_id: str) -> Response:
    """Everything about one organisation."""
    return _page(queries.by_public_id(signed_in(), public_id))


@bp.get("/staff/organisations/<public_id>/edit")
@audience(WRITE)
def edit(public_id: str) -> Response:
    organisation = _writable(public_id)
    return _form_page(forms.filled(organisation), organisation)


@bp.post("/staff/organisations/<public_id>/edit")
@audience(WRITE)
@shows_form_again
def save(public_id: str) -> BaseResponse:
    """Of an office or a section only the telephone number is taken."""
    organisation = _writable(public_id)
    form = forms.typed(organisation)
    if form.carried_out(lambda: services.edit(signed_in(), organisation, form.details()), "name"):
        return leave_to(_url(organisation))
    return _form_page(form, organisation)


@bp.post("/staff/organisations/<public_id>/closing")
@audience(WRITE)
@shows_form_again
def close(public_id: str) -> BaseResponse:
    """The last day; an empty day opens it again."""
    organisation, form = _writable(public_id), forms.DayForm()
    if form.carried_out(lambda: services.close(signed_in(), organisation, form.day_or_none()), "day"):
        return leave_to(_url(organisation))
    return _page(organisation, closing=form)


@bp.post("/staff/organisations/<public_id>/registers")
@audience(WRITE)
def register(public_id: str) -> BaseResponse:
    """The fiscal years ticked, of every register."""
    organisation = _writable(public_id)
    shown = set(request.form.getlist("shown", type=int))
    registered = queries.registrations(organisation)
    for name in words.REGISTERS:
        had = set(registered.get(name, ()))
        ticked = set(request.form.getlist(name, type=int)) & shown
        services.set_registrations(signed_in(), organisation, name, (had - shown) | ticked)
    return leave_to(_url(organisation))


@bp.post("/staff/organisations/<public_id>/contacts")
@audience(WRITE)
@shows_form_again
def hand_over(public_id: str) -> BaseResponse:
    """Somebody takes a role; its card dies, since the one before still has it, and a new one is made."""
    organisation, form = _writable(public_id), forms.ContactForm()
    actor, role = signed_in(), form.role.data

    def act() -> None:
        accounts.hand_over(actor, organisation, role, form.details(), form.starts_on.data)

    if not form.carried_out(act, "role"):
        return _page(organisation, contact=form)
    if not request.form.get("card"):
        return leave_to(_url(organisation))
    return card_print.show([accounts.issue_card(actor, organisation, role)], _url(organisation))


@bp.get("/staff/organisations/<public_id>/contacts/<int:contact_id>")
@audience(WRITE)
def contact(public_id: str, contact_id: int) -> Response:
    """Put a contact's details right."""
    organisation = _writable(public_id)
    row = queries.contact(organisation, contact_id)
    form = forms.ContactForm(formdata=None, obj=row, person=row.name)
    return _contact_page(organisation, form)


@bp.post("/staff/organisations/<public_id>/contacts/<int:contact_id>")
@audience(WRITE)
@shows_form_again
def correct_contact(public_id: str, contact_id: int) -> BaseResponse:
    organisation = _writable(public_id)
    row, form = queries.contact(organisation, contact_id), forms.ContactForm()
    form.role.data = row.role
    act = services.correct_contact
    if form.carried_out(lambda: act(signed_in(), organisation, row, form.details()), "person"):
        return leave_to(_url(organisation))
    return _contact_page(organisation, form)


@bp.post("/staff/organisations/<public_id>/contacts/<int:contact_id>/end")
@audience(WRITE)
@shows_form_again
def end_contact(public_id: str, contact_id: int) -> BaseResponse:
    """Somebody's last day, with nobody after them yet: an area becomes vacant."""
    organisation, form = _writable(public_id), forms.DayForm()
    row = queries.contact(organisation, contact_id)
    last = form.day_or_none() or clock.today()
    if form.carried_out(lambda: services.end_contact(signed_in(), organisation, row, last), "day"):
        return leave_to(_url(organisation))
    return _page(organisation, leaving=form)


@bp.post("/staff/organisations/<public_id>/forms")
@audience(WRITE)
@shows_form_again
def assign(public_id: str) -> BaseResponse:
    """The organisation files a form from a day on, at a cadence."""
    organisation = _writable(public_id)
    form = forms.AssignmentForm(_codes(organisation))

    def act() -> None:
        data_set = rows.form_by_code(form.data_set.data)
        datasets.assign(signed_in(), organisation, data_set, form.cadence.data, form.starts_on.data)

    if form.carried_out(act, "starts_on"):
        return leave_to(_url(organisation))
    return _page(organisation, assignment=form)


@bp.post("/staff/organisations/<public_id>/forms/<int:assignment_id>")
@audience(WRITE)
@shows_form_again
def end_assignment(public_id: str, assignment_id: int) -> BaseResponse:
    """The last day on which a form is filed; empty: yesterday was the last."""
    organisation, form = _writable(public_id), forms.DayForm()
    row = rows.assignment_of(organisation, assignment_id)
    last = form.day_or_none() or clock.today() - timedelta(days=1)
    if form.carried_out(lambda: datasets.end_assignment(signed_in(), row, last), "day"):
        return leave_to(_url(organisation))
    return _page(organisation, ending=form)


def _create(details: services.Details) -> Organisation:
    """A group; or a commissioner's area, which files the nationwide record from its first day on."""
    made = services.create(signed_in(), details, details.side)
    if made.side == "commissioner":
        for data_set in rows.forms_for(made):
            datasets.assign(signed_in(), made, data_set, data_set.cadence, made.opened_on)
    return made


def _writable(public_id: str) -> Organisation:
    return queries.by_public_id(signed_in(), public_id, WRITE)


def _url(organisation: Organisation) -> str:
    return url_for("organisations.show", public_id=organisation.public_id)


def _districts() -> list[tuple[str, str]]:
    return [(row.code, tr_plain(row.names)) for row in queries.districts()]


def _codes(organisation: Organisation) -> list[str]:
    return [data_set.code for data_set in rows.forms_for(organisation)]


def _page(organisation: Organisation, **given: forms.StaffForm) -> Response:
    """The organisation's page; `given`: the one form that was not good, shown open with its values."""
    bad = next(iter(given.values()), None)
    empty: dict[str, forms.StaffForm] = {
        "contact": forms.ContactForm(formdata=None, starts_on=clock.today()),
        "assignment": forms.AssignmentForm(_codes(organisation), formdata=None, starts_on=clock.today()),
        "closing": forms.DayForm(formdata=None, day=organisation.closed_on),
        "ending": forms.DayForm(formdata=None),
        "leaving": forms.DayForm(formdata=None),
    }
    return render_page(
        f"{FOLDER}/show.html",
        status=bad.status if bad else 200,
        sheet=rows.sheet(signed_in(), organisation),
        data_set_options=[(row.code, tr_plain(row.names)) for row in rows.forms_for(organisation)],
        languages=LOCALES,
        forms=empty | given,
        bad=next(iter(given), ""),
        errors=bad.first_errors if bad else {},
        form_errors=bad.error_links(f"{next(iter(given))}-") if bad else [],
        stale=stale() if bad is not None and token_failed() else "",
        words=words,
        exceptions=exceptions.of(signed_in(), organisation),
        may_let=bool(exceptions.choice(signed_in(), organisation)),
        device=device,
        term_end=term_end(clock.today()),
        merged=rows.merged(organisation),
    )


def _form_page(
    form: forms.OrganisationForm | forms.PhoneForm, organisation: Organisation | None = None
) -> Response:
    return render_page(
        f"{FOLDER}/form.html",
        status=form.status,
        form=form,
        errors=form.first_errors,
        form_errors=form.error_links(),
        stale=stale() if token_failed() else "",
        organisation=organisation,
        district_options=_districts(),
        words=words,
    )


def _contact_page(organisation: Organisation, form: forms.ContactForm) -> Response:
    return render_page(
        f"{FOLDER}/contact.html",
        status=form.status,
        form=form,
        errors=form.first_errors,
        form_errors=form.error_links(),
        stale=stale() if token_failed() else "",
        organisation=organisation,
        languages=LOCALES,
        words=words,
    )
