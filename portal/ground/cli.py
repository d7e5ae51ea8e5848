"""`portal jobs run` and `portal work`."""

from __future__ import annotations

import threading

import click

from portal.extensions import db
from portal.ground.jobs import run as run_jobs


@click.group()
def jobs() -> None:
    """What waits to be done outside the pages: mail, and deleting what has had its time."""


@jobs.command()
@click.option(
    "--unclear", is_flag=True, help="Also what may have been sent already; somebody may get it twice."
)
def run(unclear: bool) -> None:
    """Do all that is due, once: from a timer, such as every ten minutes."""
    report = run_jobs(unclear_too=unclear)
    for line in report.lines:
        click.echo(line)
    if report.trouble:
        raise click.ClickException(report.trouble)


@click.command()
@click.option("--every", default=60, show_default=True, type=click.IntRange(5, 3600), help="Seconds between.")
def work(every: int) -> None:
    """Do what is due again and again, beside `portal serve`, until it is stopped."""
    pause = threading.Event()
    last = ""
    while True:
        report = run_jobs()
        db.session.remove()
        if (told := "\n".join([*report.lines, report.trouble]).strip()) and told != last:
            click.echo(told)
        last = told
        pause.wait(every)
