"""Migrations: one head, up and down and up, the models' own schema, and no row lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from config import ROOT
from portal.extensions import db
from portal.server import migrations
from portal.web.unit_of_work import PortalFlask

pytestmark = pytest.mark.both_databases


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_up_down_up(app: PortalFlask) -> None:
    full = tables()
    migrations.downgrade("base")
    assert tables() == set()
    migrations.upgrade()
    assert tables() == full
    assert migrations.current() == migrations.head()


def test_the_schema_is_the_models(app: PortalFlask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []


def test_a_rebuilt_parent_table_keeps_its_children(app: PortalFlask, tmp_path: Path) -> None:
    """Batch mode copies, drops and renames; with foreign keys on, SQLite would cascade the drop.

    The migration is made here, run through the portal's own env.py, with rows in both tables.
    """
    with db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE batch_parent (id INTEGER PRIMARY KEY, label VARCHAR(5))")
        connection.exec_driver_sql(
            "CREATE TABLE batch_child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES batch_parent(id)"
            " ON DELETE CASCADE)"
        )
        connection.exec_driver_sql("INSERT INTO batch_parent VALUES (1, 'one')")
        connection.exec_driver_sql("INSERT INTO batch_child VALUES (7, 1)")
    versions = tmp_path / "versions"
    versions.mkdir()
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        (versions / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (versions / "zz_widen.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = 'zz_widen'\ndown_revision = {migrations.head()!r}\n"
        "branch_labels = None\ndepends_on = None\n\n\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('batch_parent', recreate='always') as batch:\n"
        "        batch.alter_column('label', type_=sa.String(50))\n\n\n"
        "def downgrade():\n    pass\n",
        "utf-8",
    )
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    if db.engine.dialect.name != "sqlite":
        pytest.skip("batch mode is SQLite's")
    command.upgrade(config, "zz_widen")
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id, parent_id FROM batch_child").fetchall() == [(7, 1)]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
