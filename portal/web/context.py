"""What every template may use without being given it."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request

from portal.web.i18n import _
from portal.web.locale import current_locale, enabled_locales


def portal_name() -> str:
    """The product's name; outside Japanese, Tsunagari Portal."""
    return "つながりポータル" if current_locale().japanese else "Tsunagari Portal"


def _context() -> dict[str, Any]:
    return {
        "locale": current_locale(),
        "locales": enabled_locales(),
        "portal_name": portal_name(),
        "city": current_app.extensions["city_facts"](),
        "demo": current_app.extensions["is_demo"](),
    }


def wants_canonical() -> str:
    """The absolute address of this page, from PORTAL_PUBLIC_URL and never from the Host header."""
    return str(current_app.config["SETTINGS"].public_url) + request.path


def init_app(app: Flask) -> None:
    app.context_processor(_context)
    app.jinja_env.globals.update(gettext_text=_, canonical_url=wants_canonical)
