"""Gentle questions: Python and the phone's JavaScript are held to one table of cases, and to each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain import plausibility
from portal.domain.measures import MeasureSpec, RawAnswer, Rule, check, terms
from portal.domain.periods import Month
from portal.domain.plausibility import question, questions, same_again, spread
from tests.support import node
from tests.support.machine import ROOT, missing

TABLE: dict[str, Any] = json.loads((ROOT / "tests/data/plausibility_cases.json").read_text("utf-8"))
DHIS2: dict[str, Any] = TABLE["dhis2"]
NEEDS_NODE = [pytest.mark.node, pytest.mark.skipif("node" in missing(), reason=missing().get("node", ""))]
SIDES = ["python", pytest.param("javascript", marks=NEEDS_NODE)]


def named(rows: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.fixture(scope="module")
def script() -> Iterator[node.Plausibility]:
    with node.plausibility() as running:
        yield running


def past(*values: Any) -> dict[Month, Any]:
    """Months in a row, the last of them September 2026; decimals as the portal keeps them."""
    return {
        Month(2026, 9).plus(step - len(values) + 1): Decimal(str(value))
        if isinstance(value, float)
        else value
        for step, value in enumerate(values)
    }


def asked(current: int, history: dict[Month, int], last_year: int | None = None) -> str | None:
    found = question("attendance", current, history, last_year)
    return found.code if found else None


def about_figure(side: str, script: Any, history: list[Any], value: Any, last_year: Any) -> str | None:
    if side == "python":
        return asked(value, past(*history), last_year)
    numbers = dict(plausibility.ASKING)
    return script.ask("figure", value=value, history=history, last_year=last_year, numbers=numbers)  # type: ignore[no-any-return]


def about_report(side: str, script: Any, case: dict[str, Any]) -> list[list[str]]:
    """What is asked about a whole report: [field, code of the past or the rule's sign]."""
    return _by_python(case) if side == "python" else script.ask("report", **_for_script(case))  # type: ignore[no-any-return]


def _by_python(case: dict[str, Any]) -> list[list[str]]:
    specs = [MeasureSpec(field["code"], states=frozenset(field["states"])) for field in case["fields"]]
    rules = [Rule(f"r{place}", r["left"], r["op"], r["right"]) for place, r in enumerate(case["rules"])]
    raw = {
        code: RawAnswer(str(answer.get("value", "")), answer.get("state", ""))
        for code, answer in case["given"].items()
    }
    checked = check(specs, rules, raw, case["figures"])
    counted = {
        spec.code: answer.amount
        if (answer := checked.values.get(spec.code)) and answer.state in ("number", "zero")
        else None
        for spec in specs
    }
    histories = {code: past(*values) for code, values in case["history"].items()}
    found = questions(counted, histories, case["last_year"], checked.questions)
    return [[one.field, str(one.params.get("op", one.code))] for one in found]


def _for_script(case: dict[str, Any]) -> dict[str, Any]:
    """The same as a page carries it."""
    fields = [
        {
            **field,
            "history": case["history"].get(field["code"], []),
            "last_year": case["last_year"].get(field["code"]),
        }
        for field in case["fields"]
    ]
    rules = [
        {"op": r["op"], **{side: {"terms": terms(r[side])} for side in ("left", "right")}}
        for r in case["rules"]
    ]
    numbers = dict(plausibility.ASKING)
    asks = {"numbers": numbers, "figures": case["figures"], "fields": fields, "rules": rules, "words": {}}
    return {"asks": asks, "given": case["given"]}


@pytest.fixture
def either(request: pytest.FixtureRequest, side: str) -> Any:
    """The script where it is asked; else nothing, and no Node is needed."""
    return request.getfixturevalue("script") if side == "javascript" else None


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("case", named(TABLE["figures"]))
def test_which_question_is_asked(side: str, either: Any, case: dict[str, Any]) -> None:
    assert about_figure(side, either, case["history"], case["value"], case["last_year"]) == case["asks"]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("case", named(TABLE["reports"]))
def test_what_a_whole_report_is_asked(side: str, either: Any, case: dict[str, Any]) -> None:
    assert about_report(side, either, case) == case["asks"]


@pytest.mark.parametrize("case", named(TABLE["same_again"]))
def test_a_report_that_repeats_the_two_before_it(case: dict[str, Any]) -> None:
    """For reviewers only, so the phone does not have it."""
    assert same_again(case["reports"]) is case["same"]


class TestPublishedOutliers:
    """The z-score cases of DHIS2 (source and licence in the table), where the method applies.

    Applied: which values of each series are outliers, and the modified z-scores that belong to them. Not
    applied: their mean, deviation, z, bounds and the order by z. Ours gives a question and no score; and
    DHIS2 measures an outlier with a mean and deviation that it has itself moved, which the last test shows.
    """

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("case", named(DHIS2["cases"]))
    def test_are_the_ones_asked_about(self, side: str, either: Any, case: dict[str, Any]) -> None:
        found = []
        for month, value in case["values"].items():
            others = [n for other, n in case["values"].items() if other != month]
            if about_figure(side, either, others, value, None):
                found.append(value)
        assert found == case["outlier_values"]

    @pytest.mark.parametrize("name", ["deA", "deB"])
    def test_have_these_modified_z_scores(self, name: str) -> None:
        """Ours is |x - median| > far x 1.4826 x MAD, the same as 0.6745 x |x - median| / MAD > 3.5."""
        values = next(list(case["values"].values()) for case in DHIS2["cases"] if case["name"] == name)
        usual = median(values)
        sigma = plausibility.MAD_TO_SIGMA * median(abs(value - usual) for value in values)
        scores = {str(value): (value - usual) / sigma for value in values}
        wanted = DHIS2["modified_z"][name]
        assert {value: pytest.approx(scores[value], abs=0.01) for value in wanted} == wanted
        assert {value for value in scores if abs(scores[value]) > plausibility.FAR} == set(wanted)

    def test_would_hide_from_a_mean_that_they_have_moved(self) -> None:
        """Why z-scores are not ours: 81 among thirties has a z of 2.2, and DHIS2's usual limit is 3."""
        single = DHIS2["cases"][0]
        assert single["zScore"] < 3
        assert asked(81, past(*(value for value in single["values"].values() if value != 81)))


def test_a_question_carries_what_it_is_asked_with() -> None:
    found = question("attendance", 120, past(13, 10, 12), 11)
    assert found is not None
    assert found.field == "attendance"
    assert found.params == {"value": 120, "usual": 12, "before": 12, "last_year": 11}
    half = question("attendance", 200, past(12, 13), None)
    assert half is not None
    assert half.params["usual"] == Decimal("12.5")


def test_history_may_come_in_any_order() -> None:
    months = past(13, 10, 12)
    found = question("attendance", 120, dict(reversed(months.items())))
    assert found is not None
    assert found.params["before"] == 12


def test_every_number_has_its_source_and_stands_once() -> None:
    whole = json.loads((ROOT / "portal/domain/plausibility.json").read_text("utf-8"))
    assert set(whole["sources"]) == {*whole["asking"], "same_again"}
    script = (ROOT / "static/js/plausibility.js").read_text("utf-8")
    assert [str(n) for n in whole["asking"].values() if n not in (5, 8, 10) and str(n) in script] == []


@given(st.lists(st.integers(0, 500), min_size=1, max_size=24), st.integers(0, 5000))
def test_the_usual_is_never_questioned(values: list[int], current: int) -> None:
    months = past(*values)
    usual = sorted(values)[len(values) // 2]
    if len(values) % 2 and usual:
        assert asked(usual, months) is None
    assert asked(current, months, last_year=current) is None
    assert spread([float(value) for value in values]) >= 1


# Close together, so that a limit is met and missed by one; now and then a decimal, as yearly figures have.
FIGURES = st.one_of(st.integers(0, 20), st.integers(0, 300), st.integers(0, 40).map(lambda n: n / 2))
STATES = st.sets(st.sampled_from(["zero", "not_held", "unknown"])).map(lambda s: ["number", *sorted(s)])
CODES = ("a", "b", "c", "d")
TERMS = st.lists(st.sampled_from([*CODES, "days_in_month", "3"]), min_size=1, max_size=3)


@st.composite
def a_report(draw: st.DrawFn) -> dict[str, Any]:
    """Any form of up to four numbers with up to three rules, any past, answered in any manner."""
    fields = [{"code": code, "states": draw(STATES)} for code in CODES[: draw(st.integers(1, 4))]]
    codes = [field["code"] for field in fields]
    whole = st.integers(0, 60)
    answers = {
        field["code"]: st.one_of(
            whole.map(lambda n: {"value": n}),
            st.sampled_from([{"state": s} for s in field["states"] if s != "number"] or [{"value": 1}]),
        )
        for field in fields
    }
    rules = [
        {"left": " + ".join([draw(st.sampled_from(codes)), *left]), "op": op, "right": " + ".join(right)}
        for left, op, right in draw(
            st.lists(
                st.tuples(TERMS, st.sampled_from(["<=", "<", "=", ">=", ">", "needs"]), TERMS), max_size=3
            )
        )
    ]
    months = st.lists(st.integers(0, 30), max_size=8)
    return {
        "fields": fields,
        "rules": rules,
        "figures": {"days_in_month": 31},
        "history": {code: draw(months) for code in codes},
        "last_year": {code: draw(st.one_of(st.none(), whole)) for code in codes},
        "given": {code: draw(answers[code]) for code in codes if draw(st.booleans())},
    }


def _read_alike(case: dict[str, Any]) -> bool:
    """A typed 0 that a form does not know is an error, which the server shows and the phone leaves to it."""
    states = {field["code"]: field["states"] for field in case["fields"]}
    return not any(
        answer.get("value") == 0 and not {"zero", "not_held"} & set(states[code])
        for code, answer in case["given"].items()
    )


@pytest.mark.node
@pytest.mark.skipif("node" in missing(), reason=missing().get("node", ""))
class TestBothAskTheSame:
    @settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        history=st.lists(FIGURES, max_size=16), value=FIGURES | st.integers(0, 3000), last=st.none() | FIGURES
    )
    def test_about_any_figure(
        self, script: node.Plausibility, history: list[Any], value: Any, last: Any
    ) -> None:
        python = about_figure("python", None, history, value, last)
        assert about_figure("javascript", script, history, value, last) == python

    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(case=a_report().filter(_read_alike))
    def test_about_any_report(self, script: node.Plausibility, case: dict[str, Any]) -> None:
        assert about_report("javascript", script, case) == about_report("python", None, case)
