"""Forged and stale forms.

A POST without a valid token writes nothing, whatever the view does: the unit of work is rolled back and
the answer is a 400. But the view runs, so that it can show the same form again with the typed values
kept and a fresh token; a view that did not expect this gets the general 400 page.

Pages are sent compressed, and the length of a compressed page tells what repeats in it (BREACH). So a
token is never written as it is, but under a mask of its own for each page (docs/adr/0013).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from markupsafe import Markup
from wtforms import ValidationError

from portal.web.unit_of_work import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])
FIELD = "csrf_token"
OWNER = "page_of"  # the public id of the group that a reporter's page is about


def without_token(view: View) -> View:
    """Public pages carry no token: POST /language and /text-size change a preference of one browser, and
    the link in a reminder is itself the signed proof (mail programs post it without any page, RFC 8058)."""
    view.__csrf_exempt__ = True  # type: ignore[attr-defined]
    return view


def shows_form_again(view: View) -> View:
    """The view itself answers a failed check: 400, same form, values kept (`token_failed()` tells it)."""
    view.__csrf_aware__ = True  # type: ignore[attr-defined]
    return view


def token_failed() -> bool:
    return bool(g.get("csrf_failed", False))


def csrf_field(of: str = "") -> Markup:
    """The hidden field of a form on a signed-in page; on a reporter's, also whose page it is (`of`: another's
    than the page's own). Standing here, no form of a reporter can forget it: see accounts/own_groups.
    """
    hidden = Markup('<input type="hidden" name="{}" value="{}">')
    owner = of or g.get("page_of", "")
    return hidden.format(FIELD, page_token()) + (hidden.format(OWNER, owner) if owner else "")


def page_token() -> str:
    """The token under this answer's mask."""
    if "csrf_masked" not in g:
        g.csrf_masked = _mask(generate_csrf())
    return str(g.csrf_masked)


def _mask(token: str) -> str:
    raw = token.encode("ascii")
    pad = secrets.token_bytes(len(raw))
    return base64.urlsafe_b64encode(pad + _xor(pad, raw)).decode("ascii")


def _unmask(masked: str) -> str:
    """The token under a mask; "" for what no page of ours has written."""
    try:
        whole = base64.b64decode(masked.encode("ascii"), altchars=b"-_", validate=True)
        half = len(whole) // 2
        return _xor(whole[:half], whole[half : 2 * half]).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _check() -> None:
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "__csrf_exempt__", False):
        return
    try:
        validate_csrf(_unmask(request.form.get(FIELD, "")))
    except ValidationError:
        g.csrf_failed = True
        if not getattr(view, "__csrf_aware__", False):
            abort(400)


def init_app(app: Flask) -> None:
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as its session
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False,  # SameSite cookies and the token do it; some phones send no Referer
    )
    app.jinja_env.globals["csrf_field"] = csrf_field
    app.before_request(_check)
