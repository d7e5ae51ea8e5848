"""民生委員・児童委員: the nationwide record, confidential, each term for itself."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.errors import NotFound
from portal.domain.periods import Month
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.indicators import queries as indicators
from portal.organisations.models import Contact, Organisation
from portal.reporting.desk import sit_down
from portal.reporting.models import SubmissionVersion
from tests.integration.indicators.test_feeding import plan_codes, values
from tests.support.client import Client
from tests.support.factories import Factories

FORM = "/ja/report/minsei/2026-10/"
CHANGE = (date(2025, 12, 1), None)
CONTENT = {"m-daily_support": "3", "m-health": "2"}
FIELDS = {"m-for_older": "5"}


@pytest.fixture
def area(make: Factories) -> tuple[Organisation, list[Contact]]:
    return make.area((date(2025, 4, 1), date(2025, 11, 30)), CHANGE)


@pytest.fixture
def phone(make: Factories, client: Client, area: tuple[Organisation, list[Contact]]) -> Client:
    organisation, (_before, present) = area
    client.use_card(make.card(organisation, contact=present)[1])
    return client


def send(phone: Client, path: str = FORM, **figures: str) -> None:
    phone.get(path)
    phone.submit(
        phone.page.form("form.report"), {**CONTENT, **FIELDS, "m-days": "8", **figures}, press="zeros"
    )
    phone.get(path)
    phone.submit(phone.page.form("form.report"), press="check")
    phone.get(f"{path}check/")
    phone.submit(phone.page.form("main form"))


def stored() -> dict[str, dict[str, object]]:
    db.session.rollback()
    newest = select(SubmissionVersion).order_by(SubmissionVersion.id.desc()).limit(1)
    return dict(db.session.scalars(newest).one().values)


def test_only_what_is_not_zero_is_typed_and_one_touch_makes_the_rest_zero(phone: Client) -> None:
    send(phone)
    found = stored()
    assert len(found) == 29
    assert found["health"] == {"state": "number", "value": 2}
    assert found["days"] == {"state": "number", "value": 8}
    assert found["housing"] == {"state": "zero", "value": 0}
    assert sum(answer["state"] == "zero" for answer in found.values()) == 25


def test_blank_is_not_zero_and_many_blanks_are_said_once(phone: Client) -> None:
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), CONTENT, press="check", expect=422)
    assert len(phone.page.all("#errors li")) == 1
    assert "27" in phone.page.text()
    assert phone.page.one("input[name=m-health]").get("value") == "2"


def test_a_month_without_activity_is_one_touch_and_a_report(phone: Client) -> None:
    phone.get("/ja/report/")
    phone.submit(phone.page.form(f'form[action="{FORM}not-held"]'))
    phone.get(f"{FORM}check/")
    phone.submit(phone.page.form("main form"))
    assert {answer["state"] for answer in stored().values()} == {"zero"}


def test_totals_that_differ_stand_side_by_side_and_do_not_stop_anybody(phone: Client) -> None:
    phone.get(FORM)
    phone.submit(
        phone.page.form("form.report"), {**CONTENT, "m-for_older": "4", "m-days": "8"}, press="zeros"
    )
    phone.get(FORM)
    phone.submit(phone.page.form("form.report"), press="check")
    phone.get(f"{FORM}check/")
    assert "内容別の合計 5" in phone.page.text("main")
    assert "分野別の合計 4" in phone.page.text("main")
    phone.submit(phone.page.form("main form"))
    assert stored()["for_older"]["value"] == 4


def test_there_is_no_field_for_words_or_pictures(phone: Client) -> None:
    phone.get(FORM)
    form = phone.page.one("form.report")
    assert not form.findall(".//textarea")
    kinds = {e.get("type", "text") for e in form.iter("input") if e.get("name", "").startswith("m-")}
    modes = {e.get("inputmode") for e in form.iter("input") if e.get("name", "").startswith("m-")}
    assert (kinds, modes) == ({"text"}, {"numeric"})


class TestTerms:
    def test_each_card_opens_the_months_of_its_own_term(
        self, make: Factories, area: tuple[Organisation, list[Contact]]
    ) -> None:
        organisation, (before, present) = area
        old = make.card_actor(make.card(organisation, contact=before)[0])
        new = make.card_actor(make.card(organisation, contact=present)[0])
        sit_down(old, organisation, "minsei", "2025-11", "reporting")  # November is still the outgoing one's
        sit_down(new, organisation, "minsei", "2025-12", "reporting")
        for actor, period in ((new, "2025-11"), (old, "2025-12")):
            with pytest.raises(NotFound):
                sit_down(actor, organisation, "minsei", period, "reporting")

    def test_the_successor_sees_the_years_totals_only(
        self, make: Factories, client: Client, asaka: Flask, area: tuple[Organisation, list[Contact]]
    ) -> None:
        organisation, (before, present) = area
        leaving, coming = client, Client(asaka)
        leaving.use_card(make.card(organisation, contact=before)[1])
        send(leaving, "/ja/report/minsei/2025-11/", **{"m-visits": "417"})
        coming.use_card(make.card(organisation, contact=present)[1])
        coming.get("/ja/report/minsei/2025-11/", expect=404)
        coming.get("/ja/report/minsei/2025-11/receipt/", expect=404)
        coming.get("/ja/report/past/")
        assert "2025年11月" not in coming.page.text("main")
        assert "417" in coming.page.text("main")
        coming.get("/ja/report/minsei/2025-12/")  # nothing of November beside its fields
        assert "417" not in coming.page.text("main")

    def test_nobody_owes_the_record_of_a_vacant_area(self, make: Factories) -> None:
        vacant, _held = make.area((date(2025, 4, 1), date(2026, 6, 15)))
        owed = datasets.expected(make.data_set("minsei"), Month(2026, 5), Month(2026, 8))
        assert {period for period, ids in owed.items() if vacant.id in ids} == {"2026-05", "2026-06"}


class TestConfidence:
    def test_only_who_is_entrusted_by_name_sees_the_record_and_each_look_is_kept(
        self, make: Factories, phone: Client, asaka: Flask, area: tuple[Organisation, list[Contact]]
    ) -> None:
        send(phone)
        db.session.rollback()
        public_id = db.session.scalars(select(SubmissionVersion)).one().submission.public_id
        shakyo, city = Client(asaka), Client(asaka)
        shakyo.sign_in(make.reviewer())
        shakyo.get("/staff/reports/")
        assert "本町1区" not in shakyo.page.text("main")
        shakyo.get(f"/staff/reports/{public_id}", expect=404)
        city.sign_in(make.reviewer(data_set="minsei"))
        city.get("/staff/reports/")
        assert "本町1区" in city.page.text("main")
        for _twice in range(2):
            city.get(f"/staff/reports/{public_id}")
        looks = select(AuditEvent).where(AuditEvent.action == "looked_at")
        assert len(db.session.scalars(looks).all()) == 2
        form = f"/staff/entry/{area[0].public_id}/minsei/2026-10/"
        shakyo.get(form, expect=404)
        city.get(form)  # keying in again shows what stands there: a look too
        assert len(db.session.scalars(looks).all()) == 3

    def test_the_other_office_neither_keys_one_in_nor_prints_its_sheet(
        self, make: Factories, asaka: Flask, area: tuple[Organisation, list[Contact]]
    ) -> None:
        make.group("ひだまりサロン")
        shakyo, city = Client(asaka), Client(asaka)
        shakyo.sign_in(make.reviewer())
        city.sign_in(make.reviewer(data_set="minsei"))
        shakyo.get("/staff/paper/")
        assert "民生委員" not in shakyo.page.text("main")
        for path in ("/staff/paper/", "/staff/paper/sheets"):
            query = f"{path}?data_set=minsei&period=2026-10"
            shakyo.get(query, expect=404)
            city.get(query)
            assert "本町1区" in city.page.text("main")

    def test_the_other_office_cannot_make_a_card_for_it(
        self, make: Factories, asaka: Flask, area: tuple[Organisation, list[Contact]]
    ) -> None:
        organisation, _held = area
        for user, answer in (
            (make.reviewer(), 404),
            (make.user({"role": "administrator"}), 404),
            (make.reviewer(data_set="minsei"), 200),
        ):
            client = Client(asaka)
            client.sign_in(user)
            client.get("/staff/organisations/")
            client.post(
                f"/staff/organisations/{organisation.public_id}/cards",
                {"role": "commissioner", "replaces": "0", "csrf_token": _token(client)},
                expect=answer,
            )


def _token(client: Client) -> str:
    return client.page.all("input[name=csrf_token]")[0].get("value", "")


def test_no_value_of_a_record_moves_any_of_the_38_and_the_city_s_own_move(
    make: Factories, phone: Client, asaka: Flask
) -> None:
    before = values()
    send(phone, **{"m-visits": "20", "m-other_visits": "3", "m-community": "11"})
    db.session.rollback()
    public_id = db.session.scalars(select(SubmissionVersion)).one().submission.public_id
    city = Client(asaka)
    city.sign_in(make.reviewer(data_set="minsei"))
    city.get(f"/staff/reports/{public_id}")
    city.submit(city.page.form('form[action$="/approve"]'))
    db.session.rollback()
    after = values()
    assert {code for code in plan_codes() if before[code] != after[code]} == set()
    moved = {code: value for code, (value, _stage) in after.items() if before[code] != after[code]}
    assert moved == {"1-2-p2": 11, "1-2-p3": 8, "3-1-p1": 5, "4-1-p1": 23}
    coverage = {row.code: row.values[-1].coverage for row in indicators.figures(clock.today())}["4-1-p1"]
    assert coverage is not None
    assert (coverage.reported, coverage.expected, coverage.of) == (1, 1, "organisations")


def test_an_area_is_taken_in_and_handed_over_by_the_city(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="minsei"))
    client.get("/staff/organisations/new")
    form = client.page.form("main form")
    client.submit(
        form, name="栄町2区", district="d2", kinds=["area", "salon"], opened_on="2026-04-01", expect=422
    )
    client.submit(form, name="栄町2区", district="d2", kinds=["area"], opened_on="2026-04-01")
    organisation = db.session.scalars(select(Organisation).where(Organisation.name == "栄町2区")).one()
    assert organisation.side == "commissioner"
    assert datasets.assignments_of(organisation.id)[0].data_set.code == "minsei"
    page = f"/staff/organisations/{organisation.public_id}"
    client.get(page)
    hand_over = client.page.form(f'form[action="{page}/contacts"]')
    client.submit(hand_over, role="commissioner", person="見本", starts_on="2026-04-01", expect=200)
    assert "暗証番号" in client.page.text("main")
