"""Staff's page of releases, and the button 公表する."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import queries as accounts
from portal.domain.permissions import Permission
from portal.publication import changes, queries, services
from portal.web.access import audience, signed_in
from portal.web.hypermedia import leave_to, render_page

bp = Blueprint("releases", __name__, template_folder="templates", url_prefix="/staff/releases")


@bp.get("/")
@audience(Permission.PUBLISH)
def index() -> Response:
    """What would move if they publish now, what moved last time, and all releases with who made them.

    `?new=1` and `?new=0` say what the button has just done.
    """
    listed = queries.listed()
    waiting, settled = services.waiting()
    newest = [json.loads(row.content) for row in listed[:2]]
    return render_page(
        "publication/staff/releases.html",
        section="releases",
        releases=listed,
        names=accounts.names(),
        waiting=waiting,
        settled=settled,
        moved=changes.moved(newest[1], newest[0]) if len(newest) > 1 else [],
        done=request.args.get("new"),
    )


@bp.post("/")
@audience(Permission.PUBLISH)
def publish() -> BaseResponse:
    """Publish what has been approved until now; nothing new makes no new release."""
    _release, new = services.publish(signed_in())
    return leave_to(url_for("releases.index", new=int(new)))
