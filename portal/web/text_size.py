"""How large the text is: one reader's choice, kept by the browser in which it was made (docs/adr/0024).

The page's root carries it (`<html data-text-size="large">`) and the style sheet does the rest, so that it
works without a script, on kept pages and in the page cache, which keeps each size apart.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, request
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from portal.web.access import PUBLIC, audience
from portal.web.csrf import without_token
from portal.web.language import A_YEAR, here_again

COOKIE = "text_size"
STANDARD = "standard"
SIZES = (STANDARD, "large", "largest")
STAFF = "/staff"  # a desk has the browser's own zoom, and pages made of tables

bp = Blueprint("text_size", __name__)


def chosen(environ: dict[str, Any]) -> str:
    """One of SIZES, by the request alone: the page cache asks it before there is a request of Flask's."""
    sent = environ.get("HTTP_COOKIE", "")
    if COOKIE not in sent or environ.get("PATH_INFO", "").startswith(STAFF):
        return STANDARD
    size = parse_cookie(sent).get(COOKIE, "")
    return size if size in SIZES else STANDARD


@bp.post("/text-size")
@audience(PUBLIC)
@without_token
def choose() -> Response:
    """Remember a size and go to the same page in it. `next` is a local path, or is not followed."""
    response = redirect(here_again(request.form.get("next", "/")), 303)
    remember(response, request.form.get("size", ""))
    return response


def remember(response: Response, size: str) -> None:
    """Readable for scripts: on a page that the phone keeps there is nobody else to read it."""
    response.set_cookie(
        COOKIE,
        size if size in SIZES else STANDARD,
        max_age=A_YEAR,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _context() -> dict[str, Any]:
    return {"text_size": chosen(request.environ)}


def init_app(app: Flask) -> None:
    app.context_processor(_context)
    app.register_blueprint(bp)
