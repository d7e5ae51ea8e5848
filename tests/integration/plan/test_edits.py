"""The plan edited in the portal: on top of the document, kept for ever, and what `verify` compares with."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.datasets import queries as datasets
from portal.domain.errors import Invalid, NotFound, NotPermitted
from portal.domain.permissions import Actor, Grant, Role
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.plan import edits, projection, queries, readback, services
from portal.plan.document import parse
from portal.plan.models import PlanEdit
from portal.web.unit_of_work import PortalFlask

pytestmark = pytest.mark.both_databases
ADMINISTRATOR = Actor("staff", 1, None, (Grant(Role.ADMINISTRATOR),))


def definition(code: str = "salon") -> dict[str, Any]:
    data_set = datasets.data_set(code)
    assert data_set is not None
    return copy.deepcopy(data_set.current.definition)


def test_an_edit_holds_is_kept_and_is_told(asaka: PortalFlask) -> None:
    before = readback.rows()["indicator", "1-1-s1"]["note"]
    made = edits.put("indicator", "1-1-s1", {"note": {"ja": "数え方"}}, ADMINISTRATOR, " 課から ")
    assert [(e.before, e.after, e.reason, e.actor) for e in made] == [
        ({"value": before}, {"value": {"ja": "数え方"}}, "課から", "staff:1")
    ]
    indicator = queries.indicator("1-1-s1")
    assert indicator is not None
    assert indicator.note == {"ja": "数え方"}
    assert services.verify()[1] is None
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "edited")).one()
    assert told.data == {"edits": [made[0].id], "kind": "indicator", "key": "1-1-s1", "fields": ["note"]}


def test_the_same_again_writes_nothing_and_going_back_is_an_edit_too(asaka: PortalFlask) -> None:
    row = readback.rows()["data_set", "salon"]
    assert edits.put("data_set", "salon", {"due_day": row["due_day"]}, ADMINISTRATOR) == []
    edits.put("data_set", "salon", {"due_day": 12}, ADMINISTRATOR)
    assert edits.put("data_set", "salon", {"due_day": 12}, ADMINISTRATOR) == []
    edits.put("data_set", "salon", {"due_day": row["due_day"]}, ADMINISTRATOR)
    assert [edit.after["value"] for edit in edits.history("data_set", "salon")] == [row["due_day"], 12]
    assert services.verify()[1] is None


def test_a_changed_form_is_a_new_edition_and_others_stay(asaka: PortalFlask) -> None:
    changed = definition()
    changed["measures"][0]["names"]["ja"] = "今月は何人でしたか"
    editions = {row.code: row.current.version for row in datasets.all_data_sets()}
    edits.put("data_set", "salon", {"definition": changed}, ADMINISTRATOR)
    now = {row.code: row.current.version for row in datasets.all_data_sets()}
    assert now == editions | {"salon": 2}
    assert definition() == changed
    assert services.verify()[1] is None


def test_an_answer_to_what_the_plan_leaves_open(asaka: PortalFlask) -> None:
    question = queries.pending()[0]
    key = projection.question_key(question.indicator_code, question.question)
    answer = {"text": "延べ人数で数える", "on": "2026-10-01", "by": "福祉相談課"}
    edits.put("question", key, {"answer": answer}, ADMINISTRATOR)
    assert queries.pending()[0].answer == answer
    assert services.verify()[1] is None


def test_tampering_still_shows(asaka: PortalFlask) -> None:
    edits.put("indicator", "1-1-s1", {"note": {"ja": "数え方"}}, ADMINISTRATOR)
    db.session.execute(text("UPDATE indicators SET note = NULL WHERE code = '1-1-s1'"))
    db.session.expire_all()
    assert services.verify()[1] == "plan indicator 1-1-s1"


@pytest.mark.parametrize("statement", ["UPDATE plan_edits SET reason = 'x'", "DELETE FROM plan_edits"])
def test_the_database_itself_refuses_to_change_an_edit(asaka: PortalFlask, statement: str) -> None:
    edits.put("data_set", "salon", {"due_day": 12}, ADMINISTRATOR)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))


def test_who_may_and_what_is_refused(asaka: PortalFlask) -> None:
    with pytest.raises(NotPermitted):
        edits.put("data_set", "salon", {"due_day": 12}, Actor("staff", 2, None, (Grant(Role.REVIEWER),)))
    with pytest.raises(NotFound):
        edits.put("data_set", "nothing", {"due_day": 12}, ADMINISTRATOR)
    with pytest.raises(Invalid) as refused:
        edits.put("data_set", "salon", {"sha256": "x"}, ADMINISTRATOR)
    assert refused.value.params["field"] == "sha256"
    assert db.session.scalars(select(PlanEdit)).all() == []


def test_the_document_itself_stays_as_it_was_loaded(asaka: PortalFlask) -> None:
    before = services.export()
    edits.put("data_set", "salon", {"due_day": 12}, ADMINISTRATOR)
    assert projection.rows(parse(services.export())) == projection.rows(parse(before))
