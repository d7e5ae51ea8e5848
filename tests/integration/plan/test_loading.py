"""Loading a plan file: whole or not at all, once, shown as a difference, and taken out as it was put in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from portal.datasets.models import Assignment, DataSet, DataSetVersion, Measure
from portal.domain.errors import NotFound, NotPermitted
from portal.domain.permissions import SYSTEM, Actor, Grant, Role
from portal.extensions import Model, db
from portal.ground import settings
from portal.ground.models import AuditEvent
from portal.organisations.models import District, Organisation
from portal.plan import projection, queries, services
from portal.plan.document import parse
from portal.plan.models import (
    Direction,
    Goal,
    Indicator,
    IndicatorSource,
    PendingQuestion,
    Placement,
    PlanDocument,
    Programme,
)
from portal.plan.yaml_lines import PlanFaults
from portal.web.unit_of_work import PortalFlask

ROOT = Path(__file__).parents[3]
ASAKA = (ROOT / "portal/plan/cities/asaka.yaml").read_text("utf-8")
MINATO = (ROOT / "tests/data/plans/minato.yaml").read_text("utf-8")

pytestmark = pytest.mark.both_databases


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def everything() -> dict[str, int]:
    """How many rows each table has."""
    tables = inspect(db.engine).get_table_names()
    return {name: db.session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in sorted(tables)}


def edited(*pairs: tuple[str, str]) -> str:
    """The second city's file with some places changed."""
    found = MINATO
    for old, new in pairs:
        assert old in found
        found = found.replace(old, new)
    return found


def test_the_whole_plan_becomes_rows(asaka: PortalFlask) -> None:
    models = (Goal, Direction, Programme, Placement, District)
    assert [count(model) for model in models] == [4, 12, 80, 40 + 9, 6]
    own = [row for row in queries.indicators() if not row.participation]
    assert (len(own), len(queries.indicators())) == (38, 47)
    twice = {row.code: [(p.direction.goal.number, p.direction.number) for p in row.placements] for row in own}
    assert twice["3-1-s1"] == [(3, 1), (3, 3)]
    assert twice["4-1-s2"] == [(4, 1), (4, 2)]
    assert sum(map(len, twice.values())) == 40
    assert count(PendingQuestion) >= 30
    assert settings.get("counting.1-2-c1") == "distinct"


def test_offices_sections_and_their_forms_are_there(asaka: PortalFlask) -> None:
    sides = dict(
        db.session.execute(select(Organisation.side, func.count()).group_by(Organisation.side)).all()
    )
    assert sides == {"office": 1, "section": 17}
    names = {row.code: row.name for row in db.session.scalars(select(Organisation))}
    assert (names["shakyo"], names["city"]) == ("朝霞市社会福祉協議会", "福祉相談課")
    sets = {row.code: row for row in db.session.scalars(select(DataSet))}
    assert list(sets) == ["salon", "volunteer", "minsei", "kayoinoba", "office", "annual", "shakyo_annual"]
    assert {code: row.controller.code for code, row in sets.items()} == {
        "salon": "shakyo", "volunteer": "shakyo", "minsei": "city", "kayoinoba": "shakyo", "office": "shakyo",
        "annual": "city", "shakyo_annual": "shakyo",
    }  # fmt: skip
    filing = {
        (row.data_set.code, row.organisation.name)
        for row in db.session.scalars(select(Assignment))
        if row.data_set.code != "annual"
    }
    assert filing == {("office", "朝霞市社会福祉協議会"), ("shakyo_annual", "朝霞市社会福祉協議会")}
    sections = {row.organisation.name for row in db.session.scalars(select(Assignment))}
    assert {"福祉相談課", "長寿はつらつ課", "障害福祉課", "生活援護課", "開発建築課"} <= sections


def test_sources_point_at_measures_or_registers(asaka: PortalFlask) -> None:
    row = queries.indicator("1-2-c1")
    assert row is not None
    found = [(source.role, source.register, source.measure and source.measure.code) for source in row.sources]
    assert found == [
        ("activity", None, "held"),
        ("register", "subsidy", None),
        ("register", "kayoinoba", None),
    ]
    row = queries.indicator("3-2-c1")
    assert row is not None
    assert [source.role for source in row.sources] == ["numerator", "denominator", "rate"]
    assert (row.base["value"], row.target["value"]) == (1.34, 1.36)


def test_the_same_file_again_writes_nothing(asaka: PortalFlask) -> None:
    before = everything()
    assert services.load(ASAKA, SYSTEM).empty
    db.session.flush()
    assert everything() == before


def test_a_file_with_a_fault_writes_nothing(app: PortalFlask) -> None:
    before = everything()
    with pytest.raises(PlanFaults) as raised:
        services.load(ASAKA.replace("kind: money", "kind: gold"), SYSTEM)
    assert raised.value.faults[0].code == "unknown_kind"
    db.session.flush()
    assert everything() == before


def test_a_reviewer_may_not_load_a_plan(app: PortalFlask) -> None:
    reviewer = Actor(
        kind="staff", id=1, organisation_id=None, grants=(Grant(Role.REVIEWER, None, None, None),)
    )
    with pytest.raises(NotPermitted):
        services.load(MINATO, reviewer)


def test_export_is_the_file_byte_for_byte(app: PortalFlask) -> None:
    with pytest.raises(NotFound):
        services.export()
    windows = "\ufeff" + MINATO.replace("\n", "\r\n")
    services.load(windows, SYSTEM)
    db.session.flush()
    db.session.expire_all()
    assert services.export() == windows


