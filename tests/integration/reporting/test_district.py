"""The district beside a group's own year: never so that another group's figure can be worked out."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.indicators.queries import PEOPLE_BELOW
from portal.organisations.models import Organisation
from portal.reporting import district
from portal.reporting.district import GROUPS_BELOW
from tests.integration.indicators.test_feeding import file
from tests.integration.reporting.test_year import PAGE, at, salon
from tests.support.client import Client
from tests.support.factories import Factories

DISTRICT = 'section[aria-labelledby="district-1"]'
MAY, JUNE, JULY = (date(2026, month, 2) for month in (6, 7, 8))


@pytest.fixture
def groups(make: Factories) -> list[Organisation]:
    """Four of one district; three of another, which the city's figure has as well."""
    return [make.group() for _n in range(4)]


@pytest.fixture
def elsewhere(make: Factories) -> list[Organisation]:
    return [make.group(district=code) for code in ("d2", "d2", "d3")]


def shown(make: Factories) -> dict[str, object]:
    form = make.data_set()
    measure = next(row for row in form.measures if row.code == "attendance")
    return dict(district.trend(make.district(), form, measure, 2026).months)


def all_file(make: Factories, rows: list[Organisation], period: str, came: str = "20") -> None:
    for row in rows:
        file(make, row, "salon", period, salon("2", came))


def test_two_groups_show_nothing_and_three_do(
    make: Factories, groups: list[Organisation], elsewhere: list[Organisation]
) -> None:
    all_file(make, elsewhere, "2026-04")
    all_file(make, groups[:2], "2026-04")
    assert shown(make) == {}
    all_file(make, groups[2:3], "2026-04")
    assert shown(make) == {"2026-04": 60}


def test_the_city_less_the_district_must_not_be_one_group_either(
    make: Factories, groups: list[Organisation], elsewhere: list[Organisation]
) -> None:
    all_file(make, groups, "2026-04")
    all_file(make, elsewhere[:2], "2026-04")
    assert shown(make) == {}
    all_file(make, elsewhere[2:], "2026-04")
    assert shown(make) == {"2026-04": 60}  # they came late: three of the four at once, the fourth waits


def test_one_late_report_moves_nothing_that_the_others_see(
    make: Factories,
    client: Client,
    groups: list[Organisation],
    elsewhere: list[Organisation],
    asaka: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(asaka, monkeypatch, MAY)
    all_file(make, [*groups[:3], *elsewhere], "2026-04")
    at(asaka, monkeypatch, JUNE)
    token = make.card(groups[0])[1]
    client.use_card(token)
    client.get(PAGE)
    before = client.page.text(DISTRICT)
    assert "3団体の合計" in before
    file(make, groups[3], "salon", "2026-04", salon("2", "37"))
    client.get(PAGE)
    assert client.page.text(DISTRICT) == before
    assert "97" not in client.page.text("main")


def test_a_month_is_settled_before_anybody_sees_it(
    make: Factories,
    groups: list[Organisation],
    elsewhere: list[Organisation],
    asaka: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(asaka, monkeypatch, MAY)
    all_file(make, [*groups, *elsewhere], "2026-05")
    assert shown(make) == {}
    at(asaka, monkeypatch, date(2026, 6, 30))
    assert shown(make) == {}
    at(asaka, monkeypatch, date(2026, 7, 1))
    assert shown(make) == {"2026-05": 80}


def test_who_did_not_meet_is_no_company(
    make: Factories, groups: list[Organisation], elsewhere: list[Organisation]
) -> None:
    all_file(make, elsewhere, "2026-04")
    all_file(make, groups[:2], "2026-04")
    all_file(make, groups[2:], "2026-04", "0")
    assert shown(make) == {}


def test_few_people_are_withheld_and_enter_no_sum(
    make: Factories, groups: list[Organisation], elsewhere: list[Organisation]
) -> None:
    all_file(make, [*groups[:3], *elsewhere], "2026-04", "1")
    all_file(make, [*groups[:3], *elsewhere], "2026-05", "9")
    assert shown(make) == {"2026-05": 27}
    settings.put(PEOPLE_BELOW, 30, SYSTEM)
    assert shown(make) == {}


def test_a_city_may_ask_for_more_groups_and_not_for_fewer(
    make: Factories, groups: list[Organisation], elsewhere: list[Organisation]
) -> None:
    all_file(make, [*groups[:2], *elsewhere], "2026-04")
    settings.put(GROUPS_BELOW, 2, SYSTEM)
    assert shown(make) == {}
    all_file(make, groups[2:3], "2026-04")
    assert shown(make) == {"2026-04": 60}
    settings.put(GROUPS_BELOW, 4, SYSTEM)
    assert shown(make) == {}
    db.session.rollback()


def test_the_page_says_why_there_is_nothing(
    make: Factories, client: Client, groups: list[Organisation]
) -> None:
    all_file(make, groups[:1], "2026-04")
    client.use_card(make.card(groups[0])[1])
    client.get(PAGE)
    assert "この地区ではまだ確認されていません" in client.page.text(DISTRICT)
