"""Migrations, without Flask's command line: to head, and whether we are there."""

from __future__ import annotations

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade as _downgrade
from flask_migrate import upgrade as _upgrade

from config import ROOT
from portal.extensions import db


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


def upgrade(revision: str = "head") -> None:
    _upgrade(directory=str(ROOT / "migrations"), revision=revision)


def downgrade(revision: str) -> None:
    _downgrade(directory=str(ROOT / "migrations"), revision=revision)


def head() -> str:
    """The one head of the migrations; an error where there are two."""
    return _script().get_current_head() or ""


def current() -> str | None:
    """The revision that the database is at; None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
