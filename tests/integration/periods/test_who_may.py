"""Role x scope over every press of the reporting calendar: refused presses leave nothing behind."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.periods import queries, services
from portal.periods.models import PeriodException
from tests.integration.periods.test_exceptions import AUGUST, UNTIL, WHY, grant
from tests.support.client import Client
from tests.support.factories import Factories

RULES = "/staff/periods/rules"
DUE = {"data_set": "salon", "period": "2026-10", "district": "d2", "due_on": "2026-11-20"}
# who -> status of (due day, its end, the lock, closing 2025, an exception, its end)
MATRIX = {
    "reviewer": ({}, (303, 303, 303, 303, 303, 303)),
    "reviewer of the district": ({"district": "d1"}, (403, 403, 403, 403, 303, 303)),
    "reviewer of another district": ({"district": "d2"}, (403, 403, 403, 403, 404, 404)),
    "reviewer of another form": ({"data_set": "volunteer"}, (403, 403, 403, 403, 422, 403)),
    "chair": ({"district": "d1", "data_set": "salon"}, (403, 403, 403, 403, 403, 403)),
    "officer": ({}, (403, 403, 403, 403, 403, 403)),
    "committee": ({}, (403, 403, 403, 403, 403, 403)),
    "administrator": ({}, (303, 303, 303, 303, 403, 403)),
}


@pytest.fixture
def group(make: Factories) -> Organisation:
    group = make.group("もみじ台サロン")
    services.set_lock(SYSTEM, 30)
    db.session.commit()
    return group


@pytest.mark.parametrize("who", MATRIX)
def test_every_press(make: Factories, client: Client, group: Organisation, who: str) -> None:
    scope, expected = MATRIX[who]
    ended = grant(make, group)
    db.session.commit()
    client.sign_in(make.user({"role": who.split()[0], **scope}))
    client.get("/staff/account")
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    exceptions = f"/staff/periods/exceptions/{group.public_id}"
    presses = {
        f"{RULES}/due-days": DUE,
        f"{RULES}/due-days/clear": DUE,
        f"{RULES}/lock": {"lock_days": "45"},
        "/staff/periods/2025": {"agreed": "1"},
        exceptions: {"report": f"salon/{AUGUST}", "until": UNTIL.isoformat(), "reason": WHY},
        f"{exceptions}/salon/{ended.id}/end": {},
    }
    got = tuple(
        client.post(page, {**typed, "csrf_token": token}, expect=None).status_code
        for page, typed in presses.items()
    )
    assert got == expected
    assert queries.lock_days() == (45 if expected[2] == 303 else 30)
    assert (2025 in queries.closings()) is (expected[3] == 303)
    made = db.session.scalar(select(func.count()).select_from(PeriodException))
    assert made == (2 if expected[4] == 303 else 1)


def test_another_organisations_exception_is_not_ended(
    make: Factories, client: Client, group: Organisation
) -> None:
    """The address names a group of one's own district, and the number an exception of another's."""
    foreign = grant(make, make.group("ほかの地区のサロン", district="d2"))
    db.session.commit()
    client.sign_in(make.reviewer(district="d1"))
    client.get("/staff/account")
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    address = f"/staff/periods/exceptions/{group.public_id}/salon/{foreign.id}/end"
    client.post(address, {"csrf_token": token}, expect=404)
    assert len(queries.granted()) == 1


def test_a_stranger_and_a_card_press_nothing(make: Factories, client: Client, group: Organisation) -> None:
    client.use_card(make.card(group)[1])
    client.get("/ja/report/")
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    for page in (f"{RULES}/lock", "/staff/periods/2025", f"/staff/periods/exceptions/{group.public_id}"):
        client.post(page, {"csrf_token": token, "lock_days": "1", "agreed": "1"}, expect=403)
    client.browser.delete_cookie("portal")
    client.post(f"{RULES}/lock", {"lock_days": "1"}, expect=None)
    assert queries.lock_days() == 30
