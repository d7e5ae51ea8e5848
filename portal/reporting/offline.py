"""What a phone keeps: whose pages they are, the worker, a fresh token at sending, the app on the home screen.

The scripts are in static/js. Nothing here is a second way of reporting: a phone sends what the form sends.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, g, jsonify, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import own_groups
from portal.accounts import phone_keys as keys
from portal.reporting import words
from portal.web.access import PUBLIC, REPORTER, audience, signed_in
from portal.web.context import portal_name
from portal.web.csrf import page_token
from portal.web.hypermedia import render_page
from portal.web.locale import current_locale

bp = Blueprint("offline", __name__, template_folder="templates")
MARK = "X-Keep-For"  # on the pages that the worker may keep: whose they are
ICONS = (192, 512)
WORDS_LAST = 600  # seconds; a phone on a poor line does not ask for them with each page


def phone_keys() -> dict[str, str]:
    """Names for what this phone keeps (accounts/phone_keys): of the card; of the group that this page is
    about and its term; of all the card's. Empty where nobody has been asked for (public pages), or no card.
    """
    row = g.get("signed_in_session")
    if row is None or row.card is None:
        return dict.fromkeys(("card", "group", "groups", "term", "terms"), "")
    group = own_groups.shown(row.card)
    return {
        "card": keys.of_card(row.card),
        "group": keys.of_group(group),
        "groups": " ".join(keys.of_groups(row.card)),
        "term": keys.of_term(row.card, group),
        "terms": " ".join(keys.of_terms(row.card)),
    }


def may_be_kept(response: Response) -> Response:
    """The worker may keep this page on the phone of the card that it was made for."""
    if card := phone_keys()["card"]:
        response.headers[MARK] = card
    return response


@bp.app_context_processor
def _names() -> dict[str, object]:
    return {"phone_keys": phone_keys, "group_key": keys.of_group}


@bp.get("/sw.js")
@audience(PUBLIC)
def worker() -> BaseResponse:
    """The service worker, at the top so that it may be registered for each language's /report/."""
    assets = current_app.extensions["assets"]
    file = assets.by_path[assets.url("js/worker.js")]
    response = Response(file.body, content_type=file.content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(file.etag.strip('"'))
    return response.make_conditional(request)


@bp.get("/<locale:slug>/report/token")
@audience(REPORTER)
def token() -> Response:
    """Who is signed in on this phone by now, and a token to send with. A stranger is led to the way in."""
    signed_in()
    return jsonify(token=page_token(), **phone_keys())


@bp.get("/<locale:slug>/report/offline")
@audience(PUBLIC)
def not_here() -> Response:
    """What the worker shows for a page that this phone does not keep. The same for everybody."""
    return render_page("reporting/offline.html", holder="", for_everybody=True)


@bp.get("/<locale:slug>/report/parts")
@audience(PUBLIC)
def parts() -> Response:
    """The words of waiting, for the scripts. The same for everybody."""
    response = render_page("reporting/parts.html", reasons=words.unusual_reasons())
    response.headers["Cache-Control"] = f"private, max-age={WORDS_LAST}"
    return response


@bp.get("/<locale:slug>/report/manifest.webmanifest")
@audience(PUBLIC)
def manifest() -> Response:
    """The app on the home screen: it opens at the group's own first page, in its language."""
    locale, home = current_locale(), url_for("reporting.start")
    icon = current_app.extensions["assets"].url
    data = {
        "id": "/report/",
        "name": portal_name(),
        "short_name": "つながり" if locale.japanese else "Tsunagari",
        "lang": locale.html_lang,
        "dir": locale.dir,
        "start_url": home,
        "scope": f"/{locale.slug}/",
        "display": "standalone",
        "background_color": "#fdfaf1",
        "theme_color": "#fdfaf1",
        "icons": [
            {"src": icon(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICONS
        ]
        + [{"src": icon("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(data, ensure_ascii=False), mimetype="application/manifest+json")
