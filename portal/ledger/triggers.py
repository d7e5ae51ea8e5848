"""What may only grow, by the database's own word: no UPDATE, no DELETE, whoever asks.

Used by the migration that makes the tables (`create_all`) and by whoever drops them (`drop_all`).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.engine import Connection

FIRST = ("postings", "releases", "submission_events", "audit_events")  # those of the first schema
APPEND_ONLY = (*FIRST, "plan_edits")
_FUNCTION = "portal_append_only"


def create_statements(dialect: str, tables: Iterable[str] = APPEND_ONLY) -> list[str]:
    """The DDL for "sqlite" or "postgresql"; safe to run twice."""
    if dialect == "postgresql":
        return [_function(), *(ddl for table in tables for ddl in _postgresql(table))]
    return [_sqlite(table, verb) for table in tables for verb in ("UPDATE", "DELETE")]


def drop_statements(dialect: str, tables: Iterable[str] = APPEND_ONLY) -> list[str]:
    """Takes the guard away again, before a migration rebuilds or drops a table."""
    if dialect == "postgresql":
        drops = [
            f"DROP TRIGGER IF EXISTS {table}_{kind} ON {table}"
            for table in tables
            for kind in ("append_only", "no_truncate")
        ]
        return [*drops, f"DROP FUNCTION IF EXISTS {_FUNCTION}()"] if set(tables) >= set(FIRST) else drops
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in tables for verb in ("update", "delete")]


def create_all(connection: Connection, tables: Iterable[str] = APPEND_ONLY) -> None:
    """Guard the tables on this connection's database."""
    for statement in create_statements(connection.dialect.name, tables):
        connection.execute(text(statement))


def drop_all(connection: Connection, tables: Iterable[str] = APPEND_ONLY) -> None:
    for statement in drop_statements(connection.dialect.name, tables):
        connection.execute(text(statement))


def _sqlite(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _function() -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()",
    ]
