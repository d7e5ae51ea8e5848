"""`portal publish` and `portal export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.domain.errors import NotFound
from portal.domain.permissions import SYSTEM
from portal.publication import current, open_data, queries, services
from portal.web.unit_of_work import unit_of_work


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the figures; today by default.")
def publish(as_of: datetime | None) -> None:
    """Publish what has been approved: the public pages, data files and API then show it."""
    with unit_of_work():
        release, new = services.publish(SYSTEM, as_of.date() if as_of else None)
        number, day, digest = release.number, release.as_of, release.sha256
    if new:
        click.echo(f"Release {number} as of {day}, sha256 {digest}")
    else:
        click.echo(f"Nothing has changed since release {number}.")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Write the open data files of the last release into FOLDER."""
    release = current.release()
    if release is None:
        raise NotFound("no_release")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "indicators.csv").write_bytes(open_data.csv_bytes(release))
    (folder / "indicators.json").write_text(open_data.json_text(open_data.indicators(release)), "utf-8")
    (folder / "datapackage.json").write_text(open_data.json_text(open_data.datapackage(release)), "utf-8")
    row = queries.by_number(release.number)
    (folder / "release.json").write_text(row.content if row else "", "utf-8")
    click.echo(f"Wrote release {release.number} to {folder}")
