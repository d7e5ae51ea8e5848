"""The language of an address, `/`, and POST /language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.web import i18n
from portal.web.access import PUBLIC, audience
from portal.web.csrf import without_token
from portal.web.locale import (
    COOKIE,
    LOCALES,
    STAFF_SLUGS,
    current_locale,
    enabled_slugs,
    negotiate,
    saved_slug,
)

bp = Blueprint("language", __name__)
A_YEAR = 365 * 24 * 3600


@bp.get("/")
@audience(PUBLIC)
def root() -> Response:
    """To the public summary: by saved choice, then Accept-Language, then the city's default."""
    default = current_app.config["SETTINGS"].default_locale
    slug = saved_slug() or negotiate(request.headers.get("Accept-Language"), enabled_slugs(), default)
    return redirect(url_for("publication.summary", slug=slug), 302)


@bp.post("/language")
@audience(PUBLIC)
@without_token
def choose() -> Response:
    """Remember a language and go to the same page in it. `next` is a local path, or is not followed."""
    slug = request.form.get("language", "")
    if slug not in enabled_slugs():
        slug = current_app.config["SETTINGS"].default_locale
    response = redirect(same_page(request.form.get("next", "/"), slug), 303)
    remember(response, slug)
    return response


def remember(response: Response, slug: str) -> None:
    """From now on this browser is asked in this language."""
    response.set_cookie(
        COOKIE,
        slug,
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def same_page(path: str, slug: str) -> str:
    """`path` with its language replaced by `slug`; a path that is not local becomes the first page."""
    parts = urlsplit(path.replace("\\", "/"))
    local = parts.path.startswith("/") and not parts.path.startswith("//")
    if parts.scheme or parts.netloc or not local or any(ord(c) < 32 for c in path):
        return f"/{slug}/"
    segments = parts.path.split("/")
    if segments[1] in LOCALES:
        segments[1] = slug
    elif segments[1] != "staff":
        return f"/{slug}/"
    return "/".join(segments) + (f"?{parts.query}" if parts.query else "")


def here_again(path: str) -> str:
    """`path` in the language that it has; the city's own where it has none."""
    slug = path.split("/")[1] if path.startswith("/") else ""
    return same_page(path, slug if slug in LOCALES else current_app.config["SETTINGS"].default_locale)


def page_url(slug: str) -> str:
    """This page in another language. A kept page depends on its path alone, so it repeats no query."""
    view = current_app.view_functions.get(request.endpoint or "")
    kept = view is None or getattr(view, "__cacheable__", False)
    return same_page(request.path if kept or not request.query_string else request.full_path, slug)


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """`<locale:slug>` in the address decides; staff pages have none and follow the saved choice."""
    slug = (values or {}).pop("slug", None)
    if slug is None:
        if not request.path.startswith("/staff"):
            return
        saved = saved_slug()
        slug = saved if saved in STAFF_SLUGS else STAFF_SLUGS[0]
    g.locale = LOCALES[slug]


def _refuse_switched_off() -> Any:
    if current_locale().slug not in enabled_slugs():
        return redirect(same_page(request.path, current_app.config["SETTINGS"].default_locale), 302)
    return None


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    known = endpoint in current_app.view_functions
    if known and "slug" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = current_locale().slug


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.before_request(_refuse_switched_off)
    app.before_request(i18n.unbind)
    app.register_blueprint(bp)
    app.jinja_env.globals["page_url"] = page_url