def test_a_changed_comment_is_kept_though_no_row_changes(app: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    with_comment = MINATO.replace("# みなと市", "# 2027年4月 みなと市")
    assert services.load(with_comment, SYSTEM).empty
    assert services.export() == with_comment
    assert count(PlanDocument) == 2


def test_a_difference_names_what_is_added_changed_and_gone(app: PortalFlask) -> None:
    first = services.diff(MINATO)
    assert not first.changed
    assert not first.removed
    assert ("indicator", "1-2-s1") in first.added
    services.load(MINATO, SYSTEM)
    assert services.diff(MINATO).empty
    changed = services.diff(
        edited(
            ("value: 40, printed: 延べ40件", "value: 50, printed: 延べ50件"), ("code: port,", "code: bay,")
        )
    )
    assert changed.added == [("district", "bay")]
    assert changed.changed == [("indicator", "1-1-s1")]
    assert changed.removed == [("district", "port")]


def test_a_new_file_moves_what_it_changes_and_keeps_what_reports_hang_on(app: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    ids = {row.code: row.id for row in db.session.scalars(select(Indicator))}
    asked = {(row.data_set_id, row.code): row.id for row in db.session.scalars(select(Measure))}
    services.load(
        edited(
            (
                "      - {code: members,",
                "      - {code: visits, kind: flow, name: 相談}\n      - {code: members,",
            ),
            ("measure: advice,", "measure: visits,"),
            ("value: 40, printed: 延べ40件", "value: 50, printed: 延べ50件"),
        ),
        SYSTEM,
    )
    assert {row.code: row.id for row in db.session.scalars(select(Indicator))} == ids
    row = queries.indicator("1-1-s1")
    assert row is not None
    assert row.target["value"] == 50
    assert [source.measure.code for source in row.sources if source.measure] == ["visits"]
    now = {(row.data_set_id, row.code): row.id for row in db.session.scalars(select(Measure))}
    assert asked.items() <= now.items()  # the ledger may name a measure that is no longer drawn on
    editions = select(DataSetVersion.version).join(DataSet, DataSet.id == DataSetVersion.data_set_id)
    assert list(
        db.session.scalars(editions.where(DataSet.code == "office").order_by(DataSetVersion.version))
    ) == [1, 2]
    assert list(db.session.scalars(editions.where(DataSet.code == "salon"))) == [1]
    assert services.verify()[1] is None


def test_one_city_after_another_leaves_nothing_of_the_first_in_the_tree(asaka: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    db.session.flush()
    db.session.expire_all()
    assert [goal.names["ja"] for goal in queries.tree()] == ["支え合い", "相談"]
    assert [row.code for row in queries.indicators()][-1] == "1-1-p1"
    models = (Goal, Direction, Programme, Indicator, Placement)
    assert [count(model) for model in models] == [2, 3, 3, 6, 7]
    assert count(IndicatorSource) == 8
    assert [row.indicator_code for row in queries.pending()] == [None, "1-1-s1"]
    assert count(District) == 9  # a district stays: groups may live in it
    assert services.verify()[1] is None


def test_a_section_that_is_no_longer_asked_owes_nothing_from_today_on(app: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    by = "by: こども課"
    services.load(edited((by, "by: 地域福祉課")), SYSTEM)
    ends = {
        row.organisation.name: row.ends_on
        for row in db.session.scalars(select(Assignment))
        if row.data_set.code == "annual"
    }
    assert ends == {"地域福祉課": None, "こども課": date(2026, 11, 4)}  # the test's today is the 5th


def test_what_staff_decided_is_not_put_back_by_a_reload(app: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    settings.put("due_months_after.annual", 1, SYSTEM)
    services.load(MINATO.replace("# みなと市", "# みなと市 2"), SYSTEM)
    assert settings.get("due_months_after.annual") == 1


def test_loading_leaves_its_trace(app: PortalFlask) -> None:
    services.load(MINATO, SYSTEM)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "plan")).one()
    stored = services.in_force()
    assert stored is not None
    assert (event.subject_id, event.action, event.data["sha256"]) == ("minato-2027", "loaded", stored.sha256)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE programmes SET repeated = NOT repeated WHERE position = 1", "plan programme "),
        ("UPDATE indicators SET target_kind = 'reach' WHERE code = '1-2-c1'", "plan indicator 1-2-c1"),
        ("DELETE FROM placements WHERE position = 1", "plan indicator "),
        ("DELETE FROM pending_questions", "plan question "),
        ("UPDATE districts SET position = 9 WHERE code = 'west'", "plan district west"),
        ("UPDATE data_sets SET due_day = 9 WHERE code = 'office'", "plan data_set office"),
        ("UPDATE organisations SET side = 'group' WHERE code = 'こども課'", "plan organisation こども課"),
    ],
)
def test_verify_sees_a_row_that_the_file_does_not_make(app: PortalFlask, statement: str, named: str) -> None:
    services.load(MINATO, SYSTEM)
    assert services.verify() == ({"plan rows": len(projection.rows(parse(MINATO)))}, None)
    db.session.execute(text(statement))
    db.session.expire_all()
    assert (services.verify()[1] or "").startswith(named)


def test_verify_before_any_plan_has_nothing_to_say(app: PortalFlask) -> None:
    assert services.verify() == ({"plan rows": 0}, None)


def test_reading_the_tree_takes_a_few_queries(asaka: PortalFlask) -> None:
    asked: list[Any] = []
    db.session.expire_all()
    engine = db.engine

    @db.event.listens_for(engine, "before_cursor_execute")
    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    for goal in queries.tree():
        for direction in goal.directions:
            assert direction.programmes
            for place in direction.placements:
                assert place.indicator.names["ja"]
    db.event.remove(engine, "before_cursor_execute", note)
    assert len(asked) <= 12, asked
