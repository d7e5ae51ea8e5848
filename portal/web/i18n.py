"""Words: gettext bound once a request, furigana, and data that comes in several languages.

Flask-Babel looks the catalogue up at each call; a public page has some hundred and fifty calls, so the
request binds its catalogue once and templates use the finished, escaped text from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Any

from flask import Flask
from flask_babel import force_locale, get_domain
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from portal.web.locale import LOCALES, PortalLocale, current_locale, spoken

RUBY = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
_RUBY_HTML = r"<ruby>\1<rp>(</rp><rt>\2</rt><rp>)</rp></ruby>"
_READINGS = re.compile(r"<rp>.*?</rp>|<rt>.*?</rt>|</?ruby>")


class _Bound:
    """One language's catalogue with the HTML of each message kept once made."""

    def __init__(self, translations: NullTranslations) -> None:
        self.translations = translations
        self._html: dict[str, Markup] = {}
        self._finished: dict[str, Markup] = {}

    def finished(self, message: str) -> Markup:
        """A message without variables, ready for the page."""
        made = self._finished.get(message)
        if made is None:
            made = self._finished[message] = self.html(message) % {}
        return made

    def html(self, message: str) -> Markup:
        """A message as HTML whose variables are still to be filled in."""
        made = self._html.get(message)
        if made is None:
            made = self._html[message] = ruby(self.translations.gettext(message))
        return made


_bound: ContextVar[_Bound | None] = ContextVar("bound_catalogue", default=None)
_catalogues: dict[str, _Bound] = {}


def bind(locale: PortalLocale) -> None:
    """Make `locale` the language of the words from here on, for this request."""
    bound = _catalogues.get(locale.slug)
    if bound is None:
        bound = _catalogues[locale.slug] = _Bound(get_domain().get_translations())
    _bound.set(bound)


def unbind() -> None:
    """Forget the bound language: the next request on this thread binds its own."""
    _bound.set(None)


@contextmanager
def speaking(locale: PortalLocale) -> Iterator[None]:
    """Another language than the page's for a while: for mail, and for letters that staff print."""
    bound, before = _bound.set(None), spoken.set(locale)
    try:
        with force_locale(locale.catalogue):
            bind(locale)
            yield
    finally:
        spoken.reset(before)
        _bound.reset(bound)


def reset() -> None:
    """Drop every catalogue (after compiling new ones, and between tests)."""
    _catalogues.clear()
    _bound.set(None)


def _current() -> _Bound:
    bound = _bound.get()
    if bound is None:
        bind(current_locale())
        bound = _bound.get()
        assert bound is not None  # noqa: S101 - bind() has just set it
    return bound


def gettext(message: str, **variables: Any) -> str:
    """A message in this request's language, as text (furigana marks still in it)."""
    text = _current().translations.gettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, count: int, **variables: Any) -> str:
    """A message that counts; `%(num)s` is the count."""
    text = _current().translations.ngettext(singular, plural, count)
    variables.setdefault("num", count)
    return text % variables


def lazy_gettext(message: str, **variables: Any) -> LazyString:
    """A message translated when it is shown: for form labels and tables made at import."""
    return LazyString(gettext, message, **variables)


_ = gettext
_l = lazy_gettext


def _template_gettext(message: str, **variables: Any) -> Markup:
    bound = _current()
    return bound.html(message) % variables if variables else bound.finished(message)


def _template_ngettext(singular: str, plural: str, num: int, **variables: Any) -> Markup:
    return ruby(_current().translations.ngettext(singular, plural, num)) % {"num": num, **variables}


def ruby(text: object) -> Markup:
    """Text as HTML: escaped, then `{漢字|かんじ}` as <ruby>. What is HTML already stays as it is."""
    if hasattr(text, "__html__"):
        return Markup(text)  # noqa: S704 - it says itself that it is HTML
    return Markup(RUBY.sub(_RUBY_HTML, str(escape(str(text)))))  # noqa: S704 - escaped just before


def plain(text: object) -> str | Markup:
    """Text without its readings: for titles, attributes, CSV, JSON. Keeps HTML as HTML."""
    if hasattr(text, "__html__"):
        return Markup(_READINGS.sub("", str(text)))  # noqa: S704 - only removes
    return RUBY.sub(r"\1", str(text))


def without_spaces(text: str) -> str:
    """Easy Japanese as one plain string: neither readings nor the spaces between phrases."""
    return str(plain(text)).replace(" ", "")


def in_language(names: Mapping[str, str] | None, slug: str) -> tuple[str, bool]:
    """(text, is it a fallback?) of data in several languages: asked for, else Japanese, else any."""
    names = names or {}
    if names.get(slug):
        return names[slug], False
    if slug == "ja-easy" and names.get("ja"):
        return names["ja"], False
    return names.get("ja") or next(iter(names.values()), ""), True


def tr(names: Mapping[str, str] | None) -> Markup:
    """Data in this page's language. Japanese left over on another language's page says so (`lang`)."""
    text, fallback = in_language(names, current_locale().slug)
    if fallback:
        return Markup('<span lang="ja">{}</span>').format(ruby(text))
    return ruby(text)


def tr_plain(names: Mapping[str, str] | None) -> str:
    """The same as plain text: for titles, attributes and option elements."""
    return str(plain(in_language(names, current_locale().slug)[0]))


def ja(text: str) -> Markup:
    """A Japanese term or name, marked with its language wherever the page is in another one."""
    return ruby(text) if current_locale().japanese else Markup('<span lang="ja">{}</span>').format(text)


def all_plain(names: Mapping[str, str]) -> dict[str, str]:
    """For programs: every language as plain text without furigana marks."""
    return {slug: str(plain(text)) for slug, text in names.items() if slug in LOCALES}


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # added by the extension
    env.globals.update(_=_template_gettext, gettext=_template_gettext, ngettext=_template_ngettext)
    env.filters.update(ruby=ruby, plain=plain)
    env.globals.update(tr=tr, tr_plain=tr_plain, ja=ja)
