"""What a request may be: its host, its size, its cookie, the proxies before us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from config import ROOT, Settings
from portal.web.access import guard

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SESSION_DAYS = 365  # a phone stays one of the group's for a year
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """This view's form may carry files: a longer body, which is read only from who may open the page."""
    view.__takes_files__ = True  # type: ignore[attr-defined]
    return view


def limit_requests(app: Flask, settings: Settings) -> None:
    """Limits on body and form, trusted hosts, the session cookie: from day one."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        MAX_FORM_PARTS=settings.max_form_parts,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=SESSION_DAYS),
        SESSION_REFRESH_EACH_REQUEST=False,
        BABEL_DEFAULT_LOCALE=settings.default_locale,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = True

    @app.before_request
    def whole_body() -> Response | None:
        """A body without a length can't be limited before it is read."""
        if request.method == "POST" and request.content_length is None:
            abort(411)
        view = app.view_functions.get(request.endpoint or "")
        if request.method == "POST" and getattr(view, "__takes_files__", False):
            if (refused := guard()) is not None:
                return refused
            request.max_content_length = settings.max_upload_bytes
        if (
            sum(map(len, request.form.listvalues())) > settings.max_form_parts
        ):  # MAX_FORM_PARTS: multipart only
            abort(413)
        return None


def behind_proxies(door: WSGIApplication, number: int) -> WSGIApplication:
    """What comes through the city's own proxies, seen as the browser sent it: before anything looks at it."""
    return ProxyFix(door, x_for=number, x_proto=number, x_host=number) if number else door
