"""Which report moves which figure: the rule that keeps the plan's 38 indicators true."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.domain.measures import RawAnswer
from portal.extensions import db
from portal.indicators import queries
from portal.organisations.models import Organisation
from portal.plan import queries as plan
from portal.plan.models import Indicator
from portal.reporting import services as reporting
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.services import Sending
from portal.review import services as review
from tests.support.factories import Factories

SALON = ("held", "attendance", "helpers", "people", "newcomers", "activities")


def file(
    make: Factories, organisation: Organisation, data_set: str, period: str, raw: dict[str, RawAnswer]
) -> None:
    """Send and approve a report as its people would."""
    if organisation.side == "group":
        actor, desk = make.card_actor(make.card(organisation)[0]), "reporting"
    else:
        actor, desk = make.actor(make.user({"role": "officer", "organisation_id": organisation.id})), "entry"
    seat = sit_down(actor, organisation, data_set, period, desk)
    submission = reporting.send(seat, Sending(reporting.new_key(), 0, Written(raw, "決算書 1ページ")))
    review.approve(make.actor(make.reviewer()), submission, submission.last_seq)
    db.session.commit()


def values(year: int = 2026) -> dict[str, Any]:
    return {
        row.code: next((v.value, v.stage) for v in row.values if v.fiscal_year == year)
        for row in queries.figures(clock.today())
    }


def plan_codes() -> set[str]:
    return set(db.session.scalars(select(Indicator.code).where(Indicator.participation.is_(False))))


@pytest.mark.parametrize("measure", SALON)
def test_no_value_of_a_salon_moves_any_of_the_38_but_1_2_c1(make: Factories, measure: str) -> None:
    group = make.group(registers={"kayoinoba": [2025, 2026], "subsidy": [2026]})
    before = values()
    raw = {"held": RawAnswer("3"), "attendance": RawAnswer("60")}
    raw[measure] = RawAnswer(chosen=("tea",)) if measure == "activities" else RawAnswer("7")
    if measure == "held":
        raw["held"] = RawAnswer("9")
    file(make, group, "salon", "2026-10", raw)
    after = values()
    assert {code for code in plan_codes() if before[code] != after[code]} <= {"1-2-c1"}
    assert after["2-3-p2"] != before["2-3-p2"]  # and it did go somewhere


def test_the_offices_month_moves_one_figure_in_both_its_places(make: Factories) -> None:
    desk = sit_down(
        make.actor(make.user({"role": "officer", "organisation_id": make.office().id})),
        make.office(),
        "office",
        "2026-10",
        "entry",
    )
    raw = {m.code: RawAnswer("0") for m in desk.form.measures if not m.options}
    file(make, make.office(), "office", "2026-10", {**raw, "general_advice": RawAnswer("5")})
    row = plan.indicator("3-1-s1")
    assert row is not None
    assert [(p.direction.goal.number, p.direction.number) for p in row.placements] == [(3, 1), (3, 3)]
    assert values()["3-1-s1"] == (5, None)
    assert values()["3-1-s2"] == (0, None)  # zero was said, so it is zero
    assert values()["1-1-s2"] == (0, None)  # the month is in, and no district was assessed


def test_stocks_are_never_added_up(make: Factories) -> None:
    office = make.office()
    desk = sit_down(
        make.actor(make.user({"role": "officer", "organisation_id": office.id})),
        office,
        "office",
        "2026-10",
        "entry",
    )
    zero = {m.code: RawAnswer("0") for m in desk.form.measures if not m.options}
    for period, members in (("2026-08", "77"), ("2026-09", "79"), ("2026-10", "78")):
        file(
            make,
            office,
            "office",
            period,
            {**zero, "home_help_members": RawAnswer(members), "meetings": RawAnswer("4")},
        )
    assert values()["1-3-s5"] == (78, None)
    assert values()["1-1-s1"] == (12, None)


def test_a_missing_part_makes_no_sum(make: Factories) -> None:
    parts = {"生活援護課": "3-3-c1.part1", "障害福祉課": "3-3-c1.part2", "長寿はつらつ課": "3-3-c1.part3"}
    others = {"生活援護課": {"3-2-c1.recipients": "1944", "3-2-c1.population": "145000"}}
    for number, (name, code) in enumerate(parts.items(), 1):
        section = make.office(name)
        desk = sit_down(
            make.actor(make.user({"role": "officer", "organisation_id": section.id})),
            section,
            "annual",
            "2026-03",
            "entry",
        )
        raw = {m.code: RawAnswer("100") for m in desk.form.measures if m.spec.required}
        raw |= {k: RawAnswer(v) for k, v in others.get(name, {}).items()} | {code: RawAnswer("90")}
        file(make, section, "annual", "2026-03", raw)
        assert values(2025)["3-3-c1"] == ((270, None) if number == 3 else (None, None))
    assert str(values(2025)["3-2-c1"][0]) == "1.34"  # numerator over denominator, in percent


def test_registers_are_counted_both_ways(make: Factories) -> None:
    both = make.group(registers={"kayoinoba": [2026], "subsidy": [2026]})
    make.group(registers={"kayoinoba": [2026]})  # registered, but never met: not counted
    make.group(registers={"subsidy": [2026]})
    file(make, both, "salon", "2026-10", {"held": RawAnswer("1"), "attendance": RawAnswer("8")})
    counting = queries.figure("1-2-c1", clock.today()).counting
    assert (counting.sum, counting.overlap, counting.distinct, counting.registered) == (3, 1, 2, 3)
    assert values()["1-2-c1"] == (2, None)


def test_figures_cost_the_same_however_much_is_posted(make: Factories) -> None:
    seen: list[str] = []
    db.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    counts = []
    for more in (1, 4):
        for _ in range(more):
            file(
                make, make.group(), "salon", "2026-10", {"held": RawAnswer("1"), "attendance": RawAnswer("8")}
            )
        db.session.expire_all()
        seen.clear()
        queries.figures(clock.today())
        counts.append(len(seen))
    assert counts[0] == counts[1]
