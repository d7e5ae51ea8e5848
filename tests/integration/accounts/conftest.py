from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.accounts.models import Card
from portal.organisations.models import Organisation
from tests.integration.accounts.browser import Browser
from tests.support.factories import PIN, Factories


@pytest.fixture
def browser(asaka: Flask) -> Browser:
    return Browser(asaka)


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


@pytest.fixture
def card(make: Factories, group: Organisation) -> tuple[Card, str]:
    return make.card(group)


@pytest.fixture
def later(asaka: Flask) -> Callable[..., None]:
    """Move the clock on: later(minutes=15)."""
    pinned = asaka.extensions["portal_clock"]

    def move(**by: float) -> None:
        asaka.extensions["portal_clock"] = (clock.now() + timedelta(**by), pinned[1])

    yield move
    asaka.extensions["portal_clock"] = pinned


@pytest.fixture
def phone_of(asaka: Flask) -> Callable[[str], Browser]:
    """A new phone that has signed in with a card's token."""

    def sign_in(token: str, address: str = "192.0.2.1") -> Browser:
        phone = Browser(asaka, address)
        answer = phone.send(f"/ja/card/{token}", {"pin": PIN})
        assert answer.status_code == 303, answer.status_code
        return phone

    return sign_in
