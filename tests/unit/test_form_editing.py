"""Changing a form: whatever is done in whatever order, what comes out is a form that a plan could have."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from portal.datasets import changes, editing, wording
from portal.datasets.definition import form
from portal.datasets.editing import Around, NewMeasure
from portal.domain.errors import Invalid
from portal.domain.measures import RawAnswer, check
from portal.plan import form_checks, projection
from portal.plan.document import parse
from portal.plan.yaml_lines import Fault, read

ROOT = Path(__file__).parents[2]
ASAKA = ROOT / "portal/plan/cities/asaka.yaml"
Definition = dict[str, Any]
FILE_KEYS = ("kind", "section", "required", "states", "minimum", "maximum", "places", "counts_days")


@cache
def _rows() -> dict[str, dict[str, Any]]:
    found = projection.rows(parse(ASAKA.read_text("utf-8")))
    return {key: row for (kind, key), row in found.items() if kind == "data_set"}


def definition(code: str) -> Definition:
    return copy.deepcopy(_rows()[code]["definition"])


def around(base: Definition) -> Around:
    """As in the city: what indicators of the plan draw on, and every code that was used."""
    drawn: dict[str, tuple[str, ...]] = {}
    for (kind, key), row in projection.rows(parse(ASAKA.read_text("utf-8"))).items():
        for source in row["sources"] if kind == "indicator" else ():
            if source["data_set"] == base["code"]:
                drawn[source["measure"]] = (*drawn.get(source["measure"], ()), key)
    return Around(drawn=drawn, taken=frozenset(m["code"] for m in base["measures"]))


def faults(made: Definition) -> list[Fault]:
    """What the plan's own checks say of the form, written as a plan file writes it."""
    row = _rows()[made["code"]]
    measures = []
    for m in made["measures"]:
        item = {key: m[key] for key in FILE_KEYS if m.get(key) is not None}
        item |= {"code": m["code"], "name": m["names"]["ja"], "label": m["labels"]["ja"]}
        item |= {"hint": m["hints"]["ja"]} if m["hints"] else {}
        item |= {"unit": m["units"]["ja"]} if m["units"] else {}
        if m["options"]:
            item["options"] = [{"code": o["code"], "name": o["names"]["ja"]} for o in m["options"]]
            item.pop("states", None)
        measures.append(item)
    rules = [
        {key: value for key, value in rule.items() if not key.endswith("_names")} for rule in made["rules"]
    ]
    written = {
        **{key: row[key] for key in ("filed_by", "cadence", "due_day", "reviewing_office", "controller")},
        "confidential": row["confidential"],
        "code": made["code"],
        "version": 1,
        "name": made["names"]["ja"],
        "sections": [{"code": s["code"], "name": s["names"]["ja"]} for s in made["sections"]],
        "measures": measures,
        "rules": rules,
    }
    offices = [{"code": code, "side": "office", "name": code} for code in ("shakyo", "city")]
    text = io.StringIO()
    YAML().dump({"offices": offices, "data_sets": [written]}, text)
    tree = read(text.getvalue())
    return [*form_checks.shape_faults(tree, {}), *form_checks.faults(tree, {})]


def new_measure(draw: st.DrawFn, base: Definition) -> NewMeasure:
    sections = [s["code"] for s in base["sections"]] or [None]
    return NewMeasure(
        plain_name=draw(st.sampled_from(["Young visitors", "held", "reported", "12 months", "Völlig neu"])),
        kind=draw(st.sampled_from(editing.NEW_KINDS)),
        names={"ja": "若い人は何人ですか"},
        labels={"ja": "若い人", "vi": "Người trẻ"},
        units={"ja": "人"},
        states=tuple(draw(st.sets(st.sampled_from(editing.STATES)))),
        section=draw(st.sampled_from(sections)),
    )


class Pair(NamedTuple):
    """A form of the city's, and the same after some changes; one that was refused changed nothing."""

    base: Definition
    made: Definition

    def __repr__(self) -> str:
        return f"{self.base['code']}: {[one.kind for one in changes.compare(self.base, self.made)]}"


