"""The languages: one table, the negotiator, and the language of this request.

Adding a language is a catalogue and a row here (right-to-left included); a city switches rows on or
off by PORTAL_LOCALES.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from babel import Locale as BabelLocale
from flask import current_app, g, has_request_context, request
from werkzeug.routing import BaseConverter

COOKIE = "language"


@dataclass(frozen=True)
class PortalLocale:
    """One row of the table: `slug` in addresses, `catalogue` on disk, `html_lang` in pages."""

    slug: str
    catalogue: str
    html_lang: str
    own_name: str
    checked: bool = False  # has a native speaker read it?
    rtl: bool = False

    @property
    def dir(self) -> str:
        return "rtl" if self.rtl else "ltr"

    @property
    def babel(self) -> BabelLocale:
        return BabelLocale.parse(self.catalogue)

    @property
    def japanese(self) -> bool:
        """Plain or easy Japanese: Japanese names need no `lang` of their own here."""
        return self.slug in ("ja", "ja-easy")


LOCALES: dict[str, PortalLocale] = {
    row.slug: row
    for row in (
        PortalLocale("ja", "ja", "ja", "日本語", checked=True),
        PortalLocale("ja-easy", "ja@easy", "ja-x-easy", "やさしい日本語"),
        PortalLocale("en", "en", "en", "English"),
        PortalLocale("zh-hans", "zh_Hans", "zh-Hans", "简体中文"),
        PortalLocale("vi", "vi", "vi", "Tiếng Việt"),
        PortalLocale("ko", "ko", "ko", "한국어"),
        PortalLocale("fil", "fil", "fil", "Filipino"),
        PortalLocale("ne", "ne", "ne", "नेपाली"),
    )
}
STAFF_SLUGS = ("ja", "en")

# What browsers and people call our languages. Traditional Chinese readers are better served by
# simplified characters than by Japanese.
ALIASES = {
    "zh": "zh-hans",
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
    "zh-my": "zh-hans",
    "zh-tw": "zh-hans",
    "zh-hk": "zh-hans",
    "zh-mo": "zh-hans",
    "zh-hant": "zh-hans",
    "tl": "fil",
    "ja-hira": "ja-easy",
    "ja-x-easy": "ja-easy",
}


def negotiate(header: str | None, enabled: Iterable[str], default: str) -> str:
    """The slug that an Accept-Language header asks for: highest q first, then printed order; q=0 never.

    "zh-CN", "zh-Hant-TW" and "tl" find their aliases, "vi-VN" finds "vi", "*" finds the default.
    """
    wanted: list[tuple[float, int, str]] = []
    refused: set[str] = set()
    for position, item in enumerate((header or "").split(",")[:20]):
        tag, _, parameters = item.strip().partition(";")
        quality = _quality(parameters)
        tag = tag.strip().lower().replace("_", "-")
        if not tag or quality is None:
            continue
        if quality == 0:
            refused.add(_resolve(tag, enabled, default) or tag)
        else:
            wanted.append((-quality, position, tag))
    allowed = [slug for slug in (default, *enabled) if slug not in refused]
    for *_order, tag in sorted(wanted):
        slug = _resolve(tag, allowed, allowed[0] if allowed else default)
        if slug:
            return slug
    return default


def _quality(parameters: str) -> float | None:
    """The q of one item; None when it can't be read (the item is then ignored)."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return None
            return quality if 0 <= quality <= 1 else None
    return 1.0


def _resolve(tag: str, enabled: Iterable[str], default: str) -> str | None:
    enabled = tuple(enabled)
    if tag == "*":
        return default
    while tag:
        slug = ALIASES.get(tag, tag)
        if slug in enabled:
            return slug
        tag = tag.rpartition("-")[0]
    return None


def enabled_locales() -> list[PortalLocale]:
    """The languages this city has switched on, in the table's order."""
    on = current_app.config["SETTINGS"].locales
    return [row for slug, row in LOCALES.items() if slug in on]


def enabled_slugs() -> list[str]:
    return [row.slug for row in enabled_locales()]


def saved_slug() -> str | None:
    """The language chosen earlier (POST /language), read at `/` and on staff pages only."""
    slug = request.cookies.get(COOKIE)
    return slug if slug in enabled_slugs() else None


# Set by i18n.speaking(): a part of the work that is in another language than the page, such as a mail.
spoken: ContextVar[PortalLocale | None] = ContextVar("spoken_locale", default=None)


def current_locale() -> PortalLocale:
    """The language being spoken: a letter's, else this request's, else the city's default."""
    if (other := spoken.get()) is not None:
        return other
    default = LOCALES[current_app.config["SETTINGS"].default_locale]
    return g.get("locale", default) if has_request_context() else default


def babel_selector() -> str:
    return current_locale().catalogue


class SlugConverter(BaseConverter):
    """`<locale:slug>` in a rule: only the table's slugs, so an unknown language is an unknown path."""

    regex = "|".join(sorted(LOCALES, key=len, reverse=True))
    part_isolating = False
