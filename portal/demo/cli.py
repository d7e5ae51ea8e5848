"""`portal demo load` and `portal demo show`."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask import current_app

from portal import clock
from portal.demo import counted, people
from portal.demo import load as city
from portal.domain.errors import Conflict
from portal.web.unit_of_work import unit_of_work


@click.group()
def demo() -> None:
    """A synthetic city to try the portal with."""


@demo.command("load")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day it is seen from; today by default.")
def load(as_of: datetime | None) -> None:
    """Load the synthetic city. The plan must be loaded, and no groups may be there."""
    if current_app.config["SETTINGS"].production:
        raise Conflict("demo_in_production")
    day: date = as_of.date() if as_of else clock.today()
    with unit_of_work():
        made = city.load(day)
        people.load()
        counted.load(day)
    click.echo(", ".join(f"{count:,} {what}" for what, count in made.items()))


@demo.command("show")
@click.option("--base", default=None, help="The address that the portal is served at.")
def show(base: str | None) -> None:
    """Print the addresses to open and one sign-in for each role."""
    for line in people.show(base or people.base_url()):
        click.echo(line)
