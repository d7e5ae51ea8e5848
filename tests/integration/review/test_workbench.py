"""The review desk beyond two answers: taking back, two people, finding, pages that stay put, who is late."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.errors import Conflict, Invalid, NotPermitted
from portal.domain.measures import RawAnswer
from portal.domain.permissions import SYSTEM
from portal.domain.workflow import Action
from portal.extensions import db
from portal.ground import settings
from portal.ground.models import AuditEvent
from portal.ledger import verify as ledger
from portal.ledger.models import Posting
from portal.organisations.models import Organisation
from portal.reporting import events
from portal.reporting import queries as reports
from portal.reporting import services as reporting
from portal.reporting import verify as submissions
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import late, queries, queue_page, saved_views, services, undo
from portal.review.filters import Filters
from portal.review.paging import PAGE
from tests.integration.review.test_review import send, value_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.smtp import later

ATTENDED = "2-3-p2"  # サロン・通いの場の延べ参加者数


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("もみじ台サロン")


# --- taking an approval back


@pytest.mark.both_databases
def test_an_approval_is_taken_back_and_nothing_counts(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    assert value_of(ATTENDED) == 40
    services.withdraw_approval(reviewer, submission, submission.last_seq)
    db.session.commit()
    assert (submission.state, submission.approved_version) == ("waiting", None)
    assert value_of(ATTENDED) is None
    assert submission.events[-1].kind == "approval_withdrawn"
    assert ledger.verify()[1] is None
    assert submissions.verify()[1] is None


def test_what_counted_before_counts_again(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    send(make, group, based_on=1, attendance=44)
    services.approve(reviewer, submission, submission.last_seq)
    assert value_of(ATTENDED) == 44
    services.withdraw_approval(reviewer, submission, submission.last_seq)
    db.session.commit()
    assert (submission.state, submission.approved_version) == ("amended", 1)
    assert value_of(ATTENDED) == 40
    assert ledger.verify()[1] is None


def test_after_ten_minutes_it_stands(
    make: Factories, group: Organisation, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    later(asaka, monkeypatch, minutes=10)
    assert services.undoable_until(submission) is not None  # ten minutes are ten minutes
    later(asaka, monkeypatch, minutes=1)
    with pytest.raises(Conflict, match="too_late"):
        services.withdraw_approval(reviewer, submission, submission.last_seq)
    assert undo.of(reviewer) == []


def test_what_the_group_changed_meanwhile_is_not_taken_back(make: Factories, group: Organisation) -> None:
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    send(make, group, based_on=1, attendance=44)
    with pytest.raises(Conflict):
        services.withdraw_approval(reviewer, submission, submission.last_seq)


def test_many_are_taken_back_with_one_press_and_only_by_their_reviewer(
    make: Factories, client: Client
) -> None:
    sent = [send(make, make.group()) for _ in range(3)]
    client.sign_in(make.reviewer())
    client.get("/staff/reports/")
    client.submit(client.page.form("#bulk"), press="1", expect=200)  # all of this view
    client.submit(client.page.form('form[action="/staff/reports/approve"]'))
    db.session.expire_all()
    assert {s.state for s in sent} == {"approved"}
    other = make.actor(make.reviewer())
    batch = sent[0].events[-1].data["batch"]
    with pytest.raises(Conflict, match="too_late"):
        undo.take_back(other, batch)
    client.get("/staff/reports/")
    assert len(client.page.all('form[action="/staff/reports/undo"]')) == 1  # one press did it, one undoes it
    client.submit(client.page.form('form[action="/staff/reports/undo"]'))
    db.session.expire_all()
    assert {s.state for s in sent} == {"waiting"}
    assert ledger.verify()[1] is None


def test_a_row_is_decided_in_place(make: Factories, group: Organisation, client: Client) -> None:
    submission = send(make, group)
    client.sign_in(make.reviewer())
    client.get("/staff/reports/")
    form = client.page.form(f'form[action="/staff/reports/{submission.public_id}/approve"]')
    answer = client.submit(form, htmx=True, expect=200).get_data(as_text=True)
    assert answer.lstrip().startswith(f'<tr id="r-{submission.public_id}" class="done">')
    assert f"/staff/reports/{submission.public_id}/undo" in answer  # may be taken back
    assert f"/staff/reports/{submission.public_id}/approve" not in answer  # and not approved twice
    assert 'id="tallies"' in answer
    db.session.expire_all()
    assert submission.state == "approved"


def test_after_a_decision_comes_the_next_of_the_same_view(make: Factories, client: Client) -> None:
    reviewer = make.reviewer()
    first, second, elsewhere = (send(make, make.group(district=d)) for d in ("d1", "d1", "d2"))
    client.sign_in(reviewer)
    client.get(f"/staff/reports/{first.public_id}?back=district%3Dd1%26sort%3Doldest")
    answer = client.submit(client.page.form('form[action$="/approve"]'))
    assert second.public_id in answer.headers["Location"]
    client.get(answer.headers["Location"])
    answer = client.submit(client.page.form('form[action$="/approve"]'))
    assert answer.headers["Location"].startswith("/staff/reports/?")  # the view is done: d2 is not in it
    assert elsewhere.public_id not in answer.headers["Location"]


# --- two people


def test_two_people_sign_off_where_the_city_wants_it(
    make: Factories, group: Organisation, client: Client
) -> None:
    settings.put(settings.SECOND_SIGN_OFF, True, SYSTEM)
    submission = send(make, group)
    first, second = make.reviewer(), make.reviewer()
    client.sign_in(first)
    client.get(f"/staff/reports/{submission.public_id}")
    client.submit(client.page.form('form[action$="/approve"]'))
    db.session.expire_all()
    assert submission.state == "waiting"
    assert db.session.scalar(select(func.count()).select_from(Posting)) == 0
    with pytest.raises(NotPermitted):
        services.approve(make.actor(first), submission, submission.last_seq)
    client.get(f"/staff/reports/{submission.public_id}")
    assert not client.page.all('form[action$="/approve"]')
    assert services.approve(make.actor(second), submission, submission.last_seq) == "approved"
    assert submissions.verify()[1] is None


def test_a_correction_begins_the_signing_off_anew(make: Factories, group: Organisation) -> None:
    settings.put(settings.SECOND_SIGN_OFF, True, SYSTEM)
    first, second = make.actor(make.reviewer()), make.actor(make.reviewer())
    submission = send(make, group)
    assert services.approve(first, submission, submission.last_seq) == "checked"
    db.session.commit()
    send(make, group, based_on=1, attendance=44)
    assert services.approve(second, submission, submission.last_seq) == "checked"  # of another version
    assert services.approve(first, submission, submission.last_seq) == "approved"


# --- finding


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "typed",
    ["もみじ台", "もみじだい", "モミジ", "ﾓﾐｼﾞﾀﾞｲ", "momijidai", "Momiji", "momij", "もみじ台 サロン", "Maple"],
)
def test_a_group_is_found_however_its_name_is_typed(make: Factories, typed: str) -> None:
    group = make.group("もみじ台サロン")
    group.kana, group.names = "もみじだいさろん", {"ja": "もみじ台サロン", "en": "Maple Hill Salon"}
    db.session.commit()
    send(make, group)
    send(make, make.group("さくら会"))
    found = queries.queue(make.actor(make.reviewer()), Filters(q=typed))
    assert [row.submission.organisation_id for row in found.rows] == [group.id]
    assert found.total == 1


@pytest.mark.parametrize("typed", ["simbasi", "shinbashi", "しんばし", "新橋"])
def test_latin_letters_are_read_in_both_spellings(make: Factories, typed: str) -> None:
    group = make.group("新橋サロン")
    group.kana = "しんばしさろん"
    db.session.commit()
    send(make, group)
    assert queries.queue(make.actor(make.reviewer()), Filters(q=typed)).total == 1


@pytest.mark.parametrize("typed", ["%", "_", "ー", "サロン%"])
def test_signs_of_the_database_find_nothing(make: Factories, group: Organisation, typed: str) -> None:
    send(make, group)
    assert queries.queue(make.actor(make.reviewer()), Filters(q=typed)).total == 0


# --- pages


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", sorted(queries.ORDERS))
def test_pages_stay_put_while_others_decide(make: Factories, sort: str) -> None:
    reviewer = make.actor(make.reviewer())
    count = PAGE + 7
    sent = [send(make, make.group()) for _ in range(count)]
    first = queries.queue(reviewer, Filters(sort=sort))
    assert (len(first.rows), first.before, bool(first.after)) == (PAGE, "", True)
    gone = first.rows[3].submission
    services.approve(reviewer, gone, gone.last_seq)  # a row of the page already read
    db.session.commit()
    second = queries.queue(reviewer, Filters(sort=sort, after=first.after))
    read = [row.submission.id for row in (*first.rows, *second.rows)]
    assert sorted(read) == sorted(s.id for s in sent)  # none twice, none missed
    assert second.after == ""
    back = queries.queue(reviewer, Filters(sort=sort, before=second.before))
    expected = [row.submission.id for row in first.rows if row.submission is not gone]
    assert [row.submission.id for row in back.rows] == expected


def place_named(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "values",
    [
        (10**30, "2026-11-05T01:00:00+00:00", 1),  # larger than any database keeps
        (0, "2026-11-05T01:00:00", 1),  # a moment in no zone
        (0, "2026-11-05T01:00:00+00:00", "1"),
        (0, "2026-11-05T01:00:00+00:00"),
    ],
)
def test_a_made_up_place_is_the_first_page(
    make: Factories, group: Organisation, client: Client, values: tuple[Any, ...]
) -> None:
    send(make, group)
    client.sign_in(make.reviewer())
    client.get(f"/staff/reports/?after={place_named(*values)}")
    assert len(client.page.all("[data-queue] tbody tr")) == 1


@pytest.mark.parametrize("token", ["x", "W10", "bnVsbA", "é", "WzEsIm5vdCBhIGRheSIsM10"])
def test_a_mistyped_place_is_the_first_page(
    make: Factories, group: Organisation, client: Client, token: str
) -> None:
    send(make, group)
    client.sign_in(make.reviewer())
    client.get(f"/staff/reports/?after={token}")
    assert len(client.page.all("[data-queue] tbody tr")) == 1


# --- views, notes


def test_views_are_ones_own(make: Factories, client: Client) -> None:
    mine, other = make.reviewer(), make.reviewer()
    saved_views.keep(make.actor(other), "別の人の", "tab=late")
    db.session.commit()
    client.sign_in(mine)
    client.get("/staff/reports/?district=d1&sort=oldest")
    client.submit(client.page.form('form[action="/staff/reports/views"]'), {"name": "第1地区"})
    client.get("/staff/reports/")
    links = {a.text: a.get("href") for a in client.page.all("details.views a")}
    assert links == {"第1地区": "/staff/reports/?district=d1&sort=oldest"}
    theirs = saved_views.of(make.actor(other))[0]
    client.send(f"/staff/reports/views/{theirs.id}/remove", {}, page="/staff/reports/")
    db.session.expire_all()
    assert [view.name for view in saved_views.of(make.actor(other))] == ["別の人の"]
    client.get("/staff/reports/")
    client.submit(client.page.form('form[action="/staff/reports/views"]'), {"name": " "}, expect=422)
    client.get("/staff/reports/")
    client.submit(client.page.form('form[action$="/remove"]'))
    assert saved_views.of(make.actor(mine)) == []


def test_a_note_is_read_by_reviewers_only(
    make: Factories, group: Organisation, client: Client, asaka: Flask
) -> None:
    submission = send(make, group)
    client.sign_in(make.reviewer())
    path = f"/staff/reports/{submission.public_id}"
    client.get(path)
    client.submit(client.page.form('form[action$="/notes"]'), {"among_us": ""}, expect=422)
    client.get(path)
    client.submit(client.page.form('form[action$="/notes"]'), {"among_us": "電話で確かめた"})
    client.get(path)
    assert "電話で確かめた" in client.page.text("main")
    phone = Client(asaka)
    phone.use_card(make.card(group)[1])
    phone.get("/ja/report/salon/2026-10/receipt/")
    assert "電話で確かめた" not in phone.page.text("main")


# --- who is late


def test_a_mark_stays_with_the_report_and_goes_again(
    make: Factories, group: Organisation, client: Client
) -> None:
    user = make.reviewer()
    reviewer = make.actor(user)
    client.sign_in(user)
    where = f"/staff/reports/late/{group.public_id}/salon/2026-09/mark"
    client.get("/staff/reports/?tab=late")
    form = client.page.form(f'form[action="{where}"]')
    answer = client.submit(form, press="will_send", htmx=True, expect=200).get_data(as_text=True)
    assert 'aria-pressed="true"' in answer
    db.session.expire_all()
    row = late.find(reviewer, group.public_id, "salon", "2026-09")
    assert row is not None
    assert row.mark is not None
    assert row.mark.mark == "will_send"
    trail = select(AuditEvent.data).where(AuditEvent.action == "late_marked")
    assert list(db.session.scalars(trail)) == [
        {"data_set": "salon", "period": "2026-09", "mark": "will_send"}
    ]
    late.put_mark(reviewer, row, "")
    again = late.find(reviewer, group.public_id, "salon", "2026-09")
    assert again is not None
    assert again.mark is None
    with pytest.raises(Invalid):
        late.put_mark(reviewer, again, "gone_fishing")


def test_only_who_may_decide_marks(make: Factories, group: Organisation, client: Client) -> None:
    client.sign_in(make.reviewer(district="d2"))
    where = f"/staff/reports/late/{group.public_id}/salon/2026-09/mark"
    client.send(where, {"mark": "called"}, page="/staff/reports/", expect=404)


# --- changing an approved report


def keyed(
    make: Factories, group: Organisation, user: Any, based_on: int, reason: str, note: str = ""
) -> Submission:
    desk = sit_down(make.actor(user), group, "salon", "2026-10", "entry")
    raw = {"held": RawAnswer("2"), "attendance": RawAnswer("44")}
    sending = Sending(reporting.new_key(), based_on, Written(raw), "paper", reason, note)
    return reporting.send(desk, sending)


def test_staff_say_why_they_change_what_is_approved(make: Factories, group: Organisation) -> None:
    user = make.reviewer()
    submission = send(make, group)
    services.approve(make.actor(user), submission, submission.last_seq)
    db.session.commit()
    with pytest.raises(Invalid, match="amend_reason_missing"):
        keyed(make, group, user, 1, "")
    db.session.rollback()
    with pytest.raises(Invalid, match="note_missing"):
        keyed(make, group, user, 1, "other")
    db.session.rollback()
    keyed(make, group, user, 1, "told_later")
    db.session.commit()
    assert submission.events[-1].data["reason"] == "told_later"
    assert (submission.state, value_of(ATTENDED)) == ("amended", 40)


def test_the_page_lists_what_will_move_before_it_is_saved(
    make: Factories, group: Organisation, client: Client
) -> None:
    user = make.reviewer()
    submission = send(make, group)
    services.approve(make.actor(user), submission, submission.last_seq)
    db.session.commit()
    client.sign_in(user)
    client.get(f"/staff/reports/{submission.public_id}")
    form_url = client.page.one('a[href^="/staff/entry/"]').get("href")
    client.get(form_url)
    typed = {"m-held": "2", "m-attendance": "44", "keyed_from": "paper"}
    client.submit(client.page.form("form.report"), typed, press="check", expect=200)
    said = client.page.text("section[aria-labelledby=amending]")
    assert "(2-3-p2): 40" in said.replace("人", "")
    assert "44" in said
    assert "1-3-p1" not in said  # who helped has not changed
    client.submit(client.page.form("main form"), expect=422)  # no reason yet
    assert client.page.text("section[aria-labelledby=amending]") != ""
    client.submit(client.page.form("main form"), {"amend_reason": "slip"})
    db.session.expire_all()
    assert submission.version == 2
    assert submission.events[-1].data["reason"] == "slip"


def test_the_flags_of_a_row_are_what_the_service_says(
    make: Factories, group: Organisation, asaka: Flask
) -> None:
    """Who keyed it in sees no button where the city does not allow it; who may, does."""
    keyer, other = make.reviewer(), make.reviewer()
    desk = sit_down(make.actor(keyer), group, "salon", "2026-10", "entry")
    raw = {"held": RawAnswer("2"), "attendance": RawAnswer("44")}
    submission = reporting.send(desk, Sending(reporting.new_key(), 0, Written(raw), "paper"))
    db.session.commit()

    def flags(user: Any) -> tuple[bool, bool]:
        actor = make.actor(user)
        row = queries.row(actor, submission.public_id)
        assert row is not None
        with asaka.test_request_context("/staff/reports/"):
            shown = queue_page.row(actor, row, Filters(), False)
        return shown["may_approve"], shown["may_choose"]

    assert flags(other) == (True, True)
    assert flags(keyer) == (False, False)
    settings.put(settings.KEYER_MAY_APPROVE, True, SYSTEM)
    assert flags(keyer) == (True, True)


def test_what_was_taken_back_again_is_shown_to_nobody(
    make: Factories, group: Organisation, client: Client
) -> None:
    """An approved report, changed and the change withdrawn: what counts is what is shown, and sent anew."""
    reviewer = make.actor(make.reviewer())
    submission = send(make, group)
    services.approve(reviewer, submission, submission.last_seq)
    db.session.commit()
    send(make, group, based_on=1, attendance=44)
    events.append(submission, Action.WITHDRAW, submission.last_seq, reviewer)
    db.session.commit()
    assert (submission.state, submission.version, submission.approved_version) == ("approved", 2, 1)
    assert reports.version(submission).values["attendance"]["value"] == 40
    history = reports.history(group.id, submission.data_set_id, "2026-11")
    assert history["2026-10"]["attendance"]["value"] == 40
    row = queries.row(reviewer, submission.public_id)
    assert row is not None
    assert row.figure == {"state": "number", "value": 40}
    again = send(make, group, based_on=2, attendance=44)  # meant after all: it is a new version
    assert (again.state, again.version) == ("amended", 3)
