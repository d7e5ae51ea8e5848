"""P2: rendering a page for the cache, against the same template with Flask-Babel's own gettext."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_babel
from flask import render_template

from config import from_environment
from portal import create_app
from portal.publication import current, present
from portal.web.unit_of_work import PortalFlask
from tests.bench.machine import CORES, on_core
from tests.bench.report import NotMeasured, Result, spread
from tests.support.browser import settings
from tests.support.city import environment

BLOCKS, RENDERS = 15, 12


def measure(city: Path) -> Iterator[Result]:
    """CPU time of blocks of renders, turn about. Two apps: imported macros keep the words they began with."""
    bound, naive = (create_app(from_environment(settings(environment(city)))) for _ in range(2))
    _speak(naive, flask_babel.gettext, _plural)  # noqa: TID251 - the very thing to compare with
    with on_core(CORES[-1]):
        for slug in ("ja", "vi"):
            _same(_block(bound, slug, 1)[1], _block(naive, slug, 1)[1])
            pairs = [(_block(bound, slug)[0], _block(naive, slug)[0]) for _ in range(BLOCKS)]
            ratios = [ours / theirs for ours, theirs in pairs]
            met = sorted(ratios)[BLOCKS // 2] <= 0.65
            said = f"{spread(ratios)} x flask_babel.gettext"
            yield Result("P2", f"render /{slug}/, {_words(naive, slug)} messages", said, "<= 0.65", met)
        ratios = [_lookups(bound) / _lookups(naive) for _ in range(BLOCKS)]
        yield Result("P2", "one message alone", f"{spread(ratios, 3)} x flask_babel.gettext")


def _speak(app: PortalFlask, gettext: Callable[..., str], ngettext: Callable[..., str]) -> None:
    """Give an app's templates other words, by the usual way of Jinja's extension."""
    del app.jinja_env.globals["_"]
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]


def _plural(singular: str, plural: str, num: int) -> str:
    """Flask-Babel's own fills the variables in itself, before Jinja has given it all of them."""
    return str(flask_babel.get_domain().get_translations().ngettext(singular, plural, num))


def _block(app: PortalFlask, slug: str, renders: int = RENDERS) -> tuple[float, str]:
    """(CPU seconds, the page) of some renders in one request."""
    page = ""
    with app.test_request_context(f"/{slug}/"):
        app.preprocess_request()
        release = current.release()
        if release is None:
            raise NotMeasured("the city has no release")
        content = present.summary(release)
        begun = time.process_time()
        for _ in range(renders):
            page = render_template("publication/summary.html", **content)
        return time.process_time() - begun, page


def _words(app: PortalFlask, slug: str) -> int:
    """How many messages one render looks up."""
    asked: list[str] = []

    def ask(message: str, *_plural: Any) -> str:
        asked.append(message)
        return message

    counting = create_app(app.config["SETTINGS"])
    _speak(counting, ask, ask)
    _block(counting, slug, 1)
    asked.clear()
    _block(counting, slug, 1)
    return len(asked)


def _lookups(app: PortalFlask) -> float:
    """CPU seconds of a thousand look-ups of one message, as a template makes them."""
    with app.test_request_context("/ja/"):
        app.preprocess_request()
        ask = app.jinja_env.from_string("{% for _i in range(1000) %}{{ gettext('Open data') }}{% endfor %}")
        ask.render()
        begun = time.process_time()
        ask.render()
        return time.process_time() - begun


def _same(ours: str, theirs: str) -> None:
    if ours != theirs:
        raise NotMeasured("the two pages differ")
