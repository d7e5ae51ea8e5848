"""For those without e-mail: words to copy, and letter sheets. Within the reviewer's scope only."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.organisations.models import Organisation
from tests.integration.reminders.conftest import Write
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.fixture(autouse=True)
def the_sixteenth(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """October is late."""
    zone = ZoneInfo("Asia/Tokyo")
    pinned = datetime(2026, 11, 16, 9, tzinfo=zone)
    monkeypatch.setitem(asaka.extensions, "portal_clock", (pinned, zone))


def test_words_in_both_languages(
    make: Factories, group: Organisation, contact_of: Write, client: Client
) -> None:
    _card, token = make.card(group)
    contact_of(group, language="vi", email=None)
    client.sign_in(make.reviewer())
    client.get("/staff/reports/?tab=late")
    assert client.page.all(f"a[href=/staff/reports/late/{group.public_id}]")
    page = client.get(f"/staff/reports/late/{group.public_id}")
    assert page.status_code == 200
    vietnamese, japanese = (client.page.text(f"#text-{number}") for number in (1, 2))
    assert "/vi/report/" in vietnamese
    assert "もみじ台サロン" in japanese
    assert "11月10日" in japanese
    assert "見本 花子" not in vietnamese + japanese
    assert token not in page.text


def test_a_sheet_for_each_group(
    make: Factories, group: Organisation, contact_of: Write, client: Client
) -> None:
    contact_of(group, language="ne")
    other = make.group("さくらサロン", district="d2", opened=date(2026, 9, 1))
    client.sign_in(make.reviewer())
    client.get("/staff/reports/late/letters")
    sheets = client.page.all(".letter-sheet")
    assert [sheet.get("aria-label") for sheet in sheets] == ["もみじ台サロン", "さくらサロン"]
    assert [letter.get("lang") for letter in client.page.all(".letter")] == ["ne", "ja", "ja"]
    assert len(client.page.all(".letter-sheet li")) == 2  # September and October of the second
    client.get(f"/staff/reports/late/letters?only={other.public_id}")
    assert len(client.page.all(".letter-sheet")) == 1
    client.get("/staff/reports/late/letters?district=d1")
    assert len(client.page.all(".letter-sheet")) == 1


def test_another_districts_groups_are_not_there(
    make: Factories, group: Organisation, contact_of: Write, client: Client
) -> None:
    client.sign_in(make.reviewer(district="d2"))
    client.get(f"/staff/reports/late/{group.public_id}", expect=404)
    client.get("/staff/reports/late/letters")
    assert client.page.all(".letter-sheet") == []


def test_others_are_refused(make: Factories, group: Organisation, client: Client) -> None:
    client.sign_in(make.user({"role": "committee"}))
    client.get(f"/staff/reports/late/{group.public_id}", expect=403)
    client.get("/staff/reports/late/letters", expect=403)


def test_staff_see_why_no_mail_goes_out(
    make: Factories, group: Organisation, contact_of: Write, client: Client
) -> None:
    refused = datetime(2026, 11, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    contact_of(group, email_refused_at=refused, unsubscribed_at=None)
    client.sign_in(make.reviewer())
    client.get(f"/staff/organisations/{group.public_id}")
    assert "11月5日" in client.page.text("main")
    client.get(f"/staff/reports/late/{group.public_id}")
    assert "11月5日" in client.page.text("main")
