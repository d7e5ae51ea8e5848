"""The form on paper: every question of the definition, in the group's language, one page a group."""

from __future__ import annotations

import copy
from datetime import date

import pytest
from flask import Flask

from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from tests.support.client import Client
from tests.support.factories import Factories

PERIOD = "2026-10"
SHEETS = f"/staff/paper/sheets?data_set=salon&period={PERIOD}"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


def reads(group: Organisation, language: str, role: str = "leader") -> None:
    row = Contact(organisation_id=group.id, role=role, language=language, starts_on=date(2026, 4, 1))
    db.session.add(row)
    db.session.commit()


class TestAGroupsOwn:
    @pytest.mark.parametrize("slug", ["ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"])
    def test_has_every_question_of_the_definition(
        self, make: Factories, client: Client, group: Organisation, slug: str
    ) -> None:
        _card, token = make.card(group)
        client.use_card(token, slug=slug)
        client.get(f"/{slug}/report/salon/{PERIOD}/paper/")
        sheet = client.page.text(".sheet")
        measures = make.data_set().current.definition["measures"]
        assert len(client.page.all(".ask-row")) == len(measures)
        for measure in measures:
            if slug != "ja-easy":  # its readings are left out of `text`
                assert measure["names"][slug] in sheet
                assert measure["names"]["ja"] in sheet  # beside it, for whoever keys it in
            assert len(client.page.all(".ask-row.picked li")) == 8
        assert "ひだまりの会" in sheet
        assert len(client.page.all(".sheet svg.qr")) == 1

    def test_says_nothing_twice_in_japanese(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        _card, token = make.card(group)
        client.use_card(token)
        for slug in ("ja", "ja-easy"):
            client.get(f"/{slug}/report/salon/{PERIOD}/paper/")
            assert client.page.all(".jp") == []

    def test_is_reached_from_its_month(self, make: Factories, client: Client, group: Organisation) -> None:
        _card, token = make.card(group)
        client.use_card(token)
        client.get(f"/ja/report/salon/{PERIOD}/")
        assert client.page.all(f'a[href="/ja/report/salon/{PERIOD}/paper/"]')

    @pytest.mark.parametrize("path", ["salon/2027-10", "office/2026-10", "nothing/2026-10"])
    def test_of_what_it_does_not_report_is_not_there(
        self, make: Factories, client: Client, group: Organisation, path: str
    ) -> None:
        _card, token = make.card(group)
        client.use_card(token)
        client.get(f"/ja/report/{path}/paper/", expect=404)


class TestADistricts:
    def test_is_a_page_a_group_each_in_its_language(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        reads(group, "vi")
        make.group("あさひサロン")
        make.group("よその会", district="d2")
        client.sign_in(make.reviewer(district="d1"))
        client.get(SHEETS)
        assert [sheet.get("lang") for sheet in client.page.all("article.sheet")] == ["ja", "vi"]
        assert "よその会" not in client.page.text()

    def test_leaves_out_what_is_here_when_asked(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(f"/staff/entry/{group.public_id}/salon/{PERIOD}/")
        told = {"m-held": "2", "m-attendance": "31", "keyed_from": "paper"}
        client.submit(client.page.form("form.report"), told, press="check", expect=200)
        client.submit(client.page.form("main form"))
        client.get(f"{SHEETS}&missing=1", expect=404)
        client.get(SHEETS)

    def test_may_be_of_a_month_to_come(self, make: Factories, client: Client, group: Organisation) -> None:
        client.sign_in(make.reviewer())
        client.get("/staff/paper/sheets?period=2027-03")
        assert "2027年3月" in client.page.text(".sheet")
        client.get("/staff/paper/?period=2027-03")
        assert client.page.all(f'a[href="/staff/entry/{group.public_id}/salon/2027-03/"]') == []

    def test_of_a_form_of_the_offices_is_not_there(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        client.sign_in(make.reviewer())
        client.get("/staff/paper/?data_set=office", expect=404)
        client.get("/staff/paper/sheets?data_set=annual", expect=404)


def test_follows_whatever_definition_there_is(
    asaka: Flask, make: Factories, client: Client, group: Organisation
) -> None:
    """Sections, one choice out of several, other units: nothing of a form is known by the sheet itself."""
    edition = make.data_set().current
    changed = copy.deepcopy(edition.definition)
    names = {"ja": "種類", "vi": "Loại"}
    changed["sections"] = [{"code": "a", "names": {"ja": "第一の部", "vi": "Phần một"}}]
    changed["measures"] = [
        {"code": "hours", "kind": "flow", "names": {"ja": "何時間"}, "units": {"ja": "時間"}, "section": "a"},
        {
            "code": "stage",
            "kind": "stage",
            "names": names,
            "section": "a",
            "options": [{"code": "x", "names": {"ja": "甲"}}],
        },
    ]
    edition.definition = changed
    db.session.commit()
    reads(group, "vi")
    client.sign_in(make.reviewer())
    client.get(SHEETS)
    text = client.page.text(".sheet")
    for words in ("第一の部", "Phần một", "何時間", "時間", "Loại", "種類", "甲"):
        assert words in text
