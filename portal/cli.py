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

# What an operator may run into, in words; anything else is named by its code.
REFUSALS = {
    "as_of": "the day lies in the future, or before the day of the last release.",
    "card_locked": "this card is locked after wrong PINs; a member of staff unlocks it.",
    "contact": "this organisation has no contact in that role; add one on its page first.",
    "data_set": "there is no form with that code; `portal plan load` names the forms.",
    "demo_in_production": "the demo city is never loaded in production.",
    "district": "there is no district with that code.",
    "email_taken": "somebody is signed up with this e-mail address already.",
    "no_email": "that is not an e-mail address.",
    "no_name": "a name is needed.",
    "no_plan": "no plan is loaded; run `portal plan load FILE` first.",
    "not_a_backup": "the file is not a whole backup of this portal; nothing was changed.",
    "not_empty": "the database holds data already; the demo city goes into an empty one only.",
    "organisation": "there is no such organisation, or several have that name; give its public id.",
    "published_meanwhile": "somebody published at the same moment; look at the new release.",
    "user": "nobody signs in with this e-mail address.",
    "short_password": "the password is too short or too long.",
}


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
        click.echo(f"Refused: {REFUSALS.get(error.code, str(error))}", err=True)
        sys.exit(1)
