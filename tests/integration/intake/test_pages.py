"""The pages: a file goes in, every row is seen, it is written and taken back; foreign ones are not there."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st
from sqlalchemy import select

from portal.accounts.models import User
from portal.extensions import db
from portal.intake import services, work
from portal.intake.models import Intake
from portal.organisations.models import Organisation
from tests.integration.intake.conftest import Desk, group
from tests.integration.intake.files import LIMITS, csv_of, xlsx
from tests.integration.intake.test_groups import HIMAWARI, SAKURA, book, count
from tests.support.client import Client
from tests.support.factories import Factories

START = "/staff/import/"


def upload(client: Client, content: bytes, name: str = "台帳.xlsx", kind: str = "groups", **more: Any) -> Any:
    """Send the form of the first page, the file with it."""
    client.get(START)
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    data = {"csrf_token": token, "kind": kind, "file": (io.BytesIO(content), name), **more.pop("data", {})}
    return client.open("POST", START, data=data, content_type="multipart/form-data", **more)


def newest() -> Intake:
    return db.session.scalars(select(Intake).order_by(Intake.id.desc())).first()  # type: ignore[return-value]


def at(intake: Intake) -> str:
    return f"/staff/import/{intake.public_id}"


def go_on(client: Client) -> None:
    db.session.rollback()
    work.run()
    db.session.expire_all()
    client.get(at(newest()))


@pytest.mark.both_databases
def test_a_list_of_groups_from_the_file_to_the_undo(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    client.follow(upload(client, book(HIMAWARI, SAKURA), expect=303))
    assert "読んでいます" in client.page.text()
    go_on(client)
    client.submit(form_to(client, "set-columns"), press="check")
    client.get(at(newest()))
    assert "調べています" in client.page.text()
    go_on(client)
    assert "ひまわりサロン" in client.page.text()
    client.get(f"{at(newest())}?fate=left_out")
    assert "ひまわりサロン" not in client.page.text()
    client.get(at(newest()))
    client.submit(form_to(client, "write"))
    go_on(client)
    assert (count(), "新しい団体: 2" in client.page.text()) == (2, True)
    client.submit(form_to(client, "undo"))
    go_on(client)
    assert (count(), newest().state) == (0, "undone")


def form_to(client: Client, end: str) -> Any:
    return client.page.form(f"form[id={end}]")


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "ファイルを選んでください"), (b"x" * 2_000, "MBを超えています")]
)
def test_what_is_no_file_is_said_at_once(
    client: Client, make: Factories, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.setattr(services, "limits", lambda: replace(LIMITS, size=1_000))
    client.sign_in(make.reviewer())
    upload(client, content, "a.csv", expect=422)
    assert said in client.page.text()


def test_past_counts_need_their_form(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    upload(client, b"a,b", kind="counts", expect=422)
    upload(client, b"a,b", kind="counts", data={"data_set": "minsei"}, expect=422)
    upload(client, b"a,b", kind="nothing", expect=422)


def test_a_file_that_can_t_be_read_says_why(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    upload(client, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "台帳.xls", expect=303)
    go_on(client)
    assert "古い形式のExcel" in client.page.text()
    client.submit(form_to(client, "drop"))
    assert db.session.scalars(select(Intake)).all() == []


def test_a_stale_form_takes_no_file(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    data = {"csrf_token": "x", "kind": "groups", "file": (io.BytesIO(b"a"), "a.csv")}
    client.open("POST", START, data=data, content_type="multipart/form-data", expect=400)
    assert db.session.scalars(select(Intake)).all() == []


def test_rows_that_stay_out_are_said_first(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    upload(client, book(HIMAWARI, [2, "", "サロン"]), expect=303)
    go_on(client)
    client.submit(form_to(client, "set-columns"), press="check")
    go_on(client)
    client.submit(form_to(client, "write"), expect=422)
    client.submit(form_to(client, "write"), {"without": "1"})
    go_on(client)
    assert count() == 1


def test_a_column_that_is_missing_and_headings_elsewhere(client: Client, make: Factories) -> None:
    client.sign_in(make.reviewer())
    upload(client, book(HIMAWARI), expect=303)
    go_on(client)
    client.submit(form_to(client, "set-columns"), {"c-1": ""}, press="check", expect=422)
    client.submit(form_to(client, "set-columns"), {"first": "x"}, press="check", expect=422)
    client.submit(form_to(client, "set-columns"), {"first": "4", "last": "4"}, press="again")
    client.get(at(newest()))
    assert newest().mapping["first"] == 4


# --- who --------------------------------------------------------------------------------------------

WAYS = ("", "/columns")
DEEDS = ("/columns", "/decisions", "/write", "/undo", "/drop")


@pytest.fixture
def theirs(desk: Desk) -> Intake:
    """An import of somebody else, ready to be written."""
    return desk.bring(book(HIMAWARI, SAKURA))


@pytest.mark.parametrize(
    ("role", "status"),
    [("reviewer", 404), ("officer", 403), ("committee", 403), ("chair", 403), ("administrator", 200)],
)
def test_somebody_else_s_import_is_not_there(
    client: Client, make: Factories, theirs: Intake, role: str, status: int
) -> None:
    scope = {"organisation_id": make.office().id} if role == "officer" else {}
    path = at(theirs)
    client.sign_in(make.user({"role": role, **scope}))
    for way in WAYS:
        client.get(path + way, expect=status)
    if status == 200:
        return  # a list of groups is the administrators' too
    for deed in DEEDS:
        client.open("POST", path + deed, data={"csrf_token": token(client)}, expect=status)
    assert (count(), newest().state) == (0, "ready")


def token(client: Client) -> str:
    client.get("/staff/")
    return str(client.page.all("input[name=csrf_token]")[0].get("value", ""))


def test_counts_are_nobody_else_s_and_an_administrator_brings_none(
    client: Client, make: Factories, desk: Desk, momiji: Organisation
) -> None:
    intake = desk.bring(
        csv_of([["団体名", "年月", "回数", "延べ"], ["もみじサロン", "R8.4", 1, 9]]), "counts"
    )
    path = at(intake)
    client.sign_in(make.user({"role": "administrator"}))
    client.get(path, expect=404)
    upload(client, b"a,b", kind="counts", data={"data_set": "salon"}, expect=422)


def test_a_card_and_a_stranger_bring_nothing(client: Client, make: Factories, theirs: Intake) -> None:
    path = at(theirs)
    client.get(path, expect=303)
    client.post(START, {"kind": "groups"}, expect=303)
    _card, secret = make.card(make.group())
    client.use_card(secret)
    client.get(path, expect=403)
    client.get(START, expect=403)


def test_grants_that_have_gone_write_nothing(desk: Desk, theirs: Intake) -> None:
    user = db.session.get_one(User, desk.user.id)
    user.active = False
    db.session.commit()
    assert (desk.write(theirs).state, count()) == ("ready", 0)


# --- random tables, all the way ---------------------------------------------------------------------

CELLS = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        ["もみじサロン", "第1地区", "サロン", "R8.4", "4月", "2", "２４人", "－", "合計", "○", "=1+1"]
    ),
)
HEADS = st.lists(
    st.sampled_from(["団体名", "地区", "種別", "電話", "年月", "回数", "延べ", "4月", "項目", ""]),
    max_size=7,
)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ["groups", "counts"])
def test_any_table_is_looked_at_and_written_whole_or_not_at_all(
    client: Client, make: Factories, momiji: Organisation, kind: str
) -> None:
    client.sign_in(make.reviewer())
    client.checks = False  # random text is in no language; that each answer is 200 or 303 is still asked

    @fuzz(
        deadline=None,
        max_examples=8,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(HEADS, st.lists(st.lists(CELLS, max_size=7), max_size=6), st.booleans())
    def any_table(head: list[str], rows: list[list[str]], excel: bool) -> None:
        table = [head, *([clean(cell) for cell in row] for row in rows)]
        content = xlsx(table) if excel else csv_of(table, "utf-8")
        answer = upload(client, content, "a.xlsx" if excel else "a.csv", kind, data={"data_set": "salon"})
        assert answer.status_code in (303, 422)
        if answer.status_code == 422:
            return
        go_on(client)
        if newest().state == "columns":
            client.submit(form_to(client, "set-columns"), press="check", expect=None)
            go_on(client)
        if newest().state == "ready":
            form = form_to(client, "write")
            client.submit(form, {"without": "1"} if "without" in form.fields else {}, expect=None)
            go_on(client)
        assert newest().state in ("refused", "columns", "ready", "done")
        assert (newest().fault or {}).get("code") != "unexpected"

    any_table()
    assert group("もみじサロン")


def clean(text: str) -> str:
    """What a workbook can hold at all."""
    return "".join(sign for sign in text if sign.isprintable())
