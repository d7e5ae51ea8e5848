"""`portal plan check`, `load`, `export`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.domain.permissions import SYSTEM
from portal.plan import document, services
from portal.plan.projection import Diff
from portal.plan.yaml_lines import PlanFaults
from portal.web.unit_of_work import unit_of_work

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def plan() -> None:
    """The city's plan, which is one file."""


@plan.command()
@FILE
def check(file: Path) -> None:
    """Name each fault of FILE with its line; exit 1 if there is one."""
    faults = document.check(file.read_text("utf-8"))
    for fault in faults:
        click.echo(f"{file}:{fault.line}: {fault.path}: {fault.message}")
    if faults:
        click.echo(f"{len(faults)} faults", err=True)
        sys.exit(1)
    click.echo("The plan file is good.")


@plan.command()
@FILE
@click.option("--yes", is_flag=True, help="Don't ask.")
def load(file: Path, yes: bool) -> None:
    """Show what FILE would change, then load it. The same file again changes nothing."""
    text = file.read_text("utf-8")
    try:
        difference = services.diff(text)
    except PlanFaults as error:
        for fault in error.faults:
            click.echo(f"{file}:{fault.line}: {fault.path}: {fault.message}", err=True)
        sys.exit(1)
    _show(difference)
    if not difference.empty and not yes and sys.stdin.isatty():
        click.confirm("Load it?", abort=True)
    with unit_of_work():
        services.load(text, SYSTEM)
    click.echo("Nothing changes." if difference.empty else "Loaded.")


def _show(difference: Diff) -> None:
    for sign, keys in (("+", difference.added), ("~", difference.changed), ("-", difference.removed)):
        for kind, key in keys:
            click.echo(f"{sign} {kind} {key}")


@plan.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the plan in force to FILE, byte for byte as it was loaded."""
    file.write_text(services.export(), "utf-8")
    click.echo(f"Wrote {file}")
