"""The ground of the journeys: a whole synthetic city behind the real server, and Chromium before it.

    def test_...(site, open_page): page = open_page(locale="vi"); page.goto("/vi/")

`site` is shared: read it. A journey that writes takes `own_site`, a server on a fresh copy of the city.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.browser import Chromium
from tests.support.city import Site, build, site_of
from tests.support.machine import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever is in this folder needs Chromium; without one it is skipped by name."""
    here = Path(__file__).parent
    why = missing().get("browser")
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            if why:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The synthetic city's database, made once for all workers; copy it, don't open it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    saved = shared / "city.sqlite3"
    with (shared / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not saved.exists():
            build(saved)
    return saved


@pytest.fixture(scope="session")
def site(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The city's portal for tests that only read."""
    with site_of(city, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def own_site(city: Path, tmp_path: Path) -> Iterator[Site]:
    """A portal of this test's own, to write to."""
    with site_of(city, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def chromium_program() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        program = Chromium(playwright)
        yield program
        program.close()


@pytest.fixture
def chromium(chromium_program: Chromium) -> Iterator[Chromium]:
    """The browser; a test fails at its end for anything that went wrong in a page it did not expect."""
    yield chromium_program
    found = chromium_program.end_test()
    assert not found, "\n".join(["in the browser:", *found])


@pytest.fixture
def open_page(chromium: Chromium, request: pytest.FixtureRequest) -> Callable[..., Page]:
    """`open_page(locale="ja", javascript=True, viewport=None, site=None)`: a person's own window.

    Goes to `own_site` where the test has one, else to `site`.
    """
    name = "own_site" if "own_site" in request.fixturenames else "site"
    return partial(chromium.open, request.getfixturevalue(name).url)
