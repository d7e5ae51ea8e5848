"""What a request may be, and what comes with an answer: hosts, proxies, sizes, languages, htmx."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app
from portal.extensions import db
from portal.web.page_cache import FrontDoor
from portal.web.requests import behind_proxies
from tests.support.client import Client
from tests.support.factories import Factories

KEPT = "/ja/privacy"


@pytest.fixture
def reader(asaka: Flask) -> Client:
    assert isinstance(asaka.wsgi_app, FrontDoor)
    asaka.wsgi_app._pages.clear()
    return Client(asaka)


def test_a_kept_page_is_not_given_to_another_host(reader: Client) -> None:
    reader.get(KEPT)
    reader.get(KEPT)  # kept by now
    reader.get(KEPT, headers={"Host": "evil.example"}, expect=400)
    reader.get(KEPT, headers={"Host": "localhost:8000"})


def test_behind_a_proxy_the_forwarded_host_counts_and_pages_are_kept(asaka: Flask) -> None:
    settings = replace(asaka.config["SETTINGS"], trusted_hosts=("city.example",))
    app = create_app(settings)
    door = app.wsgi_app
    app.wsgi_app = behind_proxies(door, 1)  # type: ignore[assignment, method-assign]
    client = Client(app)
    client.get(KEPT, headers={"Host": "10.0.0.5:8000", "X-Forwarded-Host": "city.example"})
    assert isinstance(door, FrontDoor)
    assert KEPT in door._pages
    client.get(KEPT, headers={"Host": "10.0.0.5:8000"}, expect=400)
    with app.app_context():
        db.engine.dispose()


def test_a_page_that_is_not_there_is_never_kept(reader: Client) -> None:
    for path in ("/ja/indicators/zzz", "/ja/directions/9-9", "/ja/zzz"):
        assert reader.get(path, expect=404).headers["Cache-Control"] == "private, no-store"


def test_an_unknown_query_moves_nothing_on_a_public_page(reader: Client) -> None:
    plain = reader.get(KEPT).text
    assert reader.get(f"{KEPT}?utm_source=x").text == plain


def test_too_many_fields_are_refused(reader: Client) -> None:
    fields = {f"f{n}": "1" for n in range(401)}
    reader.post("/language", fields, expect=413)


def test_the_language_chosen_on_a_public_page_is_remembered(reader: Client) -> None:
    reader.get(KEPT)
    form = reader.page.form('form[action="/language"]')
    assert reader.submit(form, press="ne").headers["Location"] == "/ne/privacy"
    assert reader.get("/", expect=302).headers["Location"] == "/ne/"


def test_htmx_gets_what_stands_in_main_and_a_whole_page_when_it_asks_for_one(
    make: Factories, reader: Client
) -> None:
    reader.sign_in(make.reviewer())
    token = re.compile(r'(?<=name="csrf_token" value=")[^"]*')  # masked anew on each page
    whole = token.sub("", reader.get("/staff/reports/").text)
    part = token.sub("", reader.get("/staff/reports/", htmx=True).text)
    assert "<html" not in part
    assert part.strip() in whole
    assert "<html" in reader.get("/staff/reports/", htmx=True, headers={"HX-Request-Type": "full"}).text
