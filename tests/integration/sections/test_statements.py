"""Another official figure, a break in a series, a stage: stated by one, in force by another's word."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from portal import clock
from portal.domain.errors import Invalid, NotPermitted, PeriodLocked
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.ground import settings
from portal.indicators import proposals, statements
from portal.indicators.models import Statement
from portal.indicators.statements import Stated
from portal.periods import services as periods
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.publication import content
from portal.publication import services as publication
from portal.returns import indicator_table
from portal.server.verification import verify
from tests.integration.indicators.conftest import Put, drawn
from tests.integration.indicators.conftest import put as put
from tests.support.client import Client
from tests.support.factories import Factories

YEARS = [2025, 2026]
OTHER = {"year": "2025", "value": "95", "reason": "会議録と照合した", "evidence": "事業報告書 12ページ"}
BREAK = {"year": "2026", "reason": "1会議を1件と数える", "evidence": "要領 2条"}


def row(code: str = "1-1-s1") -> Indicator:
    found = plan.indicator(code)
    assert found is not None
    return found


def state(actor: Actor, kind: str, code: str = "1-1-s1", **typed: str) -> Statement:
    made = statements.make(actor, row(code), Stated(kind, **typed), YEARS)
    db.session.commit()
    return made


@pytest.fixture
def two(make: Factories) -> tuple[Actor, Actor]:
    return make.actor(make.reviewer()), make.actor(make.reviewer())


def confirm(actor: Actor, made: Statement) -> None:
    statements.confirm(actor, row(made.indicator_code), made)
    db.session.commit()


@pytest.mark.both_databases
def test_another_figure_stands_in_once_a_second_person_agrees(
    make: Factories, put: Put, two: tuple[Actor, Actor]
) -> None:
    put(make.office(), "office", "2025-05", meetings=90)
    made = state(two[0], "adopted", **OTHER)
    assert drawn("1-1-s1", 2025).value == 90  # not yet
    with pytest.raises(NotPermitted):
        statements.confirm(two[0], row(), made)
    confirm(two[1], made)
    value = drawn("1-1-s1", 2025)
    assert (value.value, value.counted, value.collecting, value.coverage) == (95, 90, False, None)
    public = next(one for one in content.gather(clock.today())["indicators"] if one["code"] == "1-1-s1")
    shown = public["values"][0]
    assert (shown["value"], shown["adopted"]["evidence"]) == (95, "事業報告書 12ページ")
    table = indicator_table.table()
    line = next(line for line in table.rows if line[0] == "1-1-s1")
    assert any("公式の数" in str(cell) for cell in line)  # a file tells it too
    assert "90" not in str(shown)
    with pytest.raises(NotPermitted):  # what two have said, one alone does not take back
        statements.withdraw(two[0], row(), made)
    statements.withdraw(two[1], row(), made)
    assert drawn("1-1-s1", 2025).value == 90
    assert verify().mismatch is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "多い"}, "value"),
        ({"value": ""}, "value"),
        ({"year": "2031"}, "year"),
        ({"year": "x"}, "year"),
        ({"reason": " "}, "reason"),
        ({"evidence": ""}, "evidence"),
        ({"kind": "stage"}, "kind"),
    ],
)
def test_what_is_missing_is_named(two: tuple[Actor, Actor], change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as error:
        statements.make(two[0], row(), Stated(**{"kind": "adopted", **OTHER, **change}), YEARS)
    assert error.value.params["field"] == field


def test_a_closed_years_figure_does_not_move(make: Factories, two: tuple[Actor, Actor]) -> None:
    waiting = state(two[0], "adopted", **OTHER)
    periods.close_year(two[0], 2025)
    db.session.commit()
    with pytest.raises(PeriodLocked):
        statements.make(two[0], row(), Stated("adopted", **OTHER), YEARS)
    with pytest.raises(PeriodLocked):
        statements.confirm(two[1], row(), waiting)


def test_a_break_is_marked_and_ends_the_comparison(
    make: Factories, put: Put, two: tuple[Actor, Actor], client: Client
) -> None:
    put(make.office(), "office", "2026-05", meetings=60)
    put(make.office(), "office", "2025-05", meetings=90)
    before = proposals.proposal(row(), drawn("1-1-s1"), 2024, 2030)
    confirm(two[1], state(two[0], "break", **BREAK))
    value = drawn("1-1-s1")
    assert value.broken and value.broke is not None  # noqa: PT018
    assert not drawn("1-1-s1", 2025).broken
    assert before.reason_code == "year_open"
    settled = type(value)(**{**vars(value), "provisional": False})
    assert proposals.proposal(row(), settled, 2024, 2030).reason_code == "series_break"
    publication.publish(two[0])
    db.session.commit()
    client.get("/ja/indicators/1-1-s1")
    said = client.page.text("main")
    assert "令和8年度(2026年度)から、数え方が変わりました" in said
    assert "1会議を1件と数える" in said
    assert client.page.all("path.break")
    assert not client.page.all("path.road")
    assert "昨年度の同じ月" not in said
    client.get("/vi/indicators/1-1-s1")
    assert "tính theo cách khác" in client.page.text("main")


def test_a_stage_moves_on_a_day_and_holds(put: Put, make: Factories, two: tuple[Actor, Actor]) -> None:
    put(make.office("city"), "annual", "2026-03", {"1-1-c1": "検討"})
    typed = {"stage": "整備", "day": "2026-07-01", "reason": "要綱を定めた", "evidence": "要綱 第1条"}
    made = state(two[0], "stage", "1-1-c1", **typed)
    assert drawn("1-1-c1").stage is None
    confirm(two[1], made)
    assert (drawn("1-1-c1", 2025).stage, drawn("1-1-c1").stage) == ("検討", "整備")
    since = drawn("1-1-c1").since
    assert since is not None
    assert since.day == date(2026, 7, 1)
    for day in ("2026-12-01", "2020-01-01", "きのう"):
        with pytest.raises(Invalid):
            statements.make(two[0], row("1-1-c1"), Stated("stage", **{**typed, "day": day}), YEARS)


def test_a_year_is_no_year_while_months_are_missing(make: Factories, put: Put, client: Client) -> None:
    """11 of 12 months: 集計中, and held against no other year; the twelfth makes it a year."""
    for month in ("04", "05", "06", "07", "08", "09", "10", "11", "12"):
        put(make.office(), "office", f"2025-{month}", meetings=8)
    put(make.office(), "office", "2026-01", meetings=8)
    put(make.office(), "office", "2026-02", meetings=8)
    assert drawn("1-1-s1", 2025).collecting
    publication.publish(make.actor(make.reviewer()))
    db.session.commit()
    client.get("/ja/indicators/1-1-s1")
    assert "集計中" in client.page.text("main")
    put(make.office(), "office", "2026-03", meetings=8)
    assert not drawn("1-1-s1", 2025).collecting
    assert drawn("1-1-s1", 2026).collecting


def test_one_person_alone_by_setting_and_the_figure_says_so(
    make: Factories, two: tuple[Actor, Actor]
) -> None:
    made = state(two[0], "adopted", **OTHER)
    settings.put(settings.ONE_PERSON_OFFICES, ["shakyo"], two[1])
    confirm(two[0], made)
    assert drawn("1-1-s1", 2025).one_person
    assert verify().mismatch is None


def test_verify_sees_a_changed_statement(make: Factories, two: tuple[Actor, Actor]) -> None:
    made = state(two[0], "adopted", **OTHER)
    confirm(two[1], made)
    db.session.execute(update(Statement).values(value=99))
    db.session.commit()
    assert "was changed" in str(verify().mismatch)
    db.session.execute(update(Statement).values(value=95, state="withdrawn"))
    db.session.commit()
    assert "its state" in str(verify().mismatch)


def test_the_page_states_confirms_and_keeps_what_was_typed(make: Factories, client: Client) -> None:
    one, other = make.reviewer(), make.reviewer()
    page = "/staff/indicators/1-1-s1/statements"
    client.sign_in(one)
    client.send(page, {"kind": "adopted", **OTHER, "value": "約百"}, expect=422)
    assert client.page.one("#value").get("value") == "約百"
    client.send(page, {"kind": "adopted", **OTHER})
    client.get(page)
    assert "別の人が確認します" in client.page.text("main")
    public_id = db.session.query(Statement).one().public_id
    client.send(f"{page}/{public_id}/confirm", page=page, expect=403)
    client.browser.delete_cookie("portal")
    client.sign_in(other)
    client.send(f"{page}/{public_id}/confirm", page=page)
    client.send(f"{page}/{public_id}/confirm", page=page, expect=409)
    client.get("/staff/indicators/1-1-s1?year=2025")
    assert "公式の数を採用" in client.page.text("main")


@pytest.mark.parametrize(
    ("role", "organisation", "status"),
    [
        ("officer", "shakyo", 200),
        ("officer", "city", 404),
        ("reviewer", "", 200),
        ("committee", "", 403),
        ("administrator", "", 403),
    ],
)
def test_who_may_state(
    make: Factories, client: Client, two: tuple[Actor, Actor], role: str, organisation: str, status: int
) -> None:
    made = state(two[0], "adopted", **OTHER)
    limits = {"organisation_id": make.office(organisation).id} if organisation else {}
    client.sign_in(make.user({"role": role, **limits}))
    page = "/staff/indicators/1-1-s1/statements"
    client.get(page, expect=status)
    client.get("/staff/")
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    expected = {200: 303}.get(status, status)
    client.post(f"{page}/{made.public_id}/confirm", {"csrf_token": token}, expect=expected)
    client.post(page, {"csrf_token": token, "kind": "adopted", **OTHER}, expect=expected)


def test_no_statement_on_what_residents_report(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    client.get("/staff/indicators/2-3-p1/statements", expect=404)
    client.get("/staff/indicators/9-9-c9/statements", expect=404)