@st.composite
def edited(draw: st.DrawFn) -> Pair:
    base = definition(
        draw(st.sampled_from(["salon", "volunteer", "minsei", "kayoinoba", "office", "annual"]))
    )
    here, made = around(base), base
    for _ in range(draw(st.integers(1, 8))):
        code = draw(st.sampled_from([m["code"] for m in [*base["measures"], *made["measures"]]]))
        flag = draw(st.booleans())
        states = draw(st.sets(st.sampled_from(editing.STATES)))
        text = {slug: draw(st.sampled_from(["", "あ", "b"])) for slug in wording.LANGUAGES}
        path = draw(st.sampled_from(list(wording.paths(made))))
        new = new_measure(draw, base)
        steps: list[Callable[[Definition], Definition]] = [
            lambda now, c=code, f=flag: editing.move(now, c, f, here),
            lambda now, c=code: editing.retire(now, c, here),
            lambda now, c=code: editing.ask_again(now, base, c),
            lambda now, c=code, s=states: editing.allow(now, c, s, here),
            lambda now, c=code, f=flag: editing.must_answer(now, c, f, here),
            lambda now, p=path, t=text: wording.reword(now, p, t),
            lambda now, n=new: editing.add(now, n, here)[0],
        ]
        before = copy.deepcopy(made)
        step = draw(st.integers(0, len(steps) - 1))
        try:
            after = steps[step](made)
        except Invalid:
            after = made
        assert made == before, "a change leaves the definition that it was given as it was"
        made = after
    return Pair(base, made)


@settings(max_examples=40, deadline=None)
@given(edited())
def test_any_sequence_of_changes_is_a_form_that_the_plans_checks_accept(
    pair: Pair,
) -> None:
    base, made = pair
    assert faults(made) == []
    here = around(base)
    old = {m["code"]: m for m in base["measures"]}
    new = {m["code"]: m for m in made["measures"]}
    assert set(here.drawn) & set(old) <= set(new), "what an indicator draws on is asked"
    for code in old.keys() & new.keys():
        for fixed in ("kind", "minimum", "maximum", "places", "section", "asked"):
            assert old[code].get(fixed) == new[code].get(fixed)
        assert (old[code]["units"] or {}).get("ja") == (new[code]["units"] or {}).get("ja")
        assert old[code]["required"] <= new[code]["required"] or not here.drawn.get(code)
    assert not ({m["code"] for m in made["measures"]} - set(old)) & here.taken, "a code is never used twice"
    assert editing.opening(base) == editing.opening(made)
    assert form(made).long == form(base).long
    assert [rule for rule in base["rules"] if rule not in made["rules"]] == [
        rule for rule in base["rules"] if not _sides(rule) <= set(new) | {"0"} or rule not in made["rules"]
    ]
    assert bool(changes.compare(base, made)) == (_without_marks(base) != _without_marks(made))


def _sides(rule: dict[str, Any]) -> set[str]:
    return {term.strip() for side in ("left", "right") for term in str(rule[side]).split("+")}


def _without_marks(made: Definition) -> Definition:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(one) for key, one in value.items() if key != wording.MARKS}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return dict(bare(made))


@settings(max_examples=15, deadline=None)
@given(edited())
def test_we_did_not_meet_still_answers_the_whole_form(pair: Pair) -> None:
    made = form(pair[1], asked=None)
    first = editing.opening(pair[1])
    if first:
        checked = check(made.specs, made.rules, {first: RawAnswer(state="not_held")}, {"days_in_month": 30})
        assert checked.ok


def test_a_new_japanese_text_marks_the_translations_that_were_made_of_the_old_one() -> None:
    base = definition("salon")
    path = "measures/held/names"
    names = wording.text(base, path).names
    made = wording.reword(base, path, {**names, "ja": "何回集まりましたか", "vi": "Họp mấy buổi?"}, {"ko"})
    assert wording.text(made, path).outdated == {"ja-easy", "en", "zh-hans", "fil", "ne"}
    assert made["measures"][0]["translated_from"]["names"]["en"] == wording.fingerprint(names["ja"])
    again = wording.reword(made, path, {**wording.text(made, path).names, "en": "How often did you meet?"})
    assert "en" not in wording.text(again, path).outdated
    plain = wording.reword(base, path, {**names, "ja": "何回集まりましたか"})
    assert wording.reword(plain, path, names) == base, "the old words leave nothing behind"


