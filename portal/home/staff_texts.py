"""Words that staff write, in other languages: the board, and a list to translate and read back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import queries as accounts
from portal.accounts.words import stale
from portal.domain.errors import Conflict
from portal.domain.permissions import Permission
from portal.domain.translations import fault, longest, tidy
from portal.ground import texts
from portal.ground.texts import Kind, Row, Saved, State
from portal.home.staff_text_words import KINDS, PROBLEMS, READERS, STATES
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.locale import LOCALES, PortalLocale

bp = Blueprint("texts", __name__, template_folder="templates", url_prefix="/staff/texts")
TRANSLATE = Permission.TEXTS_TRANSLATE
PAGE = 40  # sentences: as many as one sitting saves at once
Data = dict[str, Any]


@bp.get("/")
@audience(TRANSLATE)
def board() -> Response:
    """How much of what staff wrote stands in which language."""
    told, actor = texts.events(), signed_in()
    languages = [row for row in LOCALES.values() if row.slug != "ja"]
    lines = []
    for one in texts.kinds():
        cells = [(row, _counted(texts.rows_of(one, row.slug, actor, told))) for row in languages]
        if any(counts["all"] for _row, counts in cells):
            lines.append((one, KINDS[one.code], READERS[one.readers], cells))
    return render_page(
        "home/staff/texts/board.html", section="start", languages=languages, lines=lines, states=STATES
    )


def _counted(rows: list[Row]) -> Data:
    by_state = {state: sum(row.standing.state is state for row in rows) for state in State}
    done = by_state[State.CHECKED] + by_state[State.NATIVE]
    return {"all": len(rows), "done": done, "there": done + by_state[State.DRAFT], "states": by_state}


def _chosen(language: str, kind: str) -> tuple[PortalLocale, Kind, list[Row]]:
    """404 for what there is not, and for a kind without a text that this person may translate."""
    locale, one = LOCALES.get(language), texts.kind(kind)
    if locale is None or language == "ja" or one is None:
        abort(404)
    rows = texts.rows_of(one, language, signed_in())
    if not rows:
        abort(404)
    return locale, one, rows


@bp.get("/<language>/<kind>/")
@audience(TRANSLATE)
def show(language: str, kind: str) -> Response:
    """The sentences of a kind, what needs somebody first."""
    return _page(*_chosen(language, kind))


def _page(
    locale: PortalLocale,
    one: Kind,
    rows: list[Row],
    status: int = 200,
    errors: dict[str, str] | None = None,
    general: str = "",
) -> Response:
    page = max(request.args.get("page", 1, type=int), 1)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    if errors is not None or general:  # the rows that were typed in, though their order may have changed
        shown = [row for row in rows if _field(row) in request.form]
    names, told = accounts.names(), texts.events()
    return render_page(
        "home/staff/texts/list.html",
        status=status,
        section="start",
        language=locale,
        kind=one,
        title=KINDS[one.code],
        rows=[_shown(row, locale.slug, names, told) for row in shown],
        states=STATES,
        counts=_counted(rows),
        page=page,
        pages=-(-len(rows) // PAGE),
        errors=errors or {},
        general=general,
    )


def _field(row: Row) -> str:
    return f"{row.code}-text"


def _shown(row: Row, language: str, names: dict[str, str], told: texts.Events) -> Data:
    """A row with what was typed in it, or else what stands."""
    how = row.standing
    mine = signed_in().key in texts.writers(row, language, told)
    return {
        "row": row,
        "how": how,
        "field": _field(row),
        "typed": request.form.get(_field(row), how.text),
        "english": row.source.get("en", "") if language != "en" else "",
        "longest": longest(row.source["ja"]),
        "places": len(row.texts),
        "writer": names.get(how.writer, ""),
        "checker": names.get(how.checker, ""),
        "may_check": how.state is State.DRAFT and not mine,
        "mine": mine and how.state is State.DRAFT,
    }


@bp.post("/<language>/<kind>/")
@audience(TRANSLATE)
@shows_form_again
def save(language: str, kind: str) -> BaseResponse:
    """Save all that was typed and ticked, or nothing of it."""
    locale, one, rows = _chosen(language, kind)
    if token_failed():
        return _page(locale, one, rows, 400, general=stale())
    saved = [_typed(row) for row in rows if _field(row) in request.form]
    errors = {_field(item.row): problem for item in saved if (problem := _problem(item, locale))}
    if errors:
        status = 409 if str(PROBLEMS["changed"]) in errors.values() else 422
        return _page(locale, one, rows, status, errors)
    try:
        texts.save(signed_in(), one, language, saved, native="native" in request.form)
    except Conflict as error:
        field = f"{error.params['field']}-text"
        return _page(locale, one, rows, 409, {field: str(PROBLEMS["own_text"])})
    page = request.args.get("page", type=int)
    return leave_to(url_for("texts.show", language=language, kind=kind, page=page))


def _typed(row: Row) -> Saved:
    """What a form says of a row. A field left as it was seen is not typed, whatever it is by now."""
    code, text = row.code, tidy(request.form[_field(row)])
    if request.form.get(f"{code}-seen", "")[8:] == texts.fingerprint(text)[:8]:
        text = row.standing.text
    return Saved(row, text, f"{code}-keeps" in request.form, f"{code}-checks" in request.form)


def _problem(item: Saved, locale: PortalLocale) -> str | None:
    row = item.row
    touched = item.text != row.standing.text or item.keeps or item.checks
    if not touched:
        return None
    if request.form.get(f"{row.code}-seen") != row.seen:
        return str(PROBLEMS["changed"])
    code = fault(row.source["ja"], item.text, locale.slug == "ja-easy") if item.text else None
    return str(PROBLEMS[code]) if code else None
