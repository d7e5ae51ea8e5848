"""照会票: out as a workbook that can be filled, back in row by row, and through the one door, all or none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from portal.accounts.models import User
from portal.domain.errors import NotPermitted
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.periods import services as periods
from portal.reporting.models import SheetAnswer, Submission, SubmissionVersion
from portal.review import services as review
from portal.sections import reading
from portal.sections.models import SheetLoad
from portal.server.verification import verify
from tests.integration.indicators.conftest import drawn
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.sheets import fill, keys

PAGE = "/staff/sections/"
CHOJU, SEIKATSU = "長寿はつらつ課", "生活援護課"
GOOD = {
    "1-3-c1": {"value": 8421, "evidence": "実績報告書 3ページ"},
    "3-3-c1.part3": {"value": 120, "evidence": "シルバー人材センター事業報告"},
    "4-1-c1.part1": {"value": 610, "evidence": "見守り台帳 3月末"},
}
RATE = {
    "3-2-c1": {"numerator": 1930, "denominator": 145000, "evidence": "福祉事務所報告"},
    "3-3-c1.part1": {"value": 40, "evidence": "就労支援の記録"},
}


def section(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


def url(name: str, period: str = "2026-03") -> str:
    return f"{PAGE}annual/{period}/{section(name).public_id}.xlsx"


@pytest.fixture
def coordinator(make: Factories, client: Client) -> User:
    """Who sends and loads: a reviewer of the yearly form."""
    user = make.reviewer(data_set="annual")
    client.sign_in(user)
    return user


def upload(client: Client, *files: bytes, expect: int = 303) -> Any:
    client.get(PAGE)
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    sent = [(io.BytesIO(one), f"照会票{n}.xlsx") for n, one in enumerate(files)]
    answer = client.post(
        PAGE, {"csrf_token": token, "files": sent}, expect=expect, content_type="multipart/form-data"
    )
    return client.follow(answer) if expect == 303 else answer


def enter(client: Client, expect: int = 303) -> None:
    client.submit(client.page.form("form.load"), expect=expect)


def versions() -> int:
    return db.session.scalar(select(func.count()).select_from(SubmissionVersion)) or 0


def test_a_sheet_asks_one_section_its_own_rows(coordinator: User, client: Client) -> None:
    content = client.get(url(CHOJU)).data
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    assert page.title == "照会票"
    assert keys(content) == ["1-3-c1", "3-3-c1.part3", "4-1-c1.part1"]
    assert page.protection.sheet
    assert page.page_setup.paperSize == 9
    assert page.page_setup.orientation == "landscape"
    assert page.column_dimensions["A"].hidden
    assert page.row_dimensions[1].hidden
    row = next(row for row in page.iter_rows() if row[0].value == "1-3-c1")
    assert [row[1].value, row[2].value, row[4].value, row[5].value] == [
        "1-3-c1",
        "認知症サポーター数",
        "人",
        "8,190人",
    ]
    assert [cell.protection.locked for cell in row[7:12]] == [True, False, True, True, False]
    assert len(page.data_validations.dataValidation) == 6


def test_a_rate_is_one_row_and_a_stage_a_list(coordinator: User, client: Client) -> None:
    assert keys(client.get(url(SEIKATSU)).data) == ["3-2-c1", "3-3-c1.part1"]
    page = load_workbook(io.BytesIO(client.get(url("福祉相談課")).data)).worksheets[0]
    lists = [one.formula1 for one in page.data_validations.dataValidation if one.type == "list"]
    assert lists == ['"検討,整備"', '"検討,設置"']


def test_all_sheets_come_in_one_file(coordinator: User, client: Client) -> None:
    client.get(PAGE + "?year=2025")
    assert "根拠" in client.page.text("#mail")
    with zipfile.ZipFile(io.BytesIO(client.get(PAGE + "2025.zip").data)) as archive:
        names = archive.namelist()
        assert f"照会票_令和7年度_{CHOJU}.xlsx" in names
        assert len(names) == 5
        assert keys(archive.read(f"照会票_令和7年度_{SEIKATSU}.xlsx")) == ["3-2-c1", "3-3-c1.part1"]
    client.get(PAGE + "2031.zip", expect=404)


def test_filled_sheets_are_shown_first_and_then_sent_together(
    make: Factories, coordinator: User, client: Client
) -> None:
    first = fill(client.get(url(CHOJU)).data, GOOD)
    second = fill(client.get(url(SEIKATSU)).data, RATE, filled_by="見本 次郎")
    upload(client, first, second)
    said = client.page.text("main")
    assert "見本 花子" in said
    assert "8,421人" in said
    assert "まだ何も入力していません" in said
    assert versions() == 0  # nothing before the yes
    enter(client)
    sent = db.session.scalars(select(Submission).order_by(Submission.id)).all()
    assert [(one.organisation.name, one.state, one.period) for one in sent] == [
        (CHOJU, "waiting", "2026-03"),
        (SEIKATSU, "waiting", "2026-03"),
    ]
    version = sent[0].versions[0]
    assert (version.source, version.entered_by) == ("department", f"staff:{coordinator.id}")
    assert version.values["1-3-c1"] == {"state": "number", "value": 8421}
    assert version.evidence is not None
    assert "[1-3-c1] 実績報告書 3ページ" in version.evidence
    came = db.session.get(SheetAnswer, version.id)
    assert came is not None
    assert came.filled_by == "見本 花子"
    assert sent[0].events[0].data["file"] == came.sha256
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "sheet_load")).one()
    row = db.session.scalars(select(SheetLoad)).one()
    assert row.content is None
    assert row.loaded_at is not None
    assert not review.may_decide(make.actor(coordinator), sent[0])  # a second person confirms
    second_person = make.actor(make.reviewer(data_set="annual"))
    for one in sent:
        review.approve(second_person, one, one.last_seq)
    db.session.commit()
    assert drawn("1-3-c1", 2025).value == 8421
    assert drawn("3-2-c1", 2025).value == Decimal("1.33")
    assert verify().mismatch is None


def test_a_second_load_says_what_changes(coordinator: User, client: Client) -> None:
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    enter(client)
    again = client.get(url(CHOJU)).data  # what is entered stands in the sheet, evidence too
    upload(client, again)
    assert "すべて、もう入力されています" in client.page.text("main")
    upload(client, fill(again, {"1-3-c1": {"value": 8500}}))
    said = client.page.text("main")
    assert "8,421人" in said
    assert "8,500人" in said
    assert "1件が変わり" in said
    enter(client)
    submission = db.session.scalars(select(Submission)).one()
    assert (submission.version, submission.events[-1].kind) == (2, "corrected")


def test_pressing_twice_enters_once(coordinator: User, client: Client) -> None:
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    form = client.page.form("form.load")
    path = client.path
    client.submit(form)
    client.path = path
    client.submit(form, expect=404)
    assert versions() == 1


def test_somebody_was_faster(coordinator: User, client: Client) -> None:
    """Two files of one section, both read before either is entered: the second is refused and says so."""
    sheet = client.get(url(CHOJU)).data
    upload(client, fill(sheet, GOOD))
    waiting, path = client.page.form("form.load"), client.path
    upload(client, fill(sheet, {**GOOD, "1-3-c1": {"value": 9000, "evidence": "別の資料"}}))
    enter(client)
    client.path = path
    client.submit(waiting, expect=409)
    assert "ほかの人" in client.page.text("main")
    assert versions() == 1


def set_format(key: str, column: int, value: Any, number_format: str = "General") -> Callable[[Any], None]:
    def spoil(page: Any) -> None:
        row = next(row for row in page.iter_rows() if row[0].value == key)
        row[column - 1].value, row[column - 1].number_format = value, number_format

    return spoil


def delete_row(page: Any) -> None:
    page.delete_rows(next(row[0].row for row in page.iter_rows() if row[0].value == "1-3-c1"))


def merge_cells(page: Any) -> None:
    first = next(row[0].row for row in page.iter_rows() if row[0].value == "1-3-c1")
    page.merge_cells(start_row=first, end_row=first + 1, start_column=9, end_column=9)


def copy_row(page: Any) -> None:
    for column in range(1, 13):
        row = next(row for row in page.iter_rows() if row[0].value == "1-3-c1")
        page.cell(20, column).value = row[column - 1].value


def other_meta(page: Any) -> None:
    page["D1"].value = "無い課"


@pytest.mark.parametrize(
    ("answer", "spoil", "says"),
    [
        ({"value": "=8000+421"}, None, "式が入っています"),
        ({"value": "約八千"}, None, "数として読めません"),
        ({"value": 12.5}, None, "整数"),
        ({"value": -3}, None, "0より小さい"),
        ({"value": None}, None, "空欄です"),
        ({"value": True}, None, "数として読めません"),
        ({"value": "#REF!"}, None, "エラー"),
        ({"numerator": 3}, None, "記入しないでください"),
        ({"evidence": None}, None, "資料名とページ"),
        ({"value": 10**16}, None, "数として読めません"),
        ({}, set_format("1-3-c1", 9, 0.84, "0.0%"), "パーセント"),
        ({}, set_format("1-3-c1", 9, 45000, "yyyy/mm/dd"), "日付"),
        ({}, delete_row, "行が消され"),
        ({}, merge_cells, "空欄です"),
        ({}, copy_row, "2回"),
        ({}, other_meta, "ほかの課"),
        ({"evidence": "長" * 500}, None, "長すぎます"),
    ],
)
def test_a_nasty_file_is_refused_whole_and_in_words(
    coordinator: User, client: Client, answer: dict[str, Any], spoil: Callable[[Any], None] | None, says: str
) -> None:
    answers = {**GOOD, "1-3-c1": {**GOOD["1-3-c1"], **answer}}
    good = fill(client.get(url(SEIKATSU)).data, RATE)
    upload(client, good, fill(client.get(url(CHOJU)).data, answers, spoil=spoil))
    assert says in client.page.text("main")
    assert not client.page.all("form.load")
    row = db.session.scalars(select(SheetLoad)).one()
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    client.post(f"{PAGE}loads/{row.public_id}", {"csrf_token": token}, expect=409)  # and not by force
    assert versions() == 0


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        ("８，４２１人", "General", 8421),
        ("8,421", "@", 8421),
        (8421.0, "0.00", 8421),
        ("不明", "General", None),
    ],
)
def test_figures_are_read_as_people_write_them(
    coordinator: User, client: Client, value: Any, number_format: str, read: int | None
) -> None:
    content = fill(client.get(url(CHOJU)).data, GOOD, spoil=set_format("1-3-c1", 9, value, number_format))
    upload(client, content)
    enter(client)
    stored = db.session.scalars(select(SubmissionVersion)).one().values["1-3-c1"]
    assert stored == ({"state": "number", "value": read} if read else {"state": "unknown", "value": None})


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"numerator": None}, "分子と分母は一緒に"),
        ({"denominator": 0}, "分母が0"),
        ({"numerator": 200000}, "分子が分母より大きく"),
        ({"value": 1.33}, "どちらか一方"),
    ],
)
def test_a_rate_needs_its_two_numbers(
    coordinator: User, client: Client, cells: dict[str, Any], says: str
) -> None:
    upload(client, fill(client.get(url(SEIKATSU)).data, {**RATE, "3-2-c1": {**RATE["3-2-c1"], **cells}}))
    assert says in client.page.text("main")


def test_a_percent_cell_gives_the_rate_as_it_is_seen(coordinator: User, client: Client) -> None:
    answers = {**RATE, "3-2-c1": {"evidence": "福祉事務所報告"}}
    upload(
        client, fill(client.get(url(SEIKATSU)).data, answers, spoil=set_format("3-2-c1", 9, 0.0134, "0.00%"))
    )
    enter(client)
    version = db.session.scalars(select(SubmissionVersion)).one()
    assert version.values["3-2-c1.rate"] == {"state": "number", "value": "1.34"}


def workbook(fill_in: Callable[[Any], None]) -> bytes:
    book = Workbook()
    fill_in(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "unreadable"),
        (b"PK\x03\x04 not a zip", "unreadable"),
        ("団体名,人数\r\n".encode("cp932"), "unreadable"),
        (b"x" * 300_000, "too_large"),
        (bomb(), "too_large"),
        (workbook(lambda page: None), "not_ours"),
        (workbook(lambda page: page.append(["tsunagari-inquiry-1"])), "not_ours"),
        (workbook(lambda page: page.append(["tsunagari-inquiry-1", 1, 2, 3])), "not_ours"),
    ],
)
def test_any_file_at_all_is_read_or_refused(content: bytes, problem: str) -> None:
    assert reading.read("何か\x00.xlsx", content).problem == problem


def test_no_file_is_said_beside_the_field(coordinator: User, client: Client) -> None:
    upload(client, expect=422)
    assert client.page.one("#files-error")


def test_a_closed_year_takes_nothing(make: Factories, coordinator: User, client: Client) -> None:
    content = fill(client.get(url(CHOJU)).data, GOOD)
    periods.close_year(make.actor(make.reviewer()), 2025)
    db.session.commit()
    upload(client, content)
    assert "年度は締め" in client.page.text("main")
    assert versions() == 0


def test_a_section_of_one_person_confirms_its_own_and_the_figure_says_so(
    make: Factories, coordinator: User, client: Client
) -> None:
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    enter(client)
    submission = db.session.scalars(select(Submission)).one()
    actor = make.actor(coordinator)
    with pytest.raises(NotPermitted):
        review.approve(actor, submission, submission.last_seq)
    admin = make.user({"role": "administrator"})
    client.browser.delete_cookie("portal")
    client.sign_in(admin)
    client.send(f"{PAGE}one-person", {"office": [CHOJU]})
    client.send(f"{PAGE}one-person", {"office": ["無い課"]}, expect=404)
    review.approve(actor, submission, submission.last_seq)
    db.session.commit()
    assert drawn("1-3-c1", 2025).one_person
    assert verify().mismatch is None


def test_the_name_of_who_filled_it_in_can_be_erased(
    make: Factories, coordinator: User, client: Client
) -> None:
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    enter(client)
    submission = db.session.scalars(select(Submission)).one()
    page, erase = f"/staff/reports/{submission.public_id}", f"{PAGE}answers/{submission.public_id}/1/forget"
    client.get(page)
    assert "見本 花子" in client.page.text("main")
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    client.post(erase, {"csrf_token": token})
    client.get(page)
    assert "見本 花子" not in client.page.text("main")
    came = db.session.scalars(select(SheetAnswer)).one()
    assert came.filled_by is None
    assert came.sha256 == submission.events[0].data["file"]
    client.post(erase, {"csrf_token": token}, expect=404)
    client.browser.delete_cookie("portal")
    client.sign_in(make.reviewer(data_set="salon"))
    client.send(erase, page="/staff/", expect=404)
