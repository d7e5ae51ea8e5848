"""P8: the review queue's first page with 5,000 reports waiting, against the same with 50."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import event

from portal.extensions import db
from tests.bench.machine import CORES, on_core
from tests.bench.report import Result, spread
from tests.support.browser import portal
from tests.support.city import PLAN, environment
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.waiting import add_waiting, app_on

MONTHS, ROUNDS = 10, 25
WAITING = (50, 5_000)


def measure(folder: Path) -> Iterator[Result]:
    """CPU time of the page, turn about; and how many queries each takes."""
    plain = folder / "plain.sqlite3"
    for command in (("migrate",), ("plan", "load", str(PLAN)), ("publish",)):
        portal(environment(plain), *command)
    desks = [_desk(plain, folder / f"queue-{waiting}.sqlite3", waiting) for waiting in WAITING]
    with on_core(CORES[-1]):
        for app, client in desks:
            _page(app, client)  # what a process reads once is read
        times = [[_page(app, client) for app, client in desks] for _ in range(ROUNDS)]
    ratios = [many / few for few, many in times]
    few, many = (_queries(app, client) for app, client in desks)
    met = sorted(ratios)[ROUNDS // 2] <= 2 and few == many
    yield Result(
        "P8",
        f"first page of {WAITING[1]:,} waiting reports, {many} queries ({few} with {WAITING[0]})",
        f"{spread(ratios)} x first page of {WAITING[0]}",
        "<= 2, the same queries",
        met,
    )


def _desk(plain: Path, database: Path, waiting: int) -> tuple[Flask, Client]:
    """A reviewer's browser before a city with so many reports waiting: ten months of each group."""
    shutil.copyfile(plain, database)
    app = app_on(database)
    client = Client(app)
    with app.app_context():
        make = Factories(app)
        add_waiting(make, waiting // MONTHS, MONTHS)
        client.sign_in(make.reviewer())
    client.checks = False  # the time is the server's, not the referee's
    return app, client


def _page(app: Flask, client: Client) -> float:
    with app.app_context():
        begun = time.process_time()
        client.get("/staff/reports/")
        return time.process_time() - begun


def _queries(app: Flask, client: Client) -> int:
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    _page(app, client)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)
