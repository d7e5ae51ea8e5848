"""`portal import FILE --as groups|counts`: the same preview and the same rules as the pages, in one go."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.datasets import queries as datasets
from portal.domain.errors import DomainError, Invalid
from portal.domain.permissions import SYSTEM
from portal.intake import present, queries, reading, services, words
from portal.intake.fates import Tell, silent
from portal.intake.headings import Mapping
from portal.intake.models import FATES, Intake
from portal.web.i18n import speaking
from portal.web.locale import LOCALES
from portal.web.unit_of_work import unit_of_work


class _Nothing(Exception):
    """The end of a dry run: everything is rolled back."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "kind", required=True, type=click.Choice(["groups", "counts"]), help="What is in it.")
@click.option("--form", "form", help="The form: of past counts, or that new groups report on.")
@click.option("--fiscal-year", type=int, help="Of months and ticks without a year, such as 2025.")
@click.option("--dash", type=click.Choice(["blank", "zero", "not_held"]), help="What － means in this table.")
@click.option("--dry-run", is_flag=True, help="Show what would become of each row, and write nothing.")
@click.option("--without-refused", is_flag=True, help="Write the rest where some rows can't be taken.")
def import_(
    file: Path, kind: str, form: str | None, fiscal_year: int | None, dash: str | None,
    dry_run: bool, without_refused: bool,
) -> None:  # fmt: skip
    """Bring in a table of groups, or of past counts, from Excel or CSV. All or nothing."""
    content = file.read_bytes()
    try:
        with speaking(LOCALES["en"]), unit_of_work():
            intake = _read(file.name, content, kind, form)
            _say(intake, form, fiscal_year, dash)
            services.keep_fates(intake, services.plan(SYSTEM, intake, _bar("Checking")))
            _show(intake)
            if dry_run:
                raise _Nothing
            services.carry_out(SYSTEM, intake, approve=False, without=without_refused)
            services.write(SYSTEM, intake, _bar("Writing"))
            click.echo("; ".join(words.effect(intake.effects)) or "Nothing written.")
    except _Nothing:
        click.echo("Dry run: nothing written.")
    except DomainError as error:
        with speaking(LOCALES["en"]):
            raise click.ClickException(words.fault(error.params | {"code": error.code})) from error


def _read(name: str, content: bytes, kind: str, form: str | None) -> Intake:
    data_set = datasets.data_set(form or "salon") if kind == "counts" else None
    if kind == "counts" and (data_set is None or data_set.filed_by != "group" or data_set.confidential):
        raise Invalid("no_form")
    intake = services.start(SYSTEM, kind, data_set, name, content)
    services.keep_sheets(intake, reading.read(content, name, services.limits()))
    return intake


def _say(intake: Intake, form: str | None, fiscal_year: int | None, dash: str | None) -> None:
    """What the columns hold: as remembered or guessed, and what the options say."""
    mapping = Mapping.from_json(intake.mapping)
    mapping.fiscal_year = fiscal_year or mapping.fiscal_year
    mapping.dash = dash or mapping.dash
    if intake.kind == "groups" and form is not None:
        mapping.form = form
    for column in present.columns(intake, mapping):
        held = column["chosen"] or "-"
        click.echo(f"{column['letter']:>3}  {held:<18} {column['heading']} {column['month']}".rstrip())
    intake.state = "columns"
    services.set_columns(SYSTEM, intake, mapping)


def _show(intake: Intake) -> None:
    form, named = present.form_of(intake), present.labels(intake)
    after = -1
    while found := queries.items(intake, after=after, most=500):
        for item in found:
            line = present.item(intake, item, named, form)
            told = [
                *line["reasons"],
                *(f"{what}: {old or '-'} -> {new}" for what, old, new in line["changes"]),
            ]
            where = ",".join(map(str, item.rows[:3]))
            click.echo(f"{where:>6}  {item.fate:<8}  {item.label} {item.period}  {'; '.join(told)}".rstrip())
        after = found[-1].position
    click.echo(", ".join(f"{fate} {intake.counts[fate]}" for fate in FATES))


def _bar(label: str) -> Tell:
    """A progress line on a terminal; nothing in a log."""
    if not sys.stderr.isatty():
        return silent

    def tell(done: int, of: int) -> None:
        if done % 100 == 0 or done + 1 == of:
            click.echo(f"\r{label} {done + 1}/{of}", nl=done + 1 == of, err=True)

    return tell
