"""福祉行政報告例: every number is the ledger's, parts make totals, and nobody's record shows."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from config import ROOT
from portal.datasets.models import Measure
from portal.domain.errors import NotFound
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM, Actor
from portal.extensions import db
from portal.ledger.models import Posting
from portal.organisations.models import Organisation
from portal.returns import minsei, minsei_sheet
from portal.returns.minsei import Return, Row
from tests.integration.indicators.conftest import Put
from tests.integration.returns.conftest import Send
from tests.support.client import Client
from tests.support.factories import Factories

H27 = json.loads((ROOT / "tests" / "data" / "domain" / "minsei_2015.json").read_text("utf-8"))
TERM = (date(2025, 12, 1), None)
OCTOBER = Month(2026, 10)


def codes(block: str) -> list[str]:
    return [
        row["measure"] for data in minsei.layout()["blocks"] if data["code"] == block for row in data["rows"]
    ]


def rows(found: Return, block: str) -> tuple[Row, ...]:
    return next(one.rows for one in found.blocks if one.code == block)


def quiet(**figures: int) -> dict[str, int]:
    """A whole record: what is not named is 0."""
    every = {code: 0 for data in minsei.layout()["blocks"] for code in codes(data["code"])}
    return {**every, **figures}


def posted(code: str, periods: list[str], district: str | None = None) -> int:
    """The ledger's own sum, from its postings."""
    query = (
        select(func.coalesce(func.sum(Posting.value), 0))
        .join(Measure, Measure.id == Posting.measure_id)
        .where(Measure.code == code, Posting.period.in_(periods))
        .where(Measure.data_set_id == minsei.data_set().id)
    )
    if district is not None:
        query = query.where(Posting.district == district)
    return int(db.session.scalar(query) or 0)


@pytest.fixture
def entrusted(make: Factories) -> Actor:
    return make.actor(make.reviewer(data_set="minsei"))


def test_the_layout_has_every_question_of_the_form_once(make: Factories) -> None:
    asked = [row["code"] for row in make.data_set("minsei").current.definition["measures"]]
    drawn = [code for data in minsei.layout()["blocks"] for code in codes(data["code"])]
    assert sorted(drawn) == sorted(asked)
    assert len(drawn) == 29


@pytest.mark.both_databases
def test_the_nations_figures_come_out_as_the_ministry_printed_them(
    make: Factories, put: Put, entrusted: Actor
) -> None:
    """平成27年度: 14 parts make 6,391,465 and 6 make 27,135,458; all 20 shares as published."""
    area, _held = make.area(TERM)
    figures = dict(zip(codes("content"), H27["consultations"]["parts"], strict=True))
    figures |= dict(zip(codes("other"), H27["other_activities"]["parts"], strict=True))
    put(area, "minsei", "2026-10", figures)
    found = minsei.year_table(entrusted, 2026)
    for block, name in (("content", "consultations"), ("other", "other_activities")):
        total, *parts = rows(found, block)
        assert total.cells[-1] == H27[name]["total"]
        assert [row.cells[-1] for row in parts] == H27[name]["parts"]
        assert [row.share for row in parts] == H27[name]["published_percent"]


@pytest.mark.both_databases
def test_every_number_of_a_month_and_a_year_is_the_ledgers(
    make: Factories, put: Put, entrusted: Actor
) -> None:
    areas = [make.area(TERM, district=code, name=f"{code}区{n}")[0] for code in ("d1", "d2") for n in (1, 2)]
    for number, area in enumerate(areas, 1):
        for month in ("2026-04", "2026-09", "2026-10"):
            figures = {code: (number * 7 + place) % 5 for place, code in enumerate(quiet())}
            put(area, "minsei", month, figures)
    month, year = minsei.month_table(entrusted, OCTOBER), minsei.year_table(entrusted, 2026)
    for block in minsei.layout()["blocks"]:
        drawn = {row.heading: row for row in rows(month, block["code"]) if not row.total}
        over = {row.heading: row for row in rows(year, block["code"]) if not row.total}
        for line in block["rows"]:
            code = line["measure"]
            by_district = dict(zip((c.key for c in month.columns), drawn[line["heading"]].cells, strict=True))
            assert by_district["d1"] == posted(code, ["2026-10"], "d1")
            assert by_district["d2"] == posted(code, ["2026-10"], "d2")
            assert by_district["d3"] is None  # nobody has reported there: not 0
            assert by_district[""] == posted(code, ["2026-10"])
            by_month = dict(zip((c.key for c in year.columns), over[line["heading"]].cells, strict=True))
            assert by_month["2026-04"] == posted(code, ["2026-04"])
            assert by_month["2026-05"] is None
            assert by_month[""] == posted(code, ["2026-04", "2026-09", "2026-10"])
    for table in (month, year):
        for one in table.blocks:
            if one.rows[0].total:
                for number, whole in enumerate(one.rows[0].cells):
                    parts = [row.cells[number] for row in one.rows[1:]]
                    assert whole == (None if None in parts else sum(parts))


