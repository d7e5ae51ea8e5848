"""P8: the review queue's first page with 5,000 reports waiting, against the same with 50."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import event, select

from config import from_environment
from portal import create_app
from portal.datasets.models import DataSet
from portal.demo.rows import Story, insert_all
from portal.domain.periods import Month
from portal.domain.workflow import Action
from portal.extensions import db
from portal.web.unit_of_work import PortalFlask
from tests.bench.machine import CORES, on_core
from tests.bench.report import Result, spread
from tests.support.browser import portal, settings
from tests.support.city import PLAN, environment
from tests.support.client import Client
from tests.support.factories import Factories

MONTHS, ROUNDS = 10, 25
LAST = Month(2026, 10)
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


def _desk(plain: Path, database: Path, waiting: int) -> tuple[PortalFlask, Client]:
    """A reviewer's browser before a city with so many reports waiting: ten months of each group."""
    shutil.copyfile(plain, database)
    app = create_app(from_environment(settings(environment(database))))
    client = Client(app)
    with app.app_context():
        make = Factories(app)
        first = LAST.plus(1 - MONTHS)
        groups = [make.group(opened=first.first_day) for _ in range(waiting // MONTHS)]
        salon = db.session.scalars(select(DataSet).where(DataSet.code == "salon")).one()
        stories = [
            Story(
                organisation=group,
                data_set=salon,
                edition=salon.current,
                period=first.plus(step),
                versions=[({"held": _number(2), "attendance": _number(20 + step)}, "card:1")],
                steps=[(Action.SEND, "card:1", datetime.fromisoformat("2026-11-02T09:00:00+09:00"), {})],
            )
            for group in groups
            for step in range(MONTHS)
        ]
        insert_all(stories)
        db.session.commit()
        client.sign_in(make.reviewer())
    client.checks = False  # the time is the server's, not the referee's
    return app, client


def _number(value: int) -> dict[str, object]:
    return {"state": "number", "value": value}


def _page(app: PortalFlask, client: Client) -> float:
    with app.app_context():
        begun = time.process_time()
        client.get("/staff/reports/")
        return time.process_time() - begun


def _queries(app: PortalFlask, client: Client) -> int:
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    _page(app, client)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)
