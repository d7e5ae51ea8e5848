"""A list of groups: every row's fate, written all or nothing, taken back as long as nobody built on it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain.errors import Invalid
from portal.extensions import db
from portal.ground import audit
from portal.intake import services
from portal.intake.models import IntakeItem, IntakeRow
from portal.organisations import queries as organisations
from portal.organisations import services as writing
from portal.organisations.models import Contact, Organisation
from portal.organisations.services import Person
from tests.integration.intake.conftest import Desk, codes, fates, group, items
from tests.integration.intake.files import csv_of, xlsx
from tests.support.factories import Factories

HEAD = ["No.", "団体名", "種別", "地区", "代表者名", "電話番号", "メール", "設立年月", "R8補助金", "言語"]
LEADER = ["田中 花子", "048-000-0001", "h@example.jp"]
HIMAWARI = [1, "ひまわりサロン", "サロン、通いの場", "第１地区", *LEADER, "H27.4", "○", "ベトナム語"]
SAKURA = [2, "さくら会", "老人クラブ", "第二地区", "", "", "", "2019/10/1", "－", ""]


def book(*rows: list[object]) -> bytes:
    return xlsx([["令和8年度 団体台帳"], [], HEAD, *rows, ["", "合計", f"{len(rows)}団体"]], "A1:J1")


def count() -> int:
    groups = select(func.count()).select_from(Organisation).where(Organisation.side == "group")
    return db.session.scalar(groups) or 0


def test_new_groups_come_whole_and_go_again(desk: Desk, make: Factories) -> None:
    intake = desk.bring(book(HIMAWARI, SAKURA))
    assert fates(intake) == [("ひまわりサロン", "new"), ("さくら会", "new"), ("合計", "left_out")]
    assert count() == 0  # looking writes nothing
    intake = desk.write(intake)
    assert (intake.state, intake.effects) == ("done", {"created": 2})
    row = group("ひまわりサロン")
    assert (row.kind_codes, row.opened_on) == (["kayoinoba", "salon"], date(2015, 4, 1))
    assert row.district == make.district("d1")
    assert organisations.registrations(row) == {"subsidy": [2026]}
    leader = organisations.present_contact(row, "leader")
    assert leader is not None
    assert (leader.name, leader.phone, leader.email, leader.language) == (
        "田中 花子", "048-000-0001", "h@example.jp", "vi",
    )  # fmt: skip
    intake = desk.undo(intake)
    assert (intake.state, count()) == ("undone", 0)
    assert audit.first_broken()[1] is None


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.write(desk.bring(book(HIMAWARI, SAKURA)))
    intake = desk.bring(book(HIMAWARI, SAKURA))
    assert intake.remembered  # these headings are known: straight to the rows
    assert [fate for _label, fate in fates(intake)] == ["same", "same", "left_out"]
    with pytest.raises(Invalid, match="nothing_to_write"):
        services.carry_out(desk.actor, intake, approve=False, without=True)


def test_what_changes_is_shown_written_and_changed_back(desk: Desk, make: Factories) -> None:
    row = make.group(
        "ひまわりサロン", kinds=("salon",), opened=date(2015, 4, 1), registers={"subsidy": [2025]}
    )
    before = writing.begin_contact(desk.actor, row, "leader", Person("田中花子", "048-999", None, "ja"))
    db.session.commit()
    intake = desk.bring(book(HIMAWARI))
    changes = {field: (old, new) for field, old, new in items(intake)[0].changes}
    assert changes == {
        "kinds": (["salon"], ["kayoinoba", "salon"]),
        "contact_phone": ("048-999", "048-000-0001"),
        "contact_email": ("", "h@example.jp"),
        "contact_language": ("ja", "vi"),
        "subsidy": ([2025], [2026]),
    }  # a space within a name makes no other person
    intake = desk.write(intake)
    assert organisations.registrations(group("ひまわりサロン")) == {"subsidy": [2025, 2026]}
    intake = desk.undo(intake)
    row = group("ひまわりサロン")
    leader = db.session.get_one(Contact, before.id)
    assert (row.kind_codes, leader.phone, leader.email, leader.language) == (["salon"], "048-999", None, "ja")
    assert organisations.registrations(row) == {"subsidy": [2025]}


def test_another_leader_asks_and_two_of_one_name_ask(desk: Desk, make: Factories) -> None:
    row = make.group("ひまわりサロン", opened=date(2015, 4, 1))
    writing.begin_contact(desk.actor, row, "leader", Person("鈴木"))
    first, second = make.group("さくら会", district="d2"), make.group("さくら会", district="d2")
    db.session.commit()
    intake = desk.bring(book(HIMAWARI, SAKURA))
    assert [(item.fate, item.question) for item in items(intake)[:2]] == [
        ("decide", "leader"),
        ("decide", "same_name"),
    ]
    assert {option[0] for option in items(intake)[1].options} == {first.public_id, second.public_id}
    with pytest.raises(Invalid):
        desk.decide(intake, "replace")
    desk.decide(intake, "leave")
    services.decide(desk.actor, intake, {items(intake)[1].id: second.public_id})
    intake = desk.write(intake)
    assert intake.effects == {"changed": 1}
    db.session.refresh(second)
    assert (second.opened_on, first.opened_on) == (date(2019, 10, 1), date(2025, 4, 1))


def test_what_can_t_be_read_is_refused_with_its_reason(desk: Desk) -> None:
    rows = [
        [1, "A会", "吹奏楽", "第9地区", "", 480000001, "h@example", "平成27年", "たぶん", "ラテン語"],
        [2, "A会", "", "第9地区", "", "", "", "", "", ""],
        [3, "", "サロン", "", "", "", "", "", "", ""],
        [4, "x" * 101, "", "", "", "会長宅", "", "", "", ""],
        [5, "B会", "", "第1地区", "#REF!", "", "", "", "", ""],
    ]
    intake = desk.bring(book(*rows))
    assert codes(intake)[:-1] == [
        "unknown_kind", "unknown_district", "lost_zero", "not_an_email", "not_a_day", "not_a_year",
        "unknown_language", "unknown_district", "twice_in_file", "no_name",
        "too_long", "not_a_telephone", "cell_error",
    ]  # fmt: skip
    with pytest.raises(Invalid, match="rows_left"):
        services.carry_out(desk.actor, intake, approve=False, without=False)


def test_a_group_twice_in_the_file_is_taken_once(desk: Desk) -> None:
    intake = desk.bring(book(HIMAWARI, SAKURA, ["", *HIMAWARI[1:]]))
    assert items(intake)[2].reasons == [{"code": "twice_in_file", "row": 4}]


def test_only_groups_in_scope(make: Factories) -> None:
    desk = Desk(make, make.reviewer(district="d2"))
    make.group("ひまわりサロン", district="d1")
    intake = desk.bring(book(HIMAWARI, SAKURA))
    assert fates(intake)[:2] == [("ひまわりサロン", "refused"), ("さくら会", "new")]
    assert codes(intake)[0] == "not_yours"


def test_all_or_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = desk.bring(book(HIMAWARI, SAKURA))
    real, made = writing.create, []

    def second_fails(*args: object, **more: object) -> Organisation:
        made.append(1)
        if len(made) == 2:
            raise RuntimeError("the disk is full")
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "create", second_fails)
    intake = desk.write(intake)
    assert (intake.state, intake.fault, count()) == ("ready", {"code": "unexpected"}, 0)


def test_a_preview_that_is_no_longer_true_is_not_written(desk: Desk, make: Factories) -> None:
    intake = desk.bring(book(HIMAWARI))
    make.group("ひまわりサロン")
    intake = desk.write(intake)
    assert (intake.state, intake.fault) == ("ready", {"code": "changed_meanwhile"})
    assert count() == 1


@pytest.mark.parametrize("built", ["edited", "card"])
def test_what_somebody_built_on_is_not_taken_back(desk: Desk, make: Factories, built: str) -> None:
    intake = desk.write(desk.bring(book(HIMAWARI, SAKURA)))
    row = group("さくら会")
    if built == "edited":
        writing.close(desk.actor, row, clock.today())
    else:
        make.card(row)
    db.session.commit()
    intake = desk.undo(intake)
    assert (intake.state, intake.fault) == ("done", {"code": "built_on", "label": "さくら会"})
    assert count() == 2


def test_formula_text_is_text(desk: Desk) -> None:
    """What Excel would take for a formula is a name like any other, kept as it is."""
    content = csv_of([["団体名", "地区"], ['=HYPERLINK("http://x")', "第1地区"], ["@SUM(A1)", "第1地区"]])
    intake = desk.write(desk.bring(content, name="a.csv"))
    assert intake.effects == {"created": 2}
    assert group("@SUM(A1)").names == {"ja": "@SUM(A1)"}


def test_a_day_later_the_rows_are_gone_and_undo_still_works(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = desk.write(desk.bring(book(HIMAWARI)))
    abandoned = desk.bring(book(SAKURA))
    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    intake, abandoned = desk.run(intake), desk.run(abandoned)
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(IntakeRow)) == 0
    left = list(db.session.scalars(select(IntakeItem).where(IntakeItem.intake_id == intake.id)))
    assert {(item.label, str(item.data), str(item.changes)) for item in left} == {("", "{}", "[]")}
    assert (abandoned.state, abandoned.fault) == ("refused", {"code": "too_old"})
    assert desk.undo(intake).state == "undone"
    assert count() == 0


def test_the_reading_is_brought_in_found_by_and_taken_back(desk: Desk, make: Factories) -> None:
    row = make.group("向日葵の会")
    row.kana = "ひまわりのかい"
    make.group("桜会")
    db.session.commit()
    content = csv_of([["団体名", "フリガナ"], ["向日葵の会", ""], ["桜会", "サクラカイ"]])
    intake = desk.write(desk.bring(content))
    found = [g.name for g in organisations.listed(desk.actor, organisations.Filters(text="sakura"))]
    assert found == ["桜会"]
    assert group("向日葵の会").kana == "ひまわりのかい"  # a blank cell says nothing
    desk.undo(intake)
    assert (group("桜会").kana, group("向日葵の会").kana) == (None, "ひまわりのかい")


def test_two_rows_of_one_group_are_taken_back_together(desk: Desk, make: Factories) -> None:
    row = make.group("桜会", district="d1")
    content = csv_of(
        [["団体名", "地区", "電話"], ["桜会", "", "048-111-1111"], ["桜会", "第1地区", "048-222-2222"]]
    )
    intake = desk.write(desk.bring(content))
    assert intake.state == "done"
    intake = desk.undo(intake)
    assert (intake.state, intake.fault) == ("undone", None)
    db.session.refresh(row)
    assert row.phone is None
