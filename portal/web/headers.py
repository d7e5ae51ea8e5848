"""Security headers of every answer: one constant policy per class of route, no nonces."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

_COMMON = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PUBLIC_POLICY = f"{_COMMON}; script-src 'none'"
APP_POLICY = f"{_COMMON}; script-src 'self'; connect-src 'self'; worker-src 'self'"
RETRY_AFTER = "300"  # seconds; what the page calls "a few minutes"
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"


def _secure(response: Response) -> Response:
    cacheable = getattr(current_app.view_functions.get(request.endpoint or ""), "__cacheable__", False)
    headers = response.headers
    if 300 <= response.status_code < 400:
        response.set_data(b"")  # Werkzeug's own page is in English, and nobody sees it
        headers.pop("Content-Type", None)
    headers.setdefault("Content-Security-Policy", PUBLIC_POLICY if cacheable else APP_POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "private, no-store")  # what may be kept has said so itself
    if response.status_code == 429:
        headers.setdefault("Retry-After", RETRY_AFTER)
    if current_app.config["SETTINGS"].production:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def init_app(app: Flask) -> None:
    app.after_request(_secure)
