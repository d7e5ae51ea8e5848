"""P1: a public page against the same bytes from a bare app. P6: what a first visit weighs."""

from __future__ import annotations

import base64
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import brotli

from portal.web.locale import LOCALES
from tests.bench.machine import (
    CORES,
    Answer,
    Wire,
    cpu_seconds,
    load,
    load_program,
    on_core,
    processes_of,
)
from tests.bench.report import NotMeasured, Result, spread
from tests.support.browser import free_port, settings
from tests.support.html import Page
from tests.support.machine import ROOT

LANGUAGES = ("ja", "vi")
ROUNDS, SECONDS = 5, 0.5
OWN = {"server", "date"}  # the server software writes these itself, for both
BROTLI = {"Accept-Encoding": "br"}
KB = 1024


# --- P1 ------------------------------------------------------------------------------------------------


def _cases(url: str, slug: str) -> dict[str, dict[str, str]]:
    """What a browser says, by the name of the case."""
    tag = Wire(url).get(f"/{slug}/", BROTLI).header("etag")
    return {"plain": {}, "br": BROTLI, "304": {**BROTLI, "If-None-Match": tag}}


def speed(url: str, folder: Path) -> Iterator[Result]:
    """Rounds A B A B: the portal, the bare app, ... `req/s` ratio and CPU a request over the bare app."""
    asked = {f"/{slug}/{case}": headers for slug in LANGUAGES for case, headers in _cases(url, slug).items()}
    answers = {path: Wire(url).get(_page(path), headers) for path, headers in asked.items()}
    file = folder / "answers.json"
    file.write_text(json.dumps({path: _as_data(answer) for path, answer in answers.items()}))
    with _bare(file) as limit:
        for path, headers in asked.items():
            _same(answers[path], Wire(limit).get(path, headers))
        for path, headers in asked.items():
            yield _compare(url, limit, path, headers)


def _page(path: str) -> str:
    """The portal's page behind a case: "/ja/br" is "/ja/" with other headers."""
    return path.rpartition("/")[0] + "/"


def _as_data(answer: Answer) -> tuple[str, list[tuple[str, str]], str]:
    reason = {200: "200 OK", 304: "304 NOT MODIFIED"}[answer.status]
    headers = [header for header in answer.headers if header[0] not in OWN]
    return reason, headers, base64.b64encode(answer.body).decode()


def _same(real: Answer, bare: Answer) -> None:
    """A limit that sends anything else would be no limit."""
    kept = [sorted(h for h in answer.headers if h[0] not in OWN) for answer in (real, bare)]
    if (real.status, real.body, kept[0]) != (bare.status, bare.body, kept[1]):
        raise NotMeasured(f"the bare app answers otherwise: {kept}")


@contextmanager
def _bare(file: Path) -> Iterator[str]:
    """The bare app's address; on the core of the portal's server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.bench.bare", str(port)]
    with on_core(CORES[-1]):
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=settings({"BENCH_ANSWERS": str(file)}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # as the portal's: Linux shares a busy core out by session
        )
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            Wire(url).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotMeasured("the bare app did not start")


def _compare(url: str, limit: str, path: str, headers: Mapping[str, str]) -> Result:
    speeds, over, costs = [], [], []
    for number in range(-1, ROUNDS):  # the first one warms both up
        real = _round(url, _page(path), headers)
        bare = _round(limit, path, headers)
        if number >= 0:
            speeds.append(real[0] / bare[0])
            over.append(real[1] - bare[1])
            costs.append(bare[1])
    more = f"{spread(speeds)} x bare; CPU {spread(over, 1)} us over bare's {statistics.median(costs):.1f}"
    quick = bool(load_program()) and statistics.median(speeds) >= 0.9  # a loop in Python is its own limit
    met = quick or statistics.median(over) <= 15
    return Result("P1", f"{_page(path)} {path.rpartition('/')[2]}", more, ">= 0.90 or <= 15 us", met)


def _round(url: str, path: str, headers: Mapping[str, str]) -> tuple[float, float]:
    """(answers a second, CPU us an answer)"""
    server = processes_of(url)
    before = cpu_seconds(server)
    answers, seconds = load(url, path, headers, SECONDS)
    return answers / seconds, (cpu_seconds(server) - before) / answers * 1e6


# --- P6 ------------------------------------------------------------------------------------------------


def weight(url: str, form: str, cookie: str) -> Iterator[Result]:
    """Each kind of page in every language; of indicators and directions the one heaviest in Japanese.

    `form`: the report form's path with {slug} in it; `cookie`: of a phone that may open it.
    """
    wire = Wire(url)
    links = Page(wire.get("/ja/indicators/").body.decode()).all('main a[href^="/ja/"]')
    for kind in ("", "indicators/", "directions/"):
        found = {a.get("href", "") for a in links if a.get("href", "").startswith(f"/ja/{kind}")}
        pages = sorted(page.partition("#")[0] for page in found) if kind else ["/ja/"]
        heaviest = max(pages, key=lambda page: len(wire.get(page, BROTLI).body))
        name = f"heaviest of {len(pages)} {kind[:-1]}" if kind else "summary"
        yield _weighed(wire, name, heaviest.replace("/ja/", "/{slug}/", 1), {}, (14, 3))
    yield _weighed(wire, "report form", form, {"Cookie": cookie}, (30, 5))


def _weighed(wire: Wire, name: str, path: str, headers: Mapping[str, str], most: tuple[int, int]) -> Result:
    weighed = {slug: _visit(wire, path.format(slug=slug), headers) for slug in LOCALES}
    sizes = {slug: size / KB for slug, (size, _) in weighed.items()}
    heavy = max(sizes, key=lambda slug: sizes[slug])
    requests = max(count for _, count in weighed.values())
    met = sizes[heavy] <= most[0] and requests <= most[1]
    measured = f"{spread(list(sizes.values()), 1)} KB, most in {heavy}; {requests} requests"
    return Result("P6", f"{name}, {len(sizes)} languages", measured, f"<= {most[0]} KB, <= {most[1]}", met)


def _visit(wire: Wire, path: str, headers: Mapping[str, str]) -> tuple[int, int]:
    """(bytes of bodies as sent, requests) of the document and what its HTML loads before `load`."""
    document = wire.get(path, {**headers, **BROTLI})
    if document.status != 200:
        raise NotMeasured(f"{path} answers {document.status}")
    parts = _parts(document)
    return len(document.body) + sum(len(wire.get(part, BROTLI).body) for part in parts), 1 + len(parts)


def _parts(document: Answer) -> set[str]:
    packed = document.header("content-encoding") == "br"
    body = brotli.decompress(document.body) if packed else document.body
    page = Page(body.decode())
    links = page.all("link[rel=stylesheet], link[rel=icon], link[rel=preload], link[rel=modulepreload]")
    sources = page.all("script[src], img[src]")
    found = {e.get("href", "") for e in links} | {e.get("src", "") for e in sources}
    return found if page.all("link[rel=icon]") else {*found, "/favicon.ico"}
