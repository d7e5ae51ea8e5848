"""一斉改選 on one screen: all areas, one date, a look at what will happen, then all at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import reelection
from portal.accounts.words import stale
from portal.domain.errors import Invalid, StaleVersion
from portal.domain.periods import term_end
from portal.domain.permissions import Permission
from portal.home import card_print
from portal.home import staff_reelection_rows as rows
from portal.home import staff_words as words
from portal.home.staff_reelection_rows import Chosen
from portal.organisations import queries as organisations
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("reelection", __name__, template_folder="templates")
ISSUE = Permission.CARDS_ISSUE
FOLDER = "home/staff/reelection"


@bp.get("/staff/reelection/")
@audience(ISSUE)
def show() -> Response:
    """The areas of one district or of all, nothing decided yet."""
    return _table(_fresh(_ends(request.args.get("ends", "")), request.args.get("district", "")))


@bp.post("/staff/reelection/")
@audience(ISSUE)
@shows_form_again
def take() -> BaseResponse:
    """Fill the rest in, look at what will happen, go back to the table, or do it."""
    ends = _ends(request.form.get("ends", ""))
    if ends is None:
        return _table(_fresh(None, request.form.get("district", "")), 422)
    chosen = rows.read(_areas(ends, request.form.get("district", "")), request.form)
    if token_failed():
        return _table(chosen, 400, stale())
    action = request.form.get("action", "preview")
    if action == "do":
        return _carry_out(chosen, ends)
    if action == "rest":
        chosen.rest_stays()
    if action != "preview":
        return _table(chosen)
    if not rows.counts(chosen)["touched"]:
        return _table(chosen, 422, _("Nothing is decided yet. Choose in at least one row."))
    return _preview(chosen, ends)


def _carry_out(chosen: Chosen, ends: date) -> BaseResponse:
    try:
        made = reelection.carry_out(signed_in(), ends, chosen.decisions(), chosen.seen)
    except StaleVersion:
        chosen.forget_changed()
        return _table(chosen, 409, _("Somebody has changed one of these areas meanwhile. Nothing was done."))
    except Invalid as error:
        return _preview(chosen, ends, 422, words.sentence(error))
    back = url_for("reelection.show", ends=ends.isoformat(), district=request.form.get("district", ""))
    return card_print.show(made, back) if made else leave_to(f"{back}#areas")


def _ends(asked: str) -> date | None:
    """The last day of the old term: what was asked, or the next one by law; None for what is no day."""
    if not asked:
        return term_end(clock.today())
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None


def _areas(ends: date, district: str) -> list[reelection.AreaRow]:
    return reelection.rows(signed_in(), ends, district)


def _fresh(ends: date | None, district: str) -> Chosen:
    return Chosen(_areas(ends or term_end(clock.today()), district))


def _where() -> dict[str, Any]:
    asked = request.values.get("ends", "")
    return {
        "ends": _ends(asked) or term_end(clock.today()),
        "asked": asked,
        "bad_day": _ends(asked) is None,
        "district": request.values.get("district", ""),
        "district_options": [(row.code, tr_plain(row.names)) for row in organisations.districts()],
    }


def _table(chosen: Chosen, status: int = 200, problem: str = "") -> Response:
    where = _where()
    errors = [("ends", _("Enter a day, such as 2028-11-30."))] if where["bad_day"] else []
    return render_page(
        f"{FOLDER}/table.html",
        status=422 if where["bad_day"] else status,
        chosen=chosen,
        words=words,
        errors=errors + ([("areas", problem)] if problem else []),
        form_errors=bool(errors or problem),
        too_many=len(chosen.rows) > rows.MOST and not where["district"],
        today=clock.today(),
        **where,
    )


def _preview(chosen: Chosen, ends: date, status: int = 200, problem: str = "") -> Response:
    return render_page(
        f"{FOLDER}/preview.html",
        status=status,
        chosen=chosen,
        counts=rows.counts(chosen),
        what_happens=rows.what_happens,
        cover_options=rows.cover_options,
        words=words,
        errors=[("areas", problem)] if problem else [],
        form_errors=bool(problem),
        next_end=reelection.next_end(ends),
        can_be_undone=ends >= clock.today(),
        **_where(),
    )
