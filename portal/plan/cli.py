"""`portal plan check`, `load`, `export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from portal.domain.permissions import SYSTEM
from portal.plan import cli_words, services
from portal.plan.yaml_lines import Fault, PlanFaults
from portal.web.unit_of_work import unit_of_work

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def plan() -> None:
    """The city's plan, which is one file."""


@plan.command()
@FILE
def check(file: Path) -> None:
    """Name each fault of FILE with its line; exit 1 if there is one. Needs no database."""
    faults = services.check(_text(file))
    if faults:
        _refuse(file, faults, to_stderr=False)
    click.echo("The plan file is good.")


def _text(file: Path) -> str:
    """The file's text with its own line ends, so that an export gives the same bytes back."""
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        click.echo(f"{file}: not UTF-8 at byte {error.start}. Save it as UTF-8.", err=True)
        sys.exit(1)


def _refuse(file: Path, faults: list[Fault], to_stderr: bool = True) -> NoReturn:
    """Faults are what `check` is asked for, and an error of `load`."""
    for fault in faults:
        click.echo(f"{file}:{fault.line}: {fault.path}: {fault.message} [{fault.code}]", err=to_stderr)
    click.echo(f"{len(faults)} to put right; nothing was written.", err=True)
    sys.exit(1)


@plan.command()
@FILE
@click.option(
    "--yes", is_flag=True, help="Don't ask. Conflicts with what was edited in the portal still stop it."
)
@click.option(
    "--replace", is_flag=True, help="The file wins everywhere: what was edited in the portal is dropped."
)
def load(file: Path, yes: bool, replace: bool) -> None:
    """Show what FILE would change and what was edited in the portal, then load it.

    Edits of fields that FILE doesn't change stay on top of it. Where both changed a field nothing is written,
    unless --replace says that FILE wins. The same file again changes nothing.
    """
    text = _text(file)
    try:
        merged = services.compare(text, replace=replace)
    except PlanFaults as error:
        _refuse(file, error.faults)
    cli_words.show(merged)
    if merged.clashes:
        cli_words.refuse(merged)
        sys.exit(1)
    if not merged.empty and not yes and sys.stdin.isatty():
        click.confirm("Load it?", abort=True)
    with unit_of_work():
        services.load(text, SYSTEM, replace=replace)
    cli_words.done(merged)


@plan.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the plan in force to FILE: byte for byte as loaded, and at its end what was edited since."""
    file.write_bytes(services.export().encode("utf-8"))
    click.echo(f"Wrote {file}")
