"""Whatever is approved, amended and taken back, the sums are those of the postings."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ledger import services, verify
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.ledger.rebuild import rebuild_sums
from portal.ledger.services import Line
from portal.ledger.triggers import create_all, drop_all
from portal.organisations.models import Organisation
from tests.integration.ledger.conftest import Post
from tests.support.factories import Factories

figures = st.one_of(
    st.integers(0, 999_999), st.decimals("0.01", "99.99", places=2, allow_nan=False, allow_infinity=False)
)
line = st.tuples(
    st.integers(0, 2),  # which measure
    st.integers(0, 1),  # which organisation
    st.sampled_from(["2026-03", "2026-04", "2026-10"]),
    st.sampled_from(["", "tea"]),
    figures,
)
steps = st.lists(
    st.tuples(st.sampled_from(["approve", "take back"]), st.integers(0, 2), st.lists(line, max_size=4)),
    max_size=10,
)


def year_of(period: str) -> int:
    return 2025 if period == "2026-03" else 2026


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_any_history_keeps_the_sums_true(make: Factories, ground: Any, steps: list[Any]) -> None:
    measures, groups = ground
    db.session.rollback()  # each example starts from an empty ledger
    standing: dict[str, tuple[int, list[Any]]] = {}
    for version, (action, number, lines) in enumerate(steps, 1):
        document = f"doc{number}"
        if document in standing:
            services.reverse(document, standing.pop(document)[0], SYSTEM)
        if action == "approve":
            made = [
                Line(measures[m], groups[g], f"d{g + 1}", period, year_of(period), value, option)
                for m, g, period, option, value in lines
            ]
            services.post(made, document, version, "group", SYSTEM)
            if made:
                standing[document] = (version, lines)
    counted, fault = verify.verify()
    assert fault is None
    assert counted["postings"] == db.session.query(Posting).count()
    expected: dict[Any, Any] = defaultdict(lambda: (Decimal(0), 0))
    for _version, lines in standing.values():
        for m, g, period, option, value in lines:
            place = (measures[m], period, f"d{g + 1}", option)
            expected[place] = (expected[place][0] + value, expected[place][1] + 1)
    columns = (MonthSum.measure_id, MonthSum.period, MonthSum.district, MonthSum.option)
    kept = {
        tuple(row[:4]): (row[4], row[5])
        for row in db.session.execute(
            select(*columns, MonthSum.total, MonthSum.reports).where(MonthSum.reports != 0)
        )
    }
    assert kept == expected
    empty = select(MonthSum.total).where(MonthSum.reports == 0)
    assert set(db.session.scalars(empty)) <= {0}  # nothing is left of what was taken back


@pytest.fixture
def ground(make: Factories, measures: dict[str, int]) -> tuple[list[int], list[int]]:
    """Three measures and two organisations."""
    groups = [make.group().id, make.group(district="d2").id]
    return [measures[code] for code in ("held", "attendance", "activities")], groups


@pytest.mark.both_databases
def test_made_anew_they_are_the_same(post: Post, group: Organisation) -> None:
    post("one", held=2, attendance=40)
    post("two", 1, period="2026-03", attendance=Decimal("0.5"))
    services.reverse("one", 1, SYSTEM)
    rebuild_sums()
    assert verify.verify() == ({"postings": 8, "month_sums": 5, "organisation_years": 5}, None)


def test_a_sum_that_is_off_is_found(post: Post, measures: dict[str, int]) -> None:
    post("doc", attendance=40)
    db.session.execute(update(MonthSum).values(total=41).where(MonthSum.measure_id == measures["attendance"]))
    fault = verify.verify()[1]
    assert fault is not None
    assert "month_sums" in fault
    assert "2026-10" in fault


def test_a_report_counted_twice_is_found(post: Post) -> None:
    post("doc", attendance=40)
    db.session.execute(update(OrganisationYear).values(reports=2))
    assert "organisation_years" in str(verify.verify()[1])


@pytest.mark.both_databases
def test_a_reversal_that_is_not_the_opposite_is_found(post: Post) -> None:
    post("doc", attendance=40)
    services.reverse("doc", 1, SYSTEM)
    connection = db.session.connection()
    drop_all(connection)  # somebody with the database's keys
    changed = "UPDATE postings SET value = -39 WHERE reverses_id IS NOT NULL AND value = -40"
    db.session.execute(text(changed))
    create_all(connection)
    assert "does not reverse" in str(verify.verify()[1])