def test_only_confirmed_records_count_and_it_says_whose_is_missing(
    make: Factories, send: Send, entrusted: Actor, client: Client
) -> None:
    confirmed, (first,) = make.area(TERM, name="本町1区")
    waiting, (second,) = make.area(TERM, name="本町2区")
    make.area(TERM, name="溝沼1区", district="d2")
    make.area(name="空きの区")  # vacant: owes nothing
    make.group("ひだまりサロン")
    send(confirmed, "minsei", "2026-10", contact=first, **quiet(visits=3, days=2))
    send(waiting, "minsei", "2026-10", confirm=False, contact=second, **quiet(visits=417, days=2))
    found = minsei.month_table(entrusted, OCTOBER)
    assert rows(found, "visits")[0].cells[-1] == 3
    assert {(one.organisation.name, one.arrived) for one in found.missing} == {
        ("本町2区", True),
        ("溝沼1区", False),
    }
    counted = {column.key: (column.reported, column.owed) for column in found.columns}
    assert (counted["d1"], counted["d2"], counted["d3"], counted[""]) == ((1, 2), (0, 1), (0, 0), (1, 3))
    client.sign_in(make.reviewer(data_set="minsei"))
    client.get("/staff/returns/minsei?period=2026-10")
    said = client.page.text("main")
    assert "417" not in said
    assert "本町2区" in said
    assert "空きの区" not in said


def test_signs_none_none_possible_and_nothing_yet(make: Factories, put: Put, entrusted: Actor) -> None:
    area, _held = make.area(TERM)
    make.area(TERM, district="d2")
    put(area, "minsei", "2026-10", quiet(visits=1234))
    found = minsei.month_table(entrusted, OCTOBER)
    row = rows(found, "visits")[1]
    said = {c.key: minsei_sheet.printed(c, cell) for c, cell in zip(found.columns, row.cells, strict=True)}
    assert (said["d1"], said["d2"], said["d3"], said[""]) == ("1,234", "", "・", "1,234")
    none = rows(found, "content")[0]
    assert minsei_sheet.printed(found.columns[0], none.cells[0]) == "－"


def test_totals_that_differ_are_both_said(make: Factories, put: Put, entrusted: Actor) -> None:
    area, _held = make.area(TERM)
    put(area, "minsei", "2026-10", quiet(health=5, for_older=4))
    found = minsei.month_table(entrusted, OCTOBER)
    assert {(one.left[1], one.right[1]) for one in found.unequal} == {(5, 4)}
    assert any("5" in line and "4" in line for line in minsei_sheet.remarks(found))


def test_a_year_stands_beside_the_same_months_of_the_year_before(
    make: Factories, put: Put, entrusted: Actor
) -> None:
    area, _held = make.area((date(2025, 4, 1), None))
    put(area, "minsei", "2025-10", quiet(visits=20))
    put(area, "minsei", "2026-01", quiet(visits=1000))  # not over yet this year: not compared
    put(area, "minsei", "2026-10", quiet(visits=8))
    total = rows(minsei.year_table(entrusted, 2026), "visits")[0]
    assert (total.cells[-1], total.before, total.change) == (8, 20, -12)


class TestScope:
    def test_a_districts_reviewer_sees_the_own_district(self, make: Factories, put: Put) -> None:
        here, _held = make.area(TERM, name="本町1区")
        there, _other = make.area(TERM, name="溝沼1区", district="d2")
        put(here, "minsei", "2026-10", quiet(visits=3))
        put(there, "minsei", "2026-10", quiet(visits=90))
        limited = make.actor(make.reviewer(data_set="minsei", district="d1"))
        found = minsei.month_table(limited, OCTOBER)
        assert [column.key for column in found.columns] == ["d1", ""]
        assert rows(found, "visits")[0].cells == (3, 3)
        assert not found.scope.whole
        assert {one.organisation.name for one in minsei.year_table(limited, 2026).missing} == {"本町1区"}

    @pytest.mark.parametrize("scope", [{}, {"data_set": "salon"}, {"district": "d1"}])
    def test_without_a_grant_by_name_it_is_not_there(
        self, make: Factories, client: Client, scope: dict[str, str]
    ) -> None:
        user = make.reviewer(**scope)
        with pytest.raises(NotFound):
            minsei.month_table(make.actor(user), OCTOBER)
        client.sign_in(user)
        client.get("/staff/returns/minsei", expect=404)
        client.get("/staff/returns/")
        assert not client.page.all('a[href="/staff/returns/minsei"]')
        client.send(
            "/staff/returns/file",
            {"what": "minsei", "period": "2026-10", "format": "xlsx"},
            page="/staff/returns/",
            expect=404,
        )

    def test_a_period_that_is_none_is_not_there(self, make: Factories, client: Client) -> None:
        client.sign_in(make.reviewer(data_set="minsei"))
        for period in ("2026-13", "FY26", "x"):
            client.get(f"/staff/returns/minsei?period={period}", expect=404)


def test_the_machine_sees_all(make: Factories) -> None:
    organisation: Organisation = make.area(TERM)[0]
    assert minsei.month_table(SYSTEM, OCTOBER).missing[0].organisation.id == organisation.id
