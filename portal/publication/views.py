"""What everybody sees: pages that are a pure function of the last release."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from portal.publication import current, present, present_indicator, words
from portal.publication.current import Current
from portal.web.access import PUBLIC, audience
from portal.web.hypermedia import render_page
from portal.web.page_cache import cacheable

bp = Blueprint("publication", __name__, template_folder="templates", url_prefix="/<locale:slug>")


def _release() -> Current:
    return current.release() or abort(404)


@bp.get("/")
@audience(PUBLIC)
@cacheable
def summary() -> Response:
    """In Japanese how the plan stands; in other languages first where to ask and what one can do."""
    release = current.release()
    if release is None:
        return render_page("publication/empty.html")
    return render_page("publication/summary.html", **present.summary(release))


@bp.get("/indicators/")
@audience(PUBLIC)
@cacheable
def indicators() -> Response:
    """All figures of the plan and what residents do, by goal and direction."""
    return render_page("publication/indicators.html", **present.index(_release()))


@bp.get("/indicators/<code>")
@audience(PUBLIC)
@cacheable
def indicator(code: str) -> Response:
    """One indicator: chart, table, target, coverage, definition, where the figure comes from."""
    release = _release()
    row = release.indicators.get(code) or abort(404)
    template = "participation" if row["participation"] else "indicator"
    return render_page(f"publication/{template}.html", **present_indicator.page(release, row))


@bp.get("/directions/<int:goal>-<int:number>")
@audience(PUBLIC)
@cacheable
def direction(goal: int, number: int) -> Response:
    """One direction: its figures, its programmes, the committees' words."""
    release = _release()
    row = release.directions.get((goal, number)) or abort(404)
    return render_page("publication/direction.html", **present.direction(release, row))


@bp.get("/help/")
@audience(PUBLIC)
@cacheable
def help() -> Response:
    """Where to ask: what the plan gives; the rest is for the city to fill in, and says so."""
    release = current.release()
    return render_page("publication/help.html", offices=release.data["help"] if release else {})


@bp.get("/privacy")
@audience(PUBLIC)
@cacheable
def privacy() -> Response:
    return render_page("publication/privacy.html")


@bp.get("/accessibility")
@audience(PUBLIC)
@cacheable
def accessibility() -> Response:
    return render_page("publication/accessibility.html")


@bp.get("/about-data")
@audience(PUBLIC)
@cacheable
def about_data() -> Response:
    """Licence, files, their columns, and what to mind."""
    release = current.release()
    return render_page(
        "publication/about_data.html",
        release=release,
        columns=words.COLUMNS,
        reference_years=release.data["plan"]["reference_years"] if release else [],
    )
