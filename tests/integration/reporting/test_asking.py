"""What a page carries so that a phone can ask by itself, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from portal.domain import plausibility
from portal.domain.measures import RawAnswer
from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.reporting import services
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission, SubmissionVersion
from portal.reporting.services import Sending
from portal.web.filters import number
from portal.web.i18n import speaking
from portal.web.locale import LOCALES
from tests.support import node
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.machine import missing

FORM = "/ja/report/salon/2026-10/"
MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")


@pytest.fixture
def group(make: Factories) -> Organisation:
    """It has met twice a month for five months, with some 40 people and 6 helpers."""
    group = make.group("ひだまりサロン")
    for place, period in enumerate(MONTHS):
        send(make, group, period, held=2, attendance=40 + place, helpers=6)
    return group


def send(
    make: Factories,
    group: Organisation,
    period: str,
    form: str = "salon",
    contact: Contact | None = None,
    **values: Any,
) -> Submission:
    card, _token = make.card(group, contact=contact)
    desk = sit_down(make.card_actor(card), group, form, period, "reporting")
    raw = {
        code: RawAnswer(state=value) if isinstance(value, str) else RawAnswer(text=str(value))
        for code, value in values.items()
    }
    submission = services.send(desk, Sending(services.new_key(), 0, Written(raw)))
    db.session.commit()
    return submission


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    client.use_card(make.card(group)[1])
    return client


@pytest.fixture(scope="module")
def script() -> Iterator[node.Plausibility]:
    with node.plausibility() as running:
        yield running


def asks(phone: Client, path: str = FORM) -> dict[str, Any]:
    phone.get(path)
    found: dict[str, Any] = json.loads(phone.page.one("form.report").get("data-asks", ""))
    return found


def field(said: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in said["fields"] if one["code"] == code)


def stored() -> SubmissionVersion:
    db.session.rollback()
    return db.session.scalars(select(SubmissionVersion).order_by(SubmissionVersion.id.desc())).first()  # type: ignore[return-value]


class TestThePage:
    def test_carries_the_numbers_the_rules_that_ask_and_the_groups_own_past(
        self, phone: Client, make: Factories
    ) -> None:
        send(make, make.group("べつのサロン"), "2026-09", held=2, attendance=777)
        said = asks(phone)
        assert said["numbers"] == dict(plausibility.ASKING)
        came = field(said, "attendance")
        assert (came["history"], came["before"], came["unit"]) == (
            [40, 41, 42, 43, 44],
            "44人",
            "%(number)s人",
        )
        assert "history" not in field(said, "people")  # nobody has told it yet
        assert [(r["left"]["terms"], r["op"], r["right"]["terms"]) for r in said["rules"]] == [
            (["helpers"], "<=", ["attendance"]),
            (["newcomers"], "<=", ["people"]),  # the two that refuse are the server's to say
        ]

    def test_knows_the_same_month_of_last_year(
        self, phone: Client, make: Factories, group: Organisation
    ) -> None:
        send(make, group, "2025-10", held=1, attendance=118)
        came = field(asks(phone), "attendance")
        assert (came["last_year"], came["history"][0]) == (118, 118)

    def test_of_a_commissioner_carries_the_own_terms_months_only(
        self, make: Factories, client: Client
    ) -> None:
        area, (before, present) = make.area((date(2025, 4, 1), date(2025, 11, 30)), (date(2025, 12, 1), None))
        codes = [m.code for m in make.data_set("minsei").measures]
        for period, figure, contact in (
            ("2025-11", 9, before),
            ("2026-08", 3, present),
            ("2026-09", 4, present),
        ):
            send(make, area, period, "minsei", contact, **dict.fromkeys(codes, figure))
        client.use_card(make.card(area, contact=present)[1])
        said = asks(client, "/ja/report/minsei/2026-10/")
        assert {tuple(one["history"]) for one in said["fields"]} == {(3, 4)}
        sums = next(rule for rule in said["rules"] if rule["op"] == "=")
        assert sums["left"]["said"] == "内容別の合計 %(number)s"
        assert len(sums["left"]["terms"]) == 14

    def test_at_a_desk_and_in_practice_has_nothing_of_it(
        self, phone: Client, make: Factories, group: Organisation, asaka: Flask
    ) -> None:
        phone.get("/ja/report/salon/practice/")
        assert "data-asks" not in phone.page.one("form.report")
        staff = Client(asaka)
        staff.sign_in(make.user({"role": "officer", "organisation_id": make.office().id}))
        staff.get("/staff/entry/")
        desk = next(a.get("href") for a in staff.page.all("main a") if "/staff/entry/" in a.get("href", ""))
        staff.get(str(desk))
        assert "data-asks" not in staff.page.one("form.report")


@pytest.mark.node
@pytest.mark.skipif("node" in missing(), reason=missing().get("node", ""))
class TestThePhonesWords:
    @pytest.mark.parametrize("slug", list(LOCALES))
    def test_are_those_of_the_check_page(self, phone: Client, script: node.Plausibility, slug: str) -> None:
        """Ten times as many came, a part above its whole, a number ten times the usual: letter by letter."""
        typed = {"held": "2", "attendance": "4900", "helpers": "4901", "people": "3", "newcomers": "4"}
        form = FORM.replace("/ja/", f"/{slug}/")
        said = asks(phone, form)
        given = {code: {"value": int(text)} for code, text in typed.items()}
        language = LOCALES[slug].html_lang
        mine = dict(script.ask("sentences", asks=said, given=given, language=language))
        phone.submit(phone.page.form("form.report"), {f"m-{c}": t for c, t in typed.items()}, press="check")
        answer = phone.get(f"{form}check/")
        assert list(mine) == ["attendance", "helpers", "newcomers"]
        for sentence in mine.values():
            assert f"<span data-words>{sentence}</span>" in answer.text

    @pytest.mark.parametrize("slug", ["ja", "vi", "ne"])
    def test_name_the_usual_figure_where_last_time_was_odd_too(
        self, make: Factories, client: Client, script: node.Plausibility, slug: str
    ) -> None:
        """Not “24 last time, 24 this time: is that right?”"""
        group = make.group()
        for period, came in zip(MONTHS, (9, 10, 11, 10, 24), strict=True):
            send(make, group, period, held=1, attendance=came)
        client.use_card(make.card(group)[1])
        form = FORM.replace("/ja/", f"/{slug}/")
        said = asks(client, form)
        given = {"held": {"value": 1}, "attendance": {"value": 25}}
        [[_code, mine]] = script.ask("sentences", asks=said, given=given, language=LOCALES[slug].html_lang)
        client.submit(client.page.form("form.report"), {"m-held": "1", "m-attendance": "25"}, press="check")
        assert f"<span data-words>{mine}</span>" in client.get(f"{form}check/").text
        assert "10" in mine
        assert "24" not in mine

    def test_name_the_sums_of_a_record(
        self, make: Factories, client: Client, script: node.Plausibility
    ) -> None:
        area, (present,) = make.area((date(2025, 4, 1), None))
        client.use_card(make.card(area, contact=present)[1])
        path = "/ja/report/minsei/2026-10/"
        said = asks(client, path)
        codes = [one["code"] for one in said["fields"]]
        typed = dict.fromkeys(codes, "0") | {"health": "5", "for_older": "4", "days": "8"}
        given = {code: {"value": int(text)} for code, text in typed.items()}
        mine = script.ask("sentences", asks=said, given=given, language="ja")
        client.submit(client.page.form("form.report"), {f"m-{c}": t for c, t in typed.items()}, press="check")
        answer = client.get(f"{path}check/")
        assert [code for code, _sentence in mine] == ["home_welfare"]
        assert "内容別の合計 5" in mine[0][1]
        assert f"<span data-words>{mine[0][1]}</span>" in answer.text

    @pytest.mark.parametrize("slug", list(LOCALES))
    def test_write_numbers_as_the_server_does(self, app: Flask, script: node.Plausibility, slug: str) -> None:
        asked = {
            "numbers": dict(plausibility.ASKING),
            "figures": {},
            "rules": [],
            "fields": [
                {
                    "code": "n",
                    "states": ["number"],
                    "history": [1],
                    "unit": "%(number)s",
                    "label": "",
                    "before": "",
                }
            ],
            "words": {"unusual": "%(now)s"},
        }
        language = LOCALES[slug].html_lang
        figures = [10, 999, 1000, 12345, 123456, 1234567, 1234.5]
        with app.test_request_context(f"/{slug}/"), speaking(LOCALES[slug]):
            g.setdefault("locale", LOCALES[slug])
            wanted = [number(figure) for figure in figures]
        found = [
            script.ask("sentences", asks=asked, given={"n": {"value": figure}}, language=language)[0][1]
            for figure in figures
        ]
        assert found == wanted


class TestTheAnswer:
    def sent(self, phone: Client, **answers: str) -> None:
        """As a phone sends it: the form's own fields with the answers, straight to 送る."""
        phone.get(FORM)
        fields = phone.page.form("form.report").filled({"m-held": "2", "m-attendance": "400"})
        phone.post(f"{FORM}send", {**fields, **answers})

    @pytest.mark.parametrize(
        ("answers", "kept"),
        [
            ({"q-attendance": "yes"}, {"answer": "yes", "reason": ""}),
            ({"why-attendance": "festival"}, {"answer": "yes", "reason": "festival"}),
            ({"q-attendance": "yes", "why-attendance": "joint"}, {"answer": "yes", "reason": "joint"}),
            ({}, None),
        ],
    )
    def test_is_kept_and_a_reason_alone_says_yes(
        self, phone: Client, answers: dict[str, str], kept: dict[str, str] | None
    ) -> None:
        self.sent(phone, **answers)
        assert stored().answers.get("attendance") == kept

    def test_reaches_the_reviewer(self, phone: Client, make: Factories, asaka: Flask) -> None:
        self.sent(phone, **{"why-attendance": "festival"})
        submission = stored().submission
        assert submission.unusual == 1
        staff = Client(asaka)
        staff.sign_in(make.reviewer())
        staff.get(f"/staff/reports/{submission.public_id}")
        said = staff.page.text(".banner.ask")
        assert "今回400人" in said
        assert "お祭り" in said

    def test_stands_on_the_check_page_when_another_report_has_arrived_meanwhile(
        self, phone: Client, make: Factories, group: Organisation
    ) -> None:
        phone.get(FORM)
        fields = phone.page.form("form.report").filled({"m-held": "2", "m-attendance": "400"})
        send(make, group, "2026-10", held=2, attendance=41)
        phone.post(f"{FORM}send", {**fields, "why-attendance": "festival"}, expect=409)
        assert phone.page.one("input[name=why-attendance][value=festival]").get("checked") is not None


def test_nobody_is_asked_whether_a_month_without_a_meeting_is_right(phone: Client) -> None:
    phone.get("/ja/report/")
    phone.submit(phone.page.form(f'form[action="{FORM}not-held"]'))
    phone.get(f"{FORM}check/")
    assert phone.page.all("fieldset.question") == []
    phone.submit(phone.page.form("main form"))
    assert stored().submission.unusual == 0


def test_the_words_of_waiting_have_the_question_and_its_reasons(phone: Client) -> None:
    phone.get("/ja/report/parts")
    part = phone.page.one("[data-part=question] fieldset.question")
    assert [one.get("name") for one in phone.page.all("[data-part=question] input")] == ["q-", *["why-"] * 5]
    assert part.get("tabindex") == "-1"
