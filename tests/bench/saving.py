"""P3: a saved report POST, against what it can't do without: the request and the durable rows."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from config import from_environment
from portal import create_app
from portal.domain.periods import Month
from portal.extensions import db
from tests.bench.machine import Wire, log_of, together
from tests.bench.report import NotMeasured, Result, spread
from tests.support.browser import settings
from tests.support.city import environment
from tests.support.factories import PIN, Factories
from tests.support.html import Page

CLIENTS, GROUPS_EACH, ALONE = 8, 6, 8  # groups: six for each client, and eight that send one by one
FIRST, LAST = Month(2025, 4), Month(2026, 10)  # the first month that figures are drawn from
MONTHS = [FIRST.plus(number).key for number in range(19)]
FORM = "/{slug}/report/salon/" + LAST.key + "/"
TABLES = ("submissions", "submission_versions", "submission_events")
FIGURES = {"m-held": "2", "m-helpers": "6", "m-people": "24", "m-newcomers": "1", "m-activities": "tea"}


def add_groups(city: Path) -> list[str]:
    """Groups that have sent nothing since April 2025; the tokens of their cards."""
    app = create_app(from_environment(settings(environment(city))))
    with app.app_context():
        make = Factories(app)
        groups = [make.group(opened=FIRST.first_day) for _ in range(ALONE + CLIENTS * GROUPS_EACH)]
        tokens = [make.card(group)[1] for group in groups]
        db.session.remove()
        db.engine.dispose()
    return tokens


@dataclass(frozen=True)
class Phone:
    """A signed-in phone: its cookie, and the token of its forms."""

    url: str
    cookie: str
    token: str

    def sending(self, wire: Wire, period: str, attendance: int, key: str) -> bytes:
        fields = {"csrf_token": self.token, "submission_key": key, "based_on": "0", **FIGURES}
        form = urlencode({**fields, "m-attendance": str(attendance)})
        return wire.request(f"/ja/report/salon/{period}/send", {"Cookie": self.cookie}, form)


def sign_in(url: str, card: str) -> Phone:
    """As people do it: the card's address, then the PIN."""
    wire, path = Wire(url), f"/ja/card/{card}"
    page = wire.get(path)
    form = urlencode({"csrf_token": _token(page.body), "pin": PIN})
    entered = wire.ask(wire.request(path, {"Cookie": _cookie(page.header("set-cookie"))}, form))
    cookie = _cookie(entered.header("set-cookie"))
    shown = wire.get(FORM.format(slug="ja"), {"Cookie": cookie})
    if shown.status != 200:
        raise NotMeasured(f"signing in: {entered.status}, then {shown.status}")
    wire.close()
    return Phone(url, _cookie(shown.header("set-cookie")) or cookie, _token(shown.body))


def _token(body: bytes) -> str:
    return Page(body.decode()).all("input[name=csrf_token]")[0].get("value", "")


def _cookie(header: str) -> str:
    return header.partition(";")[0]


def measure(url: str, database: Path, phones: list[Phone]) -> Iterator[Result]:
    alone, crowd = phones[:ALONE], phones[ALONE:]
    yield from _alone(database, alone)
    yield from _crowd(url, database, crowd)


# --- one after the other -------------------------------------------------------------------------------


