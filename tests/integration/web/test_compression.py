"""Pages made for one person: compressed, and the form token on them under a mask of its own."""

from __future__ import annotations

import gzip
import re
from contextvars import Context
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LOGIN = "/ja/sign-in"
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')


class Browser:
    """Each request in a context of its own, as on a server; bodies as they are sent."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> TestResponse:
        return Context().run(lambda: self.client.get(path, **more))

    def post(self, path: str, **more: Any) -> TestResponse:
        return Context().run(lambda: self.client.post(path, **more))


@pytest.fixture
def browser(asaka: Flask) -> Browser:
    return Browser(asaka.test_client())


def token(body: bytes) -> str:
    found = TOKEN.search(body)
    assert found
    return found[1].decode()


@pytest.mark.parametrize(
    ("accept", "coding"), [("gzip, br", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("identity", None)]
)
def test_a_page_with_a_form_is_sent_as_small_as_the_browser_allows(
    browser: Browser, accept: str, coding: str | None
) -> None:
    plain = browser.get(LOGIN)
    answer = browser.get(LOGIN, headers={"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.vary
    assert "Accept-Encoding" in plain.vary
    body = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding](answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert TOKEN.sub(b"", body) == TOKEN.sub(b"", plain.data)


def test_the_token_looks_different_on_each_page_and_holds_on_both(browser: Browser) -> None:
    first, second = (token(browser.get(LOGIN).data) for _ in range(2))
    same = sum(a == b for a, b in zip(first, second, strict=True))
    assert same < len(first) / 4  # one place in sixty-four, by chance
    for kept in (first, second):
        answer = browser.post(LOGIN, data={"csrf_token": kept, "email": "", "password": ""})
        assert answer.status_code == 422  # read, and found empty


@pytest.mark.parametrize("wrong", ["", "x", "あ", "AAAA", "=" * 40, "A" * 4096])
def test_what_no_page_wrote_is_no_token(browser: Browser, wrong: str) -> None:
    browser.get(LOGIN)
    assert browser.post(LOGIN, data={"csrf_token": wrong, "email": "a@b.jp"}).status_code == 400


def test_what_is_kept_is_compressed_once_and_small_answers_never(browser: Browser) -> None:
    packed = {"Accept-Encoding": "br"}
    assert browser.get("/ja/privacy", headers=packed).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in browser.get("/healthz", headers=packed).headers
