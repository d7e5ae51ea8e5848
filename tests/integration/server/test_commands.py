"""`portal serve`, `backup`, `restore`, `verify` as an operator types them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from config import ROOT, UnsafeSettings, read_environment
from portal.cli import portal as whole_command
from portal.domain.errors import Invalid
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings as city_settings
from portal.organisations.models import District
from portal.server import backups
from portal.server import cli as commands
from portal.server.serving import require_safe
from portal.web.unit_of_work import PortalFlask

PRODUCTION = {
    "PORTAL_ENV": "production",
    "PORTAL_SECRET_KEY": "k" * 40,
    "PORTAL_PUBLIC_URL": "https://tsunagari.example.jp",
}


def portal(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command itself in a process of its own, as an operator's shell starts it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return subprocess.run(
        [sys.executable, "-c", "from portal.cli import main; main()", *words],
        cwd=ROOT,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_does_not_start_with_unsafe_settings(tmp_path: Path) -> None:
    done = portal(
        "serve",
        PORTAL_ENV="production",
        PORTAL_DATABASE_URL=str(tmp_path / "p.sqlite3"),
        PORTAL_NOW="2026-11-24T10:00:00+09:00",
    )
    assert done.returncode == 1
    for fault in ("PORTAL_SECRET_KEY is not set", "not https", "PORTAL_NOW is set"):
        assert fault in done.stderr


def test_sqlite_is_served_by_one_process(tmp_path: Path) -> None:
    done = portal("serve", "--workers", "2", PORTAL_DATABASE_URL=str(tmp_path / "p.sqlite3"))
    assert done.returncode == 2
    assert "PORTAL_DATABASE_URL" in done.stderr


@pytest.mark.parametrize("command", ["serve", "plan", "demo", "card", "user", "publish", "verify", "backup"])
def test_every_command_has_help(command: str) -> None:
    done = CliRunner().invoke(whole_command, [command, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


def test_production_does_not_serve_demo_data(asaka: PortalFlask, database: object) -> None:
    environ = {**PRODUCTION, "PORTAL_DATABASE_URL": asaka.config["SQLALCHEMY_DATABASE_URI"]}
    require_safe(read_environment(environ))
    city_settings.put("demo", True, SYSTEM)
    db.session.commit()
    with pytest.raises(UnsafeSettings, match="demo data"):
        require_safe(read_environment(environ))
    require_safe(read_environment({**environ, "PORTAL_ENV": "development"}))


def test_production_does_not_start_on_a_database_that_it_cannot_open(tmp_path: Path) -> None:
    missing = {**PRODUCTION, "PORTAL_DATABASE_URL": str(tmp_path / "no-such-folder" / "p.sqlite3")}
    with pytest.raises(UnsafeSettings, match="can't be opened"):
        require_safe(read_environment(missing))


@pytest.mark.both_databases
def test_a_backup_brings_everything_back(asaka: PortalFlask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("no pg_dump on this machine")
    before = db.session.scalar(select(func.count()).select_from(District))
    assert before
    db.session.remove()
    assert backups.backup(tmp_path / "copy") > 1000
    db.session.execute(text("UPDATE districts SET names = '{}'"))
    db.session.commit()
    db.session.remove()
    backups.restore(tmp_path / "copy")
    names = list(db.session.scalars(select(District.names)))
    assert len(names) == before
    assert all(one["ja"] for one in names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_file_that_is_no_backup_changes_nothing(asaka: PortalFlask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("pg_restore looks at its own files")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff" * 1000)
    with pytest.raises(Invalid):
        backups.restore(tmp_path / "photo.jpg")
    assert db.session.scalar(select(func.count()).select_from(District))


def test_verify_counts_and_ends_well(asaka: PortalFlask) -> None:
    done = CliRunner().invoke(commands.verify)
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("Everything agrees.\n")


def test_verify_names_an_audit_event_that_was_changed(asaka: PortalFlask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the tampering below is written for SQLite's triggers")
    city_settings.put("late_days", 5, SYSTEM)
    db.session.commit()
    triggers = db.session.scalars(
        text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_events'")
    )
    for name in list(triggers):
        db.session.execute(text(f"DROP TRIGGER {name}"))
    db.session.execute(
        text("UPDATE audit_events SET data = '{}' WHERE id = (SELECT max(id) FROM audit_events)")
    )
    db.session.commit()
    done = CliRunner().invoke(commands.verify)
    assert done.exit_code == 1
    assert "Mismatch:" in done.stderr
