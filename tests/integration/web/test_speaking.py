"""A mail or a letter in another language, in the middle of a page: afterwards the page goes on in its own."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.web.filters import month
from portal.web.i18n import gettext, speaking
from portal.web.locale import LOCALES, current_locale


def said() -> tuple[str, str, str]:
    return current_locale().slug, gettext("Back"), month("2026-10")


def test_another_language_for_a_while(app: Flask) -> None:
    own = said()
    assert own == ("ja", "もどる", "10月")
    with speaking(LOCALES["en"]):
        assert said() == ("en", "Back", "October")
        with speaking(LOCALES["vi"]):
            assert said()[2] == "tháng 10"
        assert said() == ("en", "Back", "October")
    assert said() == own


def test_a_fault_in_between_changes_nothing(app: Flask) -> None:
    own = said()
    with pytest.raises(ZeroDivisionError), speaking(LOCALES["ko"]):
        _ = 1 / 0
    assert said() == own
