"""The nationwide survey: who is asked, when it opens, and a sheet that agrees with the ledger."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.datasets.models import Assignment, Measure
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ledger.models import Posting
from portal.reporting import queries as reporting
from portal.returns import kayoinoba
from tests.integration.returns.conftest import Send
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.smtp import later

PAGE = "/staff/returns/kayoinoba"
MARCH = datetime.fromisoformat("2027-04-02T10:00:00+09:00")


def asked() -> int:
    query = select(func.count()).select_from(Assignment).where(Assignment.ends_on.is_not(None))
    return int(db.session.scalar(query) or 0)


def test_one_press_asks_those_of_the_kind_and_a_second_nobody(make: Factories, client: Client) -> None:
    make.group("体操クラブ", kinds=("kayoinoba",))
    make.group("茶話会", kinds=("salon",))
    client.sign_in(make.reviewer())
    client.get(PAGE)
    assert "茶話会" not in client.page.text("main")
    client.submit(client.page.form('form[action$="/ask"]'))
    assert asked() == 1
    client.get(PAGE)
    assert "未報告" in client.page.text("main")
    assert not client.page.all('form[action$="/ask"]')
    assert kayoinoba.ask(SYSTEM, 2026) == 0


def test_only_those_in_reach_are_asked(make: Factories, client: Client) -> None:
    make.group("体操クラブ", kinds=("kayoinoba",))
    far = make.group("健康くらぶ", kinds=("kayoinoba",), district="d2")
    client.sign_in(make.reviewer(district="d2"))
    client.send(f"{PAGE}/ask", {"period": "FY2026"}, page=PAGE)
    rows = db.session.scalars(select(Assignment).where(Assignment.ends_on.is_not(None))).all()
    assert [row.organisation_id for row in rows] == [far.id]


@pytest.mark.parametrize("scope", [{"data_set": "salon"}, {"data_set": "minsei"}])
def test_who_reviews_another_form_asks_nobody(make: Factories, client: Client, scope: dict[str, str]) -> None:
    make.group("体操クラブ", kinds=("kayoinoba",))
    client.sign_in(make.reviewer(**scope))
    client.send(f"{PAGE}/ask", {"period": "FY2026"}, page=PAGE)
    assert asked() == 0
    client.get(f"{PAGE}?period=FY1999", expect=404)


def test_it_opens_on_the_phone_in_the_surveys_month(
    make: Factories, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make.group("体操クラブ", kinds=("kayoinoba",))
    kayoinoba.ask(SYSTEM, 2026)
    db.session.commit()
    assert not [due for due in reporting.due(group) if due.data_set.code == "kayoinoba"]
    later(asaka, monkeypatch, days=30 * 4 - 2)
    found = [due.period for due in reporting.due(group) if due.data_set.code == "kayoinoba"]
    assert found == ["2027-03"]


def test_the_sheet_is_the_ledgers(
    make: Factories, send: Send, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = {
        name: make.group(name, kinds=("kayoinoba",), district="d2" if name == "う" else "d1")
        for name in ("あ", "い", "う", "え", "お")
    }
    kayoinoba.ask(SYSTEM, 2026)
    db.session.commit()
    later(asaka, monkeypatch, days=30 * 5)
    send(groups["あ"], "salon", "2027-03", held=4, attendance=60, people=18)
    answer = {"content": ("exercise",), "frequency": ("weekly",)}
    send(groups["あ"], "kayoinoba", "2027-03", people=20, women=16, men=4, aged_75=15, **answer)
    send(groups["い"], "kayoinoba", "2027-03", people=7, women="unknown", **answer)
    send(groups["う"], "kayoinoba", "2027-03", people="not_held")
    send(groups["え"], "kayoinoba", "2027-03", confirm=False, people=500)
    found = kayoinoba.survey(SYSTEM, 2026)
    assert found is not None
    states = {place.organisation.name: (place.state, place.counted) for place in found.places}
    assert states == {
        "あ": ("approved", True),
        "い": ("approved", True),
        "う": ("approved", False),
        "え": ("waiting", False),
        "お": ("not_in", False),
    }
    for code in kayoinoba.PEOPLE:
        assert found.people(code)[0] == posted(code)
    assert found.people("people") == (27, 2)
    assert found.people("women") == (16, 1)  # unknown is not 0
    for code, option, words in (
        ("content", "exercise", "体操・運動"),
        ("frequency", "weekly", "週に1回以上"),
    ):
        assert dict(found.sorted_by(code))[words] == posted(code, option) == 2
    rows = {row[0]: row for row in kayoinoba.table(found).rows}
    assert rows["あ"][-2:] == [4, 18]
    assert rows["い"][-2:] == [None, None]


def posted(code: str, option: str = "") -> int:
    """The ledger's sum; of a choice, how often it was chosen."""
    query = (
        select(func.coalesce(func.sum(Posting.value), 0))
        .join(Measure, Measure.id == Posting.measure_id)
        .where(Measure.code == code, Posting.option == option, Posting.period == "2027-03")
        .where(
            Measure.data_set_id
            == select(Measure.data_set_id).where(Measure.code == "run_by").scalar_subquery()
        )
    )
    return int(db.session.scalar(query) or 0)
