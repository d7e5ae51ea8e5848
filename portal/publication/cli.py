"""`portal publish`."""

from __future__ import annotations

from datetime import datetime

import click

from portal.domain.permissions import SYSTEM
from portal.publication import services
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
