"""A commissioner's own year: the present term's months only, and the district's together."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal.datasets import queries as datasets
from portal.domain.measures import RawAnswer
from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.reporting import services
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.services import Sending
from portal.review import services as review
from tests.integration.reporting.test_year import PAGE, at
from tests.support.client import Client
from tests.support.factories import Factories

BEFORE, PRESENT = (date(2025, 4, 1), date(2025, 11, 30)), (date(2025, 12, 1), None)


def file(make: Factories, area: Organisation, contact: Contact, period: str, visits: str) -> None:
    form = make.data_set("minsei")
    measures = datasets.form(form.current, area).measures
    raw = {row.code: RawAnswer("0") for row in measures}
    raw |= {"visits": RawAnswer(visits), "days": RawAnswer("5")}
    desk = sit_down(make.card_actor(make.card(area, contact=contact)[0]), area, "minsei", period, "reporting")
    sent = services.send(desk, Sending(services.new_key(), 0, Written(raw)))
    review.approve(make.actor(make.reviewer(data_set="minsei")), sent, sent.last_seq)
    db.session.commit()


@pytest.fixture
def area(make: Factories) -> tuple[Organisation, list[Contact]]:
    return make.area(BEFORE, PRESENT)


def enter(make: Factories, client: Client, area: tuple[Organisation, list[Contact]]) -> None:
    client.use_card(make.card(area[0], contact=area[1][1])[1])


def test_the_present_term_s_months_only(
    make: Factories, client: Client, area: tuple[Organisation, list[Contact]]
) -> None:
    organisation, (before, present) = area
    file(make, organisation, before, "2025-10", "1765")
    file(make, organisation, present, "2025-12", "6")
    file(make, organisation, present, "2026-01", "7")
    enter(make, client, area)
    client.get(f"{PAGE}2025/")
    said = client.page.text("main")
    assert "訪問・連絡活動: 13回" in said
    assert "1,765" not in client.page.text()
    assert "10月 " not in said


def test_the_successor_sees_the_area_s_totals_of_a_year_that_is_over_and_no_month(
    make: Factories, client: Client, area: tuple[Organisation, list[Contact]]
) -> None:
    organisation, (before, present) = area
    for period, visits in (("2025-08", "20"), ("2025-09", "30")):
        file(make, organisation, before, period, visits)
    file(make, organisation, present, "2025-12", "6")
    enter(make, client, area)
    client.get(f"{PAGE}2025/")
    assert not client.page.all("#area")  # two months of somebody else's are almost a month's record
    file(make, organisation, before, "2025-10", "40")
    client.get(f"{PAGE}2025/")
    assert "訪問・連絡活動96" in client.page.text('section[aria-labelledby="area"]')
    for month in ("20", "30", "40"):
        assert f"{month}回" not in client.page.text()


def test_a_year_that_still_runs_has_no_totals_of_the_area(
    make: Factories,
    client: Client,
    area: tuple[Organisation, list[Contact]],
    asaka: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(asaka, monkeypatch, date(2026, 1, 15))
    organisation, (before, _present) = area
    for period in ("2025-08", "2025-09", "2025-10"):
        file(make, organisation, before, period, "20")
    enter(make, client, area)
    client.get(f"{PAGE}2025/")
    assert not client.page.all("#area")


def test_nothing_of_it_is_for_a_notice_board_or_a_grant(
    make: Factories, client: Client, area: tuple[Organisation, list[Contact]]
) -> None:
    file(make, area[0], area[1][1], "2026-04", "6")
    enter(make, client, area)
    client.get(f"{PAGE}2026/")
    assert not client.page.all('a[href$="/board/"]')
    for path in ("board/", "subsidy/"):
        client.get(f"{PAGE}2026/{path}", expect=404)


def test_the_district_s_records_together_under_the_same_rules(make: Factories, client: Client) -> None:
    """Small counts of a confidential form are withheld too, though they count visits and not people."""
    here = [make.area(PRESENT, name=f"本町{n}区") for n in range(3)]
    there = [make.area(PRESENT, district="d2", name=f"東{n}区") for n in range(3)]
    for organisation, (present,) in [*here, *there]:
        file(make, organisation, present, "2026-04", "1")
        file(make, organisation, present, "2026-05", "11")
    client.use_card(make.card(here[0][0], contact=here[0][1][0])[1])
    client.get(PAGE)
    district = client.page.text('section[aria-labelledby="district-1"]')
    assert "民生委員3人の合計" in district
    assert "5月33" in district.replace(" ", "")
    assert "4月–" in district.replace(" ", "")
    for organisation, (present,) in here[1:]:
        file(make, organisation, present, "2026-06", "12")
    client.get(PAGE)
    assert "24" not in client.page.text('section[aria-labelledby="district-1"]')
