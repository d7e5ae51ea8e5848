"""Answers made for one person, compressed: on a poor line the report form weighs a third less.

Public pages are compressed once, when they are kept (page_cache). What is compressed here may hold a form
token, so that token looks different on each page (csrf): a length then tells nothing about it (BREACH).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable

import brotli
from flask import Flask, Response, request

SMALL = 256  # bytes; below this compression only costs
KEPT = "portal.kept"  # set by the page cache: it compresses this answer itself, once for all readers
TEXT = ("text/", "application/json", "application/xml", "application/manifest+json", "image/svg")


def choose_coding(accept: str, available: Iterable[str] = ("br", "gzip")) -> str:
    """Brotli, else gzip, else plain, as the browser allows (`q=0` forbids)."""
    for coding in ("br", "gzip"):
        if coding in accept and coding in available:
            for item in accept.split(","):
                name, _, parameters = item.strip().partition(";")
                if name == coding and parameters.replace(" ", "") not in ("q=0", "q=0.0"):
                    return coding
    return ""


def codings(body: bytes, content_type: str) -> list[tuple[str, bytes]]:
    """A body in every coding, at full strength: for what is compressed once and sent often."""
    found = [("", body)]
    if worthwhile(body, content_type):
        found.append(("br", brotli.compress(body, quality=11)))
        found.append(("gzip", gzip.compress(body, 9, mtime=0)))
    return found


def worthwhile(body: bytes, content_type: str) -> bool:
    return len(body) > SMALL and content_type.startswith(TEXT)


def _compress(response: Response) -> Response:
    if KEPT in request.environ or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    body = response.get_data() if not response.direct_passthrough else b""
    if not worthwhile(body, response.content_type or ""):
        return response
    response.vary.add("Accept-Encoding")
    coding = choose_coding(request.headers.get("Accept-Encoding", ""))
    if coding:  # 5 and 6: a fifth of a millisecond a page, within a tenth of the strongest
        response.set_data(
            brotli.compress(body, quality=5) if coding == "br" else gzip.compress(body, 6, mtime=0)
        )
        response.headers["Content-Encoding"] = coding
    return response


def init_app(app: Flask) -> None:
    app.after_request(_compress)
