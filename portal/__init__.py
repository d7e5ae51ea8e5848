"""つながりポータル (Tsunagari Portal): activity counts become a plan's participation indicators."""

from __future__ import annotations

from config import ROOT, Settings, from_environment
from portal import clock, features
from portal.extensions import babel, db, migrate
from portal.web import (
    access,
    assets,
    compression,
    context,
    csrf,
    errors,
    filters,
    headers,
    hypermedia,
    i18n,
    language,
    text_size,
)
from portal.web.locale import SlugConverter, babel_selector
from portal.web.page_cache import FrontDoor, keepable
from portal.web.requests import behind_proxies, limit_requests
from portal.web.unit_of_work import PortalFlask, prepare_engine


def create_app(settings: Settings | None = None) -> PortalFlask:
    """The app, wired in the order in which a request passes through it."""
    settings = settings or from_environment()
    app = PortalFlask("portal", static_folder=None, template_folder="web/templates")
    app.config.update(SETTINGS=settings, SQLALCHEMY_DATABASE_URI=settings.database_url, **settings.extra)
    app.testing = settings.environment == "test"
    limit_requests(app, settings)
    clock.init_app(app, settings.now, settings.timezone)
    app.url_map.converters["locale"] = SlugConverter
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    babel.init_app(app, locale_selector=babel_selector)
    language.init_app(app)  # which language is this address in?
    for part in (i18n, filters, context, hypermedia, csrf, compression, headers, errors, text_size):
        part.init_app(app)
    features.init_app(app)  # blueprints, and who is signed in
    access.init_app(app)  # may they open this page?
    files = assets.init_app(app, ROOT / "static")
    with app.app_context():
        prepare_engine(db.engine)
    door = FrontDoor(app.wsgi_app, files, features.generation(app), keepable(app), settings.trusted_hosts)
    app.wsgi_app = behind_proxies(door, settings.trusted_proxies)  # type: ignore[assignment, method-assign]
    return app
