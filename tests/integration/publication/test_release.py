"""Releases: immutable, numbered, audited; the same content makes no second one."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from portal.domain.permissions import SYSTEM, Actor, Grant, Role
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.publication import changes, queries, services
from portal.publication.models import Release
from portal.web.unit_of_work import PortalFlask
from tests.integration.publication.conftest import DAY

pytestmark = pytest.mark.both_databases


def change_something() -> None:
    """The city fills in 社協's telephone number: content of the public pages."""
    office = db.session.scalars(select(Organisation).where(Organisation.code == "shakyo")).one()
    office.phone = "048-000-1111"
    db.session.commit()


def test_the_digest_is_of_the_bytes_that_are_kept(first: Release) -> None:
    assert (first.number, first.as_of) == (1, DAY)
    assert hashlib.sha256(first.content.encode()).hexdigest() == first.sha256
    assert services.canonical(json.loads(first.content)) == first.content


def test_nothing_new_makes_no_new_release(city: PortalFlask, first: Release) -> None:
    again, new = services.publish(SYSTEM)
    assert (again.number, new) == (1, False)


def test_a_night_on_which_only_the_day_moved_makes_no_new_release(first: Release) -> None:
    content = json.loads(first.content)
    text = first.content.replace(DAY.isoformat(), "2026-11-06")
    assert json.loads(text) != content
    assert changes.undated(json.loads(text)) == changes.undated(content)


def test_a_change_makes_the_next_number_and_an_audit_event(city: PortalFlask, first: Release) -> None:
    change_something()
    second, new = services.publish(SYSTEM)
    assert (second.number, new) == (2, True)
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "release")).all()
    assert [(e.subject_id, e.action, e.data["sha256"]) for e in events] == [
        ("1", "published", first.sha256),
        ("2", "published", second.sha256),
    ]
    assert queries.verify() == ({"releases": 2}, None)


def test_two_at_once_get_one_release(city: PortalFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one thinks that nothing has been published yet: its number is taken."""
    db.session.expunge_all()
    monkeypatch.setattr(queries, "latest", lambda: None)
    with pytest.raises(Conflict, match="published_meanwhile"):
        services.publish(SYSTEM)
    db.session.rollback()


@pytest.mark.parametrize("days", [1, -1])
def test_neither_a_day_to_come_nor_one_before_the_last(city: PortalFlask, days: int) -> None:
    with pytest.raises(Invalid, match="as_of"):
        services.publish(SYSTEM, DAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("role", "district", "allowed"),
    [
        (Role.REVIEWER, None, True),
        (Role.ADMINISTRATOR, None, True),
        (Role.REVIEWER, "d1", False),
        (Role.OFFICER, None, False),
        (Role.COMMITTEE, None, False),
    ],
)
def test_who_may_publish(city: PortalFlask, role: Role, district: str | None, allowed: bool) -> None:
    actor = Actor("staff", 1, None, (Grant(role, district=district),))
    if allowed:
        assert services.publish(actor)[0].number == 1
    else:
        with pytest.raises(NotPermitted):
            services.publish(actor)


def test_without_a_plan_there_is_nothing_to_publish(app: PortalFlask) -> None:
    with pytest.raises(NotFound, match="no_plan"):
        services.publish(SYSTEM)
    assert services.waiting()[0] == []


def test_what_moved_between_two_releases(first: Release) -> None:
    before = json.loads(first.content)
    after = json.loads(first.content)
    row = after["indicators"][0]
    row["values"][-1]["stage"] = "整備"
    (moved,) = changes.moved(before, after)
    assert (moved.code, moved.fiscal_year, moved.after) == ("1-1-c1", 2026, "整備")
    assert changes.moved(before, before) == []


def test_waiting_figures_are_none_right_after_a_release(city: PortalFlask) -> None:
    assert services.waiting()[0] == []


def test_closed_years_and_new_verdicts_are_told_before_publishing(first: Release) -> None:
    before = json.loads(first.content)
    after = json.loads(first.content)
    row = after["indicators"][1]
    row["values"][0]["provisional"] = False
    row["status"] = {"verdict": "on_track"}
    assert changes.settled(before, after) == changes.Settled(
        [2025], [(row["code"], row["names"], "on_track")]
    )
    assert changes.settled(before, before) == changes.Settled([], [])
