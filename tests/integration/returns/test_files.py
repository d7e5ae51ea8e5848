"""Files to take along: numbers that are numbers, within the scope, and an event each."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import select

from portal.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from portal.domain.permissions import SYSTEM, Actor
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.home import staff_export
from portal.home.cli import export
from portal.home.staff_export import Wanted
from portal.organisations.models import Contact
from portal.returns import tables
from portal.returns.tables import Column, Table
from tests.integration.indicators.conftest import Put
from tests.integration.returns.conftest import Send
from tests.integration.returns.test_minsei import TERM, quiet
from tests.support.client import Client
from tests.support.factories import Factories

NASTY = '=HYPERLINK("http://x","y")'
PAGE = "/staff/returns/"


def sheet(content: bytes, name: str = "") -> Any:
    book = load_workbook(io.BytesIO(content))
    return book[name] if name else book.worksheets[0]


def lines(content: bytes) -> list[dict[str, Any]]:
    """The rows of the first sheet by heading."""
    head, *rows = sheet(content).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def events(action: str) -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
    return list(db.session.scalars(query))


class TestTables:
    table = Table(
        "ためし",
        [Column("名前"), Column("数", "number"), Column("日", "date")],
        [["=1+1", 1234, date(2026, 10, 31)], ["@x", None, None], ["ひだまり", 0, None], ["+81", -5, None]],
        ["説明の文"],
    )

    def test_excel_holds_numbers_days_and_no_formulas(self) -> None:
        found = sheet(tables.xlsx(self.table), "ためし")
        assert [cell.data_type for cell in found[2]] == ["s", "n", "d"]
        assert (found["A2"].value, found["B2"].value) == ("=1+1", 1234)
        assert found["C2"].value == datetime(2026, 10, 31)
        assert (found["B3"].value, found["B4"].value, found["B5"].value) == (None, 0, -5)
        assert found.freeze_panes == "B2"
        assert found.auto_filter.ref == "A1:C5"
        assert found.column_dimensions["A"].width >= 8
        assert sheet(tables.xlsx(self.table), "説明")["A1"].value == "説明の文"

    def test_csv_is_utf8_with_a_mark_and_disarmed(self) -> None:
        content = tables.csv_bytes(self.table)
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert rows[1] == ["'=1+1", "1234", "2026-10-31"]
        assert [row[0] for row in rows[2:]] == ["'@x", "ひだまり", "'+81"]
        assert [row[1] for row in rows[2:]] == ["", "0", "-5"]
        assert b"\r\n" in content


class TestReports:
    def test_states_are_words_and_blank_is_not_zero(self, make: Factories, send: Send) -> None:
        groups = {name: make.group(name) for name in ("あ", "い", "う", "え")}
        send(groups["あ"], "salon", "2026-10", held=2, attendance=40, helpers=0)
        send(groups["い"], "salon", "2026-10", held="not_held", attendance="not_held")
        send(groups["う"], "salon", "2026-10", confirm=False, held=3, attendance="unknown")
        made = staff_export.make(SYSTEM, Wanted("reports", "xlsx", "salon", "2026-10"))
        rows = {row["団体"]: row for row in lines(made.content)}
        held, came = "開いた回数 (回)", "来た人(延べ) (人)"
        assert [rows[name]["状態"] for name in groups] == [
            "確認しました",
            "確認しました",
            "確認待ち",
            "未報告",
        ]
        assert [rows[name][held] for name in groups] == [2, None, 3, None]
        assert [rows[name][came] for name in groups] == [40, None, None, None]
        assert rows["い"]["開いた回数(答え)"] != rows["う"]["来た人(延べ)(答え)"] != ""
        assert rows["え"]["開いた回数(答え)"] is None
        assert rows["あ"]["手伝った人(延べ) (人)"] == 0
        assert rows["う"]["手伝った人(延べ) (人)"] is None
        assert made.rows == 4

    def test_what_was_confirmed_counts_while_a_correction_waits(self, make: Factories, send: Send) -> None:
        group = make.group("あ")
        first = send(group, "salon", "2026-10", held=2, attendance=40)
        assert first.approved_version == 1
        from_page = staff_export.make(SYSTEM, Wanted("reports", "xlsx", "salon", "FY2026"))
        assert [r["来た人(延べ) (人)"] for r in lines(from_page.content) if r["期間"] == "2026-10"] == [40]

    def test_only_what_is_in_reach(self, make: Factories, send: Send) -> None:
        here, there = make.group("ここ"), make.group("あちら", district="d2")
        send(here, "salon", "2026-10", held=2, attendance=40)
        send(there, "salon", "2026-10", held=2, attendance=40)
        limited = make.actor(make.reviewer(district="d1"))
        made = staff_export.make(limited, Wanted("reports", "xlsx", "salon", "2026-10"))
        assert {row["団体"] for row in lines(made.content)} == {"ここ"}

    def test_a_name_that_looks_like_a_formula(self, make: Factories) -> None:
        make.group(NASTY)
        wanted = Wanted("reports", "xlsx", "salon", "2026-10")
        assert sheet(staff_export.make(SYSTEM, wanted).content)["B2"].data_type == "s"
        flat = staff_export.make(SYSTEM, Wanted("reports", "csv", "salon", "2026-10")).content.decode()
        assert "'=HYPERLINK" in flat

    def test_too_many_rows_are_made_on_the_server(
        self, make: Factories, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.group("あ")
        make.group("い")
        monkeypatch.setattr(staff_export, "MOST", 1)
        with pytest.raises(Conflict) as refused:
            staff_export.make(make.actor(make.reviewer()), Wanted("reports", "xlsx", "salon", "2026-10"))
        assert refused.value.params == {"rows": 2, "most": 1}
        assert staff_export.make(SYSTEM, Wanted("reports", "xlsx", "salon", "2026-10")).rows == 2


class TestConfidential:
    def test_each_record_in_the_file_is_a_look(self, make: Factories, send: Send, client: Client) -> None:
        area, (present,) = make.area(TERM, name="本町1区")
        make.area(TERM, name="本町2区")
        sent = send(area, "minsei", "2026-10", contact=present, **quiet(visits=3, days=2))
        user = make.reviewer(data_set="minsei")
        client.sign_in(user)
        client.send(
            f"{PAGE}file",
            {"what": "reports", "data_set": "minsei", "period": "2026-10", "format": "xlsx"},
            page=PAGE,
            expect=200,
        )
        looks = events("looked_at")
        assert [(row.subject_id, row.actor) for row in looks] == [(str(sent.id), f"staff:{user.id}")]
        (told,) = events("exported")
        assert told.data == {
            "data_set": "minsei",
            "period": "2026-10",
            "rows": 2,
            "format": "xlsx",
        }

    @pytest.mark.parametrize("scope", [{}, {"data_set": "salon"}, {"data_set": "minsei", "district": "d2"}])
    def test_without_the_grant_by_name_there_is_nothing(
        self, make: Factories, send: Send, scope: dict[str, str]
    ) -> None:
        area, (present,) = make.area(TERM)
        send(area, "minsei", "2026-10", contact=present, **quiet(visits=3, days=2))
        with pytest.raises(NotFound):
            staff_export.make(
                make.actor(make.reviewer(**scope)), Wanted("reports", "csv", "minsei", "2026-10")
            )
        assert not events("looked_at")
        assert not events("exported")


class TestGroups:
    def prepare(self, make: Factories) -> None:
        group, far = make.group("ひだまりサロン"), make.group("とおいサロン", district="d2")
        area, (present,) = make.area(TERM, name="本町1区")
        present.phone = "048-000-3333"
        for row, phone in ((group, "048-000-1111"), (far, "048-000-2222")):
            db.session.add(
                Contact(
                    organisation_id=row.id,
                    role="leader",
                    name="見本",
                    phone=phone,
                    language="vi",
                    starts_on=date(2026, 4, 1),
                )
            )
        db.session.commit()
        assert area.id

    def phones(self, actor: Actor) -> set[Any]:
        return {row["電話"] for row in lines(staff_export.make(actor, Wanted("groups")).content)}

    def test_whose_numbers_who_may_take(self, make: Factories) -> None:
        self.prepare(make)
        near, far, area = "048-000-1111", "048-000-2222", "048-000-3333"
        assert self.phones(make.actor(make.reviewer())) == {near, far}
        assert self.phones(make.actor(make.reviewer(district="d1"))) == {near}
        assert area in self.phones(make.actor(make.reviewer(data_set="minsei")))
        assert self.phones(make.actor(make.user({"role": "administrator"}))) == {near, far}
        for role in ("officer", "committee"):
            with pytest.raises(NotPermitted):
                self.phones(make.actor(make.user({"role": role})))


def test_the_late_list_and_the_indicators(make: Factories, put: Put) -> None:
    group = make.group("おそいサロン")
    made = staff_export.make(SYSTEM, Wanted("late", "xlsx"))
    assert {row["団体"] for row in lines(made.content)} >= {"おそいサロン"}
    limited = make.actor(make.reviewer(district="d2"))
    assert not lines(staff_export.make(limited, Wanted("late", "xlsx")).content)
    put(group, "salon", "2026-10", held=2, attendance=40)
    rows = {row["番号"]: row for row in lines(staff_export.make(SYSTEM, Wanted("indicators")).content)}
    assert len([code for code in rows if "-p" not in code]) == 38
    assert rows["2-3-p2"]["令和8年度(2026年度)"] == 40
    assert rows["2-3-p2"]["令和8年度(2026年度) 対象数"] == 1
    assert rows["1-1-c1"]["令和7年度(2025年度)"] is None  # missing, not 0


ROLES = {
    "reviewer": {"reports", "groups", "late", "indicators", "kayoinoba", "subsidy"},
    "officer": {"indicators"},
    "committee": {"indicators"},
    "administrator": {"groups", "indicators"},
    "minsei": {"groups", "late", "indicators", "minsei", "kayoinoba"},
}


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_role_by_table(make: Factories, client: Client, role: str, format_: str) -> None:
    """Each role asks for each table as a browser does; what it may not have answers 403 or 404."""
    make.group("ひだまりサロン", registers={"subsidy": [2026]})
    make.area(TERM)
    user = make.reviewer(data_set="minsei") if role == "minsei" else make.user({"role": role})
    client.sign_in(user)
    got = set()
    for what in staff_export.MAKERS:
        period = "FY2026" if what in ("kayoinoba", "subsidy") else "2026-10"
        fields = {"what": what, "data_set": "salon", "period": period, "format": format_}
        answer = client.send(f"{PAGE}file", fields, page=PAGE, expect=None)
        if answer.status_code == 200:
            got.add(what)
            assert "attachment" in answer.headers["Content-Disposition"]
            assert "no-store" in answer.headers["Cache-Control"]
        else:
            assert answer.status_code in (403, 404), what
    assert got == ROLES[role]
    assert len(events("exported")) == len(got)


def test_a_stranger_and_a_card_get_nothing(make: Factories, client: Client) -> None:
    client.post(f"{PAGE}file", {"what": "indicators"}, expect=303)
    _card, token = make.card(make.group())
    client.use_card(token)
    client.get(PAGE, expect=403)
    for page in ("minsei", "kayoinoba", "subsidy", "handover"):
        client.get(f"{PAGE}{page}", expect=403)


def test_a_stale_page_and_nonsense_change_nothing(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    client.post(f"{PAGE}file", {"what": "indicators", "format": "xlsx"}, expect=400)
    for fields in (
        {"what": "passwords"},
        {"what": "indicators", "format": "exe"},
        {"what": "minsei", "period": "x"},
    ):
        client.send(f"{PAGE}file", {"format": "xlsx", **fields}, page=PAGE, expect=422)
    client.send(
        f"{PAGE}file",
        {"what": "reports", "data_set": "none", "period": "2026-10", "format": "csv"},
        page=PAGE,
        expect=404,
    )
    assert not events("exported")


class TestCommand:
    def test_one_of_staffs_tables(self, make: Factories, tmp_path: Path) -> None:
        make.group("ひだまりサロン")
        asked = ["--table", "reports", "--form", "salon", "--period", "2026-10", "--format", "csv"]
        result = CliRunner().invoke(export, [str(tmp_path), *asked])
        assert result.exit_code == 0, result.output
        assert "ひだまりサロン" in (tmp_path / "reports-salon-2026-10.csv").read_text("utf-8-sig")
        assert events("exported")[0].actor == "system:0"

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--table", "reports"],
            ["--table", "reports", "--period", "2026-10"],
            ["--table", "nothing"],
            ["--form", "salon"],
            ["--table", "late", "--format", "pdf"],
        ],
    )
    def test_wrong_usage_exits_2(self, make: Factories, tmp_path: Path, wrong: list[str]) -> None:
        assert CliRunner().invoke(export, [str(tmp_path / "out"), *wrong]).exit_code == 2
        assert not (tmp_path / "out").exists()

    def test_nothing_is_written_on_failure(self, make: Factories, tmp_path: Path) -> None:
        result = CliRunner().invoke(export, [str(tmp_path / "out"), "--table", "minsei", "--period", "soon"])
        assert isinstance(result.exception, Invalid)
        assert not (tmp_path / "out").exists()
        assert not events("exported")