def _alone(database: Path, phones: list[Phone]) -> Iterator[Result]:
    """One round a month: saved, refused, found there already, and the rows by the bare driver."""
    reader, mirror = sqlite3.connect(database), _mirror(database)
    blocks: list[tuple[float, ...]] = []
    for number, phone in enumerate(phones):
        rounds, wire = [], Wire(phone.url)
        for period in MONTHS:
            key = f"{number}-{period}"
            saved = _timed(wire, phone.sending(wire, period, 40, f"{key}-1"), 303)
            refused = _timed(wire, phone.sending(wire, period, 41, f"{key}-2"), 409)
            there = _timed(wire, phone.sending(wire, period, 40, f"{key}-3"), 303)
            rounds.append((saved, refused, there, _rows(reader, mirror)))
        blocks.append(tuple(statistics.median(column) for column in zip(*rounds, strict=True)))
    mirror.close()
    reader.close()
    ratios = [saved / (refused + rows) for saved, refused, _there, rows in blocks]
    strict = [saved / (there + rows) for saved, _refused, there, rows in blocks]
    rows_share = [rows / saved for saved, _refused, _there, rows in blocks]
    yield _ratio("saved POST / (refused with 409, which shows a page, + bare rows)", ratios)
    yield _ratio("saved POST / (found there already, 303 without a page, + bare rows)", strict)
    yield Result("P3", "bare rows / saved POST", spread(rows_share, 3))


def _ratio(what: str, ratios: list[float]) -> Result:
    return Result("P3", what, spread(ratios), "<= 1.5", statistics.median(ratios) <= 1.5)


def _timed(wire: Wire, request: bytes, wanted: int) -> float:
    begun = time.perf_counter()
    answer = wire.ask(request)
    spent = time.perf_counter() - begun
    if answer.status != wanted:
        raise NotMeasured(f"a report was answered by {answer.status}, not {wanted}")
    return spent


def _mirror(database: Path) -> sqlite3.Connection:
    """A copy beside the database, with the same tables and triggers, as durable as the portal's own."""
    with sqlite3.connect(database) as live, sqlite3.connect(database.with_suffix(".mirror")) as copy:
        live.backup(copy)
    live.close()
    copy.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        copy.execute(f"PRAGMA {pragma}")
    return copy


def _rows(reader: sqlite3.Connection, mirror: sqlite3.Connection) -> float:
    """The rows that the last report made, written once more in one durable transaction."""
    found = [reader.execute(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1").fetchone() for table in TABLES]
    inserts = [
        (f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
        for table, row in zip(TABLES, found, strict=True)
    ]
    begun = time.perf_counter()
    mirror.execute("BEGIN IMMEDIATE")
    for statement, row in inserts:
        mirror.execute(statement, row)
    mirror.execute("COMMIT")
    return time.perf_counter() - begun


# --- eight at once -------------------------------------------------------------------------------------


def _crowd(url: str, database: Path, phones: list[Phone]) -> Iterator[Result]:
    """Eight clients, each with phone after phone, month after month; nobody waits between two reports."""
    before = _count(database)
    times: list[list[float]] = [[] for _ in range(GROUPS_EACH)]
    statuses: Counter[int] = Counter()

    def client(place: int) -> None:
        for turn in range(GROUPS_EACH):
            phone = phones[place * GROUPS_EACH + turn]
            wire = Wire(phone.url)  # the server closes those that say nothing for a while
            for period in MONTHS:
                request = phone.sending(wire, period, 40, f"crowd-{place}-{turn}-{period}")
                begun = time.perf_counter()
                status = wire.ask(request).status
                times[turn].append(time.perf_counter() - begun)
                statuses[status] += 1

    together(client, CLIENTS)
    sent = CLIENTS * GROUPS_EACH * len(MONTHS)
    ratios = [_p99(part) / statistics.median(part) for part in times]
    every = [moment for part in times for moment in part]
    whole = _p99(every) / statistics.median(every)
    said = f"{whole:.2f} of {sent} POSTs; by quarters {spread(ratios)}"
    yield Result("P3", f"p99 / p50 at {CLIENTS} clients", said, "<= 3", whole <= 3)
    locked, kept = log_of(url).count("database is locked"), _count(database) - before
    said = f"{locked} locked, {sent - statuses[303]} refused, {kept} kept of {sent}"
    good = locked == 0 and kept == sent == statuses[303]
    yield Result("P3", "'database is locked'", said, "0, all kept", good)


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _count(database: Path) -> int:
    with sqlite3.connect(database) as reader:
        count = reader.execute("SELECT count(*) FROM submissions").fetchone()[0]
    reader.close()
    return int(count)
