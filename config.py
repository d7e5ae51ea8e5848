"""Settings, read from the environment once, at start. What a city decides is data in the portal, not here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("production", "development", "test")
MINIMUM_SECRET = 32  # characters; 128 bits in hexadecimal
LANGUAGES = ("ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne")  # the rows of portal/web/locale.py
DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
DEVELOPMENT_SECRET = "development-only-secret-key-not-for-production"  # noqa: S105 - refused in production


class UnsafeSettings(Exception):
    """The settings can't be used. `faults` is a list of sentences, one a fault, for the operator."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """One process's settings. `now` is None outside tests and development."""

    environment: str = "development"
    secret_key: str = DEVELOPMENT_SECRET
    secret_key_fallbacks: tuple[str, ...] = ()
    database_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    smtp_url: str | None = None
    metrics_token: str | None = None
    timezone: str = "Asia/Tokyo"
    default_locale: str = "ja"
    locales: tuple[str, ...] = LANGUAGES
    now: datetime | None = None
    debug: bool = False
    max_body_bytes: int = 256 * 1024
    max_upload_bytes: int = 128 * 1024 * 1024  # four photos, where a form takes them (web/requests)
    max_form_parts: int = 400
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def faults(self) -> list[str]:
        """What makes these settings unsafe in production; empty elsewhere."""
        if not self.production:
            return []
        found = []
        if not self.secret_key or self.secret_key == DEVELOPMENT_SECRET:
            found.append("PORTAL_SECRET_KEY is not set")
        elif len(self.secret_key) < MINIMUM_SECRET:
            found.append(f"PORTAL_SECRET_KEY is shorter than {MINIMUM_SECRET} characters")
        if self.debug:
            found.append("debug is on (FLASK_DEBUG)")
        if urlsplit(self.public_url).scheme != "https":
            found.append("PORTAL_PUBLIC_URL is not https")
        if self.now is not None:
            found.append("PORTAL_NOW is set")
        return found


def _words(value: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (value or "").split(",") if word.strip())


def _pinned(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment: datetime | None = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnsafeSettings(["PORTAL_NOW needs a time zone, such as 2026-11-24T10:00:00+09:00"])
    return moment


def _proxies(value: str | None) -> int:
    if not (value or "0").isdigit():
        raise UnsafeSettings(["PORTAL_TRUSTED_PROXIES is the number of proxies in front, such as 1"])
    return int(value or "0")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnsafeSettings([f"PORTAL_TIMEZONE is a zone such as Asia/Tokyo, not {name}"]) from None
    return name


def _database(url: str) -> str:
    if "://" not in url:  # a plain path, as in the contract's default, means SQLite
        return f"sqlite:///{Path(url).absolute()}"
    if url.partition("://")[0] not in DATABASES:
        raise UnsafeSettings(["PORTAL_DATABASE_URL is a file, sqlite:///… or postgresql+psycopg://…"])
    return url


def _languages(named: tuple[str, ...], default: str) -> tuple[str, ...]:
    """The languages that a city has switched on, its default among them."""
    unknown = [slug for slug in named if slug not in LANGUAGES]
    if unknown:
        known = ", ".join(LANGUAGES)
        raise UnsafeSettings([f"PORTAL_LOCALES: {', '.join(unknown)} is none of {known}"])
    on = named or LANGUAGES
    if default not in on:
        raise UnsafeSettings([f"PORTAL_DEFAULT_LOCALE is one of the languages in use: {', '.join(on)}"])
    return on


def _hosts(environ: Mapping[str, str], public_url: str, production: bool) -> tuple[str, ...]:
    """The host of PORTAL_PUBLIC_URL, those named, and outside production this machine's own names."""
    named = (*_words(environ.get("PORTAL_TRUSTED_HOSTS")), urlsplit(public_url).hostname or "")
    local = () if production else ("127.0.0.1", "localhost")
    return tuple(dict.fromkeys(host for host in (*named, *local) if host))


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise UnsafeSettings naming every fault (the program then refuses to start)."""
    settings = read_environment(environ)
    if faults := settings.faults():
        raise UnsafeSettings(faults)
    return settings


def read_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings as they stand, safe or not; UnsafeSettings only if one can't be read at all."""
    environ = os.environ if environ is None else environ
    environment = environ.get("PORTAL_ENV", "development")
    if environment not in ENVIRONMENTS:
        raise UnsafeSettings([f"PORTAL_ENV is one of {', '.join(ENVIRONMENTS)}"])
    public_url = environ.get("PORTAL_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    default_locale = environ.get("PORTAL_DEFAULT_LOCALE") or "ja"
    return Settings(
        environment=environment,
        secret_key=environ.get("PORTAL_SECRET_KEY")
        or ("" if environment == "production" else DEVELOPMENT_SECRET),
        secret_key_fallbacks=_words(environ.get("PORTAL_SECRET_KEY_FALLBACKS")),
        database_url=_database(
            environ.get("PORTAL_DATABASE_URL") or str(ROOT / "instance" / "portal.sqlite3")
        ),
        public_url=public_url,
        trusted_hosts=_hosts(environ, public_url, environment == "production"),
        trusted_proxies=_proxies(environ.get("PORTAL_TRUSTED_PROXIES")),
        smtp_url=environ.get("PORTAL_SMTP_URL") or None,
        metrics_token=environ.get("PORTAL_METRICS_TOKEN") or None,
        timezone=_zone(environ.get("PORTAL_TIMEZONE") or "Asia/Tokyo"),
        default_locale=default_locale,
        locales=_languages(_words(environ.get("PORTAL_LOCALES")), default_locale),
        now=_pinned(environ.get("PORTAL_NOW")),
        debug=environ.get("FLASK_DEBUG", "") not in ("", "0"),
    )
