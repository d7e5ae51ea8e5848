"""`portal remind`: who is told what, when, in which language; and nobody twice."""

from __future__ import annotations

import re
import threading
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from portal.datasets.models import Assignment
from portal.domain.errors import Invalid
from portal.domain.periods import working_day
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.models import Mail
from portal.organisations import reachability
from portal.organisations.models import Organisation
from portal.periods import services as periods
from portal.periods.queries import is_holiday
from portal.reminders import intervals, queries, services
from portal.reminders.cli import remind
from portal.reminders.intervals import Intervals
from portal.reminders.models import Reminder
from portal.web.locale import LOCALES
from tests.integration.reminders.conftest import Write
from tests.integration.review.test_review import send
from tests.support.factories import Factories
from tests.support.smtp import Postbox, hand_in_at

ZONE = ZoneInfo("Asia/Tokyo")


def run(*words: str) -> Result:
    result = CliRunner().invoke(remind, words)
    db.session.expire_all()
    return result


def today_is(app: Flask, monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    pinned = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
    monkeypatch.setitem(app.extensions, "portal_clock", (pinned, ZONE))


def rows(model: type[Mail] | type[Reminder]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("day", "steps", "found"),
    [
        (date(2026, 11, 10), -3, date(2026, 11, 5)),
        (date(2026, 11, 10), 2, date(2026, 11, 12)),
        (date(2026, 11, 5), -2, date(2026, 11, 2)),  # 3 November is a holiday
        (date(2027, 1, 12), -3, date(2027, 1, 6)),  # 成人の日 and a weekend between
        (date(2026, 12, 28), 1, date(2027, 1, 4)),  # the days around New Year are none
        (date(2026, 11, 7), 0, date(2026, 11, 7)),
    ],
)
def test_working_days(day: date, steps: int, found: date) -> None:
    assert working_day(day, steps, is_holiday) == found


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (date(2026, 11, 4), ""),
        (date(2026, 11, 5), "soon"),  # three working days before the 10th
        (date(2026, 11, 8), "soon"),  # a Sunday: the timer missed some days, which does no harm
        (date(2026, 11, 10), "soon"),
        (date(2026, 11, 11), ""),
        (date(2026, 11, 12), "late"),  # two working days after
        (date(2026, 11, 25), "late"),  # ten, with 23 November a holiday
        (date(2026, 11, 26), ""),  # then it is time for a call
    ],
)
def test_which_reminder_is_due(
    asaka: Flask,
    group: Organisation,
    contact_of: Write,
    monkeypatch: pytest.MonkeyPatch,
    today: date,
    kind: str,
) -> None:
    contact_of(group)
    today_is(asaka, monkeypatch, today)
    found = [(row.owed.period, row.owed.kind) for row in queries.planned(intervals.intervals())]
    assert found == ([("2026-10", kind)] if kind else [])


def test_the_mail_is_in_the_readers_language_with_japanese_below(
    group: Organisation, contact_of: Write, box: Postbox, make: Factories
) -> None:
    make.office().phone = "048-000-0000"
    contact_of(group, language="vi")
    result = run()
    assert result.exit_code == 0, result.output
    assert "Mail sent: 1" in result.output
    mail = box.mails[0]
    text = mail.get_content().replace("\r\n", "\n")
    foreign, japanese = text.split("----------")
    assert mail["Content-Language"] == "vi"
    assert "tháng 10" in mail["Subject"]
    assert "もみじ台サロン" in mail["Subject"]
    assert "http://portal.test/vi/report/\n" in foreign
    assert "http://portal.test/ja/report/\n" in japanese
    assert "11月10日" in japanese
    for part in (foreign, japanese):
        assert "048-000-0000" in part
        assert "/reminders/" in part
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://portal\.test/vi/reminders/\S+>", mail["List-Unsubscribe"].strip())


@pytest.mark.parametrize("slug", sorted(LOCALES))
@pytest.mark.parametrize("day", [date(2026, 11, 5), date(2026, 11, 12)])
def test_nothing_personal_and_no_key_is_in_any_language(
    asaka: Flask,
    make: Factories,
    group: Organisation,
    contact_of: Write,
    box: Postbox,
    monkeypatch: pytest.MonkeyPatch,
    slug: str,
    day: date,
) -> None:
    today_is(asaka, monkeypatch, day)
    _card, token = make.card(group)
    contact_of(group, language=slug)
    result = run()
    text = box.mails[0].get_content()
    assert ("----------" in text) == (slug not in ("ja", "ja-easy"))
    for secret in ("見本 花子", "hana@example.jp", "048-000-1111", token, "/card/"):
        assert secret not in text
        assert secret not in str(box.mails[0]["Subject"])
    for secret in ("見本 花子", "hana@example.jp"):  # nor in what a timer prints into its log
        assert secret not in result.output
    assert "{" not in text
    assert "%(" not in text


def test_easy_japanese_keeps_its_readings(group: Organisation, contact_of: Write, box: Postbox) -> None:
    contact_of(group, language="ja-easy")
    run()
    assert "報告(ほうこく)" in box.mails[0].get_content()


