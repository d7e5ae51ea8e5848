"""The operators' command, `portal`. Exit 0: done; 1: could not, and nothing was written; 2: wrong usage."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import copy
from functools import update_wrapper
from typing import Any

import click

from config import UnsafeSettings
from portal import create_app
from portal.accounts.cli import card, user
from portal.demo.cli import demo
from portal.domain.errors import DomainError
from portal.ground.cli import jobs, work
from portal.plan.cli import plan
from portal.publication.cli import export, publish
from portal.reminders.cli import remind
from portal.server.cli import backup, migrate, restore, serve, verify
from portal.web.cli import translations


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tsunagari-portal")
def portal() -> None:
    """つながりポータル: run the portal and look after its data."""


def _in_app(command: click.Command) -> click.Command:
    """A copy of a command that runs inside the app; what is refused ends it in plain words."""
    command = copy(command)  # the feature's own command stays as it is, for use inside an app
    if isinstance(command, click.Group):
        command.commands = {name: _in_app(child) for name, child in command.commands.items()}
        return command
    callback: Callable[..., Any] | None = command.callback
    assert callback is not None  # noqa: S101 - every command that is not a group has one

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with create_app().app_context():
            return callback(*args, **kwargs)

    command.callback = update_wrapper(wrapped, callback)
    return command


for _command in (
    plan,
    demo,
    user,
    card,
    publish,
    export,
    verify,
    backup,
    restore,
    migrate,
    remind,
    jobs,
    work,
):
    portal.add_command(_in_app(_command))
portal.add_command(serve)
portal.add_command(translations)


def main() -> None:
    try:
        portal(standalone_mode=True)
    except UnsafeSettings as error:
        click.echo("The portal does not start with these settings:", err=True)
        for fault in error.faults:
            click.echo(f"  - {fault}", err=True)
        sys.exit(1)
    except DomainError as error:
        click.echo(f"Refused: {error.code} {error.params or ''}".rstrip(), err=True)
        sys.exit(1)
