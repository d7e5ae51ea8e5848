"""`portal translations`: the catalogues' own commands, which need no database."""

from __future__ import annotations

import sys

import click

from portal.web import catalogues


@click.group()
def translations() -> None:
    """Look after the catalogues."""


@translations.command()
def check() -> None:
    """Find what is missing, fuzzy, empty or broken in the released catalogues; exit 1 if anything is."""
    faults = catalogues.check()
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"{len(faults)} faults", err=True)
        sys.exit(1)
    click.echo("All catalogues are complete.")


@translations.command()
def update() -> None:
    """Extract the strings and bring every catalogue up to date (`make messages`)."""
    catalogues.extract()
    catalogues.update()


@translations.command("compile")
def compile_() -> None:
    """Make the .mo files; easy Japanese falls back to Japanese string by string."""
    catalogues.compile()
