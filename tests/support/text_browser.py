"""A real text browser (w3m) on a terminal of its own: no script, no style, links, forms and a cookie.

w3m goes from one link or field to the next by TAB, in the order of the page, seen or not. So `mirror`, a
plain HTTP client with the same card, reads the same page to count them.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from xml.etree.ElementTree import Element

from tests.support.html import Page

W3M = shutil.which("w3m")
STOPS = ("a", "input", "button", "select", "textarea")
PAUSE = 0.25  # seconds without anything new on the screen: w3m has drawn it
PATIENCE = 10.0


class Mirror:
    """What stands on a page, for somebody with a cookie and nothing else."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[str, str]:
        """Where it led to, and the page."""
        with self._opener.open(self.url + path) as answer:
            return urllib.parse.urlsplit(answer.url).path, answer.read().decode()

    def post(self, path: str, fields: dict[str, str]) -> None:
        token = Page(self.get(path)[1]).all("input[name=csrf_token]")[0].get("value", "")
        body = urllib.parse.urlencode({**fields, "csrf_token": token}).encode()
        self._opener.open(self.url + path, body).close()

    def stops(self, path: str) -> list[Element]:
        """Where TAB stops on that page."""
        return [e for e in Page(self.get(path)[1]).elements if e.tag in STOPS and e.get("type") != "hidden"]


class TextBrowser:
    """`open(path)`, then `fill` and `press` on the page that the mirror names."""

    def __init__(self, mirror: Mirror, home: Path, first: str) -> None:
        self.mirror, self._place = mirror, 0
        self._process, self._screen = pty.fork()
        if self._process == 0:
            os.environ.update(HOME=str(home), TERM="vt100", LINES="40", COLUMNS="100", LANG="C.UTF-8")
            os.execv(str(W3M), ["w3m", "-cookie", "-O", "UTF-8", mirror.url + first])
        self._drawn(PATIENCE)

    def __enter__(self) -> TextBrowser:
        return self

    def __exit__(self, _k: type | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._screen)

    def _drawn(self, first: float = 1.0) -> str:
        """Until the screen is quiet; what was written to it."""
        found, wait = b"", first
        while select.select([self._screen], [], [], wait)[0]:
            try:
                found += os.read(self._screen, 65536)
            except OSError:
                break
            wait = PAUSE
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x00", "", found.decode("utf-8", "replace"))

    def keys(self, keys: str) -> str:
        os.write(self._screen, keys.encode())
        return self._drawn()

    def open(self, path: str) -> None:
        self.keys("U")
        self.keys(f"\x15{self.mirror.url}{path}\r")
        self._place = 0

    def _go(self, stops: list[Element], wanted: Element) -> None:
        """TAB to an element of the page, from wherever the cursor stands."""
        place = stops.index(wanted)
        if steps := (place - self._place) % len(stops):
            self.keys("\t" * steps)
        self._place = place

    def fill(self, path: str, name: str, text: str) -> None:
        stops = self.mirror.stops(path)
        self._go(stops, next(e for e in stops if e.get("name") == name))
        self.keys("\r")
        self.keys(f"{text}\r")

    def press(self, path: str, **having: str) -> None:
        """The last button with these attributes: the large one at the end of the form."""
        stops = self.mirror.stops(path)
        buttons = [e for e in stops if e.tag == "button"]
        self._go(stops, [e for e in buttons if all(e.get(k) == v for k, v in having.items())][-1])
        self.keys("\r")
        self._place = 0

    def arrives(self, path: str) -> bool:
        """Does that page open by now, for whoever has the card?"""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.mirror.get(path)[0] == path:
                return True
            time.sleep(0.2)
        return False
