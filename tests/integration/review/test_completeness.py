"""How many of how many are in, and how many by their due day."""

from __future__ import annotations

from datetime import date

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.periods import services as periods
from portal.review import completeness
from portal.review.completeness import Count
from tests.integration.review.test_review import send
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/staff/periods/completeness"


def test_in_and_by_the_due_day(make: Factories) -> None:
    """Sent today, 5 November: October's is in time (10 November), September's (13 October) is not."""
    one, _two = make.group(opened=date(2026, 9, 1)), make.group(district="d2", opened=date(2026, 9, 1))
    send(make, one, "2026-09")
    send(make, one, "2026-10")
    salon = make.data_set()
    reports = completeness.owed(SYSTEM, salon, 2026)
    assert completeness.by_period(salon, reports) == {"2026-10": Count(2, 1, 1), "2026-09": Count(2, 1, 0)}
    assert completeness.by_district(salon, reports) == {"d1": Count(2, 2, 1), "d2": Count(2, 0, 0)}
    periods.set_due_day(SYSTEM, salon, "2026-09", date(2026, 11, 30), "d1")
    db.session.flush()
    later = completeness.owed(SYSTEM, salon, 2026)
    assert completeness.by_period(salon, later)["2026-09"] == Count(2, 1, 1)


def test_among_few_commissioners_punctuality_is_withheld(make: Factories) -> None:
    for number in range(2):
        make.area((date(2025, 12, 1), None), name=f"本町{number}区")
    minsei = make.data_set("minsei")
    assert completeness.counted(minsei, completeness.owed(SYSTEM, minsei, 2026)).on_time is None
    make.area((date(2025, 12, 1), None), name="本町9区")
    assert completeness.counted(minsei, completeness.owed(SYSTEM, minsei, 2026)).on_time == 0


def test_what_one_follows_is_what_one_sees(make: Factories, client: Client) -> None:
    make.group("ここ", opened=date(2026, 10, 1))
    make.group("よそ", district="d2", opened=date(2026, 10, 1))
    make.area((date(2025, 12, 1), None))
    chair = make.user({"role": "chair", "district": "d1", "data_set": "minsei"})
    client.sign_in(chair)
    client.get(PAGE)
    assert [o.get("value") for o in client.page.all("#data_set option")] == ["minsei"]
    client.get(f"{PAGE}?data_set=salon", expect=404)
    reviewer = make.actor(make.reviewer(district="d1", data_set="salon"))
    assert completeness.counted(make.data_set(), completeness.owed(reviewer, make.data_set(), 2026)) == Count(
        1, 0, 0
    )
    everywhere = make.actor(make.reviewer())  # not entrusted with the commissioners' form
    assert "minsei" not in [form.code for form in completeness.forms(everywhere)]
