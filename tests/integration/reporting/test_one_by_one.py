"""One question a screen, numbers of last time by one touch, another language: nothing typed is ever lost."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting.models import Draft, Submission
from portal.review import services as review
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.html import Element

FORM = "/ja/report/salon/2026-10/"
PRACTICE = "/ja/report/salon/practice/"
GOOD = {"m-held": "2", "m-attendance": "40", "m-activities": ["tea"]}


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    client.use_card(make.card(group)[1])
    return client


def send(phone: Client, path: str, values: dict[str, object]) -> None:
    phone.get(path)
    phone.submit(phone.page.form("form.report"), values, press="check")
    phone.get(f"{path}check/")
    phone.submit(phone.page.form("main form"))


def press(phone: Client, name: str, value: str, **typed: object) -> str:
    """Press one of the form's own buttons; gives where the answer leads to."""
    form = phone.page.form("form.report")
    assert (name, value) in {button[:2] for button in form.buttons}
    answer = phone.post(phone.path, {**form.filled(typed), name: value}, expect=None)
    assert answer.status_code in (200, 303), answer.status_code
    if answer.status_code == 303:
        phone.follow(answer)
    return phone.path


def shown(phone: Client) -> str:
    """The one screen that is not hidden."""
    found = [turn for turn in phone.page.all("section.turn") if turn.get("hidden") is None]
    assert len(found) == 1
    return str(found[0].get("data-turn"))


def actions_hidden(phone: Client) -> bool:
    button = next(b for b in phone.page.all("form.report .actions button") if b.get("value") == "check")
    return any(above.get("hidden") is not None for above in phone.page.ancestors(button))


def value(phone: Client, name: str) -> str:
    return str(phone.page.one(f"input[name={name}]").get("value", ""))


def test_the_choice_is_remembered_by_the_phone_and_can_be_taken_back(phone: Client) -> None:
    phone.get(FORM)
    assert phone.page.all("section.turn") == []
    press(phone, "view", "steps", **{"m-held": "2"})
    assert value(phone, "m-held") == "2"  # typed before, and still here
    for path in (FORM, PRACTICE, "/vi/report/salon/2026-10/"):
        phone.get(path)
        assert len(phone.page.all("section.turn")) == 6
    phone.get(FORM)
    press(phone, "view", "page")
    phone.get(FORM)
    assert phone.page.all("section.turn") == []


@pytest.fixture
def steps(phone: Client) -> Client:
    phone.get(FORM)
    press(phone, "view", "steps")
    return phone


def test_step_by_step_without_a_script_to_the_check_page(steps: Client) -> None:
    assert shown(steps) == "m-held"
    assert actions_hidden(steps)
    assert "1問目" in steps.page.text("#at-m-held .where")
    press(steps, "at", "m-attendance", **{"m-held": "2"})
    assert shown(steps) == "m-attendance"
    press(steps, "at", "m-helpers", **{"m-attendance": "４０人"})
    press(steps, "at", "m-people")
    press(steps, "at", "m-newcomers")
    press(steps, "at", "m-people")  # one back
    assert shown(steps) == "m-people"
    press(steps, "at", "m-newcomers")
    press(steps, "at", "m-activities")
    assert not actions_hidden(steps)
    assert value(steps, "m-attendance") == "４０人"  # as it was typed
    steps.submit(steps.page.form("form.report"), press="check")
    steps.get(f"{FORM}check/")
    assert "40人" in steps.page.text("main")


def test_it_goes_on_where_the_writer_stopped(steps: Client) -> None:
    press(steps, "at", "m-attendance", **{"m-held": "2"})
    steps.get(FORM)
    assert shown(steps) == "m-attendance"


def test_looking_around_leaves_no_draft(steps: Client) -> None:
    press(steps, "at", "m-attendance")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_fault_is_shown_on_its_own_screen(steps: Client) -> None:
    values = {"m-held": "2", "m-attendance": "40", "m-helpers": "たくさん"}
    steps.submit(steps.page.form("form.report"), values, press="check", expect=422)
    assert shown(steps) == "m-helpers"
    assert value(steps, "m-attendance") == "40"
    assert "#m-helpers" in {link.get("href") for link in steps.page.all("#errors a")}


def test_what_the_office_asks_about_comes_first(steps: Client, make: Factories, group: Organisation) -> None:
    send(steps, FORM, GOOD)
    reviewer = make.actor(make.reviewer())
    submission = db.session.scalars(select(Submission).where(Submission.organisation_id == group.id)).one()
    review.return_(reviewer, submission, submission.last_seq, {"attendance": "digits"})
    db.session.commit()
    steps.get(FORM)
    assert shown(steps) == "m-attendance"


