"""`portal verify`: everything that can be worked out twice is worked out twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text

from portal.extensions import db
from portal.ground import audit
from portal.indicators import statements
from portal.ledger import verify as ledger
from portal.plan import services as plan
from portal.publication import queries as publication
from portal.reporting import verify as reporting
from portal.review import event_ledger

# Each check answers (what was counted -> how many, the first mismatch or None).
Check = Callable[[], tuple[dict[str, int], str | None]]


@dataclass
class Report:
    """What was counted, in order, and the first thing that does not agree."""

    counted: list[tuple[str, int]] = field(default_factory=list)
    mismatch: str | None = None


def _audit() -> tuple[dict[str, int], str | None]:
    read, broken = audit.first_broken()
    return {"audit events": read}, broken


def _foreign_keys() -> tuple[dict[str, int], str | None]:
    """SQLite can be opened without foreign keys; PostgreSQL never lets one break."""
    if db.engine.dialect.name != "sqlite":
        return {}, None
    broken = db.session.execute(text("PRAGMA foreign_key_check")).fetchall()
    return {"broken foreign keys": len(broken)}, str(tuple(broken[0])) if broken else None


CHECKS: tuple[Check, ...] = (
    reporting.verify,
    ledger.verify,
    statements.verify,
    event_ledger.verify,
    publication.verify,
    plan.verify,
    _audit,
    _foreign_keys,
)


def verify() -> Report:
    """Run every check, stopping at the first mismatch."""
    report = Report()
    for check in CHECKS:
        counts, mismatch = check()
        report.counted.extend(counts.items())
        if mismatch:
            report.mismatch = mismatch
            return report
    return report
