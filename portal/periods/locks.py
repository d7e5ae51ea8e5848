"""So that nobody posts into a year while it is being closed.

SQLite has one writer at a time anyway. PostgreSQL lets a posting and a closing run side by side, each
blind to the other, so both first take the year's advisory lock: postings share it, closing has it alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from portal.extensions import db

_FAMILY = 4823002  # our own number space of advisory locks; the second number is the fiscal year


def share(years: Iterable[int]) -> None:
    """Held until the transaction ends: these years are being written into."""
    _take("pg_advisory_xact_lock_shared", years)


def alone(year: int) -> None:
    """Held until the transaction ends: waits for whoever is writing into this year."""
    _take("pg_advisory_xact_lock", [year])


def _take(function: str, years: Iterable[int]) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    for year in sorted(years):  # in one order, so that two at once can't wait for each other
        db.session.execute(text(f"SELECT {function}(:family, :year)"), {"family": _FAMILY, "year": year})
