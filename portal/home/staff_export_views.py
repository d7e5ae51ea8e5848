"""Returns and files: what others ask for, tables to take along, and the hand-over sheet."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from portal.datasets import queries as datasets
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.permissions import Actor, Permission, may
from portal.home import staff_export, staff_handover
from portal.organisations.models import COMMISSIONER_FORM
from portal.returns import scope
from portal.returns.choices import periods
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import render_page
from portal.web.i18n import _, tr_plain

bp = Blueprint("exports", __name__, template_folder="templates", url_prefix="/staff/returns")
FOLDER = "home/staff/returns"


@bp.get("/")
@audience(Permission.FIGURES_READ)
def index() -> Response:
    """What there is for this actor: pages to open, files to make."""
    return _page()


@bp.post("/file")
@audience(Permission.FIGURES_READ)
@shows_form_again
def download() -> BaseResponse:
    """Make a file. It is an event, so this is a POST; the answer is the file itself."""
    if token_failed():
        return _page(400, _("This page was open for too long. Please press again."))
    fields = ("what", "format", "data_set", "period")
    wanted = staff_export.Wanted(**{name: request.form.get(name, "")[:40] for name in fields})
    try:
        made = staff_export.make(signed_in(), wanted)
    except Conflict as error:
        return _page(422, _("That would be %(rows)s rows. Please choose one month.", **error.params))
    except Invalid:
        return _page(422, _("Please choose from the list."))
    except NotFound:
        if wanted.what not in ("reports", "subsidy"):
            abort(404)
        return _page(404, _("There is nothing of that form and time in your reach."))
    answer = send_file(io.BytesIO(made.content), made.mimetype, as_attachment=True, download_name=made.name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/handover")
@audience(Permission.HANDOVER_READ)
def handover() -> Response:
    """Where things stand, on one page, for a new colleague."""
    return render_page(f"{FOLDER}/handover.html", **staff_handover.sheet(signed_in()))


def _page(status: int = 200, problem: str = "") -> Response:
    actor = signed_in()
    reviews = may(actor, Permission.RETURNS_READ)
    minsei = datasets.data_set(COMMISSIONER_FORM)
    return render_page(
        f"{FOLDER}/index.html",
        status=status,
        errors=[("files", problem)] if problem else [],
        form_errors=bool(problem),
        forms=_forms(actor) if reviews else [],
        periods=periods(),
        chosen={"data_set": request.form.get("data_set", ""), "period": _period()},
        may_review=reviews,
        may_minsei=scope.reaches_any(actor, minsei),
        may_decide=may(actor, Permission.REVIEW_DECIDE),
        may_contacts=may(actor, Permission.CONTACTS_EXPORT),
        may_hand_over=may(actor, Permission.HANDOVER_READ),
    )


def _period() -> str:
    """What was chosen; else the newest month that is over."""
    newest = next(key for key, _words in periods() if not key.startswith("FY"))
    return request.form.get("period", "") or newest


def _forms(actor: Actor) -> list[tuple[str, str]]:
    """The forms that this actor reviews somewhere, in the plan's order."""
    found = datasets.all_data_sets()
    return [(row.code, tr_plain(row.names)) for row in found if scope.reviews(actor, row)]
