"""`portal remind`: from a timer, once a day in the morning."""

from __future__ import annotations

import click

from portal.domain.permissions import SYSTEM
from portal.ground import jobs
from portal.reminders import intervals, letter, queries, services
from portal.reminders.queries import Planned
from portal.web.unit_of_work import unit_of_work

DAYS = click.IntRange(0, intervals.LONGEST)


@click.command()
@click.option("--dry-run", is_flag=True, help="Print what would be sent; write and send nothing.")
@click.option("--days-before", type=DAYS, help="From now on: working days before the due day.")
@click.option("--days-after", type=DAYS, help="From now on: working days after it.")
@click.option("--days-late-at-most", type=DAYS, help="From now on: no mail about reports later than this.")
def remind(
    dry_run: bool, days_before: int | None, days_after: int | None, days_late_at_most: int | None
) -> None:
    """Remind by e-mail whoever owes a report: once before its due day, once after it."""
    days = (days_before, days_after, days_late_at_most)
    given = {key: value for key, value in zip(intervals.DEFAULTS, days, strict=True) if value is not None}
    if dry_run:
        _show(queries.planned(intervals.intervals(given)), "would be sent")
        return
    with unit_of_work():
        for key, value in given.items():
            intervals.put(SYSTEM, key, value)
        _show(services.queue_all(intervals.intervals()), "written")
    report = jobs.run()
    for line in report.lines:
        click.echo(line)
    if report.trouble:
        raise click.ClickException(report.trouble)


def _show(rows: list[Planned], what: str) -> None:
    """A line a mail, without names and addresses: what a timer prints is kept in logs."""
    for row in rows:
        owed, locale = row.owed, letter.language(row.contact)
        click.echo(
            f"{owed.kind}: {owed.organisation.name} {owed.data_set.code} {owed.period} "
            f"due {owed.due_on} to the {row.contact.role} in {locale.slug}: {letter.subject(owed, locale)}"
        )
    click.echo(f"{len(rows)} mail {what}.")
