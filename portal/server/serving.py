"""The production server (docs/adr/0003): granian, threads for views, one process on SQLite."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError

from config import Settings, UnsafeSettings
from portal.ground.models import Setting


def require_safe(settings: Settings) -> None:
    """UnsafeSettings, naming every fault, if these settings and their data must not be served."""
    faults = settings.faults()
    if settings.production and _holds_demo(settings.database_url):
        faults.append("demo data is loaded in this database")
    if faults:
        raise UnsafeSettings(faults)


def _holds_demo(database_url: str) -> bool:
    """Asked before there is an app, for the faults are told together. No schema yet: no demo."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(select(Setting.value).where(Setting.key == "demo")))
    except DBAPIError:
        return False
    finally:
        engine.dispose()


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
