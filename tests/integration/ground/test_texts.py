"""Words that staff write: states that follow from the words, reading back, two at once, whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.errors import Conflict
from portal.domain.permissions import SYSTEM
from portal.domain.translations import fault
from portal.extensions import db
from portal.ground import texts
from portal.ground.texts import Row, Saved, State
from portal.organisations import services as organisations
from portal.plan import edits, readback, services
from tests.support.client import Client
from tests.support.factories import Factories

PATH = "/staff/texts/vi/goals/"


def goal(make: Factories, number: str = "1", language: str = "vi") -> Row:
    kind = texts.kind("goals")
    assert kind is not None
    rows = texts.rows_of(kind, language, SYSTEM)
    return next(row for row in rows if row.texts[0].place == ("goal", number, "names"))


def save(make: Factories, user: Any, text: str, **more: Any) -> None:
    kind = texts.kind("goals")
    assert kind is not None
    texts.save(make.actor(user), kind, "vi", [Saved(goal(make), text, **more)])


@pytest.mark.both_databases
def test_a_text_goes_from_written_to_read_back_to_outdated(make: Factories) -> None:
    one, two = make.reviewer(), make.reviewer()
    japanese = goal(make).source["ja"]
    save(make, one, "Một câu mới")
    assert (goal(make).standing.text, goal(make).standing.state) == ("Một câu mới", State.DRAFT)
    with pytest.raises(Conflict):
        save(make, one, "Một câu mới", checks=True)
    save(make, two, "Một câu mới", checks=True)
    assert goal(make).standing.state is State.CHECKED
    edits.put("goal", "1", {"names": {**goal(make).source, "ja": "新しい目標"}}, SYSTEM)
    now = goal(make).standing
    assert (now.state, now.before, now.changed_at is not None) == (State.OUTDATED, japanese, True)
    save(make, two, "Một câu mới", keeps=True)
    assert goal(make).standing.state is State.DRAFT
    assert services.verify()[1] is None


def test_a_translation_of_the_file_is_outdated_once_the_japanese_is_edited(make: Factories) -> None:
    assert goal(make).standing.state is State.DRAFT
    edits.put("goal", "1", {"names": {**goal(make).source, "ja": "新しい目標"}}, SYSTEM)
    assert goal(make).standing.state is State.OUTDATED


def test_a_translator_never_changes_the_japanese(make: Factories) -> None:
    japanese = goal(make).source["ja"]
    kind = texts.kind("goals")
    assert kind is not None
    actor = make.actor(make.reviewer())
    kind.write(actor, {("goal", "1", "names"): {"ja": "別の目標", "vi": "Khác"}})
    assert readback.rows()["goal", "1"]["names"] == {"ja": japanese, "vi": "Khác"}


def test_a_group_renamed_has_an_outdated_name(make: Factories) -> None:
    group = make.group("ひだまり")
    details = organisations.Details("ひだまり", group.district, ("salon",), names={"vi": "Hidamari"})
    organisations.edit(SYSTEM, group, details)
    organisations.edit(SYSTEM, group, organisations.Details("こもれび", group.district, ("salon",)))
    kind = texts.kind("groups")
    assert kind is not None
    row = next(r for r in texts.rows_of(kind, "vi", SYSTEM) if r.source["ja"] == "こもれび")
    assert (row.standing.state, row.standing.before) == (State.OUTDATED, "ひだまり")


def test_the_page_saves_together_and_loses_nothing_of_what_is_typed(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    first, second = goal(make, "1"), goal(make, "2")
    client.get(PATH)
    form = client.page.form("#save")
    typed = {f"{first.code}-text": "Câu thứ nhất", f"{second.code}-text": "Câu <b>thứ hai</b>"}
    answer = client.submit(form, typed, expect=422)
    assert "Câu thứ nhất" in answer.text
    assert goal(make).standing.text == first.standing.text
    typed[f"{second.code}-text"] = "Câu thứ hai"
    client.submit(client.page.form("#save"), typed)
    assert [goal(make, n).standing.text for n in "12"] == ["Câu thứ nhất", "Câu thứ hai"]


def test_the_second_of_two_translators_sees_what_the_first_wrote(make: Factories, client: Client) -> None:
    one = make.reviewer()
    client.sign_in(make.reviewer())
    client.get(PATH)
    form = client.page.form("#save")
    code = goal(make).code
    save(make, one, "Của người thứ nhất")
    db.session.commit()
    answer = client.submit(form, {f"{code}-text": "Của người thứ hai"}, expect=409)
    assert "Của người thứ nhất" in answer.text
    assert goal(make).standing.text == "Của người thứ nhất"
    client.submit(client.page.form("#save"), {f"{code}-text": "Của người thứ hai"})
    assert goal(make).standing.text == "Của người thứ hai"


WHOLE, FORM, DISTRICT = {"role": "reviewer"}, {"data_set": "salon"}, {"district": "d1"}


@pytest.mark.parametrize(
    ("grant", "opens"),
    [
        (WHOLE, {"goals": 200, "forms": 200, "groups": 200}),
        (WHOLE | FORM, {"goals": 404, "forms": 200, "groups": 404}),
        (WHOLE | DISTRICT, {"goals": 404, "forms": 404, "groups": 200}),
        (WHOLE | {"district": "d2"}, {"goals": 404, "forms": 404, "groups": 404}),
        ({"role": "administrator"}, {"goals": 200, "forms": 200, "groups": 200}),
        ({"role": "officer"}, {"goals": 403, "forms": 403, "groups": 403}),
        ({"role": "committee"}, {"goals": 403, "forms": 403, "groups": 403}),
    ],
)
def test_role_and_scope(
    make: Factories, client: Client, grant: dict[str, Any], opens: dict[str, int]
) -> None:
    make.group("ひだまり", district="d1")
    client.sign_in(make.user(grant))
    for kind, status in opens.items():
        client.get(f"/staff/texts/vi/{kind}/", expect=status)
        data = {"csrf_token": "x"}  # refused before the token is looked at, else shown again
        client.post(f"/staff/texts/vi/{kind}/", data, expect=400 if status == 200 else None)
    for nothing in ("ja/goals", "xx/goals", "vi/unknown"):
        client.get(
            f"/staff/texts/{nothing}/", expect=404 if 200 in opens.values() or 404 in opens.values() else 403
        )


@pytest.mark.parametrize(
    ("source", "text", "readings", "code"),
    [
        ("人", "người", False, None),
        ("人", "<b>người", False, "markup"),
        ("%(n)s人", "người", False, "placeholders"),
        ("人", "{人|ひと}", True, None),
        ("人", "{人|ひと}", False, "readings"),
        ("人", "x" * 161, False, "too_long"),
    ],
)
def test_what_a_translation_must_keep(source: str, text: str, readings: bool, code: str | None) -> None:
    assert fault(source, text, readings) == code
