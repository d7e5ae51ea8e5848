"""`portal serve`, `migrate`, `verify`, `backup`, `restore`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from config import read_environment
from portal.extensions import db
from portal.server import backups, migrations, verification
from portal.server.serving import require_safe, run


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Per process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the portal with the production server."""
    settings = read_environment()
    require_safe(settings)
    if settings.sqlite and workers > 1:
        raise click.UsageError(
            "SQLite is served by one process (more threads are fine). "
            "For several processes set PORTAL_DATABASE_URL to PostgreSQL."
        )
    run(host, port, workers, threads)


@click.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go to.")
def migrate(revision: str) -> None:
    """Bring the database to the newest schema (makes the file for SQLite)."""
    _make_folder(db.engine.url.database if db.engine.dialect.name == "sqlite" else None)
    migrations.upgrade(revision)
    click.echo(f"Database at {migrations.current()}")


def _make_folder(database: str | None) -> None:
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)


@click.command()
def verify() -> None:
    """Check events, ledger, sums, audit chains and foreign keys; exit 1 naming the first mismatch."""
    report = verification.verify()
    for what, count in report.counted:
        click.echo(f"{what}: {count}")
    if report.mismatch:
        click.echo(f"Mismatch: {report.mismatch}", err=True)
        sys.exit(1)
    click.echo("Everything agrees.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the whole database to FILE while the portal runs."""
    size = backups.backup(file)
    click.echo(f"Saved {file} ({size:,} bytes)")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the data without asking.")
def restore(file: Path, yes: bool) -> None:
    """Replace the database by the copy in FILE, after checking that it is whole."""
    if not yes and sys.stdin.isatty():
        click.confirm(f"Replace all data of {make_url(str(db.engine.url))}?", abort=True)
    backups.restore(file)
    click.echo(f"Restored from {file}")
