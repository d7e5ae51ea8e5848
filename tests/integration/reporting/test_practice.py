"""Trying out how a report is written: the real pages, and not a row in any table."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.reporting.models import Draft, Submission
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/ja/report/salon/practice/"
GOOD = {"m-held": "2", "m-attendance": "40", "m-activities": ["tea"]}


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    client.use_card(make.card(group)[1])
    return client


def rows() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(m)) or 0 for m in (Draft, Submission, AuditEvent)
    ]


def test_the_whole_way_leaves_nothing_behind(phone: Client) -> None:
    phone.get("/ja/report/")
    assert phone.page.all(f'a[href="{PAGE}"]')
    before = rows()
    phone.get(PAGE)
    assert "練習です" in phone.page.text("main")
    phone.submit(phone.page.form("form.report"), GOOD, press="check", expect=200)
    assert "40人" in phone.page.text("main")
    phone.submit(phone.page.form("main form"), expect=200)
    assert "どこにも送っていません" in phone.page.text("main")
    assert rows() == before


def test_a_slip_is_said_as_in_a_real_report(phone: Client) -> None:
    phone.get(PAGE)
    phone.submit(phone.page.form("form.report"), {**GOOD, "m-attendance": "x"}, press="check", expect=422)
    assert phone.page.one("#m-attendance").get("value") == "x"


def test_what_has_been_sent_or_typed_does_not_show(phone: Client) -> None:
    phone.get("/ja/report/salon/2026-10/")
    phone.submit(phone.page.form("form.report"), {**GOOD, "m-attendance": "77"}, press="save")
    phone.get(PAGE)
    assert phone.page.one("#m-attendance").get("value", "") == ""


def test_there_is_no_draft_to_keep_and_no_outbox(phone: Client) -> None:
    phone.get(PAGE)
    form = phone.page.one("form.report")
    assert not {"data-hx-post", "data-outbox", "data-typed"} & set(form.keys())


def test_only_forms_of_one_s_own(phone: Client) -> None:
    for code in ("minsei", "office", "nothing"):
        phone.get(f"/ja/report/{code}/practice/", expect=404)
