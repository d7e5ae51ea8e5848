"""A browser for tests of the ways in: keeps cookies, takes the token out of a page's form, sends it back."""

from __future__ import annotations

import re
from contextvars import Context
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.extensions import db

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126 Mobile"


class Browser:
    """Each request runs in a context of its own, as on a server: nothing of the test's leaks into it."""

    def __init__(self, app: Flask, address: str = "192.0.2.1") -> None:
        self.client = app.test_client()
        self.address = address
        self.page = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._open("GET", path, **more)

    def send(
        self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **more: Any
    ) -> TestResponse:
        """Open the page with the form (`page`, default: the same address), then post it with its token."""
        self.get(page or path)
        return self.post(path, {**(data or {}), "csrf_token": self.token()}, **more)

    def post(self, path: str, data: dict[str, Any], **more: Any) -> TestResponse:
        return self._open("POST", path, data=data, **more)

    def token(self) -> str:
        found = TOKEN.search(self.page)
        assert found, "no form with a token on the page"
        return found[1]

    def _open(self, method: str, path: str, **more: Any) -> TestResponse:
        environ = {"REMOTE_ADDR": self.address}
        headers = {"User-Agent": AGENT, **more.pop("headers", {})}
        db.session.rollback()  # let go of what the test has read: the request writes
        response = Context().run(
            lambda: self.client.open(path, method=method, environ_overrides=environ, headers=headers, **more)
        )
        db.session.expire_all()
        self.page = response.get_data(as_text=True)
        return response
