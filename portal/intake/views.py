"""Staff's pages for bringing tables in: a file, its columns, every row's fate, and the writing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts.words import stale
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Permission
from portal.intake import present, queries, services, words
from portal.intake.headings import Mapping
from portal.intake.models import FATES, Intake
from portal.intake.work import WAITING
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.filters import fiscal_year
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import tr_plain
from portal.web.requests import takes_files

bp = Blueprint("intake", __name__, template_folder="templates", url_prefix="/staff/import")
YEARS_BACK = 6


@bp.get("/")
@audience(Permission.IMPORT)
def index() -> Response:
    """Choose a file; the imports so far."""
    return _index()


@bp.post("/")
@audience(Permission.IMPORT)
@takes_files
@shows_form_again
def start() -> BaseResponse:
    """Take the file; the jobs runner reads it."""
    if token_failed():
        return _index(400)
    filename, content = _file()
    kind, code = request.form.get("kind", ""), request.form.get("data_set", "")
    data_set = datasets.data_set(code) if kind == "counts" else None
    try:
        if kind not in words.KINDS:
            raise Invalid("no_form", field="kind")
        made = services.start(signed_in(), kind, data_set, filename, content)
    except Invalid as error:
        return _index(422, error)
    return leave_to(_url(made))


@bp.get("/<public_id>")
@audience(Permission.IMPORT)
def show(public_id: str) -> Response:
    """Where the import stands: being read, its columns, its rows, what was written."""
    intake = _mine(public_id)
    if intake.state == "columns":
        return _columns(intake)
    if intake.state in ("ready", "done", "undone") and intake.wiped_at is None:
        return _rows(intake)
    return render_page(
        "intake/state.html",
        intake=intake,
        busy=intake.state in WAITING,
        may_undo=services.may_be_undone(intake),
        words=words,
        section="organisations",
    )


@bp.get("/<public_id>/columns")
@audience(Permission.IMPORT)
def columns(public_id: str) -> Response:
    """Say again what the columns hold."""
    intake = _mine(public_id)
    return _columns(intake) if intake.state in ("columns", "ready") else abort(404)


@bp.post("/<public_id>/columns")
@audience(Permission.IMPORT)
@shows_form_again
def set_columns(public_id: str) -> BaseResponse:
    """Have the rows checked; or look for the headings elsewhere."""
    intake = _mine(public_id)
    if token_failed():
        return _columns(intake, 400)
    try:
        mapping, moved = _typed(intake)
        if moved or request.form.get("act") == "again":
            services.guess_again(signed_in(), intake, mapping)
        else:
            services.set_columns(signed_in(), intake, mapping)
    except Invalid as error:
        return _columns(intake, 422, error)
    return leave_to(_url(intake))


@bp.post("/<public_id>/decisions")
@audience(Permission.IMPORT)
def decide(public_id: str) -> BaseResponse:
    """What becomes of the rows on this page that need a decision."""
    intake = _mine(public_id)
    every = request.form.get("all", "")
    given = {
        int(name[2:]): every or choice
        for name, choice in request.form.items()
        if name.startswith("d-") and name[2:].isdecimal() and len(name) < 20
    }
    services.decide(signed_in(), intake, given)
    where: dict[str, Any] = {
        "fate": request.form.get("fate", "")[:10],
        "after": request.form.get("after", "")[:10],
    }
    return leave_to(url_for("intake.show", public_id=intake.public_id, **where))


@bp.post("/<public_id>/write")
@audience(Permission.IMPORT)
@shows_form_again
def write(public_id: str) -> BaseResponse:
    """Have it written, all or nothing."""
    intake = _mine(public_id)
    if token_failed():
        return _rows(intake, 400)
    approve = bool(request.form.get("approve")) and present.may_approve(signed_in(), intake)
    try:
        services.carry_out(signed_in(), intake, approve=approve, without=bool(request.form.get("without")))
    except Invalid as error:
        return _rows(intake, 422, error)
    return leave_to(_url(intake))


@bp.post("/<public_id>/undo")
@audience(Permission.IMPORT)
def undo(public_id: str) -> BaseResponse:
    """Have it taken back, all or nothing."""
    intake = _mine(public_id)
    services.undo(signed_in(), intake)
    return leave_to(_url(intake))


@bp.post("/<public_id>/drop")
@audience(Permission.IMPORT)
def drop(public_id: str) -> BaseResponse:
    """Nothing is to come of it: the file's rows go at once."""
    services.drop(signed_in(), _mine(public_id))
    return leave_to(url_for("intake.index"))


