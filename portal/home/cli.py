"""`portal export`: the open data of the last release, or one of staff's tables as a file."""

from __future__ import annotations

from pathlib import Path

import click

from portal.domain.permissions import SYSTEM
from portal.home import staff_export
from portal.publication import files
from portal.web.unit_of_work import unit_of_work


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--table", type=click.Choice(sorted(staff_export.MAKERS)), help="One of staff's tables instead."
)
@click.option("--form", default="", help="For reports: the form's code, such as salon.")
@click.option("--period", default="", help="A month (2026-10) or a fiscal year (FY2026), where it has one.")
@click.option("--format", "format_", type=click.Choice(sorted(staff_export.FORMATS)), default="xlsx")
def export(folder: Path, table: str | None, form: str, period: str, format_: str) -> None:
    """Write the open data files of the last release into FOLDER; with --table one file of staff's.

    Staff's tables hold personal data (groups, late) or confidential records (reports of minsei): each is
    kept in the audit trail.
    """
    if table is None:
        if form or period:
            raise click.UsageError("--form and --period go with --table.")
        click.echo(f"Wrote release {files.write(folder)} to {folder}")
        return
    if table in ("reports", "minsei", "kayoinoba", "subsidy") and not period:
        raise click.UsageError(f"--table {table} needs --period.")
    if table == "reports" and not form:
        raise click.UsageError("--table reports needs --form.")
    wanted = staff_export.Wanted(table, format_, form if table == "reports" else "", period)
    with unit_of_work():
        made = staff_export.make(SYSTEM, wanted)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / made.name).write_bytes(made.content)
    click.echo(f"Wrote {made.rows:,} rows to {folder / made.name}")
