"""What the server gives to a phone that will be without a signal, and what it says when the phone is back."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting.models import Submission
from portal.reporting.offline import MARK
from portal.web.locale import LOCALES
from tests.support.client import Client
from tests.support.factories import Factories

HOME = "/ja/report/"
FORM = "/ja/report/salon/2026-10/"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    _card, token = make.card(group)
    client.use_card(token)
    return client


def test_the_worker_is_asked_for_each_time_and_sent_once(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}, expect=304)


def test_only_the_first_page_and_the_forms_may_be_kept(phone: Client) -> None:
    kept = {
        path: MARK in phone.get(path).headers
        for path in (HOME, FORM, "/ja/report/past/", "/ja/report/phones", "/ja/report/token", "/ja/sign-in")
    }
    assert [path for path, may in kept.items() if may] == [HOME, FORM]
    phone.get(FORM)
    wrong = phone.page.form("form.report").filled({"m-held": "x"}, press="check")
    assert MARK not in phone.post(FORM, wrong, expect=422).headers


def test_the_first_page_names_the_due_and_the_running_month(phone: Client) -> None:
    phone.get(HOME)
    assert phone.page.one("#outbox").get("data-keep", "").split() == [FORM, "/ja/report/salon/2026-11/"]


def test_two_cards_have_two_names_and_one_group_one(
    phone: Client, make: Factories, group: Organisation, asaka: Flask
) -> None:
    def names(client: Client) -> tuple[str, str]:
        said = client.get("/ja/report/token").json
        assert said["token"]
        return said["card"], said["group"]

    first = names(phone)
    other = Client(asaka)
    other.use_card(make.card(make.group("べつのサロン"))[1])
    assert set(first).isdisjoint(names(other))
    second = Client(asaka)
    second.use_card(make.card(group)[1])
    assert (names(second)[0] == first[0], names(second)[1]) == (False, first[1])


def test_a_token_is_for_who_is_signed_in(client: Client, phone: Client, asaka: Flask) -> None:
    stranger = Client(asaka)
    assert stranger.get("/ja/report/token", expect=303).headers["Location"] == "/ja/report/card"
    token = phone.get("/ja/report/token").json["token"]
    fields = {"submission_key": "k" * 32, "based_on": "0", "m-held_state": "not_held", "csrf_token": token}
    answer = phone.post(f"{FORM}send", fields)
    assert answer.headers["Location"] == f"{FORM}receipt/"
    again = phone.post(f"{FORM}send", {**fields, "csrf_token": phone.get("/ja/report/token").json["token"]})
    assert again.headers["Location"] == f"{FORM}receipt/"
    db.session.rollback()
    assert db.session.query(Submission).count() == 1


def test_the_page_of_nobody_knows_nobody(phone: Client) -> None:
    phone.get("/ja/report/offline")
    frame = phone.page.one("#outbox")
    assert (frame.get("data-card"), frame.get("data-group"), frame.get("data-keep")) == ("", "", "")
    assert "ひだまりサロン" not in phone.page.text("body")


@pytest.mark.parametrize("slug", list(LOCALES))
def test_the_app_on_the_home_screen_opens_at_the_groups_own_page(client: Client, slug: str) -> None:
    client.get(f"/{slug}/report/card")
    link = client.page.one("link[rel=manifest]").get("href", "")
    said = json.loads(client.get(link).text)
    assert (said["start_url"], said["scope"]) == (f"/{slug}/report/", f"/{slug}/")
    assert said["lang"] == LOCALES[slug].html_lang
    for icon in said["icons"]:
        assert icon["src"] in client.browser.application.extensions["assets"].by_path


def test_a_report_on_an_earlier_edition_is_carried_over_and_explained(phone: Client) -> None:
    """It waited on a phone while a question went: nothing is dropped in silence, what fits is filled in."""
    phone.get(FORM)
    fields = phone.page.form("form.report").filled({"m-held": "2", "m-attendance": "40"})
    phone.post(f"{FORM}send", {**fields, "m-gone_question": "7"}, expect=422)
    assert "質問が変わりました" in phone.page.text("#errors")
    assert phone.page.one("input[name=m-attendance]").get("value") == "40"
    db.session.rollback()
    assert db.session.query(Submission).count() == 0
    phone.post(f"{FORM}send", {**fields, "m-gone_question": ""})  # it was empty: nothing is lost
    db.session.rollback()
    assert db.session.query(Submission).count() == 1


def test_nothing_of_it_shows_without_javascript(phone: Client) -> None:
    """Nor in a text browser, which knows nothing of `hidden`: the words come with the scripts."""
    for path in (HOME, FORM, "/ja/report/phones", "/ja/report/card"):
        phone.get(path)
        assert phone.page.text("#outbox") == ""
        assert "電波" not in phone.page.text("body")
        assert phone.page.all("dialog, template") == []
