"""Three reports that say the same are shown to whoever reviews them, and not to the group."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.organisations.models import Organisation
from tests.integration.reporting.test_asking import send
from tests.support.client import Client
from tests.support.factories import Factories

PAGE, QUEUE = "前の2回の報告と、数がすべて同じです。", "3回続けて同じ"


@pytest.fixture
def staff(make: Factories, client: Client) -> Client:
    client.sign_in(make.reviewer())
    return client


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


def three(make: Factories, group: Organisation, **values: Any) -> str:
    for period in ("2026-08", "2026-09", "2026-10"):
        submission = send(make, group, period, **{"held": 2, "attendance": 40, **values})
    return submission.public_id


def test_the_reviewer_sees_it_in_the_queue_and_on_the_page(
    make: Factories, staff: Client, group: Organisation
) -> None:
    public_id = three(make, group)
    staff.get("/staff/reports/")
    said = ["".join(cell.itertext()) for cell in staff.page.all("td.why")]
    assert said == [QUEUE, "", ""]
    assert staff.page.all(f"input[name=chosen][value^='{public_id}']") == []  # not approved unseen
    staff.get(f"/staff/reports/{public_id}")
    assert PAGE in staff.page.text("main")


def test_the_group_does_not(make: Factories, client: Client, group: Organisation) -> None:
    three(make, group)
    client.use_card(make.card(group)[1])
    for path in ("/ja/report/", "/ja/report/salon/2026-10/receipt/", "/ja/report/salon/2026-10/"):
        client.get(path)
        assert "同じです" not in client.page.text("body")
    client.submit(client.page.form("form.report"), press="check")
    client.get("/ja/report/salon/2026-10/check/")
    assert client.page.all("fieldset.question") == []


@pytest.mark.parametrize(
    "values",
    [
        {"attendance": 4},  # four came, as ever: nothing to look at; that they met twice is a timetable
        {"attendance": 0},
        {"held": "not_held", "attendance": "not_held"},
        {"attendance": "unknown"},
    ],
)
def test_what_is_the_same_by_itself_is_no_sign(
    make: Factories, staff: Client, group: Organisation, values: dict[str, Any]
) -> None:
    public_id = three(make, group, **values)
    staff.get("/staff/reports/")
    assert QUEUE not in staff.page.text("table.queue")
    staff.get(f"/staff/reports/{public_id}")
    assert PAGE not in staff.page.text("main")


def test_another_number_of_meetings_is_another_report(
    make: Factories, staff: Client, group: Organisation
) -> None:
    for period, held in (("2026-08", 1), ("2026-09", 2), ("2026-10", 2)):
        public_id = send(make, group, period, held=held, attendance=40).public_id
    staff.get(f"/staff/reports/{public_id}")
    assert PAGE not in staff.page.text("main")


def test_a_record_s_line_says_nothing_of_it(make: Factories, asaka: Flask) -> None:
    """What a commissioner wrote is told on its own page, where each look is kept."""
    area, (present,) = make.area((make.group().opened_on, None))
    codes = [measure.code for measure in make.data_set("minsei").measures]
    for period in ("2026-08", "2026-09", "2026-10"):
        public_id = send(make, area, period, "minsei", present, **dict.fromkeys(codes, 3)).public_id
    staff = Client(asaka)
    staff.sign_in(make.reviewer(data_set="minsei"))
    staff.get("/staff/reports/")
    assert QUEUE not in staff.page.text("main")
    staff.get(f"/staff/reports/{public_id}")
    assert PAGE in staff.page.text("main")
