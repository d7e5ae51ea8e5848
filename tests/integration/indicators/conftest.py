"""Figures put straight into the ledger, as review would post them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal import clock
from portal.datasets.models import DataSet, Measure
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.indicators import queries
from portal.indicators.values import YearValue
from portal.ledger import services
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from tests.integration.ledger.conftest import statements as statements
from tests.support.factories import Factories

Put = Callable[..., str]


@pytest.fixture
def put(make: Factories) -> Put:
    """put(office, "office", "2026-10", meetings=4): an approved document; its name. A str is an option."""
    rows = db.session.execute(
        select(DataSet.code, Measure.code, Measure.id).join(Measure, Measure.data_set_id == DataSet.id)
    )
    measures = {(form, code): number for form, code, number in rows}
    numbers = itertools.count(1)

    def made(
        organisation: Organisation,
        form: str,
        period: str,
        figures: dict[str, int | Decimal | str] | None = None,
        **more: int | Decimal | str,
    ) -> str:
        document = f"document{next(numbers)}"
        year = Month.parse(period).fiscal_year
        district = organisation.district.code if organisation.district else ""
        lines = []
        for code, value in {"reported": 1, **(figures or {}), **more}.items():
            said, option = (1, value) if isinstance(value, str) else (value, "")
            lines.append(Line(measures[form, code], organisation.id, district, period, year, said, option))
        services.post(lines, document, 1, "group", SYSTEM)
        db.session.commit()
        return document

    return made


def drawn(code: str, year: int = 2026) -> YearValue:
    """One indicator's year, as of today."""
    found = queries.figure(code, clock.today())
    assert found is not None
    return next(value for value in found.values if value.fiscal_year == year)
