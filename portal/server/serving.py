"""The production server (docs/adr/0003): granian, threads for views, one process on SQLite."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.exc import DBAPIError

from config import Settings, UnsafeSettings
from portal.ground.models import Setting


def require_safe(settings: Settings) -> None:
    """UnsafeSettings, naming every fault, if these settings and their data must not be served."""
    faults = settings.faults()
    if settings.production:
        faults += _faults_of_data(settings.database_url)
    if faults:
        raise UnsafeSettings(faults)


def _faults_of_data(database_url: str) -> list[str]:
    """Asked before there is an app, for the faults are told together. No schema yet: no demo."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(Setting.__tablename__):
                return []
            demo = connection.scalar(select(Setting.value).where(Setting.key == "demo"))
            return ["demo data is loaded in this database"] if demo else []
    except DBAPIError as error:
        return [f"the database (PORTAL_DATABASE_URL) can't be opened: {error.orig}"]
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
