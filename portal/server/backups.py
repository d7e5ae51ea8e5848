"""Backup and restore: SQLite by its own online copy, PostgreSQL by pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy.engine import URL

from portal.domain.errors import Conflict, Invalid
from portal.extensions import db


def backup(target: Path) -> int:
    """Write a consistent copy to `target` (made complete beside it, then renamed). Returns its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    part = Path(name)
    try:
        if db.engine.dialect.name == "sqlite":
            _copy_sqlite(Path(str(db.engine.url.database)), part)
        else:
            _run("pg_dump", "--format=custom", f"--file={part}", _libpq(db.engine.url))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(source: Path) -> None:
    """Replace the database by the copy in `source`. Invalid if it is not a whole backup of this portal.

    The old data stays in place until the copy has been checked.
    """
    if db.engine.dialect.name == "sqlite":
        _restore_sqlite(source, Path(str(db.engine.url.database)))
    else:
        db.engine.dispose()
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--single-transaction",
            f"--dbname={_libpq(db.engine.url)}",
            str(source),
        )


def _copy_sqlite(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    live.close()
    copy.close()
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    copy = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        whole = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        known = copy.execute("SELECT count(*) FROM sqlite_master WHERE name='alembic_version'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Invalid("not_a_backup", file=str(file)) from error
    finally:
        copy.close()
    if not (whole and known):
        raise Invalid("not_a_backup", file=str(file))


def _restore_sqlite(source: Path, target: Path) -> None:
    _check_sqlite(source)
    db.session.remove()
    db.engine.dispose()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    part = Path(name)
    shutil.copyfile(source, part)
    for leftover in ("-wal", "-shm"):
        Path(f"{target}{leftover}").unlink(missing_ok=True)
    part.replace(target)


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise Conflict("program_missing", program=program)
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise Conflict("program_failed", program=program, said=done.stderr.strip()[-500:])