def test_a_second_run_sends_nothing_and_late_is_another_reminder(
    asaka: Flask, group: Organisation, contact_of: Write, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact_of(group)
    run()
    run()
    today_is(asaka, monkeypatch, date(2026, 11, 9))
    assert "0 mail written." in run().output
    assert len(box.mails) == 1
    today_is(asaka, monkeypatch, date(2026, 11, 13))
    run()
    assert len(box.mails) == 2
    assert sorted(db.session.scalars(select(Reminder.kind))) == ["late", "soon"]


@pytest.mark.both_databases
def test_two_runs_at_once_send_one_mail(
    asaka: Flask, make: Factories, contact_of: Write, box: Postbox
) -> None:
    for number in range(6):
        contact_of(make.group(opened=date(2026, 10, 1)), email=f"one{number}@example.jp")
    db.session.remove()
    ready, results = threading.Barrier(3), []

    def at_once() -> None:
        with asaka.app_context():
            planned = queries.planned(intervals.intervals())
            ready.wait(10)  # both have seen that nobody has been told yet
            results.append([row for row in planned if services._queue(row, intervals.intervals())])
            db.session.commit()

    threads = [threading.Thread(target=at_once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, results)) == 6
    assert (rows(Reminder), rows(Mail)) == (6, 6)


def test_what_is_in_is_not_asked_for(
    make: Factories, group: Organisation, contact_of: Write, box: Postbox
) -> None:
    contact_of(group)
    send(make, group)
    run()
    assert box.mails == []


def test_a_quarterly_group_is_left_alone_in_between(
    asaka: Flask, make: Factories, contact_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make.group(opened=date(2026, 10, 1), cadence="quarterly")
    contact_of(group)
    assert queries.planned(intervals.intervals()) == []
    today_is(asaka, monkeypatch, date(2027, 1, 8))
    assert [row.owed.period for row in queries.planned(intervals.intervals())] == ["2026-12"]


def test_a_named_due_day_counts(
    asaka: Flask, make: Factories, group: Organisation, contact_of: Write
) -> None:
    contact_of(group)
    periods.set_due_day(SYSTEM, make.data_set(), "2026-10", date(2026, 11, 20), "d1")
    db.session.commit()
    assert queries.planned(intervals.intervals()) == []


def test_an_assignment_that_ended_owes_nothing(
    make: Factories, group: Organisation, contact_of: Write
) -> None:
    contact_of(group)
    mine = select(Assignment).where(Assignment.organisation_id == group.id)
    db.session.scalars(mine).one().ends_on = date(2026, 9, 30)
    group.closed_on = date(2026, 9, 30)
    group.opened_on = date(2026, 9, 1)
    db.session.commit()
    assert queries.planned(intervals.intervals()) == []


@pytest.mark.parametrize(
    "details",
    [
        {"email": None},
        {"email": "no address"},
        {"email": "é@example.jp"},
        {"ends_on": date(2026, 11, 4)},
        {"starts_on": date(2026, 11, 6)},
        {"email_refused_at": datetime(2026, 10, 1, tzinfo=ZONE)},
        {"unsubscribed_at": datetime(2026, 10, 1, tzinfo=ZONE)},
    ],
)
def test_who_cannot_be_reached_is_left_out_and_the_next_is_asked(
    group: Organisation, contact_of: Write, details: dict[str, object]
) -> None:
    contact_of(group, **details)
    assert queries.planned(intervals.intervals()) == []
    second = contact_of(group, role="secretary", email="taro@example.jp")
    assert [row.contact.id for row in queries.planned(intervals.intervals())] == [second.id]


def test_a_group_without_an_address_today_may_have_one_tomorrow(
    group: Organisation, contact_of: Write, box: Postbox
) -> None:
    contact = contact_of(group, email=None)
    run()
    contact.email = "hana@example.jp"
    db.session.commit()
    run()
    assert box.recipients == ["hana@example.jp"]


def test_a_dry_run_prints_and_writes_nothing(group: Organisation, contact_of: Write, box: Postbox) -> None:
    contact_of(group, language="ko")
    result = run("--dry-run")
    assert result.exit_code == 0
    assert "soon: もみじ台サロン salon 2026-10 due 2026-11-10 to the leader in ko:" in result.output
    assert "1 mail would be sent." in result.output
    assert (rows(Mail), rows(Reminder), box.mails) == (0, 0, [])


def test_without_a_server_the_mail_waits(
    asaka: Flask, group: Organisation, contact_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_at(asaka, monkeypatch, None)
    contact_of(group)
    result = run()
    assert result.exit_code == 1
    assert "PORTAL_SMTP_URL is not set" in result.output
    assert (rows(Mail), rows(Reminder)) == (1, 1)
    with Postbox() as box:
        hand_in_at(asaka, monkeypatch, box.url)
        run()
        assert len(box.mails) == 1


def test_a_mail_that_waited_too_long_is_not_sent(
    asaka: Flask, group: Organisation, contact_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_at(asaka, monkeypatch, None)
    contact_of(group)
    run()
    today_is(asaka, monkeypatch, date(2026, 11, 11))  # "by the 10th" is no longer true
    with Postbox() as box:
        hand_in_at(asaka, monkeypatch, box.url)
        assert run().exit_code == 0
        assert box.mails == []
    assert db.session.scalars(select(Mail.state)).all() == ["expired"]


def test_the_city_sets_the_days(group: Organisation, contact_of: Write, box: Postbox) -> None:
    contact_of(group)
    tried = run("--dry-run", "--days-before", "1")
    assert "0 mail would be sent." in tried.output
    assert intervals.intervals() == Intervals(3, 2, 10)  # a dry run changes nothing
    assert run("--days-before", "1", "--days-after", "4").exit_code == 0
    assert intervals.intervals() == Intervals(1, 4, 10)
    assert box.mails == []
    with pytest.raises(Invalid):
        intervals.put(SYSTEM, intervals.BEFORE, 31)


def test_a_bounce_is_noted_and_a_corrected_address_is_tried(
    asaka: Flask, group: Organisation, contact_of: Write, box: Postbox
) -> None:
    contact = contact_of(group)
    box.answers["hana@example.jp"] = "550 5.1.1 unknown"
    run()
    assert contact.email_refused_at is not None
    assert not reachability.is_reachable(contact)
