"""The deadlines as a calendar file: RFC 5545, whole days, in the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime

from portal.organisations.models import Organisation
from portal.web.icalendar import Day, calendar
from tests.integration.review.test_review import send
from tests.support.client import Client
from tests.support.factories import Factories


def unfolded(text: str) -> list[str]:
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_lines_are_escaped_and_folded_inside_no_character() -> None:
    summary = "प्रतिवेदन, पठाउनुहोस्; " + "十" * 60
    text = calendar(
        "名", "ne", [Day("u@x", date(2026, 11, 10), summary, "a\nb\\c")], datetime(2026, 11, 5, tzinfo=UTC)
    )
    lines = unfolded(text)
    escaped = summary.replace(",", "\\,").replace(";", "\\;")
    assert f"SUMMARY;LANGUAGE=ne:{escaped}" in lines
    assert "DESCRIPTION;LANGUAGE=ne:a\\nb\\\\c" in lines
    assert lines[lines.index("DTSTART;VALUE=DATE:20261110") + 1] == "DTEND;VALUE=DATE:20261111"
    assert "DTSTAMP:20261105T000000Z" in lines


def test_a_group_takes_its_days_along(make: Factories, group: Organisation, client: Client) -> None:
    _card, token = make.card(group)
    client.use_card(token)
    client.get("/ja/report/")
    assert client.page.all("a[href=/ja/report/deadlines.ics]")
    answer = client.get("/vi/report/deadlines.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.text)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 13  # October, and a year ahead
    assert "DTSTART;VALUE=DATE:20261110" in lines
    assert "DTSTART;VALUE=DATE:20270112" in lines  # 10 January is a Sunday, then 成人の日
    assert "URL:http://portal.test/vi/report/" in lines
    assert not any(token in line for line in lines)
    assert len({line for line in lines if line.startswith("UID:")}) == 13
    assert any("tháng 10" in line for line in lines if line.startswith("SUMMARY"))


def test_what_is_in_is_no_deadline(make: Factories, group: Organisation, client: Client) -> None:
    send(make, group)
    _card, token = make.card(group)
    client.use_card(token)
    assert "20261110" not in client.get("/ja/report/deadlines.ics").text


def test_strangers_get_no_calendar(client: Client) -> None:
    client.get("/ja/report/deadlines.ics", expect=303)
