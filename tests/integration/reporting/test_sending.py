"""A report's way to the receipt: kept as typed, refused gently, counted once however often it is sent."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting import receipts
from portal.reporting.models import Draft, Submission, SubmissionEvent, SubmissionVersion
from tests.support.client import Client
from tests.support.factories import Factories

FORM = "/ja/report/salon/2026-10/"
GOOD = {"m-held": "２", "m-attendance": "４０人", "m-helpers": "六", "m-activities": ["tea", "exercise"]}


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    _card, token = make.card(group)
    client.use_card(token)
    return client


def check(phone: Client, **changes: object) -> None:
    """Write the report and go on to the check page."""
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), {**GOOD, **changes}, press="check")
    phone.get(f"{FORM}check/")


def send(phone: Client, **changes: object) -> None:
    check(phone, **changes)
    phone.submit(phone.page.form("main form"))


def stored() -> dict[str, object]:
    db.session.rollback()
    return db.session.scalars(select(SubmissionVersion).order_by(SubmissionVersion.id.desc())).first().values


def test_the_way_to_the_receipt(phone: Client) -> None:
    send(phone)
    phone.get(f"{FORM}receipt/")
    assert "届きました" in phone.page.text("h1")
    submission = db.session.scalars(select(Submission)).one()
    code = phone.page.text(".code")
    assert receipts.digest(receipts.read(code)) == submission.receipt_digest
    assert stored()["attendance"] == {"state": "number", "value": 40}
    assert stored()["helpers"] == {"state": "number", "value": 6}
    assert stored()["activities"]["value"] == ["exercise", "tea"]  # the form's order, not the finger's
    assert count(Draft) == 0


def test_whoever_holds_the_receipt_sees_its_state_and_nothing_else(phone: Client, asaka: Flask) -> None:
    send(phone)
    phone.get(f"{FORM}receipt/")
    stranger = Client(asaka)
    stranger.get(f"/vi/r/{phone.page.text('.code').lower()}")
    words = stranger.page.text("main")
    assert "40" not in words
    assert "ひだまりサロン" not in words
    stranger.get("/vi/r/0000-0000-0000", expect=404)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("m-attendance", "", "数を書くか、下の答えから選んでください。"),
        ("m-attendance", "たくさん", "数として読めません。12のように書いてください。"),
        ("m-attendance", "-3", "0以上の数を書いてください。"),
        ("m-attendance", "12.5", "12のように、小数点のない数で書いてください。"),
        ("m-attendance", "20001", "多すぎて受けとれません(20,000まで)。もう一度見てください。"),
        ("m-held", "99", "多すぎて受けとれません(62まで)。もう一度見てください。"),
        (
            "m-people",
            "41",
            "「来た人(実人数)」が「来た人(延べ)」より多くなることはありません。両方を見てください。",
        ),
    ],
)
def test_a_slip_is_said_at_its_field_and_nothing_typed_is_lost(
    phone: Client, field: str, typed: str, said: str
) -> None:
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), {**GOOD, field: typed}, press="check", expect=422)
    place = phone.page.one(f"input[name={field}]")
    assert place.get("aria-invalid") == "true"
    assert place.get("value") == typed
    assert said in phone.page.text(f"#{field}-error")
    assert said in phone.page.text("#errors")
    assert phone.page.one("input[name=m-helpers]").get("value") == "六"
    assert phone.page.text("title").startswith("エラー:")
    assert count(Submission) == 0


def test_what_is_typed_is_kept_as_it_is_typed(phone: Client) -> None:
    phone.get(FORM)
    form = phone.page.form("form.report").filled({"m-held": "に", "m-attendance": "四十くらい"})
    answer = phone.post(f"{FORM}draft", form, expect=200, htmx=True)
    assert "保存しました" in answer.text
    assert "<html" not in answer.text  # the fragment, not the page
    phone.get(FORM)
    assert phone.page.one("input[name=m-attendance]").get("value") == "四十くらい"


def test_stopping_without_javascript_keeps_it_too(phone: Client) -> None:
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), {"m-held": "3"}, press="save")
    phone.get(FORM)
    assert phone.page.one("input[name=m-held]").get("value") == "3"
    phone.get("/ja/report/")
    assert "つづける" in phone.page.text("main") or "はじめる" not in phone.page.text("main")


def test_not_held_is_one_touch_and_not_zero(phone: Client) -> None:
    phone.get("/ja/report/")
    phone.submit(phone.page.form('form[action="/ja/report/salon/2026-10/not-held"]'))
    phone.get(f"{FORM}check/")
    phone.submit(phone.page.form("main form"))
    assert stored() == {
        "held": {"state": "not_held", "value": None},
        "attendance": {"state": "not_held", "value": None},
    }


@pytest.mark.both_databases
def test_pressed_twice_it_is_counted_once(phone: Client) -> None:
    check(phone)
    form = phone.page.form("main form")
    first = phone.submit(form)
    again = phone.submit(form)
    assert first.headers["Location"] == again.headers["Location"]
    assert (count(Submission), count(SubmissionVersion), count(SubmissionEvent)) == (1, 1, 1)


def test_killed_between_commit_and_answer_the_replay_finds_the_receipt(
    phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(phone)
    form = phone.page.form("main form")
    with monkeypatch.context() as broken:

        def die(*_args: object, **_more: object) -> str:
            raise ConnectionResetError("the phone lost its signal")

        broken.setattr("portal.reporting.pages.leave_to", die)
        # the view dies after the service has written: nothing may stay half-written
        with pytest.raises(ConnectionResetError):
            phone.submit(form)
    assert count(Submission) == 0
    phone.submit(form)  # the same form again, as a browser repeats it
    phone.submit(form)
    assert count(SubmissionVersion) == 1


def test_the_same_content_from_another_phone_is_the_same_report(
    phone: Client, make: Factories, asaka: Flask, group: Organisation
) -> None:
    other = Client(asaka)
    _card, token = make.card(group)
    other.use_card(token)
    check(phone)
    check(other)
    phone.submit(phone.page.form("main form"))
    other.submit(other.page.form("main form"))
    assert count(SubmissionVersion) == 1


def test_other_content_is_shown_beside_and_one_press_sends_it_as_a_correction(
    phone: Client, make: Factories, asaka: Flask, group: Organisation
) -> None:
    other = Client(asaka)
    _card, token = make.card(group)
    other.use_card(token)
    check(phone)
    check(other, **{"m-attendance": "44"})
    phone.submit(phone.page.form("main form"))
    other.submit(other.page.form("main form"), expect=409)
    words = other.page.text("main")
    assert "44人" in words
    assert "40人" in words
    assert count(SubmissionVersion) == 1
    other.submit(other.page.form("main form"))
    assert stored()["attendance"]["value"] == 44
    assert (count(Submission), count(SubmissionVersion)) == (1, 2)


@pytest.mark.both_databases
def test_two_phones_at_the_same_moment(asaka: Flask, make: Factories, group: Organisation) -> None:
    """Eight threads send one report at once: one submission, one version, everybody the receipt."""
    _card, token = make.card(group)
    phones = []
    for _ in range(2):
        one = Client(asaka)
        one.use_card(token)
        check(one)
        phones.append((one, one.page.form("main form")))
    answers: list[int] = []

    def press(one: Client, form: object) -> None:
        with asaka.app_context():
            answers.append(one.submit(form, expect=None).status_code)

    threads = [threading.Thread(target=press, args=pair) for pair in phones * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {303, 409}
    assert (count(Submission), count(SubmissionVersion)) == (1, 1)


def test_an_old_token_writes_nothing_and_keeps_what_was_typed(phone: Client) -> None:
    phone.get(FORM)
    form = phone.page.form("form.report").filled(GOOD, press="check")
    form["csrf_token"] = ["stale"]
    phone.post(FORM, form, expect=400)
    assert phone.page.one("input[name=m-attendance]").get("value") == "４０人"
    assert phone.page.one("input[name=csrf_token]").get("value") != "stale"
    assert count(Draft) == 0


@pytest.mark.parametrize("step", ["", "draft", "send", "not-held"])
def test_no_step_writes_without_a_token(phone: Client, step: str) -> None:
    phone.post(f"{FORM}{step}", {"m-held": "1", "m-attendance": "5", "action": "save"}, expect=400)
    assert (count(Draft), count(Submission)) == (0, 0)


def test_without_a_session_every_step_leads_to_the_card(asaka: Flask) -> None:
    stranger = Client(asaka)
    for path in ("/ja/report/", FORM, f"{FORM}check/", f"{FORM}receipt/", "/ja/report/past/"):
        assert stranger.get(path, expect=303).headers["Location"] == "/ja/report/card"
    lost = stranger.get(FORM, htmx=True, expect=None)
    assert lost.headers["HX-Redirect"] == "/ja/report/card"


@pytest.mark.parametrize(
    "path",
    [
        "/ja/report/office/2026-10/",  # a form that is not this group's
        "/ja/report/salon/2027-01/",  # a month to come
        "/ja/report/salon/2024-01/",  # before it began
        "/ja/report/salon/nonsense/",
        "/ja/report/nothing/2026-10/",
    ],
)
def test_what_is_not_yours_is_not_there(phone: Client, path: str) -> None:
    phone.get(path, expect=404)


def test_several_months_go_together_or_not_at_all(phone: Client) -> None:
    path = "/ja/report/salon/months/"
    phone.get(path)
    months = {"m-held-2026-08": "1", "m-attendance-2026-08": "10", "m-held-2026-09": "1"}
    phone.submit(phone.page.form("#months"), months, expect=422)
    assert count(Submission) == 0
    assert phone.page.one("input[name=m-attendance-2026-08]").get("value") == "10"
    phone.submit(phone.page.form("#months"), {**months, "m-attendance-2026-09": "12"})
    assert count(Submission) == 2


MONTHS = {
    "m-held-2026-08": "1",
    "m-attendance-2026-08": "10",
    "m-held-2026-09": "1",
    "m-attendance-2026-09": "12",
}


def test_several_months_sent_again_are_counted_once(phone: Client) -> None:
    phone.get("/ja/report/salon/months/")
    posted = phone.page.form("#months").filled(MONTHS)
    phone.post("/ja/report/salon/months/", posted)
    again = phone.post("/ja/report/salon/months/", posted)  # the first answer was lost on the way
    assert again.headers["Location"].endswith("/report/past/")
    assert (count(Submission), count(SubmissionVersion)) == (2, 2)


def test_a_month_that_came_from_another_phone_keeps_the_others_unsent_and_typed(phone: Client) -> None:
    phone.get("/ja/report/salon/months/")
    posted = phone.page.form("#months").filled(MONTHS)
    phone.get("/ja/report/salon/2026-09/")
    phone.submit(phone.page.form("form.report"), GOOD, press="check")
    phone.get("/ja/report/salon/2026-09/check/")
    phone.submit(phone.page.form("main form"))
    phone.post("/ja/report/salon/months/", posted, expect=409)
    assert count(Submission) == 1
    assert phone.page.one("input[name=m-attendance-2026-08]").get("value") == "10"
    assert phone.page.one("input[name=m-attendance-2026-09]").get("value") == "12"
    assert phone.page.one("input[name=m-held-2026-09]").get("aria-invalid") == "true"


def test_not_held_never_takes_the_place_of_what_was_typed(phone: Client) -> None:
    phone.get("/ja/report/")
    pressed_late = phone.page.form(f'form[action="{FORM}not-held"]')
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), {"m-attendance": "33"}, press="save")
    assert phone.submit(pressed_late).headers["Location"].endswith(FORM)
    phone.get(FORM)
    assert phone.page.one("input[name=m-attendance]").get("value") == "33"
    phone.get("/ja/report/")
    assert phone.page.all(f'form[action="{FORM}not-held"]') == []


def test_events_and_versions_cannot_be_changed(phone: Client) -> None:
    send(phone)
    db.session.rollback()
    for statement in ("UPDATE submission_events SET actor = 'x'", "DELETE FROM submission_events"):
        with pytest.raises(DatabaseError):
            db.session.execute(db.text(statement))
        db.session.rollback()


def test_last_time_stands_beside_the_field_and_choices_can_be_copied(phone: Client) -> None:
    for path in ("/ja/report/salon/2026-09/",):
        phone.get(path)
        phone.submit(phone.page.form("form.report"), GOOD, press="check")
        phone.get(f"{path}check/")
        phone.submit(phone.page.form("main form"))
    phone.get(FORM)
    assert "40人" in phone.page.text("#m-attendance-last")
    phone.submit(phone.page.form("form.report"), press="copy")
    phone.get(FORM)
    chosen = [
        box.get("value")
        for box in phone.page.all("input[name=m-activities]")
        if box.get("checked") is not None
    ]
    assert chosen == ["exercise", "tea"]
    assert phone.page.one("input[name=m-attendance]").get("value") == ""
