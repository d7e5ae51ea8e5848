"""The production server (docs/adr/0003): granian, threads for views, one process on SQLite."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces


def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until stopped. The backlog holds a whole 500-phone month-end minute."""
    Granian(
        "portal.server.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()