def _file() -> tuple[str, bytes]:
    """Name and content of the file that was sent; nothing of it stays on the disk."""
    file = request.files.get("file")
    if file is None:
        return "", b""
    with file.stream as opened:
        return file.filename or "", opened.read()


def _mine(public_id: str) -> Intake:
    return queries.by_public_id(signed_in(), public_id)


def _url(intake: Intake) -> str:
    return url_for("intake.show", public_id=intake.public_id)


def _errors(error: Invalid | None, field: str = "") -> dict[str, str]:
    if error is None:
        return {}
    return {str(error.params.get("field", field)): words.fault(error.params | {"code": error.code})}


def _index(status: int = 200, error: Invalid | None = None) -> Response:
    errors = _errors(error, "file")
    forms = queries.forms(signed_in())
    limits = services.limits()
    return render_page(
        "intake/index.html",
        status=status,
        intakes=queries.listed(signed_in()),
        kind_options=[pair for pair in words.KINDS.items() if pair[0] == "groups" or forms],
        chosen=request.form.get("kind", "groups"),
        data_set=request.form.get("data_set", ""),
        data_set_options=[(row.code, tr_plain(row.names)) for row in forms],
        errors=errors,
        form_errors=list(errors.items()),
        stale=stale() if status == 400 else "",
        megabytes=limits.size // 1024**2,
        most_rows=limits.rows,
        words=words,
        section="organisations",
    )


def _columns(intake: Intake, status: int = 200, error: Invalid | None = None) -> Response:
    mapping = (
        _typed(intake)[0] if error is not None and error.code != "rows" else Mapping.from_json(intake.mapping)
    )
    errors = _errors(error, "columns")
    newest = FiscalYear.of(clock.today()).year
    years = range(newest, newest - YEARS_BACK, -1)
    return render_page(
        "intake/columns.html",
        status=status,
        intake=intake,
        mapping=mapping,
        columns=present.columns(intake, mapping),
        field_options=present.field_options(intake),
        form_options=[
            (row.code, tr_plain(row.names)) for row in datasets.all_data_sets() if row.filed_by == "group"
        ],
        years=[(year, fiscal_year(year)) for year in years],
        errors=errors,
        form_errors=list(errors.items()),
        stale=stale() if status == 400 else "",
        words=words,
        section="organisations",
    )


def _typed(intake: Intake) -> tuple[Mapping, bool]:
    """What was chosen; and whether the headings are to be looked for elsewhere."""
    before, form = Mapping.from_json(intake.mapping), request.form
    try:
        sheet = int(form.get("sheet", before.sheet))
        first, last = int(form.get("first", before.first)), int(form.get("last", before.last))
    except ValueError:
        raise Invalid("rows", field="first") from None
    if not 0 <= sheet < len(intake.sheets) or not 1 <= first <= last < first + 4 or last > 10**6:
        raise Invalid("rows", field="first")
    moved = (sheet, first, last) != (before.sheet, before.first, before.last)
    known = {"", *(code for code, _label in present.field_options(intake))}
    columns = [form.get(f"c-{index}", "") for index in range(len(before.columns))]
    year = form.get("fiscal_year", "")
    mapping = Mapping(
        sheet=sheet,
        first=first,
        last=last,
        columns=[code if code in known else "" for code in columns],
        fiscal_year=int(year) if year.isdecimal() and len(year) == 4 else before.fiscal_year,
        dash=form.get("dash", "") if form.get("dash", "") in words.DASHES else "",
        measure=before.measure,
        form=form.get("form", ""),
    )
    return mapping, moved


def _rows(intake: Intake, status: int = 200, error: Invalid | None = None) -> Response:
    fate = request.args.get("fate", "")
    fate = fate if fate in FATES else ""
    found = queries.items(intake, fate, request.args.get("after", -1, type=int), queries.PAGE + 1)
    form, named = present.form_of(intake), present.labels(intake)
    errors = _errors(error, "without")
    shown = found[: queries.PAGE]
    return render_page(
        "intake/rows.html",
        status=status,
        intake=intake,
        fate=fate,
        after=request.args.get("after", ""),
        rows=[present.item(intake, row, named, form) for row in shown],
        more=shown[-1].position if len(found) > queries.PAGE else None,
        undecided=queries.undecided(intake),
        may_approve=present.may_approve(signed_in(), intake),
        may_undo=services.may_be_undone(intake),
        errors=errors,
        form_errors=list(errors.items()),
        stale=stale() if status == 400 else "",
        words=words,
        section="organisations",
        **_totals(intake),
    )


def _totals(intake: Intake) -> dict[str, Any]:
    left = intake.counts.get("refused", 0)
    return {"refused": left, "total": sum(intake.counts.values())}
