"""Real Chromium against the real server.

`serving(...)` runs `portal serve`, as in production; `in_thread(app)` serves an app that a test already
has. `Chromium` opens pages as people have them (a phone of 360 px, a language, JavaScript on or off) and
keeps what went wrong in them: errors, violations of the content policy, missing files, requests to anybody
else's server. `Chromium.faults()` must be empty at the end of each test.

Take pictures with `shot()`: Playwright's own leaves style attributes behind, which then look like
violations of the page.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.machine import ROOT, chromium

PORTAL = ROOT / ".venv" / "bin" / "portal"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
START = 30.0  # seconds that a server may take before it answers
ARGUMENTS = [
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nobody else is ever asked
]
# Chromium logs each bad status; a 4xx of a page is the test's business, the rest is kept from the answer.
STATUS_LINE = re.compile(r"Failed to load resource: the server responded with a status of [45]")
PARTS = {"stylesheet", "script", "image", "font", "manifest"}


class Chromium:
    """One browser program; each `open()` is a person's own phone with its own cookies."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        self._contexts: list[BrowserContext] = []
        self._faults: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def open(
        self,
        base_url: str,
        *,
        locale: str = "ja",
        javascript: bool = True,
        viewport: Mapping[str, int] | None = None,
        **more: Any,
    ) -> Page:
        """A fresh browser window; `page.goto("/ja/")` is relative to `base_url`."""  # fmt: skip
        context = self._browser.new_context(
            base_url=base_url,
            locale=locale,
            java_script_enabled=javascript,
            viewport=dict(viewport or PHONE),  # type: ignore[arg-type]  # a TypedDict to Playwright
            has_touch=viewport is None,
            timezone_id="Asia/Tokyo",
            **more,
        )
        self._watch(context, base_url)
        return context.new_page()

    def lasting(self, base_url: str, folder: Path) -> Page:
        """A phone whose memory lies in `folder`: close its context, and open it again."""
        context = self._playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=ARGUMENTS,
            base_url=base_url,
            locale="ja",
            viewport=dict(PHONE),  # type: ignore[arg-type]  # a TypedDict to Playwright
            has_touch=True,
            timezone_id="Asia/Tokyo",
        )
        self._watch(context, base_url)
        return context.pages[0]

    def _watch(self, context: BrowserContext, base_url: str) -> None:
        context.set_default_timeout(10_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"error in a script: {error.error}"))
        context.on("request", lambda request: self._request(request, base_url))
        context.on("response", self._response)
        self._contexts.append(context)

    def expect(self, pattern: str) -> None:
        """A fault that this test provokes on purpose, such as ERR_INTERNET_DISCONNECTED."""
        self._expected.append(re.compile(pattern))

    def faults(self) -> list[str]:
        """What went wrong so far, apart from what was expected."""
        return [fault for fault in self._faults if not any(p.search(fault) for p in self._expected)]

    def shot(self, page: Page, file: Path, *, full: bool = True) -> None:
        """A picture; what it does to the page afterwards is not counted against the page."""
        page.evaluate("document.fonts.ready.then(() => true)")
        before = len(self._faults)
        page.screenshot(path=file, full_page=full, animations="disabled")
        del self._faults[before:]

    def end_test(self) -> list[str]:
        """Close all windows and give their faults; the program stays for the next test."""
        for context in self._contexts:
            context.close()
        found = self.faults()
        self._contexts, self._faults, self._expected = [], [], []
        return found

    def close(self) -> None:
        self._browser.close()

    def _note(self, fault: str) -> None:
        self._faults.append(fault)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not STATUS_LINE.search(message.text):
            where = message.location.get("url", "")
            self._note(f"console at {urlsplit(where).path or where}: {message.text}")

    def _request(self, request: Request, base_url: str) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https", "ws") and asked.netloc != urlsplit(base_url).netloc:
            self._note(f"asked somebody else: {request.url}")

    def _response(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind in PARTS):
            self._note(f"{response.status} for {urlsplit(response.url).path} ({kind})")


@contextmanager
def serving(environment: Mapping[str, str], *arguments: str) -> Iterator[str]:
    """Run `portal serve` with these PORTAL_* settings; gives its base URL once it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [PORTAL, "serve", "--host", "127.0.0.1", "--port", str(port), *arguments],
            env=settings({"PORTAL_PUBLIC_URL": url, **environment}),
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its workers can be ended with it
        )
        try:
            _wait(port, server, log)
            yield url
        finally:
            _end(server)


@contextmanager
def in_thread(app: Flask) -> Iterator[str]:
    """Serve an app of this process on a free port, one thread a request; gives its base URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line a request: pytest would show them all with each failure."""


def settings(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any PORTAL_* of its own, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))}
    return {**kept, **changes}


def portal(environment: Mapping[str, str], *arguments: str) -> str:
    """Run one `portal` command and give what it printed; an error that quotes it where it failed."""
    done = subprocess.run(
        [PORTAL, *arguments], env=settings(environment), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"portal {' '.join(arguments)} exited {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes], log: Any) -> None:
    """Until the port takes a connection; an error with the server's words if it never does."""
    end = time.monotonic() + START
    while time.monotonic() < end:
        if server.poll() is None and _answers(port):
            return
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    log.seek(0)
    raise RuntimeError(f"the server did not start:\n{log.read()}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop; what still runs after ten seconds is killed."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
