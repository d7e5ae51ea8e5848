"""Mail that waits as rows, and a real SMTP server that takes it, refuses it, or hangs up."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.ground import jobs, mail, smtp
from portal.ground.cli import jobs as command
from portal.ground.models import Mail
from portal.organisations.models import Contact
from tests.support.factories import Factories
from tests.support.smtp import HANG_UP, Postbox, hand_in_at, later

TO = "hana@example.jp"


@pytest.fixture
def box(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with Postbox() as box:
        hand_in_at(asaka, monkeypatch, box.url)
        yield box


def write(to: str = TO, reference: str = "contact:1", days: int = 3) -> Mail:
    """A mail that waits."""
    made = mail.queue(
        mail.Letter(
            reference=reference,
            recipient=to,
            subject="10月分の報告 (もみじ台サロン)",
            text="いつもありがとうございます。\n.\nपठाउनुहोस्\n",
            headers={"List-Unsubscribe": "<http://portal.test/ja/reminders/x>"},
            expires_at=clock.now() + timedelta(days=days),
        )
    )
    db.session.commit()
    return made


def states() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Mail.state).order_by(Mail.id)))


@pytest.mark.both_databases
def test_a_mail_goes_out_once_and_its_words_are_wiped(asaka: Flask, box: Postbox) -> None:
    row = write()
    assert jobs.run().lines == ["Mail sent: 1"]
    assert jobs.run().lines == []
    assert box.recipients == [TO]
    received = box.mails[0]
    assert received["Subject"] == "10月分の報告 (もみじ台サロン)"
    assert received["From"].addresses[0].addr_spec == "portal@shakyo.example.jp"
    assert received["List-Unsubscribe"] == "<http://portal.test/ja/reminders/x>"
    assert received.get_content().replace("\r\n", "\n") == "いつもありがとうございます。\n.\nपठाउनुहोस्\n"
    db.session.expire_all()
    assert (row.state, row.recipient, row.subject, row.text, row.headers) == ("sent", None, None, None, {})
    assert row.public_id in received["Message-ID"]


def test_a_long_address_stays_an_address(asaka: Flask, box: Postbox) -> None:
    """As a header of the library's own it would become an encoded word, and nobody could unsubscribe."""
    row = write()
    long = f"<https://tsunagari.city.asaka.example.jp/zh-hans/reminders/{'x' * 80}>"
    row.headers = {"List-Unsubscribe": long, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    db.session.commit()
    jobs.run()
    lines = box.raw[0].split(b"\r\n")
    assert f"List-Unsubscribe: {long}".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_without_a_server_mail_waits_and_the_operator_is_told(
    asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_at(asaka, monkeypatch, None)
    nothing = CliRunner().invoke(command, ["run"])
    assert (nothing.exit_code, nothing.output) == (0, "")
    write()
    told = CliRunner().invoke(command, ["run"])
    assert told.exit_code == 1
    assert "PORTAL_SMTP_URL is not set" in told.output
    assert states() == ["waiting"]


def test_a_server_that_is_down_costs_no_try(asaka: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with Postbox() as gone:
        url = gone.url
    hand_in_at(asaka, monkeypatch, url)
    row = write()
    report = jobs.run()
    assert "does not let us in" in report.trouble
    db.session.expire_all()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_an_address_that_is_not_there_is_noted_on_the_contact(
    asaka: Flask, make: Factories, box: Postbox
) -> None:
    contact = Contact(
        organisation_id=make.group().id,
        role="leader",
        email=TO,
        language="ja",
        starts_on=date(2026, 4, 1),
    )
    db.session.add(contact)
    db.session.flush()
    box.answers[TO] = "550 5.1.1 no such user hana@example.jp"
    row = write(reference=f"contact:{contact.id}")
    write("other@example.jp", "contact:999")
    assert jobs.run().lines == ["Mail bounced: 1", "Mail sent: 1"]
    db.session.expire_all()
    assert (row.state, row.answer) == ("bounced", "550 5.1.1")
    assert contact.email_refused_at is not None
    assert box.recipients == ["other@example.jp"]


def test_the_servers_policy_is_no_bounce(asaka: Flask, make: Factories, box: Postbox) -> None:
    box.answers[TO] = "550 5.7.1 relaying denied"
    write()
    assert jobs.run().lines == ["Mail failed: 1"]


def test_not_now_means_later_and_in_the_end_never(
    asaka: Flask, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.answers[TO] = "451 4.7.1 greylisted"
    row = write(days=30)
    assert jobs.run().lines == ["Mail later: 1"]
    assert jobs.run().lines == []  # not before its pause is over
    for pause in mail.PAUSES[:-1]:
        later(asaka, monkeypatch, seconds=int(pause.total_seconds()) + 1)
        assert jobs.run().lines == ["Mail later: 1"]
    later(asaka, monkeypatch, days=2)
    jobs.run()
    db.session.expire_all()
    assert (row.state, row.attempts) == ("failed", len(mail.PAUSES) + 1)


def test_greylisted_then_taken(asaka: Flask, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.answers[TO] = "451 4.7.1 greylisted"
    write()
    jobs.run()
    box.answers.clear()
    later(asaka, monkeypatch, minutes=6)
    assert jobs.run().lines == ["Mail sent: 1"]


@pytest.mark.both_databases
def test_an_answer_that_is_lost_sends_nothing_twice(
    asaka: Flask, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.data = [HANG_UP]
    write()
    write("other@example.jp")
    assert jobs.run().lines[:2] == ["Mail sent: 1", "Mail unclear: 1"]
    later(asaka, monkeypatch, hours=2)
    assert len(jobs.run().lines) == 1  # that one is unclear
    assert box.recipients == [TO, "other@example.jp"]
    assert CliRunner().invoke(command, ["run", "--unclear"]).exit_code == 0
    assert box.recipients == [TO, "other@example.jp", TO]  # the operator wanted it


@pytest.mark.both_databases
def test_a_machine_that_stops_in_the_middle_sends_nothing_twice(
    asaka: Flask, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    assert mail.claim() is not None  # and then the power goes, after the server's 250 or before it
    db.session.commit()
    jobs.run()
    assert states() == ["sending"]  # perhaps another run is at it
    later(asaka, monkeypatch, minutes=20)
    report = jobs.run()
    assert (states(), report.unclear, box.mails) == (["unclear"], 1, [])
    assert "portal jobs run --unclear" in report.lines[0]


def test_a_server_that_hangs_up_over_one_address_takes_the_others(asaka: Flask, box: Postbox) -> None:
    box.answers[TO] = HANG_UP
    write()
    write("other@example.jp")
    assert jobs.run().lines == ["Mail later: 1", "Mail sent: 1"]
    assert states() == ["waiting", "sent"]


def test_a_sender_that_is_not_wanted_stops_the_run(asaka: Flask, box: Postbox) -> None:
    box.sender_answer = "553 5.7.1 not from here"
    write()
    report = jobs.run()
    assert "does not take mail from portal@shakyo.example.jp" in report.trouble
    assert states() == ["waiting"]


def test_what_is_too_late_is_not_sent(asaka: Flask, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    row = write(days=3)
    later(asaka, monkeypatch, days=4)
    assert jobs.run().lines == []
    db.session.expire_all()
    assert (row.state, row.recipient, box.mails) == ("expired", None, [])


def test_what_is_no_address_keeps_nobody_else_from_theirs(asaka: Flask, box: Postbox) -> None:
    write("a@example.jp\nBcc: all@example.jp")
    write()
    jobs.run()
    assert (states(), box.recipients) == (["bounced", "sent"], [TO])


@pytest.mark.both_databases
def test_two_runs_at_once_share_the_work(asaka: Flask, box: Postbox) -> None:
    for number in range(12):
        write(f"one{number}@example.jp")
    db.session.remove()

    def run() -> None:
        with asaka.app_context():
            jobs.run()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(box.recipients) == sorted(f"one{number}@example.jp" for number in range(12))
    assert set(states()) == {"sent"}


def test_starttls_and_a_password(asaka: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", key, "-out", certificate]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name, *files],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with Postbox(tls, password="open-sesame") as box:
        hand_in_at(asaka, monkeypatch, box.url)
        write()
        assert "does not let us in" in jobs.run().trouble  # nobody we know has signed that certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert jobs.run().lines == ["Mail sent: 1"]
        assert box.signed_in == ["portal"]


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example.jp", ("smtp", "mail.example.jp", 25, "", "no-reply@portal.example.jp")),
        (
            "smtps://u%40x:p@mail.example.jp?from=a@b.jp",
            ("smtps", "mail.example.jp", 465, "u@x", "a@b.jp"),
        ),
        (
            "smtp+starttls://u:p@m.jp:2525",
            ("smtp+starttls", "m.jp", 2525, "u", "no-reply@portal.example.jp"),
        ),
    ],
)
def test_the_address_of_the_server(url: str, read: tuple[str, str, int, str, str]) -> None:
    found = smtp.server(url, "https://portal.example.jp")
    assert (found.scheme, found.host, found.port, found.user, found.sender) == read


@pytest.mark.parametrize("url", ["mail.example.jp", "http://mail.example.jp", "smtp://", "smtp://m:x"])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(smtp.ServerTrouble, match="PORTAL_SMTP_URL is"):
        smtp.server(url, "https://portal.example.jp")


def test_a_password_never_goes_out_in_the_open() -> None:
    far = smtp.Server("smtp", "mail.example.jp", 25, "u", "p", "a@b.jp")
    with pytest.raises(Exception, match="smtps:// or smtp\\+starttls://"):
        smtp.Line(far)._sign_in(None)  # type: ignore[arg-type]  # refused before a word is said
