"""`portal user add`, `portal card issue`."""

from __future__ import annotations

import sys

import click
from flask import current_app

from portal.accounts import queries, second_factor, services, user_services
from portal.accounts.services import card_address
from portal.datasets import queries as datasets
from portal.domain.errors import NotFound
from portal.domain.permissions import SYSTEM, Grant, Role
from portal.organisations import queries as organisations
from portal.organisations.services import CONTACT_ROLES
from portal.web.unit_of_work import unit_of_work


@click.group()
def user() -> None:
    """Staff who sign in with e-mail and password."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As colleagues call them.")
@click.option("--role", required=True, type=click.Choice([role.value for role in user_services.STAFF_ROLES]))
@click.option("--data-set", help="Only reports of this form (its code, such as salon).")
@click.option("--district", help="Only this district (its code, such as d1).")
@click.option("--organisation", help="Only this organisation (its code, public id or exact name).")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate", is_flag=True, help="Make a password up and print it, without asking.")
def add(
    email: str,
    name: str,
    role: str,
    data_set: str | None,
    district: str | None,
    organisation: str | None,
    password_stdin: bool,
    generate: bool,
) -> None:
    """Add a member of staff. Asks for a password on a terminal, else makes one up and prints it."""
    given = _password(password_stdin, generate)
    with unit_of_work():
        only = organisations.by_any_name(organisation).id if organisation else None
        organisations.district(district)  # an unknown code is refused
        if data_set and datasets.data_set(data_set) is None:
            raise NotFound("data_set")
        person, password = user_services.add_user(SYSTEM, email, name, given)
        user_services.grant(SYSTEM, person, Grant(Role(role), data_set, district, only))
        email = person.email
    click.echo(f"Added {email} ({role}).")
    if given is None:
        click.echo(f"Password: {password}")
    click.echo(f"Sign in:  {current_app.config['SETTINGS'].public_url}/ja/sign-in")


def _password(from_stdin: bool, generate: bool) -> str | None:
    """What the operator gives; None: make one up."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or _refuse()
    if generate or not sys.stdin.isatty():
        return None
    return click.prompt("Password", hide_input=True, confirmation_prompt=True) or None


def _refuse() -> str:
    raise click.UsageError("Standard input holds no password.")


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the second factor of EMAIL away: for the last administrator, whose phone is lost."""
    with unit_of_work():
        person = queries.user_by_email(email)
        if person is None:
            raise NotFound("user")
        second_factor.reset(SYSTEM, person)
    click.echo(f"{email} signs in with the password alone, and sets up a new phone.")


@user.command()
def seal() -> None:
    """Seal all second factors with today's PORTAL_SECRET_KEY, before an earlier one is dropped."""
    with unit_of_work():
        done, lost = second_factor.reseal_all()
        if lost:
            raise click.ClickException(
                f"Nothing was sealed: no key opens that of {', '.join(lost)}. Run reset-second-factor."
            )
    click.echo(f"Sealed with today's key: {done}")


@click.group()
def card() -> None:
    """Access cards of groups: a QR address and a PIN."""


@card.command()
@click.argument("organisation")
@click.option("--role", default="leader", show_default=True, type=click.Choice(CONTACT_ROLES))
@click.option("--language", default="ja", show_default=True, help="Language of the address, such as vi.")
def issue(organisation: str, role: str, language: str) -> None:
    """Issue ORGANISATION's card (public id, code or exact name). The one it had dies."""
    if language not in current_app.config["SETTINGS"].locales:
        raise click.BadParameter(f"{language} is not one of the portal's languages", param_hint="--language")
    with unit_of_work():
        group = organisations.by_any_name(organisation)
        name, issued = group.name, services.issue_card(SYSTEM, group, role)
    click.echo(f"{name} ({role})")
    click.echo(f"Address: {card_address(issued.token, language)}")
    click.echo(f"PIN:     {issued.pin}")
    click.echo("Neither is kept in plain: print or write them down now.")
