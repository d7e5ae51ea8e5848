"""A report gives something back: how far the group has come towards its subsidy's condition."""

from __future__ import annotations

import pytest

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.organisations.models import Organisation
from portal.reporting import queries, something_back
from tests.integration.indicators.test_feeding import RawAnswer, file
from tests.support.client import Client
from tests.support.factories import Factories

RULE = {"register": "subsidy", "data_set": "salon", "measure": "held", "at_least": 6}


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group(registers={"subsidy": [2026]})


def held(make: Factories, group: Organisation, period: str, times: str) -> None:
    raw = {"held": RawAnswer(text=times), "attendance": RawAnswer(text="20")}
    file(make, group, "salon", period, raw)


def said(group: Organisation) -> list[str]:
    return [one.words for one in something_back.towards(group, queries.sent(group.id))]


def test_how_many_are_left_and_when_it_is_reached(make: Factories, group: Organisation) -> None:
    settings.put(something_back.RULES, [RULE], SYSTEM)
    db.session.commit()
    with_nothing = said(group)
    held(make, group, "2026-03", "9")  # last fiscal year does not count
    held(make, group, "2026-04", "3")
    held(make, group, "2026-05", "1")
    assert with_nothing == []
    assert said(group) == ["今年度は4回です。助成の条件は年6回です。あと2回です。"]
    held(make, group, "2026-06", "2")
    assert said(group) == ["今年度は6回です。助成の条件(年6回)に届いています。"]


def test_who_receives_no_subsidy_is_told_nothing(make: Factories) -> None:
    other = make.group()
    held(make, other, "2026-04", "3")
    assert said(other) == []


def test_the_plan_s_sample_says_that_it_is_one(make: Factories, client: Client, group: Organisation) -> None:
    held(make, group, "2026-04", "3")
    client.use_card(make.card(group)[1])
    client.get("/ja/report/")
    assert "あと3回です。 (見本の条件です" in client.page.text("main")
