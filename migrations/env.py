"""Alembic's environment. One head; SQLite in batch mode, with foreign keys off while tables are rebuilt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from portal.extensions import UtcDateTime, db
from portal.ledger.models import Figure


def plain_types(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types out as SQLAlchemy's own, so that a migration needs no code of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Figure):
        return "sa.Numeric(precision=18, scale=4)"
    if kind == "type" and isinstance(item, sa.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run() -> None:
    connectable = current_app.config.get("MIGRATION_ENGINE") or db.engine
    with connectable.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Batch mode copies a table, drops the old one and renames the copy. With foreign keys on, the
            # drop fires ON DELETE CASCADE and the children's rows are silently gone.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=plain_types,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4823001)")  # one migrator at a time
            context.run_migrations()
        connection.commit()
        if sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.commit()
            if broken:
                raise RuntimeError(f"foreign keys broken by the migration: {broken[:5]}")


run()
