"""`portal user add` and `portal card issue`, as an operator runs them."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from portal.accounts import queries
from portal.accounts.cli import card, user
from portal.accounts.models import User
from portal.accounts.secrets import verify
from portal.domain.errors import DomainError
from portal.extensions import db
from portal.organisations.models import Organisation
from tests.integration.accounts.browser import Browser
from tests.support.factories import Factories

pytestmark = pytest.mark.usefixtures("asaka")


def run(*words: str, typed: str = "") -> Result:
    command = {"user": user, "card": card}[words[0]]
    result = CliRunner().invoke(command, words[1:], input=typed)
    db.session.expire_all()
    return result


def test_a_user_with_a_password_made_up() -> None:
    result = run(
        "user", "add", "Tanaka@Example.jp", "--name", "田中", "--role", "reviewer", "--district", "d2"
    )
    assert result.exit_code == 0, result.output
    password = re.search(r"Password: (\S+)", result.output)
    made = queries.user_by_email("tanaka@example.jp")
    assert password
    assert made is not None
    assert verify(made.password_hash, password[1])
    assert [(g.role, g.district, g.data_set) for g in made.grants] == [("reviewer", "d2", None)]


def test_a_user_with_a_password_given() -> None:
    asked = ("user", "add", "a@example.jp", "--name", "a", "--role", "officer", "--organisation", "shakyo")
    result = run(*asked, "--password-stdin", typed="long enough for anybody\n")
    assert result.exit_code == 0, result.output
    assert "long enough" not in result.output
    made = queries.user_by_email("a@example.jp")
    assert made is not None
    assert verify(made.password_hash, "long enough for anybody")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--role", "reviewer", "--district", "d99"), "district"),
        (("--role", "officer", "--organisation", "nobody"), "organisation"),
        (("--role", "officer"), "needs_organisation"),
        (("--role", "chair"), "needs_district"),
    ],
)
def test_a_user_that_can_t_be_leaves_nothing_behind(words: tuple[str, ...], code: str) -> None:
    result = run("user", "add", "b@example.jp", "--name", "b", *words)
    assert isinstance(result.exception, DomainError)
    assert result.exception.code == code
    assert db.session.scalars(select(User)).all() == []


def test_wrong_usage() -> None:
    assert run("user", "add", "b@example.jp", "--name", "b", "--role", "reporter").exit_code == 2
    assert (
        run("user", "add", "b@example.jp", "--name", "b", "--role", "reviewer", "--password-stdin").exit_code
        == 2
    )
    assert run("card", "issue", "shakyo", "--language", "xx").exit_code == 2


def test_a_card_works_as_printed(asaka: Flask, make: Factories) -> None:
    group: Organisation = make.group("ひだまりの会")
    result = run("card", "issue", "ひだまりの会", "--language", "vi")
    assert result.exit_code == 0, result.output
    address = re.search(r"Address: http://portal\.test(/vi/card/\S+)", result.output)
    pin = re.search(r"PIN: +(\d{6})", result.output)
    assert address
    assert pin
    assert Browser(asaka).send(address[1], {"pin": pin[1]}).location == "/vi/report/"
    assert len(queries.open_cards([group.id])) == 1
    assert isinstance(run("card", "issue", "だれでもない").exception, DomainError)
