"""A browser for tests that is a referee too: each HTML answer is parsed and checked as it comes in.

client.get("/ja/")                                  # 200, or the test fails
client.sign_in(make.user({"role": "reviewer"}))     # or client.use_card(token)
client.submit(client.page.form(), held="3")         # the form as it stands, these fields changed
client.get("/ja/report/", htmx=True).headers["Vary"]
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from portal.extensions import db
from portal.web.locale import LOCALES
from tests.support import referee
from tests.support.factories import PASSWORD, PIN
from tests.support.html import Form, Page

if TYPE_CHECKING:
    from portal.accounts.models import User

HEADERS = ("Referrer-Policy", "Permissions-Policy")
AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126 Mobile"


class Client:
    """One browser: its cookies, the page it last got (`page`), that page's path (`path`).

    Each request runs in a context of its own, as on a server: nothing of the test leaks into it.
    """

    def __init__(self, app: Flask, address: str = "192.0.2.1") -> None:
        self.browser = app.test_client()
        self.address = address
        self.checks = True  # a test of something deliberately broken may switch the referee off
        self.path = "/"
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The last HTML answer."""
        assert self._page is not None, "no HTML answer yet"
        return self._page

    def get(self, path: str, *, expect: int | None = 200, **more: Any) -> TestResponse:
        return self.open("GET", path, expect=expect, **more)

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, expect: int | None = 303, **more: Any
    ) -> TestResponse:
        """Post as it is; `submit` and `send` bring the form's hidden fields along."""
        return self.open("POST", path, data=data or {}, expect=expect, **more)

    def send(
        self, path: str, values: Mapping[str, Any] | None = None, *, page: str | None = None, **more: Any
    ) -> TestResponse:
        """Open the page with the form (`page`; by default the same path), then post with its token."""
        self.get(page or path)
        token = self.page.all("input[name=csrf_token]")[0].get("value", "")
        return self.post(path, {**(values or {}), "csrf_token": token}, **more)

    def submit(
        self,
        form: Form,
        values: Mapping[str, Any] | None = None,
        *,
        press: str | None = None,
        expect: int | None = 303,
        htmx: bool = False,
        **more: Any,
    ) -> TestResponse:
        """Send a form of the last page, with these fields changed (see Form.filled)."""  # fmt: skip
        target = urljoin(self.path, form.action) if form.action else self.path
        data = form.filled(values, press=press, **more)
        if form.method == "get":
            return self.open(
                "GET", target, query_string=data, expect=200 if expect == 303 else expect, htmx=htmx
            )
        return self.open("POST", target, data=data, expect=expect, htmx=htmx)

    def follow(self, response: TestResponse, *, expect: int | None = 200) -> TestResponse:
        """Go where an answer points (303, or htmx's own header)."""
        headers = response.headers
        target = headers.get("HX-Location") or headers.get("HX-Redirect") or headers["Location"]
        parts = urlsplit(urljoin(self.path, target))
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""), expect=expect)

    def sign_in(self, user: User, password: str = PASSWORD) -> TestResponse:
        """As a member of staff."""
        return self.send("/ja/sign-in", {"email": user.email, "password": password})

    def use_card(self, token: str, pin: str = PIN, slug: str = "ja") -> TestResponse:
        """As a group, by its card's address and PIN."""
        return self.send(f"/{slug}/card/{token}", {"pin": pin})

    def open(
        self,
        method: str,
        path: str,
        *,
        expect: int | None = None,
        htmx: bool = False,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Any request. `expect`: the status it must have; None: any."""  # fmt: skip
        sent = {"User-Agent": AGENT, **({"HX-Request": "true"} if htmx else {}), **(headers or {})}
        environ = {"REMOTE_ADDR": self.address}
        db.session.rollback()  # let go of what the test has read: on SQLite the request may want to write
        response = Context().run(
            lambda: self.browser.open(path, method=method, headers=sent, environ_overrides=environ, **more)
        )
        db.session.expire_all()
        self._look_at(method, path, response, expect)
        return response

    def _look_at(self, method: str, path: str, response: TestResponse, expect: int | None) -> None:
        found = []
        if expect is not None and response.status_code != expect:
            found.append(f"expected {expect}")
        if response.mimetype == "text/html" and response.data and method != "HEAD":
            self.path, self._page = urlsplit(path).path, Page(response.text)
            if self.checks:
                found += [
                    *header_faults(response),
                    *place_faults(path, self._page),
                    *referee.faults(self._page),
                ]
        if found:
            lines = "\n  ".join(found)
            raise AssertionError(f"{method} {path} answered {response.status_code}:\n  {lines}")


def header_faults(response: TestResponse) -> list[str]:
    """What every HTML answer carries; and what a page from the shared cache must not."""
    headers = response.headers
    found = [f"no {name}" for name in HEADERS if not headers.get(name)]
    policy = headers.get("Content-Security-Policy", "")
    found += [
        f"policy lacks {word}" for word in ("default-src 'none'", "frame-ancestors") if word not in policy
    ]
    found += [f"policy has {word}" for word in ("unsafe-inline", "unsafe-eval", "nonce-") if word in policy]
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("no X-Content-Type-Options: nosniff")
    if "public" in headers.get("Cache-Control", ""):
        found += [
            f"a cacheable page has {what}" for what in ("csrf_token", "<script") if what in response.text
        ]
        found += ["a cacheable page sets a cookie"] if headers.get("Set-Cookie") else []
    return found


def place_faults(path: str, page: Page) -> list[str]:
    """The page's language is the one that its address names."""
    row = LOCALES.get(urlsplit(path).path.split("/")[1])
    if not page.whole or row is None:
        return []
    lang = page.one("html").get("lang")
    return [] if lang == row.html_lang else [f"html lang={lang!r} under /{row.slug}/"]
