"""A district's chair: whose record is in, and not a figure of it."""

from __future__ import annotations

from datetime import date

from flask import Flask

from portal.extensions import db
from tests.integration.reporting.test_commissioners import send
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/staff/reports/arrived"
TERM = (date(2025, 12, 1), None)


def test_a_chair_sees_whose_record_is_in_in_the_own_district(
    make: Factories, client: Client, asaka: Flask
) -> None:
    here, (present,) = make.area(TERM, name="本町1区")
    make.area(TERM, name="本町2区")
    make.area(TERM, name="溝沼1区", district="d2")
    make.group("ひだまりサロン")
    client.use_card(make.card(here, contact=present)[1])
    send(client, **{"m-visits": "417"})
    db.session.rollback()
    chair = Client(asaka)
    chair.sign_in(make.user({"role": "chair", "data_set": "minsei", "district": "d1"}))
    chair.get("/staff/")
    assert chair.page.all(f'a[href="{PAGE}"]')
    chair.get(PAGE)
    rows = {next(row.iter("th")).text: " ".join(row.itertext()) for row in chair.page.all("tbody tr")}
    assert set(rows) == {"本町1区", "本町2区"}
    assert "届きました" in rows["本町1区"]
    assert "届きました" not in rows["本町2区"]
    assert "417" not in chair.page.text("main")
    chair.get("/staff/reports/", expect=403)


def test_the_other_office_does_not_follow_the_commissioners(make: Factories, client: Client) -> None:
    make.area(TERM, name="本町1区")
    make.group("ひだまりサロン")
    client.sign_in(make.reviewer())
    client.get(PAGE)
    assert "ひだまりサロン" in client.page.text("main")
    assert "本町1区" not in client.page.text("main")
