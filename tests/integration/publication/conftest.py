"""A whole synthetic city with its first release, prepared once a database and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.demo import load as demo
from portal.domain.permissions import SYSTEM
from portal.plan import services as plan
from portal.publication import queries, services
from portal.publication.models import Release
from portal.web.page_cache import FrontDoor
from portal.web.unit_of_work import PortalFlask
from tests.conftest import ASAKA, NOW, Database, _fresh
from tests.support.client import Client

DAY = NOW.date()


def _prepare() -> None:
    plan.load(ASAKA.read_text("utf-8"), SYSTEM)
    demo.load(DAY)
    services.publish(SYSTEM, DAY)


@pytest.fixture
def city(bare_app: PortalFlask, database: Database) -> Iterator[PortalFlask]:
    """The app with the city loaded and release 1 published."""
    yield from _fresh(bare_app, database, "city", _prepare)


@pytest.fixture(autouse=True)
def door(bare_app: PortalFlask) -> FrontDoor:
    """The page cache, emptied: the database under it has just been replaced."""
    found = bare_app.wsgi_app
    assert isinstance(found, FrontDoor)
    forget(found)
    return found


def forget(door: FrontDoor) -> None:
    """Let the next request ask which release is current."""
    door._asked = float("-inf")
    door._known = None
    door._pages.clear()


@pytest.fixture
def reader(city: PortalFlask) -> Client:
    """Somebody who reads the public pages; the referee looks at each."""
    return Client(city)


@pytest.fixture
def first(city: PortalFlask) -> Release:
    """Release 1, as a row."""
    found = queries.by_number(1)
    assert found is not None
    return found
