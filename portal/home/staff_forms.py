"""The form editor: what a form asks, in every language, until it is put into force as a new edition."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.datasets import drafting, editing
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import Invalid, StaleVersion
from portal.domain.permissions import Permission, may
from portal.home import form_editions, staff_form_pages, staff_form_posts, staff_form_preview
from portal.home.staff_form_posts import Wrong
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to

bp = Blueprint("forms", __name__, template_folder="templates", url_prefix="/staff/forms")
EDIT = Permission.FORMS_EDIT
Show = Callable[..., Response]


def _form(code: str) -> DataSet:
    """One that this person may change; whether there are others is nobody's business here."""
    found = datasets.data_set(code) or abort(404)
    return found if may(signed_in(), EDIT, drafting.subject(found)) else abort(404)


def _seen() -> str:
    return request.form.get("seen", "")[:40]


def _change(data_set: DataSet, how: drafting.Change, show: Show, leave: str) -> BaseResponse:
    """Change the draft and go on; on a fault the same page again with everything that was typed."""
    if token_failed():
        return show(status=400)
    try:
        drafting.change(signed_in(), data_set, _seen(), how)
    except Wrong as wrong:
        return show(status=422, wrong=wrong.found)
    except Invalid as error:
        if error.code in ("unknown_measure", "unknown_text"):
            abort(404)
        return show(status=422, wrong=staff_form_posts.said(error))
    except StaleVersion as error:
        return show(status=409, wrong=staff_form_posts.said(error))
    return leave_to(leave)


@bp.get("/")
@audience(EDIT)
def index() -> Response:
    """Every form that this person may change, its edition, and how many reports stand on each."""
    mine = [row for row in datasets.all_data_sets() if may(signed_in(), EDIT, drafting.subject(row))]
    return staff_form_pages.index(mine)


@bp.get("/<code>/")
@audience(EDIT)
def show(code: str) -> Response:
    """A form's questions in their order, and what can be done with each."""
    return staff_form_pages.overview(_form(code))


@bp.post("/<code>/")
@audience(EDIT)
@shows_form_again
def rearrange(code: str) -> BaseResponse:
    """Up, down, no longer asked, asked again; or the whole draft thrown away."""
    data_set = _form(code)
    action, _colon, measure = request.form.get("action", "").partition(":")
    page = partial(staff_form_pages.overview, data_set)
    leave = url_for("forms.show", code=code)
    if action == "drop":
        return _drop(data_set, page)
    around = form_editions.around(data_set)
    base = data_set.current.definition
    deeds: dict[str, drafting.Change] = {
        "up": lambda now: editing.move(now, measure, True, around),
        "down": lambda now: editing.move(now, measure, False, around),
        "gone": lambda now: editing.retire(now, measure, around),
        "again": lambda now: editing.ask_again(now, base, measure),
    }
    at = "#gone" if action == "gone" else f"#q-{measure}"
    return _change(data_set, deeds.get(action) or abort(404), page, f"{leave}{at}")


def _drop(data_set: DataSet, page: Show) -> BaseResponse:
    if token_failed():
        return page(status=400)
    try:
        drafting.drop(signed_in(), data_set, _seen())
    except StaleVersion as error:
        return page(status=409, wrong=staff_form_posts.said(error))
    return leave_to(url_for("forms.show", code=data_set.code))


@bp.get("/<code>/questions/<measure>/")
@audience(EDIT)
def question(code: str, measure: str) -> Response:
    """One question: its words in every language, its answers, whether it must be answered."""
    return staff_form_pages.question(_form(code), measure)


@bp.post("/<code>/questions/<measure>/")
@audience(EDIT)
@shows_form_again
def save_question(code: str, measure: str) -> BaseResponse:
    data_set = _form(code)
    page = partial(staff_form_pages.question, data_set, measure)
    around = form_editions.around(data_set)
    how = partial(staff_form_posts.with_question, measure=measure, around=around)
    return _change(data_set, how, page, f"{url_for('forms.show', code=code)}#q-{measure}")


@bp.get("/<code>/headings/")
@audience(EDIT)
def headings(code: str) -> Response:
    """What the form and its parts are called."""
    return staff_form_pages.headings(_form(code))


@bp.post("/<code>/headings/")
@audience(EDIT)
@shows_form_again
def save_headings(code: str) -> BaseResponse:
    data_set = _form(code)
    page = partial(staff_form_pages.headings, data_set)
    return _change(data_set, staff_form_posts.with_headings, page, url_for("forms.show", code=code))


@bp.get("/<code>/new/")
@audience(EDIT)
def new(code: str) -> Response:
    return staff_form_pages.new(_form(code))


@bp.post("/<code>/new/")
@audience(EDIT)
@shows_form_again
def add(code: str) -> BaseResponse:
    """A new question: of a kind that adds up or does not, and of no indicator yet."""
    data_set = _form(code)
    page = partial(staff_form_pages.new, data_set)
    how = partial(staff_form_posts.with_new, around=form_editions.around(data_set))
    return _change(data_set, how, page, f"{url_for('forms.show', code=code)}#last")


@bp.get("/<code>/preview/")
@audience(EDIT)
def preview(code: str) -> Response:
    """The form as it is being written, in a frame as large as a phone."""
    return staff_form_preview.host(_form(code))


@bp.get("/<code>/preview/<language>/")
@audience(EDIT)
def frame(code: str, language: str) -> Response:
    """What is in the frame: the page that people will get, from which nothing can be sent."""
    return staff_form_preview.page(_form(code), language)


@bp.get("/<code>/force/")
@audience(EDIT)
def force(code: str) -> Response:
    """Exactly what changes, what stays on the old edition, and from which month."""
    return staff_form_pages.force(_form(code))


@bp.post("/<code>/force/")
@audience(Permission.PLAN_WRITE)
@shows_form_again
def put_in_force(code: str) -> BaseResponse:
    data_set = _form(code)
    if token_failed():
        return staff_form_pages.force(data_set, status=400)
    period, reason = request.form.get("from_period", ""), request.form.get("reason", "")
    try:
        agreed = request.form.get("agreed") == "1"
        made = form_editions.put_in_force(signed_in(), data_set, _seen(), period, reason, agreed)
    except Invalid as error:
        return staff_form_pages.force(data_set, status=422, wrong=staff_form_posts.said(error))
    except StaleVersion as error:
        return staff_form_pages.force(data_set, status=409, wrong=staff_form_posts.said(error))
    return leave_to(url_for("forms.edition", code=code, version=made.version))


@bp.get("/<code>/editions/<int:version>/")
@audience(EDIT)
def edition(code: str, version: int) -> Response:
    """An edition, now or later; and what it changed, or how it differs from another."""
    data_set = _form(code)
    found = data_set.edition(version) or abort(404)
    other = request.args.get("with", type=int)
    return staff_form_pages.edition(data_set, found, data_set.edition(other) if other else None)
