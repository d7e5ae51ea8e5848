"""The one clock. Nothing else in the portal asks the machine for the time (ruff forbids it).

`PORTAL_NOW` pins it for tests and development; production refuses that setting at start.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app


def init_app(app: Flask, pinned: datetime | None, timezone: str) -> None:
    """Give the app its clock: `pinned` (aware) or the machine's; `timezone` decides what "today" is."""
    app.extensions["portal_clock"] = (pinned, ZoneInfo(timezone))


def now() -> datetime:
    """This moment, aware, in UTC."""
    pinned, _zone = current_app.extensions["portal_clock"]
    return pinned.astimezone(UTC) if pinned else datetime.now(UTC)  # noqa: TID251 - the one clock


def local(moment: datetime) -> datetime:
    """The same moment on the city's wall clock. A naive value (as SQLite returns it) is taken as UTC."""
    _pinned, zone = current_app.extensions["portal_clock"]
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def today() -> date:
    """The date in the city (Asia/Tokyo by default), which is not the server's date in the small hours."""
    return local(now()).date()
