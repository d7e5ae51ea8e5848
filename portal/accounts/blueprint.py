"""The blueprint of the ways in; `views` (everybody) and `staff_views` hang their pages on it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from portal.accounts import own_groups
from portal.accounts.models import SignedInSession
from portal.accounts.sign_in import actor_of_user
from portal.domain.permissions import Permission, may

bp = Blueprint("accounts", __name__, template_folder="templates")

# The parts of staff's navigation, and what opens them; nobody is led to a page that refuses them.
SECTIONS = (
    ("review", Permission.REVIEW_READ),
    ("organisations", Permission.ORGANISATIONS_READ),
    ("indicators", Permission.FIGURES_READ),
    ("releases", Permission.PUBLISH),
    ("users", Permission.USERS_MANAGE),
)


@bp.app_context_processor
def whoever_is_here() -> dict[str, Any]:
    """For the frame of a signed-in page: `holder` or `staff_name`. Public pages never ask who is there."""
    row: SignedInSession | None = g.get("signed_in_session")
    if row is None:
        return {}
    if row.card is not None:
        group = own_groups.shown(row.card)
        return {"holder": group.names or group.name}
    actor = actor_of_user(row.user)
    if row.user is None or actor is None:
        return {}
    return {
        "staff_name": row.user.name,
        "staff_sections": [key for key, permission in SECTIONS if may(actor, permission)],
    }


@bp.after_request
def keep_the_secret(response: Response) -> Response:
    """A card's address is a key: not kept, not passed on to other sites, not indexed."""
    if "token" in (request.view_args or {}):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
