"""Results of the groups with a grant, and the hand-over sheet."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.datasets.models import Measure
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ledger.models import OrganisationYear
from portal.organisations.models import Contact
from portal.periods import services as periods
from portal.returns import subsidy
from tests.integration.indicators.conftest import Put
from tests.integration.returns.conftest import Send
from tests.support.client import Client
from tests.support.factories import Factories

WITH = {"subsidy": [2025, 2026]}
HANDOVER = "/staff/returns/handover"


def ledgers(organisation_id: int, year: int) -> int | None:
    held = db.session.scalars(select(Measure.id).where(Measure.code == "held").order_by(Measure.id)).first()
    found = db.session.get(OrganisationYear, (held, year, organisation_id, ""))
    return int(found.total) if found else None


@pytest.mark.both_databases
def test_the_condition_counts_what_the_ledger_holds(make: Factories, put: Put) -> None:
    met, near, none = (make.group(name, registers=WITH) for name in ("あ", "い", "う"))
    make.group("助成なし")
    for month, held in (("2026-04", 4), ("2026-09", 2)):
        put(met, "salon", month, held=held)
    put(near, "salon", "2026-10", held=5)
    (found,) = subsidy.results(SYSTEM, 2026)
    lines = {line.organisation.name: line for line in found.lines}
    assert set(lines) == {"あ", "い", "う"}
    for group in (met, near, none):
        assert lines[group.name].done == ledgers(group.id, 2026)
    assert {name: (line.verdict, line.left) for name, line in lines.items()} == {
        "あ": ("met", 0),
        "い": ("open", 1),
        "う": ("nothing", 6),
    }
    assert (lines["あ"].reports, lines["あ"].owed) == (2, 7)  # April to October
    assert found.rule.sample


def test_not_met_is_said_only_when_the_year_is_over_and_all_of_it_is_in(make: Factories, put: Put) -> None:
    whole, gap = make.group("あ", registers=WITH), make.group("い", registers=WITH)
    months = [f"2025-{m:02d}" for m in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
    for month in months:
        put(whole, "salon", month, held=0)
    put(gap, "salon", "2025-04", held=1)
    lines = {line.organisation.name: line for line in subsidy.results(SYSTEM, 2025)[0].lines}
    assert (lines["あ"].verdict, lines["い"].verdict) == ("not_met", "open")


def test_only_groups_in_reach(make: Factories, client: Client) -> None:
    make.group("ここ", registers=WITH)
    make.group("あちら", registers=WITH, district="d2")
    client.sign_in(make.reviewer(district="d1"))
    client.get("/staff/returns/subsidy")
    said = client.page.text("main")
    assert "ここ" in said
    assert "あちら" not in said
    assert "見本" in said


class TestHandOver:
    def test_it_says_where_things_stand_without_a_telephone_number(
        self, make: Factories, client: Client, send: Send
    ) -> None:
        group = make.group("ひだまりサロン")
        make.group("おそいサロン")
        contact = Contact(
            organisation_id=group.id,
            role="leader",
            name="見本 代表",
            phone="048-000-1111",
            language="ja",
            starts_on=date(2026, 4, 1),
        )
        db.session.add(contact)
        db.session.commit()
        send(group, "salon", "2026-10", confirm=False, held=2, attendance=417)
        periods.set_due_day(SYSTEM, make.data_set(), "2026-11", date(2026, 12, 18), "d1")
        db.session.commit()
        user = make.user({"role": "reviewer", "district": "d1"}, name="見本 花子")
        client.sign_in(user)
        client.get(HANDOVER)
        said = client.page.text("main")
        for words in ("確認待ち 1件", "見本 花子", "第1地区", "12月18日", "/staff/reports/", "令和7年度"):
            assert words in said, words
        for secret in ("048-000-1111", "見本 代表", "417"):
            assert secret not in said

    def test_each_number_is_the_readers_own(self, make: Factories, client: Client, send: Send) -> None:
        send(make.group("ここ"), "salon", "2026-10", confirm=False, held=2, attendance=40)
        send(make.group("あちら", district="d2"), "salon", "2026-10", confirm=False, held=2, attendance=40)
        client.sign_in(make.reviewer(district="d1"))
        client.get(HANDOVER)
        assert "確認待ち 1件" in client.page.text("main")

    def test_an_administrator_sees_no_reports(self, make: Factories, client: Client) -> None:
        client.sign_in(make.user({"role": "administrator"}))
        client.get(HANDOVER)
        assert not client.page.all('main a[href="/staff/reports/"]')
        assert client.page.all('main a[href="/staff/users/"]')
