"""The last release for programs: open data and a read-only API, kept by the page cache like any page."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app

from portal.publication import current, open_data, openapi, queries
from portal.publication.current import Current
from portal.web.access import PUBLIC, audience
from portal.web.locale import enabled_locales
from portal.web.page_cache import cacheable

bp = Blueprint("api", __name__)


def _release() -> Current:
    return current.release() or abort(_refused("nothing_published"))


def _json(data: Any) -> Response:
    return _open(Response(json.dumps(data, ensure_ascii=False), mimetype="application/json"))


def _refused(code: str) -> Response:
    """For programs: a 404 that they can read."""
    response = _json({"error": code})
    response.status_code = 404
    return response


def _open(response: Response) -> Response:
    """Any site's script may read it: it is open data."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/api/v1/indicators")
@audience(PUBLIC)
@cacheable
def indicators() -> Response:
    return _json(open_data.indicators(_release()))


@bp.get("/api/v1/indicators/<code>")
@audience(PUBLIC)
@cacheable
def indicator(code: str) -> Response:
    """One indicator, the plan's or the city's own."""
    row = _release().indicators.get(code) or abort(_refused("no_such_indicator"))
    return _json(open_data.indicator(row))


@bp.get("/api/v1/programmes")
@audience(PUBLIC)
@cacheable
def programmes() -> Response:
    return _json(open_data.programmes(_release()))


@bp.get("/api/v1/directions")
@audience(PUBLIC)
@cacheable
def directions() -> Response:
    return _json(open_data.directions(_release()))


@bp.get("/api/v1/openapi.json")
@audience(PUBLIC)
@cacheable
def description() -> Response:
    return _json(openapi.document(current_app.config["SETTINGS"].public_url))


@bp.get("/data/indicators.json")
@audience(PUBLIC)
@cacheable
def indicators_file() -> Response:
    return _json(open_data.indicators(_release()))


@bp.get("/data/indicators.csv")
@audience(PUBLIC)
@cacheable
def indicators_csv() -> Response:
    response = Response(open_data.csv_bytes(_release()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=indicators.csv"
    return _open(response)


@bp.get("/data/datapackage.json")
@audience(PUBLIC)
@cacheable
def datapackage() -> Response:
    return _json(open_data.datapackage(_release()))


@bp.get("/data/release.json")
@audience(PUBLIC)
@cacheable
def release_file() -> Response:
    """The release itself: its SHA-256 is of exactly these bytes."""
    row = queries.by_number(_release().number)
    return _open(Response(row.content if row else "", mimetype="application/json"))


@bp.get("/robots.txt")
@audience(PUBLIC)
@cacheable
def robots() -> Response:
    base = current_app.config["SETTINGS"].public_url
    lines = (
        "User-agent: *",
        "Disallow: /staff/",
        *(f"Disallow: /{row.slug}/{part}/" for row in enabled_locales() for part in ("report", "card", "r")),
    )
    return Response("\n".join((*lines, f"Sitemap: {base}/sitemap.xml", "")), mimetype="text/plain")


@bp.get("/sitemap.xml")
@audience(PUBLIC)
@cacheable
def sitemap() -> Response:
    base = current_app.config["SETTINGS"].public_url
    paths = ["", "indicators/", "help/", "privacy", "accessibility", "about-data"]
    if release := current.release():
        paths += [f"indicators/{code}" for code in release.indicators]
        paths += [f"directions/{goal}-{number}" for goal, number in release.directions]
    entries = "".join(
        f"<url><loc>{base}/{row.slug}/{path}</loc></url>" for row in enabled_locales() for path in paths
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    )
    return Response(body, mimetype="application/xml")


@bp.get("/manifest.webmanifest")
@audience(PUBLIC)
@cacheable
def manifest() -> Response:
    icon = current_app.extensions["assets"].url("img/icon.svg")
    data = {
        "name": "つながりポータル",
        "short_name": "つながり",
        "lang": "ja",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#fdfaf1",
        "theme_color": "#fdfaf1",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(data, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/favicon.ico")
@audience(PUBLIC)
@cacheable
def favicon() -> Response:
    """Browsers ask for this name by themselves; the icon is one small SVG."""
    assets = current_app.extensions["assets"]
    return Response(assets.by_path[assets.url("img/icon.svg")].body, mimetype="image/svg+xml")
