"""Settings from the environment, and what production refuses."""

from __future__ import annotations

import pytest

from config import LANGUAGES, MINIMUM_SECRET, ROOT, Settings, UnsafeSettings, from_environment
from portal.web.locale import LOCALES

SAFE = {
    "PORTAL_ENV": "production",
    "PORTAL_SECRET_KEY": "k" * MINIMUM_SECRET,
    "PORTAL_PUBLIC_URL": "https://tsunagari.example.jp",
}


def test_nothing_set_is_development_on_sqlite_beside_the_program() -> None:
    settings = from_environment({})
    assert (settings.environment, settings.sqlite) == ("development", True)
    assert settings.database_url == f"sqlite:///{ROOT}/instance/portal.sqlite3"
    assert settings.locales == Settings.locales


def test_safe_production_settings_are_taken() -> None:
    settings = from_environment(SAFE)
    assert settings.production
    assert settings.trusted_hosts == ("tsunagari.example.jp",)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"PORTAL_SECRET_KEY": ""}, "PORTAL_SECRET_KEY is not set"),
        ({"PORTAL_SECRET_KEY": "k" * (MINIMUM_SECRET - 1)}, "shorter than 32 characters"),
        ({"FLASK_DEBUG": "1"}, "debug is on"),
        ({"PORTAL_PUBLIC_URL": "http://tsunagari.example.jp"}, "not https"),
        ({"PORTAL_NOW": "2026-11-24T10:00:00+09:00"}, "PORTAL_NOW is set"),
    ],
)
def test_production_names_what_is_unsafe(changed: dict[str, str], fault: str) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        from_environment({**SAFE, **changed})
    assert len(refused.value.faults) == 1
    assert fault in refused.value.faults[0]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(UnsafeSettings) as refused:
        from_environment({"PORTAL_ENV": "production", "FLASK_DEBUG": "1"})
    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(
    "environ",
    [
        {"PORTAL_ENV": "staging"},
        {"PORTAL_NOW": "2026-11-24T10:00:00"},
        {"PORTAL_NOW": "tomorrow"},
        {"PORTAL_TRUSTED_PROXIES": "one"},
        {"PORTAL_TIMEZONE": "Mars/Base"},
        {"PORTAL_LOCALES": "ja,xx"},
        {"PORTAL_LOCALES": "en,vi"},  # the default, ja, is not among them
        {"PORTAL_DEFAULT_LOCALE": "xx"},
        {"PORTAL_DATABASE_URL": "mysql://localhost/portal"},
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_everywhere(environ: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings):
        from_environment(environ)


def test_a_city_without_japanese_names_another_default() -> None:
    settings = from_environment({"PORTAL_LOCALES": "en, vi", "PORTAL_DEFAULT_LOCALE": "vi"})
    assert (settings.locales, settings.default_locale) == (("en", "vi"), "vi")


def test_settings_know_the_languages_of_the_table() -> None:
    assert tuple(LOCALES) == LANGUAGES


def test_a_plain_path_is_a_sqlite_file() -> None:
    assert (
        from_environment({"PORTAL_DATABASE_URL": "/srv/p.sqlite3"}).database_url == "sqlite:////srv/p.sqlite3"
    )
