"""A throw-away PostgreSQL server: made on first use, one for each test process, gone with it.

It listens on a Unix socket in its own folder, so there is no port to collide with, and nothing of an
installed server is touched. Durability is switched off: its data is worth nothing.
"""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

from tests.support.machine import postgres_programs

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


@cache
def postgres_url() -> str | None:
    """The URL of this process's own server (its database `postgres`), or None where there is no PostgreSQL.

    The server lives until the process ends. `make_url(url).set(database=...)` names another database.
    """
    programs = postgres_programs()
    if programs is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    _as_owner(
        programs / "initdb", "-D", folder / "data", "-U", "portal", "--auth=trust",
        "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {FAST}"
    _as_owner(
        programs / "pg_ctl", "-D", folder / "data", "-w", "-t", "60", "-s",
        "-l", folder / "log", "-o", options, "start",
    )  # fmt: skip
    _stop_with_this_process(programs, folder)
    return f"postgresql+psycopg://portal@/postgres?host={quote(str(folder), safe='')}"


def _owner() -> list[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _as_owner(*command: str | Path) -> None:
    done = subprocess.run(
        [*_owner(), *map(str, command)], capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def _stop_with_this_process(programs: Path, folder: Path) -> None:
    """A watcher reads a pipe that only this process holds: however it ends, the server is stopped."""
    stop = shlex.join(
        [*_owner(), str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-s", "stop"]
    )
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _; {stop}; rm -rf {shlex.quote(str(folder))}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    atexit.register(watcher.communicate)
