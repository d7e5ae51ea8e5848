"""A group that has not sent October, and whom it can be told by. Today is Thursday, 5 November 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from tests.support.factories import Factories
from tests.support.smtp import Postbox, hand_in_at

Write = Callable[..., Contact]


@pytest.fixture
def box(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with Postbox() as box:
        hand_in_at(asaka, monkeypatch, box.url)
        yield box


@pytest.fixture
def group(make: Factories) -> Organisation:
    """It began in October, so that October is its first month."""
    return make.group("もみじ台サロン", opened=date(2026, 10, 1))


@pytest.fixture
def contact_of(make: Factories) -> Write:
    """`contact_of(group, language="vi")`: a present contact with an e-mail address."""

    def write(group: Organisation, **details: Any) -> Contact:
        given = {
            "role": "leader",
            "name": "見本 花子",
            "phone": "048-000-1111",
            "email": "hana@example.jp",
            "language": "ja",
            "starts_on": date(2026, 4, 1),
        }
        row = Contact(organisation_id=group.id, **(given | details))
        db.session.add(row)
        db.session.commit()
        return row

    return write
