""" "Please call me": one press, once a day, seen by staff until somebody has called."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.reporting import queries
from portal.reporting.models import CallRequest, Draft
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.smtp import later

FORM = "/ja/report/salon/2026-10/"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("もみじ台サロン")


@pytest.fixture
def phone(make: Factories, asaka: Flask, group: Organisation) -> Client:
    """The group's phone, signed in."""
    _card, token = make.card(group)
    client = Client(asaka, "192.0.2.7")
    client.use_card(token)
    return client


def asked() -> list[CallRequest]:
    return list(db.session.scalars(select(CallRequest)))


@pytest.mark.both_databases
def test_one_press_and_the_thanks(phone: Client) -> None:
    phone.get("/ja/report/")
    answer = phone.submit(phone.page.form("#call form"))
    assert answer.headers["Location"].endswith("#call")
    phone.follow(answer)
    assert phone.page.all("#call .banner.ok")
    assert phone.page.all("#call button") == []
    phone.send("/ja/report/call-me", page="/ja/report/phones")  # from another phone of the group
    assert len(asked()) == 1


def test_on_the_form_nothing_typed_is_lost(phone: Client, make: Factories, group: Organisation) -> None:
    phone.get(FORM)
    phone.follow(phone.submit(phone.page.form("form.report"), {"m-held": "3"}, press="call"))
    assert phone.page.one("input[name=m-held]").get("value") == "3"
    assert phone.page.all("#call .banner.ok")
    assert len(asked()) == 1
    assert queries.draft(group.id, make.data_set().id, "2026-10") is not None


def test_an_untouched_form_leaves_no_draft(phone: Client) -> None:
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), press="call")
    assert len(asked()) == 1
    assert db.session.scalars(select(Draft)).all() == []


def test_without_a_token_nobody_is_called(phone: Client) -> None:
    phone.post("/ja/report/call-me", {"csrf_token": "x"}, expect=400)
    assert asked() == []


def test_strangers_and_staff_cannot_ask(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    client.send("/ja/report/call-me", page="/staff/", expect=403)
    assert asked() == []


def test_staff_see_whom_to_call_and_settle_it(
    phone: Client, client: Client, make: Factories, group: Organisation
) -> None:
    person = Contact(
        organisation_id=group.id,
        role="leader",
        name="見本 花子",
        phone="048-000-1111",
        language="vi",
        starts_on=date(2026, 4, 1),
    )
    db.session.add(person)
    db.session.commit()
    phone.send("/ja/report/call-me", page="/ja/report/")
    client.sign_in(make.reviewer())
    client.get("/staff/reports/")
    assert "048-000-1111" in client.page.text("main")
    client.get("/staff/")
    seen = client.page.text("main")
    for word in ("もみじ台サロン", "048-000-1111", "見本 花子", "Tiếng Việt"):
        assert word in seen
    client.follow(client.submit(client.page.form("table form")))
    assert client.path == "/staff/"
    assert "048-000-1111" not in client.page.text("main")
    assert [(row.done_at is not None, row.done_by[:6]) for row in asked() if row.done_by] == [
        (True, "staff:")
    ]


def test_pressed_again_after_the_call_it_stands_open_again(
    phone: Client, client: Client, make: Factories, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(make.reviewer())
    phone.send("/ja/report/call-me", page="/ja/report/")
    client.send(f"/staff/calls/{asked()[0].id}", page="/staff/")
    phone.send("/ja/report/call-me", page="/ja/report/")
    assert [row.done_at for row in asked()] == [None]
    later(asaka, monkeypatch, days=1)
    phone.send("/ja/report/call-me", page="/ja/report/phones")
    assert len(asked()) == 2
    client.sign_in(make.reviewer())  # the session of yesterday is over
    client.get("/staff/")
    assert len(client.page.all("table.queue tbody tr")) == 1  # one group, one call
    client.submit(client.page.form("table form"))
    assert all(row.done_at for row in asked())


def test_another_districts_reviewer_sees_and_settles_nothing(
    phone: Client, client: Client, make: Factories
) -> None:
    phone.send("/ja/report/call-me", page="/ja/report/")
    client.sign_in(make.reviewer(district="d2"))
    client.get("/staff/")
    assert "もみじ台サロン" not in client.page.text("main")
    client.send(f"/staff/calls/{asked()[0].id}", page="/staff/", expect=404)
    assert asked()[0].done_at is None
