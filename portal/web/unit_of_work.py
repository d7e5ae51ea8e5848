"""One unit of work a request, and one writer at a time on SQLite.

Reads on SQLite run outside a transaction; the first statement that writes takes the process's lock (and
a file lock that commands share), then BEGIN IMMEDIATE. So writers queue in order instead of spinning in
SQLite's busy back-off, and nobody ever has to upgrade a stale snapshot. The lock goes when the
connection goes back to the pool, that is, right after commit or rollback.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, request
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER")


class WriteInSafeRequest(RuntimeError):
    """A GET wanted to write. A mistake in our code, never the reader's."""


class WriterLock:
    """One lock for threads and processes. Not re-entrant: a connection that holds it asks no more."""

    def __init__(self, path: Path | None) -> None:
        self._threads = threading.Lock()
        self._path = path
        self._file: Any = None

    def acquire(self) -> None:
        self._threads.acquire()
        if self._path is not None:
            self._file = self._path.open("a")
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        if self._file is not None:
            self._file.close()  # closing drops the file lock
            self._file = None
        self._threads.release()


def prepare_engine(engine: Engine) -> None:
    """Pragmas, and the writer lock; nothing to do on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    database = engine.url.database
    on_disk = bool(database) and database != ":memory:"
    lock = WriterLock(Path(f"{database}.lock") if on_disk else None)

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # no implicit BEGIN: the hook below decides
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "before_cursor_execute")
    def begin_writing(conn: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if conn.connection.info.get("writer_lock") or not statement.lstrip().upper().startswith(_WRITES):
            return
        lock.acquire()
        conn.connection.info["writer_lock"] = lock
        cursor.connection.execute("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def end_writing(_connection: Any, record: Any) -> None:
        held = record.info.pop("writer_lock", None)
        if held is not None:
            held.release()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """For commands and jobs: commit at the end, roll back on any error."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def settle(response: Response) -> None:
    """End this request's unit of work: commit what succeeded, roll back the rest.

    A safe method has nothing to commit; a pending write there is a fault of ours and is refused.
    """
    if request.method in SAFE_METHODS:
        pending = bool(db.session.new or db.session.dirty or db.session.deleted)
        db.session.rollback()
        if pending:
            raise WriteInSafeRequest(request.endpoint)
        return
    if g.get("csrf_failed") and response.status_code < 400:
        db.session.rollback()
        abort(400)  # the view went on although the token was bad: nothing of it stays
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()


class PortalFlask(Flask):
    """Flask that settles the unit of work after the view and before the answer's status is final.

    A commit that fails raises here, where error handlers still turn it into an error page.
    """

    def dispatch_request(self) -> Response:
        response = self.make_response(super().dispatch_request())
        settle(response)
        return response
