"""The report form for a grant: confirmed figures, what is not in them by name, and the accounts to write."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.organisations.models import Organisation
from portal.reporting import subsidy
from tests.integration.indicators.test_feeding import file
from tests.integration.reporting.test_year import PAGE, salon, send
from tests.support.client import Client
from tests.support.factories import Factories

SHEET = "article.subsidy"
OWN = f"{PAGE}2026/subsidy/"
STAFF = "/staff/subsidies/"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会", registers={"subsidy": [2026]})


def rows(client: Client, css: str = "table.did tr") -> list[str]:
    return [" ".join("".join(row.itertext()).split()) for row in client.page.all(css)]


def test_its_months_are_confirmed_figures_and_the_rest_is_named(
    make: Factories, client: Client, group: Organisation
) -> None:
    file(make, group, "salon", "2026-03", salon("9", "900"))
    file(make, group, "salon", "2026-04", salon("3", "60", helpers="7"))
    not_held = {**salon("", ""), "held": salon("", "")["held"].__class__(state="not_held")}
    file(make, group, "salon", "2026-05", {"held": not_held["held"], "attendance": not_held["held"]})
    file(make, group, "salon", "2026-06", salon("2", "41", helpers="0"))
    send(make, group, "2026-07", salon("4", "777"))
    client.use_card(make.card(group)[1])
    client.get(PAGE)
    assert client.page.all(f'a[href="{OWN}"]')
    client.get(OWN)
    found = rows(client)
    assert found[1:6] == ["4月3607", "5月–––開催なし", "6月2410", "7月確認待ち", "8月未提出"]
    assert found[-1] == "合計51017"
    said = client.page.text(SHEET)
    assert "777" not in said
    assert "900" not in said
    assert "合計に入っていない月: 7月(確認待ち)、8月(未提出)、9月(未提出)、10月(未提出)" in said
    assert "年度の途中です" in said
    assert "年6回以上(確認ずみ: 5回)" in said
    for mark in ("見本の様式", "見本の条件", "収支(手で書いてください)", "前年度からの繰越", "会場費"):
        assert mark in said
    assert client.page.one(SHEET).get("lang") == "ja"


def test_it_is_in_japanese_whatever_the_page_is_in(
    make: Factories, client: Client, group: Organisation
) -> None:
    file(make, group, "salon", "2026-04", salon("3", "60"))
    client.use_card(make.card(group)[1])
    client.get(OWN)
    japanese = client.page.text(SHEET)
    client.get(OWN.replace("/ja/", "/vi/"))
    assert client.page.text(SHEET) == japanese


def test_only_who_receives_the_grant_and_only_where_the_city_has_a_form(
    make: Factories, client: Client, group: Organisation
) -> None:
    other = make.group()
    file(make, other, "salon", "2026-04", salon("3", "60"))
    client.use_card(make.card(other)[1])
    client.get(OWN, expect=404)
    client.get(PAGE)
    assert not client.page.all('a[href$="/subsidy/"]')
    client.use_card(make.card(group)[1])
    client.get(OWN)
    settings.put(subsidy.FORMS, [], SYSTEM)
    db.session.commit()
    client.get(OWN, expect=404)


def test_a_city_s_own_form_says_no_sample(make: Factories, client: Client, group: Organisation) -> None:
    own = {
        "register": "subsidy", "data_set": "salon", "title": "みなと式 報告書", "to": "みなと市長 様",
        "columns": ["attendance"], "income": ["補助金"], "expenditure": ["会場費", "その他"],
    }  # fmt: skip
    settings.put(subsidy.FORMS, [own], SYSTEM)
    db.session.commit()
    client.use_card(make.card(group)[1])
    client.get(OWN)
    said = client.page.text("main")
    assert "みなと式 報告書" in said
    assert "見本の様式" not in said
    assert "開いた回数" not in said


class TestStaff:
    def test_a_year_s_groups_with_what_is_confirmed_and_missing(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        file(make, group, "salon", "2026-04", salon("7", "60", helpers="7"))
        send(make, group, "2026-05", salon("4", "777"))
        make.group("登録のない会")
        client.sign_in(make.reviewer())
        client.get(STAFF)
        said = client.page.text("main table")
        assert "ひだまりの会 第1地区 1/7 7回、60人、7人 届いています 6月、7月、8月、9月、10月 5月" in said
        assert "登録のない会" not in said
        assert "777" not in said
        client.get(f"{STAFF}?year=2025")
        assert "この助成に登録しているものはありません" in client.page.text("main")

    def test_each_group_s_sheet_or_one(self, make: Factories, client: Client, group: Organisation) -> None:
        other = make.group("つきの会", district="d2", registers={"subsidy": [2026]})
        client.sign_in(make.reviewer())
        client.get(f"{STAFF}sheets?year=2026")
        assert len(client.page.all(SHEET)) == 2
        client.get(f"{STAFF}sheets?year=2026&organisation={other.public_id}")
        assert "つきの会" in client.page.text(SHEET)
        assert "ひだまりの会" not in client.page.text("main")

    def test_only_in_the_reviewer_s_scope(self, make: Factories, client: Client, group: Organisation) -> None:
        file(make, group, "salon", "2026-04", salon("7", "61"))
        for scope in ({"district": "d2"}, {"data_set": "volunteer"}, {"data_set": "minsei"}):
            client.sign_in(make.reviewer(**scope))
            client.get(STAFF)
            assert "ひだまりの会" not in client.page.text("main")
            client.get(f"{STAFF}sheets?organisation={group.public_id}", expect=404)

    @pytest.mark.parametrize("role", ["officer", "committee", "administrator"])
    def test_not_for_other_staff(
        self, make: Factories, client: Client, group: Organisation, role: str
    ) -> None:
        client.sign_in(make.user({"role": role}))
        for path in (STAFF, f"{STAFF}sheets"):
            client.get(path, expect=403)

    def test_the_list_asks_no_more_for_more_groups(
        self, make: Factories, client: Client, asaka: Flask, group: Organisation
    ) -> None:
        client.sign_in(make.reviewer())
        counts = []
        for more in (0, 6):
            for _n in range(more):
                file(make, make.group(registers={"subsidy": [2026]}), "salon", "2026-04", salon("7", "60"))
            client.get(STAFF)
            counts.append(_queries(asaka, lambda: client.get(STAFF)))
        assert counts[1] <= counts[0] + 1  # the ledger is asked once anything is confirmed


def _queries(_app: Flask, act: object) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    act()  # type: ignore[operator]
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
