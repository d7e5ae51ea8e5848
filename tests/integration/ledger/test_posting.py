"""Posting and reversing: what stands, what is refused, and that nothing is ever taken away."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.domain.errors import Conflict, Invalid, PeriodLocked
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.audit import record
from portal.ledger import queries, services
from portal.ledger.models import MonthSum, OrganisationYear, Posting
from portal.ledger.services import Line
from portal.ledger.triggers import APPEND_ONLY, create_statements
from portal.organisations.models import Organisation
from portal.periods import services as periods
from tests.integration.ledger.conftest import Post

pytestmark = pytest.mark.both_databases
OCTOBER = Month(2026, 10)


def total(measures: dict[str, int], code: str, period: str = "2026-10") -> tuple[object, int] | None:
    found = queries.sums(2025, Month(2027, 3)).months.get(measures[code], {}).get(period, {}).get("")
    return tuple(found) if found else None


def test_an_amendment_is_a_reversal_and_a_new_posting(post: Post, measures: dict[str, int]) -> None:
    post("doc", 1, attendance=40)
    assert services.reverse("doc", 1, SYSTEM) == 2
    post("doc", 2, attendance=44)
    assert total(measures, "attendance") == (44, 1)
    values = db.session.scalars(
        select(Posting.value).where(Posting.measure_id == measures["attendance"]).order_by(Posting.id)
    )
    assert list(values) == [40, -40, 44]


def test_zero_is_a_figure_and_what_is_reversed_is_not(post: Post, measures: dict[str, int]) -> None:
    post("doc", attendance=0)
    assert total(measures, "attendance") == (0, 1)  # zero was said
    services.reverse("doc", 1, SYSTEM)
    assert total(measures, "attendance") is None  # and now nobody has said anything
    assert total(measures, "helpers") is None


def test_decimals_come_back_as_they_went_in(post: Post, measures: dict[str, int]) -> None:
    post("one", attendance=Decimal("0.1"))
    post("two", attendance=Decimal("0.2"))
    assert total(measures, "attendance") == (Decimal("0.3"), 2)


def test_a_document_stands_once(post: Post) -> None:
    post("doc", 1, attendance=40)
    with pytest.raises(Conflict, match="already_posted"):
        post("doc", 1, attendance=40)
    with pytest.raises(Conflict, match="already_posted"):
        post("doc", 2, attendance=44)  # the first has to be reversed before


def test_a_reversal_happens_once(post: Post) -> None:
    with pytest.raises(Conflict, match="not_posted"):
        services.reverse("doc", 1, SYSTEM)
    post("doc", 1, attendance=40)
    with pytest.raises(Conflict, match="not_posted"):
        services.reverse("doc", 2, SYSTEM)
    services.reverse("doc", 1, SYSTEM)
    with pytest.raises(Conflict, match="not_posted"):
        services.reverse("doc", 1, SYSTEM)


def test_an_approval_taken_back_may_be_given_again(post: Post, measures: dict[str, int]) -> None:
    for _ in range(3):
        post("doc", 1, attendance=40)
        services.reverse("doc", 1, SYSTEM)
    post("doc", 1, attendance=40)
    assert total(measures, "attendance") == (40, 1)


def test_a_closed_year_is_locked_both_ways(post: Post) -> None:
    post("before", period="2026-03", attendance=40)
    periods.close_year(SYSTEM, 2025)
    posted = db.session.scalar(select(func.count()).select_from(Posting))
    with pytest.raises(PeriodLocked, match="closed_year"):
        post("late", period="2026-03", attendance=1)
    with pytest.raises(PeriodLocked, match="closed_year"):
        services.reverse("before", 1, SYSTEM)
    assert db.session.scalar(select(func.count()).select_from(Posting)) == posted
    post("next", period="2026-04", attendance=1)  # the year after is open
    periods.reopen_year(SYSTEM, 2025, "訂正")
    assert services.reverse("before", 1, SYSTEM) == 2


def test_nobody_closes_a_year_while_a_figure_is_being_posted(post: Post) -> None:
    post("doc", attendance=40)  # not committed yet
    with db.engine.connect() as other:
        if db.engine.dialect.name == "postgresql":
            free = "SELECT pg_try_advisory_xact_lock(4823002, :year)"
            assert [other.scalar(text(free), {"year": year}) for year in (2026, 2025)] == [False, True]
        else:  # one writer at a time, whatever it writes
            other.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.connection.cursor().execute("BEGIN IMMEDIATE")


def test_a_month_lies_in_its_own_fiscal_year(measures: dict[str, int], group: Organisation) -> None:
    wrong = Line(measures["attendance"], group.id, "d1", "2026-03", 2026, 5)
    with pytest.raises(Invalid, match="line"):
        services.post([wrong], "doc", 1, "group", SYSTEM)
    right = Line(measures["attendance"], group.id, "d1", "2026-03", 2025, 5)
    with pytest.raises(Invalid, match="line"):
        services.post([right], "doc", 1, "hearsay", SYSTEM)


def test_statements_do_not_grow_with_the_lines(
    post: Post, measures: dict[str, int], statements: list[str]
) -> None:
    post("first", attendance=1)  # reads the group once
    statements.clear()
    post("small", attendance=1)
    few = len(statements)
    statements.clear()
    post("large", held=2, attendance=1, helpers=3, people=4, newcomers=5)
    assert len(statements) == few


def test_as_known_on_a_day(post: Post, measures: dict[str, int], asaka: Flask) -> None:
    pinned = asaka.extensions["portal_clock"]
    yesterday, today = clock.today() - timedelta(days=1), clock.today()
    try:
        asaka.extensions["portal_clock"] = (clock.now() - timedelta(days=1), pinned[1])
        post("doc", 1, attendance=40)
    finally:
        asaka.extensions["portal_clock"] = pinned
    services.reverse("doc", 1, SYSTEM)
    post("doc", 2, attendance=44)
    place = (measures["attendance"], "2026-10", "d1", "")
    assert place not in queries.as_known_on(yesterday - timedelta(days=1))
    assert queries.as_known_on(yesterday)[place] == (40, 1)
    assert queries.as_known_on(today)[place] == (44, 1)


def test_provenance_is_what_stands(post: Post, measures: dict[str, int], group: Organisation) -> None:
    post("old", 1, period="2026-09", attendance=30)
    post("doc", 1, attendance=40)
    services.reverse("doc", 1, SYSTEM)
    post("doc", 2, attendance=44)
    found = queries.provenance([measures["attendance"]], 2026)
    assert [(o.document, o.document_version, o.period, o.value) for o in found] == [
        ("doc", 2, "2026-10", 44),
        ("old", 1, "2026-09", 30),
    ]
    assert {o.organisation for o in found} == {group.name}
    assert queries.provenance([measures["attendance"]], 2025) == []


def test_by_organisation_up_to_a_month(post: Post, measures: dict[str, int], group: Organisation) -> None:
    """A report of the running month, approved early, is not in a drawing that ends the month before."""
    post("last year", period="2026-03", held=5)
    post("october", period="2026-10", held=2)
    post("november", period="2026-11", held=4)
    held = measures["held"]
    assert queries.sums(2025, OCTOBER, [held]).organisations[held] == {
        2025: {group.id: 5},
        2026: {group.id: 2},
    }
    assert queries.sums(2025, Month(2026, 11), [held]).organisations[held][2026] == {group.id: 6}


@pytest.mark.parametrize("statement", ["UPDATE postings SET value = value + 1", "DELETE FROM postings"])
def test_the_database_itself_refuses_to_change_a_posting(post: Post, statement: str) -> None:
    post("doc", attendance=40)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))


def test_the_audit_trail_too(post: Post) -> None:
    record("test", 1, "made", SYSTEM)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text("DELETE FROM audit_events"))


def test_every_append_only_table_is_guarded(asaka: Flask) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[db.engine.dialect.name]
    guarded = " ".join(db.session.scalars(text(catalogue)))
    assert [table for table in APPEND_ONLY if table not in guarded] == []
    for statement in create_statements(db.engine.dialect.name):  # and making them twice does no harm
        db.session.execute(text(statement))


def test_sums_are_kept_by_district_and_by_organisation(post: Post, measures: dict[str, int]) -> None:
    post("doc", attendance=40)
    month = db.session.get(MonthSum, (measures["attendance"], "2026-10", "d1", ""))
    assert month is not None
    assert (month.total, month.reports, month.fiscal_year) == (40, 1, 2026)
    assert db.session.scalars(
        select(OrganisationYear.total).where(OrganisationYear.measure_id == measures["attendance"])
    ).all() == [40]