def test_the_mark_keeps_the_text_that_a_translation_was_made_of_over_two_changes() -> None:
    base = definition("salon")
    path, names = "measures/held/labels", wording.text(base, "measures/held/labels").names
    first = wording.reword(base, path, {**names, "ja": "一"})
    second = wording.reword(first, path, {**names, "ja": "二"})
    marks = second["measures"][0]["translated_from"]["labels"]
    assert set(marks.values()) == {wording.fingerprint(names["ja"])}


@pytest.mark.parametrize(
    ("slug", "text", "code"),
    [
        ("ja", "", "japanese_missing"),
        ("vi", "{漢字|かんじ}", "reading"),
        ("ja-easy", "{漢字|漢字}", "reading"),
        ("en", "x" * 301, "too_long"),
    ],
)
def test_words_that_could_not_be_read_are_refused(slug: str, text: str, code: str) -> None:
    base = definition("salon")
    names = {**wording.text(base, "measures/held/names").names, slug: text}
    with pytest.raises(Invalid) as caught:
        wording.reword(base, "measures/held/names", names)
    assert (caught.value.code, caught.value.params["language"]) == (code, slug)


def test_a_unit_is_translated_and_never_another_one() -> None:
    base = definition("salon")
    units = wording.text(base, "measures/held/units").names
    with pytest.raises(Invalid, match="unit_fixed"):
        wording.reword(base, "measures/held/units", {**units, "ja": "日"})
    made = wording.reword(base, "measures/held/units", {**units, "vi": "lần"})
    assert wording.text(made, "measures/held/units").names["vi"] == "lần"


@pytest.mark.parametrize(
    ("form_code", "measure", "what", "why"),
    [
        ("salon", "held", "gone", "opens_the_form"),
        ("salon", "held", "not_held", "opens_the_form"),
        ("salon", "held", "number", "is_a_number"),
        ("salon", "attendance", "gone", "indicator"),
        ("salon", "attendance", "required", "indicator"),
        ("salon", "activities", "zero", "is_picked"),
        ("minsei", "visits", "zero", "long_record"),
    ],
)
def test_what_is_fixed_says_why(form_code: str, measure: str, what: str, why: str) -> None:
    base = definition(form_code)
    assert editing.locks(base, measure, around(base))[what] == why


def test_what_others_tables_ask_for_stays() -> None:
    base = definition("salon")
    here = Around(fixed=frozenset({"people"}))
    with pytest.raises(Invalid) as caught:
        editing.retire(base, "people", here)
    assert caught.value.params["why"] == "fixed_form"


def test_a_question_that_goes_takes_its_comparisons_along_and_brings_them_back() -> None:
    base = definition("salon")
    here = Around()
    gone = editing.retire(base, "newcomers", here)
    assert "newcomers_within_people" not in {rule["code"] for rule in gone["rules"]}
    assert [one.kind for one in changes.compare(base, gone)] == ["gone", "rule_gone"]
    assert editing.ask_again(gone, base, "newcomers") == base


def test_codes_come_from_a_plain_name_and_are_never_used_again() -> None:
    taken = {"young_visitors", "held"}
    found = [
        editing.code_of(name, taken) for name in ("Young visitors", "Held!", "12 men", "reported", "Éléonore")
    ]
    assert found == ["young_visitors_2", "held_2", "n_12_men", "reported_2", "eleonore"]
    with pytest.raises(Invalid, match="no_code"):
        editing.code_of("若い人", taken)


def test_moving_stays_in_its_section_and_behind_the_opening_question() -> None:
    base = definition("salon")
    here = around(base)
    codes = [m["code"] for m in base["measures"]]
    assert [m["code"] for m in editing.move(base, codes[1], True, here)["measures"]] == codes
    moved = [m["code"] for m in editing.move(base, codes[2], False, here)["measures"]]
    assert moved == [codes[0], codes[1], codes[3], codes[2], *codes[4:]]
    only = changes.compare(base, editing.move(base, codes[2], False, here))
    assert [one.kind for one in only] == ["order"]
