"""The door before Flask: files, and public pages as finished bytes.

A public page is a pure function of its path, the reader's text size, the release and the local date, so it
is rendered once per release and size, compressed once, and afterwards served by a dictionary look-up. No
`Vary: Cookie` is needed: each use asks us again (max-age=0), and each size has an ETag of its own. What may
be kept says so itself: `@cacheable` on a view of audience PUBLIC. The current release is asked for at most
once a second, so a new one shows within two seconds on every worker and node.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, make_response, request
from flask.globals import request_ctx
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import host_is_trusted

from portal.web.assets import PREFIX, Assets
from portal.web.compression import KEPT, choose_coding, codings
from portal.web.text_size import STANDARD, chosen

View = TypeVar("View", bound=Callable[..., Any])
MARK = "X-Portal-Cacheable"
HOSTS_MET = 100  # a host may come with many ports
CACHE_CONTROL = "public, max-age=0, must-revalidate"

Environ = dict[str, Any]
Start = Callable[..., Any]


def cacheable(view: View) -> View:
    """Mark a PUBLIC view whose answer depends on path, release and local date only.

    A view that touched the session anyway is a fault of ours and answers 500 rather than leak.
    """

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        response = make_response(view(*args, **kwargs))
        kept = request_ctx._session  # the public proxy would itself count as an access
        if (kept is not None and kept.accessed) or "Set-Cookie" in response.headers:
            raise RuntimeError(f"{request.endpoint} is cacheable but looked at the session")
        if response.status_code == 200:
            response.headers["Cache-Control"] = CACHE_CONTROL
            response.headers[MARK] = "yes"
        return response

    wrapped.__cacheable__ = True  # type: ignore[attr-defined]
    return wrapped  # type: ignore[return-value]


def keepable(app: Flask) -> Callable[[str], bool]:
    """Which paths lead to a view that may be kept; all others go straight to the app, side by side."""
    adapter = app.url_map.bind("localhost")

    def ask(path: str) -> bool:
        try:
            endpoint, _values = adapter.match(path.encode("latin-1").decode(errors="replace"), method="GET")
        except HTTPException:  # unknown, or a redirect of the router
            return False
        return bool(getattr(app.view_functions[endpoint], "__cacheable__", False))

    return ask


class Page:
    """One finished answer: ready-made header lists and bodies per coding."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        kept = [
            (k, v) for k, v in headers if k.lower() not in ("content-length", "etag", MARK.lower(), "vary")
        ]
        digest = hashlib.sha256(body).hexdigest()[:20]
        self.variants: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {}
        for coding, coded in codings(body, dict(headers).get("Content-Type", "")):
            etag = f'"{digest}{"-" + coding if coding else ""}"'
            extra = [("ETag", etag), ("Vary", "Accept-Encoding"), ("Content-Length", str(len(coded)))]
            if coding:
                extra.append(("Content-Encoding", coding))
            self.variants[coding] = (etag, [*kept, *extra], coded)

    @property
    def size(self) -> int:
        return sum(len(body) for _etag, _headers, body in self.variants.values())

    def answer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        coding = choose_coding(environ.get("HTTP_ACCEPT_ENCODING", ""), self.variants)
        etag, headers, body = self.variants[coding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and (asked == etag or etag in asked or asked == "*"):
            start("304 NOT MODIFIED", [h for h in headers if h[0] not in ("Content-Length", "Content-Type")])
            return []
        start(self.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class FrontDoor:
    """WSGI middleware: files, kept pages, else the app behind.

    `generation` gives a value that changes whenever any public page may; `keepable` tells which paths may
    be kept, and only those are rendered one at a time; `clock` is monotonic seconds. Bounded by `limit`
    bytes, oldest out first; one fill a page under a stampede.
    """

    def __init__(
        self,
        app: Callable[[Environ, Start], Iterable[bytes]],
        assets: Assets,
        generation: Callable[[], object],
        keepable: Callable[[str], bool],
        hosts: Iterable[str] = (),
        limit: int = 48 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app, self.assets, self.limit, self.clock = app, assets, limit, clock
        self._generation, self._keepable = generation, keepable
        self._hosts, self._hosts_met = tuple(hosts), set[str]()
        self._known: object = None
        self._asked = float("-inf")
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._filling: dict[str, threading.Lock] = {}
        self._files = {
            path: Page(
                "200 OK",
                [
                    ("Content-Type", asset.content_type),
                    ("Cache-Control", "public, max-age=31536000, immutable"),
                    ("X-Content-Type-Options", "nosniff"),
                ],
                asset.body,
            )
            for path, asset in assets.by_path.items()
        }

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start)
        if path.startswith(PREFIX) and path in self._files:
            return self._files[path].answer(environ, start)
        if environ.get("QUERY_STRING") or "HTTP_HX_REQUEST" in environ:
            return self.app(environ, start)
        if self.clock() - self._asked > 1:
            self._refresh()
        if not self._trusts(environ.get("HTTP_HOST", "")):
            return self.app(environ, start)  # which refuses it
        size = chosen(environ)
        key = path if size == STANDARD else f"{path} {size}"
        page = self._pages.get(key)
        if page is not None:
            return page.answer(environ, start)
        if not self._keepable(path):
            return self.app(environ, start)
        return self._fill(key, environ, start)

    def _trusts(self, host: str) -> bool:
        """Is the request meant for us? Answers met before are a look-up; only trusted ones are remembered."""
        if host in self._hosts_met:
            return True
        trusted = host_is_trusted(host, self._hosts)
        if trusted and len(self._hosts_met) < HOSTS_MET:
            self._hosts_met.add(host)
        return trusted

    def _refresh(self) -> None:
        known = self._generation()
        with self._lock:
            self._asked = self.clock()
            if known != self._known:
                self._known = known
                self._pages.clear()
                self._filling.clear()
                self._size = 0

    def _fill(self, key: str, environ: Environ, start: Start) -> Iterable[bytes]:
        with self._lock:
            turn = self._filling.setdefault(key, threading.Lock())
        with turn:
            page = self._pages.get(key)
            if page is None:
                generation = self._known
                page, plain = self._render(environ)
                if page is None:
                    with self._lock:
                        self._filling.pop(key, None)
                    start(*plain[0])
                    answer: Iterable[bytes] = plain[1]
                    return answer
                self._keep(key, page, generation)
        return page.answer(environ, start)

    def _render(self, environ: Environ) -> tuple[Page | None, Any]:
        """Run the app once. A page that may be kept, or the raw answer of one that may not."""
        caught: list[Any] = []

        def catch(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            caught[:] = [status, headers, exc_info]

        asked_as = environ["REQUEST_METHOD"]
        environ[KEPT] = True
        body = self.app(environ, catch)
        headers = Headers(caught[1])
        if MARK not in headers:
            return None, ((caught[0], caught[1]), body)
        if asked_as == "HEAD":  # Flask gives no body for HEAD: nothing to keep, but an honest answer
            headers.remove(MARK)
            return None, ((caught[0], list(headers)), body)
        try:
            whole = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        return Page(caught[0], list(headers), whole), None

    def _keep(self, key: str, page: Page, generation: object) -> None:
        with self._lock:
            self._filling.pop(key, None)
            if generation != self._known:
                return  # a release came in between: the next reader renders it again
            if (old := self._pages.pop(key, None)) is not None:
                self._size -= old.size
            self._pages[key] = page
            self._size += page.size
            while self._size > self.limit and self._pages:
                _path, oldest = self._pages.popitem(last=False)
                self._size -= oldest.size
