"""Two answers to a report, and what each does: the ledger, the reporter's page, the other reviewer."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.domain.errors import Conflict, Invalid, NotPermitted, PeriodLocked, StaleVersion
from portal.domain.measures import RawAnswer
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.indicators import queries as indicators
from portal.ledger import verify as ledger
from portal.ledger.models import Posting
from portal.organisations.models import Organisation
from portal.periods import services as periods
from portal.reporting import services as reporting
from portal.reporting import verify as submissions
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import queries, services
from portal.review.filters import Filters
from portal.review.late import late as late_reports
from tests.support.client import Client
from tests.support.factories import Factories


def send(
    make: Factories, group: Organisation, period: str = "2026-10", based_on: int = 0, **values: Any
) -> Submission:
    """Send a salon's report as its card would."""
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", period, "reporting")
    raw = {
        code: RawAnswer(text=str(value)) for code, value in {"held": 2, "attendance": 40, **values}.items()
    }
    submission = reporting.send(desk, Sending(reporting.new_key(), based_on, Written(raw)))
    db.session.commit()
    return submission


def value_of(code: str, year: int = 2026) -> Any:
    figures = indicators.figure(code, clock.today())
    assert figures is not None
    return next(v.value for v in figures.values if v.fiscal_year == year)


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("もみじ台サロン")


@pytest.mark.both_databases
def test_only_what_is_approved_counts(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    assert value_of("2-3-p2") is None  # missing, not 0
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    assert value_of("2-3-p2") == 40
    assert submission.state == "approved"


@pytest.mark.both_databases
def test_an_amendment_reverses_and_posts_anew(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    send(make, group, based_on=1, attendance=44)
    assert value_of("2-3-p2") == 40  # until it is looked at, the earlier figures count
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    assert value_of("2-3-p2") == 44
    posted = db.session.scalars(select(Posting.value).order_by(Posting.id)).all()
    assert 40 in posted
    assert -40 in posted
    assert ledger.verify()[1] is None
    assert submissions.verify()[1] is None


def test_asking_back_needs_a_reason_and_other_needs_a_note(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    with pytest.raises(Invalid, match="reason_missing"):
        services.return_(reviewer, submission, submission.last_seq, {})
    with pytest.raises(Invalid, match="note_missing"):
        services.return_(reviewer, submission, submission.last_seq, {"attendance": "other"})
    with pytest.raises(Invalid, match="unknown_reason"):
        services.return_(reviewer, submission, submission.last_seq, {"attendance": "because"})


def test_two_reviewers_cannot_overwrite_each_other(make: Factories, group: Organisation) -> None:
    first, second = make.actor(make.reviewer()), make.actor(make.reviewer())
    submission = send(make, group)
    seen = submission.last_seq
    services.return_(first, submission, seen, {"attendance": "digits"})
    db.session.commit()
    with pytest.raises(StaleVersion):
        services.approve(second, submission, seen)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Posting)) == 0


def test_an_approved_report_is_not_approved_again(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    with pytest.raises(Conflict):
        services.approve(reviewer, submission, submission.last_seq)


def test_a_closed_year_is_locked(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group, "2026-03")
    periods.close_year(SYSTEM, 2025)
    db.session.commit()
    with pytest.raises(PeriodLocked):
        services.approve(reviewer, submission, submission.last_seq)
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", "2026-02", "reporting")
    raw = {"held": RawAnswer("1"), "attendance": RawAnswer("5")}
    with pytest.raises(PeriodLocked):
        reporting.send(desk, Sending(reporting.new_key(), 0, Written(raw)))


@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        ({}, True),
        ({"district": "d1"}, True),
        ({"district": "d2"}, False),
        ({"data_set": "salon"}, True),
        ({"data_set": "office"}, False),
        ({"data_set": "salon", "district": "d2"}, False),
    ],
)
def test_a_reviewer_sees_the_scope_and_no_more(
    make: Factories, group: Organisation, client: Client, scope: dict[str, str], sees: bool
) -> None:
    submission = send(make, group)
    user = make.reviewer(**scope)
    found = queries.queue(make.actor(user), Filters()).rows
    assert bool(found) is sees
    client.sign_in(user)
    client.get(f"/staff/reports/{submission.public_id}", expect=200 if sees else 404)


def test_whoever_entered_the_offices_month_does_not_approve_it(make: Factories) -> None:
    office = make.office()
    both = make.actor(make.user({"role": "officer", "organisation_id": office.id}, {"role": "reviewer"}))
    desk = sit_down(both, office, "office", "2026-10", "entry")
    raw = {m.code: RawAnswer("1") for m in desk.form.measures if not m.options}
    submission = reporting.send(desk, Sending(reporting.new_key(), 0, Written(raw)))
    with pytest.raises(NotPermitted):
        services.approve(both, submission, submission.last_seq)
    services.approve(make.actor(make.reviewer()), submission, submission.last_seq)


