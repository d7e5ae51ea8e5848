"""Default deny: each view says as data who may open it; the guard refuses a view that doesn't."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.domain.permissions import Actor, Permission, may
from portal.web.hypermedia import is_htmx, leave_to

View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """Who a page is for, where one permission doesn't say it."""

    PUBLIC = "public"
    REPORTER = "reporter"  # a signed-in access card
    STAFF = "staff"  # any signed-in member of staff or of a committee
    OPERATOR = "operator"  # health and metrics


PUBLIC, REPORTER, STAFF, OPERATOR = Audience


def audience(who: Audience | Permission) -> Callable[[View], View]:
    """Declare who may open a view. Outermost, nearest the route, so that the mark survives."""

    def mark(view: View) -> View:
        view.__audience__ = who  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(view: Callable[..., Any]) -> Audience | Permission | None:
    return getattr(view, "__audience__", None)


def current_actor() -> Actor | None:
    """Whoever is signed in, as accounts' loader finds them; None on public pages and for strangers."""
    if "actor" not in g:
        loader = current_app.extensions.get("actor_loader")
        g.actor = loader() if loader else None
    actor: Actor | None = g.actor
    return actor


def signed_in() -> Actor:
    """The actor of a page that only signed-in people reach."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def _admits(who: Audience | Permission, actor: Actor | None) -> bool:
    if who in (Audience.PUBLIC, Audience.OPERATOR):
        return True
    if actor is None:
        return False
    if who is Audience.REPORTER:
        return actor.kind == "card"
    if who is Audience.STAFF:
        return actor.kind == "staff"
    return may(actor, Permission(who))


def guard() -> Response | None:
    """Who asks, may they open this page? The answer where they may not; None where they may."""
    if request.endpoint is None:
        return None  # an unknown path: Flask answers 404 or 405
    who = audience_of(current_app.view_functions[request.endpoint])
    if who is None:
        current_app.logger.error("endpoint without audience", extra={"endpoint": request.endpoint})
        abort(403)
    if who in (Audience.PUBLIC, Audience.OPERATOR):
        return None  # public pages never look at who is asking
    actor = current_actor()
    if _admits(who, actor):
        return None
    return _to_sign_in(who) if actor is None else abort(403)


def _to_sign_in(who: Audience | Permission) -> Response:
    """A stranger, or a session that has ended: to the way in, by htmx's own redirect where it asks."""
    endpoint = "accounts.no_card" if who is Audience.REPORTER else "accounts.sign_in"
    target = url_for(endpoint, slug=g.locale.slug)
    if is_htmx():
        return leave_to(target, lost_session=True)
    return redirect(target, 303)


def init_app(app: Flask) -> None:
    app.before_request(guard)
