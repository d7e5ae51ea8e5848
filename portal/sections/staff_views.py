"""April's pages: the yearly sheets out, the filled ones in."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.words import stale
from portal.domain.errors import Conflict, Invalid
from portal.domain.periods import Month
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.sections import desks, fates, reading, services, workbook
from portal.sections import staff_present as present
from portal.sections.models import SheetLoad
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _
from portal.web.requests import takes_files

bp = Blueprint("sections", __name__, template_folder="templates", url_prefix="/staff/sections")
FILL = Permission.REPORT_FILL
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _page(problem: str = "", status: int = 200) -> Response:
    shown = present.index(signed_in(), request.values.get("year", type=int))
    errors = [("files", problem)] if problem else []
    return render_page("sections/staff/index.html", status=status, errors=errors, **shown)


@bp.get("/")
@audience(FILL)
def index() -> Response:
    """The sections of a year: whose sheet is back, and what to send and to load."""
    return _page()


@bp.get("/<data_set>/<period>/<organisation>.xlsx")
@audience(FILL)
def sheet(data_set: str, period: str, organisation: str) -> BaseResponse:
    """One section's sheet, with what is entered already."""
    try:
        year = Month.parse(period).fiscal_year
    except ValueError:
        abort(404)
    for one in desks.asked(signed_in(), year) if year in desks.years() else []:
        desk = one.desk
        here = (desk.data_set.code, desk.period, one.organisation.public_id)
        if here == (data_set, period, organisation):
            return _file(workbook.made(one), workbook.file_name(one), XLSX)
    abort(404)


@bp.get("/<int:year>.zip")
@audience(FILL)
def all_sheets(year: int) -> BaseResponse:
    """The sheets of all sections in one file."""
    found = desks.asked(signed_in(), year) if year in desks.years() else []
    if not found:
        abort(404)
    return _file(workbook.zipped(found), workbook.archive_name(year), "application/zip")


def _file(content: bytes, name: str, kind: str) -> BaseResponse:
    answer = send_file(io.BytesIO(content), kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/")
@audience(FILL)
@takes_files
@shows_form_again
def take() -> BaseResponse:
    """Filled sheets come in: they are read and shown row by row. Nothing is entered yet."""
    if token_failed():
        return _page(stale(), 400)
    files = [one for one in request.files.getlist("files") if one.filename]
    read = [reading.read(one.filename or "", one.read()) for one in files]
    try:
        row = services.keep(signed_in(), read)
    except Invalid:
        return _page(_("Please choose the filled files, at most %(most)s.", most=services.MOST_FILES), 422)
    return leave_to(url_for("sections.preview", public_id=row.public_id))


def _preview(row: SheetLoad, status: int = 200, problem: str = "") -> Response:
    found = fates.of_all(signed_in(), services.sheets(row))
    page = present.preview(found)
    return render_page("sections/staff/preview.html", status=status, load=row, problem=problem, **page)


@bp.get("/loads/<public_id>")
@audience(FILL)
def preview(public_id: str) -> Response:
    """Every row's fate, before anything is written."""
    return _preview(services.kept(signed_in(), public_id))


@bp.post("/loads/<public_id>")
@audience(FILL)
@shows_form_again
def load(public_id: str) -> BaseResponse:
    """All of it, or nothing."""
    row = services.kept(signed_in(), public_id)
    if token_failed():
        return _preview(row, 400, stale())
    year = _year(row)
    try:
        services.load(signed_in(), row)
    except (Conflict, Invalid):
        db.session.rollback()
        row = services.kept(signed_in(), public_id)
        changed = _("Something has changed meanwhile. Nothing was entered; please look again.")
        return _preview(row, 409, changed)
    return leave_to(url_for("sections.index", year=year))


def _year(row: SheetLoad) -> int | None:
    """The year of the first file that names one."""
    periods = [one.period for one in services.sheets(row) if one.period and not one.problem]
    return Month.parse(periods[0]).fiscal_year if periods else None


@bp.post("/loads/<public_id>/drop")
@audience(FILL)
def drop(public_id: str) -> BaseResponse:
    """Throw the read files away."""
    services.drop(services.kept(signed_in(), public_id))
    return leave_to(url_for("sections.index"))


@bp.get("/one-person")
@audience(Permission.USERS_MANAGE)
def one_person() -> Response:
    """The offices and sections with one person only: who enters their figures may confirm them."""
    return render_page("sections/staff/one_person.html", section="users", **present.one_person())


@bp.post("/one-person")
@audience(Permission.USERS_MANAGE)
def set_one_person() -> BaseResponse:
    try:
        services.name_one_person_offices(signed_in(), request.form.getlist("office"))
    except Invalid:
        abort(404)  # the page offers no other
    return leave_to(url_for("sections.one_person"))


@bp.post("/answers/<public_id>/<int:version>/forget")
@audience(Permission.REVIEW_READ)
def forget(public_id: str, version: int) -> BaseResponse:
    """Erase who filled a sheet in."""
    services.forget_filler(signed_in(), services.version_of(signed_in(), public_id, version))
    return leave_to(url_for("review.report", public_id=public_id))