def test_the_reporter_reads_the_question_in_vietnamese_and_corrects(
    make: Factories, group: Organisation, client: Client, asaka: Flask
) -> None:
    submission = send(make, group, attendance=400)
    client.sign_in(make.reviewer())
    page = f"/staff/reports/{submission.public_id}"
    client.get(page)
    client.submit(client.page.form('form[action$="/return"]'), {"reason-attendance": "digits"})
    phone = Client(asaka)
    _card, token = make.card(group)
    phone.use_card(token, slug="vi")
    phone.get("/vi/report/salon/2026-10/receipt/")
    assert phone.page.one("html").get("lang") == "vi"
    question = phone.page.text("main")
    phone.get("/vi/report/salon/2026-10/")
    phone.submit(phone.page.form("form.report"), {"m-attendance": "40"}, press="check")
    phone.get("/vi/report/salon/2026-10/check/")
    phone.submit(phone.page.form("main form"))
    db.session.expire_all()
    assert submission.state == "resent"
    assert submission.version == 2
    assert question


def test_a_stale_page_answers_409_and_posts_nothing(
    make: Factories, group: Organisation, client: Client
) -> None:
    submission = send(make, group)
    client.sign_in(make.reviewer())
    client.get(f"/staff/reports/{submission.public_id}")
    form = client.page.form('form[action$="/approve"]')
    send(make, group, based_on=1, attendance=41)  # the reporter corrects meanwhile
    client.submit(form, expect=409)
    assert db.session.scalar(select(func.count()).select_from(Posting)) == 0


def test_approving_together_says_first_what_will_happen(make: Factories, client: Client) -> None:
    sent = [send(make, make.group()) for _ in range(3)]
    client.sign_in(make.reviewer())
    client.get("/staff/reports/")
    chosen = [f"{s.public_id}:{s.last_seq}" for s in sent]
    client.submit(client.page.form('form[action="/staff/reports/approve"]'), {"chosen": chosen}, expect=200)
    assert db.session.scalar(select(func.count()).select_from(Posting)) == 0
    client.submit(client.page.form('form[action="/staff/reports/approve"]'))
    db.session.expire_all()
    assert {s.state for s in sent} == {"approved"}


def test_approving_together_is_all_or_none_of_what_was_shown(make: Factories, client: Client) -> None:
    sent = [send(make, make.group()) for _ in range(3)]
    client.sign_in(make.reviewer())
    client.get("/staff/reports/")
    chosen = [f"{s.public_id}:{s.last_seq}" for s in sent]
    client.submit(client.page.form('form[action="/staff/reports/approve"]'), {"chosen": chosen}, expect=200)
    shown = client.page.form('form[action="/staff/reports/approve"]')
    services.return_(make.actor(make.reviewer()), sent[1], sent[1].last_seq, {"attendance": "digits"})
    db.session.commit()
    client.submit(shown, expect=409)
    db.session.expire_all()
    assert [s.state for s in sent] == ["waiting", "returned", "waiting"]
    client.get("/staff/reports/")
    chosen = [f"{s.public_id}:{s.last_seq}" for s in (sent[0], sent[2])]
    client.submit(client.page.form('form[action="/staff/reports/approve"]'), {"chosen": chosen}, expect=200)
    shown = client.page.form('form[action="/staff/reports/approve"]')
    client.submit(shown)
    client.submit(shown)  # pressed twice: they are approved already
    db.session.expire_all()
    assert [s.state for s in sent] == ["approved", "returned", "approved"]


def test_the_queue_costs_the_same_however_long_it_is(
    make: Factories, client: Client, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asaka.wsgi_app, "clock", lambda: 0.0)  # it asks for the release once a second
    client.sign_in(make.reviewer())
    seen: list[str] = []
    db.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    counts = []
    for more in (3, 6):
        for _ in range(more):
            send(make, make.group())
        db.session.expire_all()
        client.get("/staff/reports/")  # what a process reads once is read
        seen.clear()
        client.get("/staff/reports/")
        counts.append(len(seen))
    assert len(set(counts)) == 1, counts


def test_who_is_late(make: Factories, group: Organisation) -> None:
    late = late_reports(make.actor(make.reviewer()))
    months = sorted(row.period for row in late if row.organisation.id == group.id)
    assert months[-1] == "2026-09"  # on 5 November October's report is not late yet
    send(make, group, "2026-09")
    late = late_reports(make.actor(make.reviewer()))
    assert "2026-09" not in [row.period for row in late if row.organisation.id == group.id]
