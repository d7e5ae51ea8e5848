"""The text size: remembered by the browser, part of each page, and kept apart in the page cache."""

from __future__ import annotations

import pytest

from portal.web.page_cache import FrontDoor
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/ja/privacy"


def size(client: Client) -> str | None:
    return client.page.one("html").get("data-text-size")


def choose(client: Client, wanted: str, page: str = PAGE) -> str:
    client.get(page)
    return str(client.submit(client.page.form("form.size"), press=wanted).headers["Location"])


def test_it_is_chosen_without_a_script_and_holds_on_every_page(client: Client) -> None:
    client.get(PAGE)
    assert size(client) is None
    assert choose(client, "largest") == PAGE
    for path in ("/ja/nowhere", "/vi/", "/ja/sign-in", PAGE):
        client.get(path, expect=None)
        assert size(client) == "largest", path
    assert client.page.one("form.size button[aria-current]").get("value") == "largest"
    choose(client, "standard")
    client.get(PAGE)
    assert size(client) is None


def test_a_reporters_pages_have_it_and_staffs_do_not(client: Client, make: Factories) -> None:
    client.use_card(make.card(make.group())[1])
    assert choose(client, "large", "/ja/report/") == "/ja/report/"
    client.get("/ja/report/salon/2026-10/")
    assert size(client) == "large"
    client.sign_in(make.reviewer())
    client.get("/staff/")
    assert size(client) is None


@pytest.mark.parametrize("sent", ["huge", "", 'large"><script>'])
def test_nothing_but_the_three_sizes_reaches_a_page(client: Client, sent: str) -> None:
    client.post("/text-size", {"size": sent, "next": PAGE})
    client.get(PAGE)
    assert size(client) is None


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_to_no_other_site(client: Client, next_page: str) -> None:
    answer = client.post("/text-size", {"size": "large", "next": next_page})
    assert answer.headers["Location"] == "/ja/"


def test_kept_pages_of_one_size_are_never_given_to_another(asaka_door: FrontDoor, client: Client) -> None:
    tags = {}
    for wanted in ("standard", "large", "standard", "largest", "large"):
        client.browser.set_cookie("text_size", wanted)
        answer = client.get(PAGE)
        assert size(client) == (None if wanted == "standard" else wanted)
        assert tags.setdefault(wanted, answer.headers["ETag"]) == answer.headers["ETag"]
    assert len(set(tags.values())) == 3
    assert len(asaka_door._pages) == 3  # each rendered once
    # a page that a browser holds in one size is not "not modified" in another
    client.browser.set_cookie("text_size", "large")
    assert client.get(PAGE, headers={"If-None-Match": tags["standard"]}).status_code == 200
    assert client.get(PAGE, headers={"If-None-Match": tags["large"]}, expect=304).data == b""


@pytest.fixture
def asaka_door(client: Client) -> FrontDoor:
    door = client.browser.application.wsgi_app
    assert isinstance(door, FrontDoor)
    door._pages.clear()
    return door
