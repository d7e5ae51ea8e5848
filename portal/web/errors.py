"""Typed errors become a status, a sentence and a page here, and nowhere else."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from portal.domain import errors as domain
from portal.extensions import db
from portal.web.hypermedia import is_htmx
from portal.web.i18n import _l
from portal.web.locale import LOCALES, enabled_slugs, negotiate

STATUS = {
    domain.NotPermitted: 403,
    domain.NotFound: 404,
    domain.StaleVersion: 409,
    domain.Conflict: 409,
    domain.PeriodLocked: 409,
    domain.Invalid: 422,
}

# status: title, what happened, what to do next
WORDS = {
    400: (
        _l("This page was open for too long"),
        _l("Nothing was saved."),
        _l("Go back, and press the button again."),
    ),
    403: (
        _l("This page is not for you"),
        _l("You are signed in, but this is somebody else's work."),
        _l("If you need it, ask the office."),
    ),
    404: (
        _l("We can't find this page"),
        _l("The address may be wrong, or the page has moved."),
        _l("Start again from the first page."),
    ),
    405: (
        _l("That does not work here"),
        _l("Nothing was saved."),
        _l("Start again from the first page."),
    ),
    409: (
        _l("Somebody was faster"),
        _l("This was changed while you had it open. Nothing of yours was saved."),
        _l("Open it again, and look at what changed."),
    ),
    413: (
        _l("That is too much at once"),
        _l("Nothing was saved."),
        _l("Send less at a time."),
    ),
    422: (
        _l("Something needs to be put right"),
        _l("Nothing was saved."),
        _l("Go back, and look at the marked fields."),
    ),
    429: (
        _l("Please wait a little"),
        _l("There were too many tries in a short time."),
        _l("Try again in a few minutes."),
    ),
    500: (
        _l("Something went wrong on our side"),
        _l("What you sent last may not have been saved."),
        _l("Try again in a little while. If it happens again, call the office and read out this number."),
    ),
    503: (
        _l("The portal is resting"),
        _l("It will be back soon."),
        _l("Try again in a few minutes."),
    ),
}


def _language() -> None:
    """An unknown path has no language of its own: take it from the path's start or the browser."""
    if "locale" not in g:
        first = request.path.split("/", 2)[1]
        default = current_app.config["SETTINGS"].default_locale
        slug = (
            first
            if first in enabled_slugs()
            else negotiate(request.headers.get("Accept-Language"), enabled_slugs(), default)
        )
        g.locale = LOCALES[slug]


def error_page(status: int, *, number: str | None = None) -> Response:
    """The error page (or, for htmx, its part) in the reader's language."""
    _language()
    title, happened, next_step = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    template = "errors/fragment.html" if is_htmx() else "errors/error.html"
    body = render_template(
        template, status=status, title=title, happened=happened, next_step=next_step, number=number
    )
    response = Response(body, status)
    response.vary.add("HX-Request")
    return response


def _http(error: HTTPException) -> Response:
    db.session.rollback()
    if error.response is not None:  # abort(response) and redirects of the router
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status in (301, 302, 303, 307, 308):
        return error.get_response()  # type: ignore[return-value]
    response = error_page(status)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _domain(error: domain.DomainError) -> Response:
    db.session.rollback()
    for kind, status in STATUS.items():
        if isinstance(error, kind):
            return error_page(status)
    return error_page(422)


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    number = secrets.token_hex(3)
    current_app.logger.exception("unexpected error %s at %s", number, request.endpoint, exc_info=error)
    return error_page(500, number=number)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(domain.DomainError, _domain)
    app.register_error_handler(SQLAlchemyError, _unexpected)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)
