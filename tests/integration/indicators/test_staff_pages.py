"""Staff's pages of indicators: everything for who may see it, and nobody's report for who may not."""

from __future__ import annotations

import pytest

from portal.domain.permissions import SYSTEM
from portal.ground import settings
from portal.periods import services as periods
from tests.integration.indicators.conftest import Put
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.fixture
def figures(make: Factories, put: Put) -> str:
    """A salon's October, and the office's; the salon's document."""
    group = make.group("ひだまりの会", registers={"kayoinoba": [2026], "subsidy": [2026]})
    put(make.office(), "office", "2026-10", meetings=4, general_advice=5, group_exchange=1)
    return put(group, "salon", "2026-10", held=3, attendance=61)


def test_the_index_shows_an_indicator_in_both_its_places(
    make: Factories, client: Client, figures: str
) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/")
    rows = ["".join(row.itertext()) for row in client.page.all("tbody tr")]
    both = [row for row in rows if "3-1-s1" in row]
    assert len(both) == 2
    assert both[0] == both[1]
    assert "5件" in both[0]
    assert len(rows) == 40 + 9  # the plan's rows, and residents' own figures


@pytest.mark.parametrize("code", ["2-3-p2", "1-2-c1", "1-1-s2", "3-3-c1", "2-1-s2", "1-1-c1", "3-2-c1"])
def test_every_kind_of_indicator_has_its_page(
    make: Factories, client: Client, figures: str, code: str
) -> None:
    client.sign_in(make.reviewer())
    client.get(f"/staff/indicators/{code}")
    client.get(f"/staff/indicators/{code}?year=2025")
    client.get(f"/staff/indicators/{code}?year=1999", expect=404)


def test_a_figure_leads_to_its_reports_for_the_reviewer(
    make: Factories, client: Client, figures: str
) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/2-3-p2")
    assert "ひだまりの会" in client.page.text()
    assert client.page.all(f'a[href="/staff/reports/{figures}"]')


@pytest.mark.parametrize(
    "grant",
    [{"role": "committee"}, {"role": "administrator"}, {"role": "reviewer", "district": "d2"}],
    ids=["committee", "administrator", "reviewer of another district"],
)
def test_others_see_the_figure_and_nobodys_report(
    make: Factories, client: Client, figures: str, grant: dict[str, str]
) -> None:
    client.sign_in(make.user(grant))
    client.get("/staff/indicators/2-3-p2")
    page = client.page.text()
    assert "61" in page
    assert "ひだまりの会" not in page
    assert not client.page.all(f'a[href="/staff/reports/{figures}"]')


def test_an_unknown_indicator(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/9-9-c9", expect=404)


def test_which_count_is_published_is_chosen_on_the_page(
    make: Factories, client: Client, figures: str
) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/1-2-c1")
    client.submit(client.page.form('form[action$="counting"]'), {"counting": "sum"})
    assert settings.get("counting.1-2-c1") == "sum"
    page = "/staff/indicators/1-2-c1"
    client.send("/staff/indicators/1-2-c1/counting", {"counting": "twice"}, page=page, expect=404)
    client.send("/staff/indicators/1-1-s1/counting", {"counting": "sum"}, page=page, expect=404)


def test_a_closed_year_leads_to_the_decision(make: Factories, client: Client, figures: str) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/1-1-s1")
    assert not client.page.all('a[href="/staff/evaluation/1-1-s1/2025"]')
    periods.close_year(SYSTEM, 2025)
    make.group()  # commits
    client.get("/staff/indicators/1-1-s1")
    assert client.page.all('a[href="/staff/evaluation/1-1-s1/2025"]')
    client.get("/staff/indicators/2-3-p2")
    assert not client.page.all('a[href="/staff/evaluation/2-3-p2/2025"]')