def test_enter_does_what_the_large_button_does(steps: Client) -> None:
    """Browsers take a form's first button for it: it must not be one that fills something in."""

    def enter() -> str | None:
        controls = steps.page.one("form.report").iter()
        first = next(e for e in controls if e.tag == "button" or e.get("type") == "submit")
        return first.get("formaction")

    assert enter() == f"{FORM}?at=m-attendance"
    form = steps.page.form("form.report").filled({"m-held": "2"})
    steps.post(f"{FORM}?at=m-attendance", form)
    steps.get(FORM)
    assert (shown(steps), value(steps, "m-held")) == ("m-attendance", "2")
    steps.get(f"{FORM}?at=m-activities")
    assert enter() is None
    press(steps, "view", "page")
    assert enter() is None
    steps.post(FORM, form, expect=422)  # to the check page: the number of people is still missing


def test_one_number_of_last_month_by_one_touch_and_no_other(phone: Client) -> None:
    send(phone, "/ja/report/salon/2026-09/", {**GOOD, "m-helpers": "6"})
    phone.get(FORM)
    assert [value(phone, name) for name in ("m-held", "m-attendance", "m-helpers")] == ["", "", ""]
    assert "40人" in phone.page.text("button[name=take][value=m-attendance]")
    press(phone, "take", "m-attendance", **{"m-held": "3"})
    assert [value(phone, name) for name in ("m-held", "m-attendance", "m-helpers")] == ["3", "40", ""]


def test_an_answer_that_was_no_number_is_shown_and_not_offered(phone: Client) -> None:
    path = "/ja/report/salon/2026-09/"
    phone.get(path)
    form = phone.page.form("form.report").filled({"m-held": "1", "m-attendance_state": "unknown"})
    phone.post(path, {**form, "action": "check"})
    phone.get(f"{path}check/")
    phone.submit(phone.page.form("main form"))
    phone.get(FORM)
    assert phone.page.all("button[name=take][value=m-attendance]") == []
    assert phone.page.text("#m-attendance-last")
    assert phone.page.all("button[name=take][value=m-held]")


def test_practice_goes_step_by_step_too_and_keeps_nothing(phone: Client) -> None:
    send(phone, "/ja/report/salon/2026-09/", GOOD)
    phone.get(PRACTICE)
    press(phone, "view", "steps", **{"m-held": "2"})
    assert shown(phone) == "m-attendance"
    press(phone, "take", "m-attendance")
    assert (value(phone, "m-held"), value(phone, "m-attendance")) == ("2", "40")
    press(phone, "action", "copy")
    assert shown(phone) == "m-activities"
    assert phone.page.all("input[name=m-activities][value=tea][checked]")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_easy_japanese_is_one_touch_and_takes_along_what_is_typed(phone: Client) -> None:
    phone.get(FORM)
    assert press(phone, "language", "ja-easy", **{"m-held": "3"}) == FORM.replace("/ja/", "/ja-easy/")
    assert value(phone, "m-held") == "3"
    assert press(phone, "language", "ja") == FORM
    assert value(phone, "m-held") == "3"
    assert phone.browser.get_cookie("language").value == "ja"


def test_in_practice_the_language_changes_with_all_that_is_typed(phone: Client) -> None:
    phone.get(PRACTICE)
    form = phone.page.form("form.report").filled({"m-held": "3"})
    answer = phone.post(PRACTICE, {**form, "language": "ja-easy"}, expect=307)
    phone.post(answer.headers["Location"], {**form, "language": "ja-easy"}, expect=200)
    assert phone.path == PRACTICE.replace("/ja/", "/ja-easy/")
    assert value(phone, "m-held") == "3"


def test_a_long_record_goes_by_sections(make: Factories, asaka: Flask) -> None:
    area, terms = make.area((date(2025, 12, 1), None))
    phone = Client(asaka)
    phone.use_card(make.card(area, contact=terms[0])[1])
    path = "/ja/report/minsei/2026-10/"
    phone.get(path)
    press(phone, "view", "steps")
    turns: list[Element] = phone.page.all("section.turn")
    assert len(turns) == 5
    press(phone, "at", str(turns[1].get("data-turn")), **{"m-health": "3"})
    assert shown(phone) == turns[1].get("data-turn")
    press(phone, "action", "zeros")
    assert shown(phone) == turns[4].get("data-turn")
    assert (value(phone, "m-health"), value(phone, "m-housing")) == ("3", "0")


def test_staff_have_the_whole_form_before_them_and_nothing_to_take_in(
    phone: Client, make: Factories, asaka: Flask, group: Organisation
) -> None:
    send(phone, "/ja/report/salon/2026-09/", GOOD)
    desk = Client(asaka)
    desk.sign_in(make.reviewer())
    desk.browser.set_cookie("form_view", "steps")
    path = f"/staff/entry/{group.public_id}/salon/2026-10/"
    desk.get(path)
    assert desk.page.all("section.turn, .views, button[name=take]") == []
    assert "40人" in desk.page.text("#m-attendance-last")
    form = desk.page.form("form.report").filled({"m-held": "2"})
    desk.post(path, {**form, "take": "m-attendance"}, expect=422)  # not a button of this page
    assert value(desk, "m-attendance") == ""
