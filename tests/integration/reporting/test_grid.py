"""The keying grid: cells as people write them, rows kept as typed, and sent once."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.datasets import queries as datasets
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting import grid, queries
from portal.reporting.models import Draft, KeyedRow, Submission
from tests.integration.review.test_review import send
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.smtp import later

PAGE = "/staff/paper/grid/?data_set=salon&period=2026-10"
GOOD = {"c-held": "2", "c-attendance": "２４人", "c-activities": "1 お茶"}


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("もみじ台サロン")


def kept(actor: Actor) -> dict[int, KeyedRow]:
    salon = datasets.data_set("salon")
    assert salon is not None
    db.session.expire_all()
    return grid.rows(actor, salon, "2026-10")


def row_url(group: Organisation) -> str:
    return f"/staff/paper/grid/{group.public_id}/salon/2026-10"


@pytest.mark.parametrize(
    ("code", "text", "reads"),
    [
        ("held", "2", ("2", "", ())),
        ("held", "休", ("", "not_held", ())),
        ("held", "－", ("", "not_held", ())),
        ("attendance", "？", ("", "unknown", ())),
        ("held", "？", ("？", "", ())),  # how often they met is never unknown: the check refuses it
        ("attendance", "１２人", ("１２人", "", ())),  # read by the check, kept as typed
        ("activities", "1、2", ("", "", ("exercise", "tea"))),
        ("activities", "お茶 食事", ("", "", ("tea", "meal"))),
        ("activities", "お", ("", "", ("tea",))),
        ("activities", "9", ("", "", ("9",))),  # no such option: refused, never guessed
        ("activities", "", ("", "", ())),
    ],
)
def test_a_cell_is_read_as_people_write_it(
    make: Factories, group: Organisation, code: str, text: str, reads: tuple[str, str, tuple[str, ...]]
) -> None:
    form = datasets.form(make.data_set().current, group)
    measure = next(m for m in form.measures if m.code == code)
    answer = grid.read_cell(measure, text)
    assert (answer.text, answer.state, answer.chosen) == reads


def test_rows_are_kept_as_typed_and_sent_when_ready(
    make: Factories, group: Organisation, client: Client
) -> None:
    user = make.reviewer()
    other = make.group("あおば会")
    client.sign_in(user)
    client.get(PAGE)
    said = client.submit(client.page.form(f"#row-{group.public_id}"), GOOD, htmx=True, expect=200)
    assert said.status_code == 200
    client.get(PAGE)
    bad = {"c-held": "2", "c-attendance": "たくさん"}
    client.submit(client.page.form(f"#row-{other.public_id}"), bad)
    assert {row.cells["attendance"] for row in kept(make.actor(user)).values()} == {"２４人", "たくさん"}
    client.get(PAGE)
    client.submit(client.page.form('form[action$="/send"]'), expect=422)  # from what? not said
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 0
    client.submit(client.page.form('form[action$="/send"]'), {"keyed_from": "paper"}, expect=200)
    assert "たくさん" in client.page.html  # the faulty row is still there, as typed
    db.session.expire_all()
    submission = db.session.scalars(select(Submission)).one()
    assert submission.organisation_id == group.id
    assert queries.version(submission).values["attendance"] == {"state": "number", "value": 24}
    assert queries.version(submission).values["activities"]["value"] == ["exercise", "tea"]
    keyed = queries.keyed(submission)
    assert keyed is not None
    assert keyed.source == "paper"
    assert list(kept(make.actor(user))) == [other.id]
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0  # the groups' own stay theirs


def test_a_question_keeps_a_row_until_it_is_answered(
    make: Factories, group: Organisation, client: Client
) -> None:
    send(make, group, "2026-09", attendance=12)
    client.sign_in(make.reviewer())
    client.get(PAGE)
    client.submit(client.page.form(f"#row-{group.public_id}"), {"c-held": "2", "c-attendance": "120"})
    client.get(PAGE)
    client.submit(client.page.form('form[action$="/send"]'), {"keyed_from": "paper"}, expect=200)
    october = select(Submission).where(Submission.period == "2026-10")
    assert db.session.scalars(october).first() is None
    client.submit(client.page.form(f"#row-{group.public_id}"), {"sure": "1"})
    client.get(PAGE)
    client.submit(client.page.form('form[action$="/send"]'), {"keyed_from": "paper"}, expect=200)
    sent = db.session.scalars(october).one()
    assert queries.version(sent).answers == {"attendance": {"answer": "yes", "reason": ""}}
    assert sent.unusual == 1  # the reviewer sees it all the same


def test_what_the_group_sent_meanwhile_is_not_overwritten(
    make: Factories, group: Organisation, client: Client
) -> None:
    client.sign_in(make.reviewer())
    client.get(PAGE)
    client.submit(client.page.form(f"#row-{group.public_id}"), GOOD)
    make.group("あおば会")
    client.get(PAGE)
    form = client.page.form('form[action$="/send"]')
    mine = send(make, group, attendance=40)
    client.submit(form, {"keyed_from": "paper"}, expect=200)
    db.session.expire_all()
    assert (mine.version, queries.version(mine).values["attendance"]["value"]) == (1, 40)


def test_a_row_is_its_writers_own_and_an_empty_one_goes(
    make: Factories, group: Organisation, client: Client
) -> None:
    mine, other = make.reviewer(), make.reviewer()
    client.sign_in(mine)
    client.get(PAGE)
    client.submit(client.page.form(f"#row-{group.public_id}"), GOOD)
    assert kept(make.actor(other)) == {}
    client.get(PAGE)
    emptied = dict.fromkeys(GOOD, "")
    client.submit(client.page.form(f"#row-{group.public_id}"), emptied)
    assert kept(make.actor(mine)) == {}


@pytest.mark.parametrize("scope", [{"district": "d2"}, {"data_set": "volunteer"}])
def test_only_within_ones_scope(
    make: Factories, group: Organisation, client: Client, scope: dict[str, str]
) -> None:
    make.group("よその地区", district="d2")
    client.sign_in(make.reviewer(**scope))
    client.get("/staff/paper/")
    client.send(row_url(group), GOOD, page="/staff/reports/", expect=404)


def test_a_commissioners_sheet_is_not_for_everybody(make: Factories, client: Client) -> None:
    area, _held = make.area((date(2025, 12, 1), None))
    client.sign_in(make.reviewer())
    client.get("/staff/paper/grid/?data_set=minsei&period=2026-10", expect=404)
    where = f"/staff/paper/grid/{area.public_id}/minsei/2026-10"
    client.send(where, {"c-visits": "3"}, page="/staff/reports/", expect=404)
    client.sign_in(make.reviewer(data_set="minsei"))
    client.get("/staff/paper/grid/?data_set=minsei&period=2026-10")
    assert area.name in client.page.text("main")


def test_a_row_is_never_kept_for_another_month(make: Factories, group: Organisation, client: Client) -> None:
    user = make.reviewer()
    client.sign_in(user)
    where = f"/staff/paper/grid/{group.public_id}/salon/2024-01"
    client.send(where, GOOD, page="/staff/reports/", expect=404)
    assert kept(make.actor(user)) == {}
    client.get("/staff/paper/grid/?data_set=salon&period=2027-01")
    assert "まだ始まっていません" in client.page.text("main")


def test_rows_go_when_the_report_has_come_in_or_after_three_months(
    make: Factories, group: Organisation, client: Client, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make.reviewer()
    other = make.group("あおば会")
    client.sign_in(user)
    for one in (group, other):
        client.get(PAGE)
        client.submit(client.page.form(f"#row-{one.public_id}"), GOOD)
    send(make, group)
    assert grid.tidy() != ""
    assert list(kept(make.actor(user))) == [other.id]
    later(asaka, monkeypatch, days=93)
    grid.tidy()
    assert kept(make.actor(user)) == {}
    assert grid.tidy() == ""
