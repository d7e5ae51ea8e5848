"""htmx, in one place: what came, and what to answer.

The customer named htmx-flask; it is used here and nowhere else. It knows htmx 1, so under htmx 4 its
`trigger` is always empty, it replaces the request class, and it refuses some swap styles (docs/adr/0004).
So it reads the request, and the answers' headers are set here.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response as BaseResponse

htmx = Htmx()


def is_htmx() -> bool:
    """Did htmx send this request, for a part of a page? (A history restore wants the whole page.)"""
    return bool(htmx_request.htmx) and request.headers.get("HX-History-Restore-Request") != "true"


def is_part() -> bool:
    """Does htmx fetch into a place of the page that it has? After HX-Location it takes a whole one."""
    return is_htmx() and request.headers.get("HX-Request-Type") != "full"


def render_page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page; for htmx what stands in its <main>, or the block `fragment`. Both vary by HX-Request."""
    if fragment and is_htmx():
        body = render_block(template, fragment, **context)
    else:
        body = render_template(template, part=is_part(), **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def leave_to(target: str, *, lost_session: bool = False) -> BaseResponse:
    """Go on to another page: 303; for htmx its own header, since a followed 303 would swap the page in."""
    if not is_htmx():
        return redirect(target, 303)
    response = make_response("", 200)
    response.headers["HX-Redirect" if lost_session else "HX-Location"] = target
    response.vary.add("HX-Request")
    return response


def init_app(app: Flask) -> None:
    htmx.init_app(app)
