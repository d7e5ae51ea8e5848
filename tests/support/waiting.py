"""Reports that wait for a reviewer, by the hundred: months of invented groups, as their cards send them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import Flask

from config import from_environment
from portal import create_app
from portal.accounts.models import User
from portal.demo.rows import Story, insert_all
from portal.domain.periods import Month
from portal.domain.workflow import Action
from portal.extensions import db
from tests.support.browser import settings
from tests.support.city import environment
from tests.support.factories import Factories

LAST = Month(2026, 10)
SENT_AT = datetime.fromisoformat("2026-11-02T09:00:00+09:00")


def app_on(database: Path) -> Flask:
    """An app of our own on a test city's file."""
    return create_app(from_environment(settings(environment(database))))


def add_waiting(make: Factories, groups: int, months: int) -> None:
    """So many groups, each with its last months sent and waiting; nothing unusual about them. Commits."""
    first = LAST.plus(1 - months)
    salon = make.data_set()
    stories = [
        Story(
            organisation=group,
            data_set=salon,
            edition=salon.current,
            period=first.plus(step),
            versions=[({"held": _number(2), "attendance": _number(20 + step)}, "card:1")],
            steps=[(Action.SEND, "card:1", SENT_AT, {})],
        )
        for group in [make.group(opened=first.first_day) for _ in range(groups)]
        for step in range(months)
    ]
    insert_all(stories)
    db.session.commit()


def add_reviewer(make: Factories, email: str) -> User:
    """A second reviewer for all of the groups' forms."""
    return make.user({"role": "reviewer"}, email=email)


def _number(value: int) -> dict[str, object]:
    return {"state": "number", "value": value}
