"""A book to post into: documents of groups, written as measure=value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.datasets.models import Measure
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ledger import services
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from tests.support.factories import Factories

Post = Callable[..., int]


@pytest.fixture
def measures(make: Factories) -> dict[str, int]:
    """The salon form's measures by code, `reported` among them."""
    rows = db.session.execute(
        select(Measure.code, Measure.id).where(Measure.data_set_id == make.data_set().id)
    )
    return dict(rows.all())


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group()


@pytest.fixture
def post(measures: dict[str, int], group: Organisation) -> Post:
    """post("doc", attendance=12): one document of the group, a line a measure."""

    def made(document: str, version: int = 1, period: str = "2026-10", **values: int | Decimal) -> int:
        year = Month.parse(period).fiscal_year
        lines = [
            Line(measures[code], group.id, "d1", period, year, value)
            for code, value in {"reported": 1, **values}.items()
        ]
        return services.post(lines, document, version, "group", SYSTEM)

    return made


@pytest.fixture
def statements(asaka: Flask) -> Iterator[list[str]]:
    """Every SQL statement from here on; clear it between two measurements."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
