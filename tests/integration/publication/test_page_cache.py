"""The page cache before Flask: exact, small answers, one fill under a stampede."""

from __future__ import annotations

import gzip
import threading
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.publication import services
from portal.web.page_cache import FrontDoor
from portal.web.unit_of_work import PortalFlask

PATH = "/ja/indicators/2-3-p2"


@pytest.fixture
def browser(city: PortalFlask) -> FlaskClient:
    return city.test_client()


def test_an_unchanged_page_is_a_304_without_a_body(browser: FlaskClient) -> None:
    etag = browser.get(PATH).headers["ETag"]
    again = browser.get(PATH, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)


def test_codings_hold_the_same_bytes_and_have_tags_of_their_own(browser: FlaskClient) -> None:
    plain = browser.get(PATH)
    packed = browser.get(PATH, headers={"Accept-Encoding": "gzip, br"})
    zipped = browser.get(PATH, headers={"Accept-Encoding": "gzip, br;q=0"})
    assert brotli.decompress(packed.data) == gzip.decompress(zipped.data) == plain.data
    assert len({r.headers["ETag"] for r in (plain, packed, zipped)}) == 3
    assert {r.headers["Vary"] for r in (plain, packed, zipped)} == {"Accept-Encoding"}


def test_head_answers_as_get_does_without_the_body(browser: FlaskClient) -> None:
    for _kept in (False, True):
        head = browser.head(PATH)
        assert (head.status_code, head.data) == (200, b"")
        whole = browser.get(PATH)
    assert browser.head(PATH).headers["ETag"] == whole.headers["ETag"]


def test_a_part_for_htmx_and_a_query_are_never_kept(browser: FlaskClient, door: FrontDoor) -> None:
    browser.get(PATH, headers={"HX-Request": "true"})
    browser.get(f"{PATH}?utm=1")
    assert list(door._pages) == []


def test_a_new_release_shows_within_two_seconds(
    browser: FlaskClient, door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [100.0]
    monkeypatch.setattr(door, "clock", lambda: seconds[0])
    before = browser.get("/ja/").data
    office = db.session.scalars(select(Organisation).where(Organisation.code == "shakyo")).one()
    office.phone = "048-000-1111"
    services.publish(SYSTEM)
    db.session.commit()
    assert browser.get("/ja/").data == before  # the same second
    seconds[0] += 2
    assert "第2版".encode() in browser.get("/ja/").data or b"Release 2" in browser.get("/ja/").data


def test_a_stampede_renders_a_page_once(
    city: PortalFlask, door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []
    behind = door.app

    def counted(environ: dict[str, Any], start: Any) -> Any:
        rendered.append(environ["PATH_INFO"])
        return behind(environ, start)

    monkeypatch.setattr(door, "app", counted)
    bodies: list[bytes] = []
    crowd = [
        threading.Thread(target=lambda: bodies.append(city.test_client().get(PATH).data)) for _ in range(20)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert rendered == [PATH]
    assert len(set(bodies)) == 1
    assert len(bodies) == 20


def test_pages_that_are_not_kept_do_not_wait_for_each_other(
    city: PortalFlask, door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2, timeout=10)
    behind = door.app

    def meeting(environ: dict[str, Any], start: Any) -> Any:
        together.wait()  # passes only if both are in here at the same time
        return behind(environ, start)

    monkeypatch.setattr(door, "app", meeting)
    found: list[int] = []
    pair = [
        threading.Thread(target=lambda: found.append(city.test_client().get("/ja/report/").status_code))
        for _ in range(2)
    ]
    for one in pair:
        one.start()
    for one in pair:
        one.join()
    assert found == [303, 303]


def test_errors_are_not_kept(browser: FlaskClient, door: FrontDoor) -> None:
    assert browser.get("/ja/indicators/9-9-c9").status_code == 404
    assert list(door._pages) == []
