"""Making two groups one: choose the other, look at what moves, do it; and separating them again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.words import stale
from portal.domain.errors import Conflict, Invalid
from portal.domain.permissions import Actor, Permission, may
from portal.home import merging, merging_plan
from portal.home import staff_words as words
from portal.home.merging_plan import Plan
from portal.organisations import queries
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import queries as reports
from portal.reporting.staff_words import STATE_TAGS
from portal.review import queries as review
from portal.review import services as decisions
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("merging", __name__, template_folder="templates", url_prefix="/staff/organisations")
WRITE = Permission.ORGANISATIONS_WRITE
FOLDER = "home/staff/organisations"


@bp.get("/<public_id>/merge")
@audience(WRITE)
def show(public_id: str) -> Response:
    """The choice; with a group and a reason in the address what would happen. Nothing is written."""
    return _page(_group(public_id))


@bp.post("/<public_id>/merge")
@audience(WRITE)
@shows_form_again
def merge(public_id: str) -> BaseResponse:
    old, into = _group(public_id), _group(request.form.get("into", ""))
    if token_failed():
        return _page(old, 400, stale())
    reason, seen = request.form.get("reason", ""), request.form.get("seen", "")
    try:
        merging.merge(signed_in(), old, into, reason, request.form.to_dict(), seen)
    except (Invalid, Conflict) as error:
        if error.code not in words.MERGE_ERRORS:
            raise
        status = 422 if isinstance(error, Invalid) else 409
        said = str(words.MERGE_ERRORS[error.code])
        return _page(old, status, said, str(error.params.get("field", "")))
    return leave_to(url_for("organisations.show", public_id=into.public_id))


@bp.post("/<public_id>/separate")
@audience(WRITE)
@shows_form_again
def separate(public_id: str) -> BaseResponse:
    """Two groups again."""
    old = _group(public_id)
    if token_failed():
        return _page(old, 400, stale())
    try:
        merging.separate(signed_in(), old)
    except Conflict as error:
        if error.code not in words.MERGE_ERRORS:
            raise
        return _page(old, 409, str(words.MERGE_ERRORS[error.code]))
    return leave_to(url_for("organisations.show", public_id=public_id))


def _group(public_id: str) -> Organisation:
    """A group that the actor may write and make cards for; else 404."""
    return queries.by_public_id(signed_in(), public_id, WRITE)


def _page(old: Organisation, status: int = 200, problem: str = "", field: str = "") -> Response:
    actor, asked = signed_in(), request.values
    into = _group(asked["into"]) if asked.get("into") else None
    reason = asked.get("reason", "") if asked.get("reason") in merging_plan.REASONS else ""
    found, why = _plan(actor, old, into, reason)
    problem = problem or why
    return render_page(
        f"{FOLDER}/merge.html",
        status=status if status != 200 or not why else 409,
        old=old,
        into=into,
        reason=reason,
        reasons=[(code, str(text)) for code, text in words.MERGE_REASONS.items()],
        text=asked.get("q", ""),
        choices=merging_plan.choices(actor, old, asked.get("q", "").strip()) if found is None else [],
        chosen_too_early=bool(into) != bool(reason) and not problem,
        form_errors=[(field or "merge", problem)] if problem else [],
        wrong=field,
        typed=request.form,
        words=words,
        state_tags=STATE_TAGS,
        **(_preview(actor, found) if found else {"plan": None}),
    )


def _plan(actor: Actor, old: Organisation, into: Organisation | None, reason: str) -> tuple[Plan | None, str]:
    if into is None or not reason:
        return None, ""
    try:
        return merging_plan.plan(actor, old, into, reason), ""
    except Conflict as error:
        return None, str(words.MERGE_ERRORS[error.code])


def _preview(actor: Actor, found: Plan) -> dict[str, Any]:
    return {
        "plan": found,
        "seen": merging.fingerprint(found),
        "clashes": [_clash(row) for row in found.clashes],
        "may_do": all(_may_take_back(actor, c.old) and _may_take_back(actor, c.into) for c in found.clashes),
        "closed": sorted(periods.closed_years()),
    }


def _clash(row: merging_plan.Clash) -> dict[str, Any]:
    """Both reports with their main figure: only one of them counts afterwards."""
    sides = []
    for code, sent in (("into", row.into), ("old", row.old)):
        main = review.headline(sent.data_set)
        measure = next((m for m in sent.data_set.measures if m.code == main), None)
        values = reports.version(sent).values
        sides.append(
            {
                "code": code,
                "submission": sent,
                "counts": sent.approved_version is not None,
                "measure": measure,
                "value": values.get(main or "", {}).get("value"),
            }
        )
    return {"row": row, "sides": sides}


def _may_take_back(actor: Actor, sent: Any) -> bool:
    subject = decisions.subject(sent)
    return may(actor, Permission.REVIEW_DECIDE, subject) and may(actor, Permission.REPORT_FILL, subject)
