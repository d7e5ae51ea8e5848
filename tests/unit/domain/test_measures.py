from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.measures import (
    Answer,
    AnswerState,
    FieldError,
    MeasureKind,
    MeasureSpec,
    Question,
    RawAnswer,
    Rule,
    Severity,
    answers_from_json,
    answers_to_json,
    check,
    content_digest,
)

NUMBER, ZERO, NOT_HELD, UNKNOWN = (
    AnswerState.NUMBER,
    AnswerState.ZERO,
    AnswerState.NOT_HELD,
    AnswerState.UNKNOWN,
)
SALON = (
    MeasureSpec("held", required=True, states=frozenset({NUMBER, NOT_HELD}), maximum=62),
    MeasureSpec("attendance", required=True, states=frozenset({NUMBER, ZERO, NOT_HELD, UNKNOWN})),
    MeasureSpec("helpers", states=frozenset({NUMBER, ZERO, UNKNOWN})),
    MeasureSpec("people", states=frozenset({NUMBER, ZERO, UNKNOWN})),
    MeasureSpec("kinds", MeasureKind.CHOICES, options=("exercise", "tea", "meal")),
)
RULES = (
    Rule("people_over_attendance", "people", "<=", "attendance", Severity.REFUSE),
    Rule("helpers_over_attendance", "helpers", "<=", "attendance"),
    Rule("attendance_without_meeting", "attendance", "needs", "held", Severity.REFUSE),
)


def raw(**texts: str) -> dict[str, RawAnswer]:
    """Typed texts; a word that is a state is ticked instead of typed."""
    return {
        code: RawAnswer(state=text) if text in set(AnswerState) else RawAnswer(text)
        for code, text in texts.items()
    }


def codes(errors: tuple[FieldError, ...] | tuple[Question, ...]) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in errors]


def test_a_plain_month() -> None:
    checked = check(SALON, RULES, raw(held="２回", attendance="延べ 24人", helpers="0", people="十五"))
    assert checked.ok
    assert not checked.questions
    assert dict(checked.values) == {
        "held": Answer(NUMBER, 2),
        "attendance": Answer(NUMBER, 24),
        "helpers": Answer(ZERO),
        "people": Answer(NUMBER, 15),
    }


def test_four_answers_and_a_blank_are_five_things() -> None:
    spec = MeasureSpec("n", states=frozenset({NUMBER, ZERO, NOT_HELD, UNKNOWN}))
    found = {
        text: check([spec, spec], (), raw(n=text)).values.get("n")
        for text in ("3", "0", "not_held", "unknown", "")
    }
    assert found == {
        "3": Answer(NUMBER, 3),
        "0": Answer(ZERO),
        "not_held": Answer(NOT_HELD),
        "unknown": Answer(UNKNOWN),
        "": None,
    }
    assert [answer.amount if answer else "blank" for answer in found.values()] == [3, 0, 0, None, "blank"]


def test_a_blank_is_no_zero() -> None:
    checked = check(SALON, RULES, raw(held="2", attendance="  "))
    assert codes(checked.errors) == [("attendance", "required")]
    assert "attendance" not in checked.values
    assert "helpers" not in checked.values


@pytest.mark.parametrize("text", ["not_held", "0", "０回"])
def test_not_held_settles_what_was_left_blank(text: str) -> None:
    checked = check(SALON, RULES, raw(held=text))
    assert checked.ok
    assert dict(checked.values) == {"held": Answer(NOT_HELD), "attendance": Answer(NOT_HELD)}


def test_a_month_without_meeting_asks_for_nothing_else() -> None:
    strict = MeasureSpec("newcomers", required=True, states=frozenset({NUMBER, ZERO}))
    checked = check([*SALON, strict], RULES, raw(held="not_held"))
    assert checked.ok
    assert "newcomers" not in checked.values


def test_not_held_does_not_overrule_what_was_typed() -> None:
    checked = check(SALON, RULES, raw(held="not_held", attendance="12"))
    assert codes(checked.errors) == [("attendance", "attendance_without_meeting")]


def test_only_the_opening_measure_settles() -> None:
    checked = check(SALON, RULES, raw(attendance="not_held"))
    assert codes(checked.errors) == [("held", "required")]


@pytest.mark.parametrize(
    ("given_answer", "code"),
    [
        (RawAnswer("-1"), "negative"),
        (RawAnswer("1.5"), "not_whole"),
        (RawAnswer("many"), "not_a_number"),
        (RawAnswer("9" * 30), "too_large"),
        (RawAnswer("63"), "too_large"),
        (RawAnswer("1"), "too_small"),
        (RawAnswer("0"), "state_not_allowed"),
        (RawAnswer(state="zero"), "state_not_allowed"),
        (RawAnswer(state="unknown"), "state_not_allowed"),
        (RawAnswer(state="chosen"), "state_not_allowed"),
        (RawAnswer(state="nonsense"), "state_not_allowed"),
        (RawAnswer("3", state="unknown"), "both_given"),
        (RawAnswer(state="number"), "required"),
        (RawAnswer(chosen=("tea",)), "required"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(given_answer: RawAnswer, code: str) -> None:
    spec = MeasureSpec("n", states=frozenset({NUMBER}), minimum=2, maximum=62)
    checked = check([spec], (), {"n": given_answer})
    assert codes(checked.errors) == [("n", code)]
    assert checked.values == {}


def test_a_limit_is_told_with_the_error() -> None:
    errors = check(SALON, RULES, raw(held="63", attendance="9" * 200)).errors
    assert errors[0].params == {"value": 63, "limit": 62}
    assert errors[1].params["limit"] > 0
    assert len(errors[1].params["text"]) == 40


def test_decimals_where_the_measure_has_places() -> None:
    spec = MeasureSpec("rate", MeasureKind.RATE, maximum=100, places=2)
    assert check([spec], (), raw(rate="１．３４％")).values == {"rate": Answer(NUMBER, Decimal("1.34"))}
    assert codes(check([spec], (), raw(rate="1.345")).errors) == [("rate", "too_precise")]
    assert codes(check([spec], (), raw(rate="100.5")).errors) == [("rate", "too_large")]


@pytest.mark.parametrize(
    ("kind", "given_answer", "result"),
    [
        (
            MeasureKind.CHOICES,
            RawAnswer(chosen=("meal", "tea")),
            Answer(AnswerState.CHOSEN, chosen=("tea", "meal")),
        ),
        (MeasureKind.STAGE, RawAnswer(chosen=("tea",)), Answer(AnswerState.CHOSEN, chosen=("tea",))),
        (MeasureKind.CHOICES, RawAnswer(state="unknown"), Answer(UNKNOWN)),
        (MeasureKind.STAGE, RawAnswer(chosen=("tea", "meal")), "one_option"),
        (MeasureKind.CHOICES, RawAnswer(chosen=("tea", "golf")), "unknown_option"),
        (MeasureKind.CHOICES, RawAnswer("tea"), "unknown_option"),
        (MeasureKind.CHOICES, RawAnswer(state="unknown", chosen=("tea",)), "both_given"),
        (MeasureKind.CHOICES, RawAnswer(state="not_held"), "state_not_allowed"),
        (MeasureKind.CHOICES, RawAnswer(state="chosen"), "state_not_allowed"),
        (MeasureKind.CHOICES, RawAnswer(state="number"), "state_not_allowed"),
    ],
)
def test_choices(kind: MeasureKind, given_answer: RawAnswer, result: Answer | str) -> None:
    spec = MeasureSpec(
        "kinds", kind, states=frozenset({NUMBER, UNKNOWN}), options=("exercise", "tea", "meal")
    )
    checked = check([spec], (), {"kinds": given_answer})
    assert (codes(checked.errors)[0][1] if checked.errors else checked.values["kinds"]) == result


def test_rules_refuse_or_ask_with_both_figures() -> None:
    checked = check(SALON, RULES, raw(held="2", attendance="20", people="21", helpers="25"))
    assert codes(checked.errors) == [("people", "people_over_attendance")]
    assert codes(checked.questions) == [("helpers", "helpers_over_attendance")]
    assert checked.errors[0].params["left"] == 21
    assert checked.errors[0].params["right"] == 20


@pytest.mark.parametrize("attendance", ["unknown", "", "many"])
def test_a_rule_with_a_missing_side_is_not_applied(attendance: str) -> None:
    checked = check(SALON, RULES, raw(held="2", attendance=attendance, people="21", helpers="25"))
    assert not checked.questions
    assert {error.field for error in checked.errors} <= {"attendance"}


def test_errors_stand_in_the_forms_order() -> None:
    checked = check(SALON, RULES, raw(people="5", helpers="x", attendance="3"))
    assert [error.field for error in checked.errors] == ["held", "helpers", "people"]


MINSEI = (
    *(MeasureSpec(f"c{n}") for n in (1, 2, 3)),
    MeasureSpec("f1"),
    MeasureSpec("f2"),
    MeasureSpec("days"),
)
MINSEI_RULES = (
    Rule("totals_differ", "c1 + c2 + c3", "=", "f1 + f2"),
    Rule("days_of_month", "days", "<=", "days_in_month", Severity.REFUSE),
    Rule("days_without_activity", "c1 + c2 + c3", "needs", "days"),
)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"c1": "1", "c2": "2", "c3": "0", "f1": "3", "f2": "0", "days": "31"}, []),
        ({"c1": "1", "c2": "2", "c3": "0", "f1": "3", "f2": "1", "days": "3"}, ["totals_differ"]),
        ({"c1": "1", "c2": "2", "f1": "3", "f2": "1", "days": "3"}, []),  # c3 is blank: nothing to compare
        ({"c1": "0", "c2": "0", "c3": "0", "f1": "0", "f2": "0", "days": "0"}, []),
        ({"days": "32"}, ["days_of_month"]),
        # one question a field: the totals and the days both hang on c1
        ({"c1": "1", "c2": "2", "c3": "0", "f1": "3", "f2": "1", "days": "0"}, ["totals_differ"]),
        ({"c1": "1", "c2": "2", "c3": "0", "f1": "3", "f2": "0", "days": "0"}, ["days_without_activity"]),
    ],
)
def test_sums_and_the_days_of_the_month(texts: dict[str, str], found: list[str]) -> None:
    checked = check(MINSEI, MINSEI_RULES, raw(**texts), {"days_in_month": 31})
    assert [code for _field, code in codes(checked.errors) + codes(checked.questions)] == found


def test_a_rule_may_name_a_number_but_no_unknown_operator() -> None:
    spec = MeasureSpec("n")
    assert codes(check([spec], [Rule("few", "n", ">=", "3")], raw(n="2")).questions) == [("n", "few")]
    with pytest.raises(Invalid, match="rule_operator"):
        Rule("odd", "a", "~", "b")


@pytest.mark.parametrize(
    ("state", "value", "chosen"),
    [
        (NUMBER, None, ()),
        (ZERO, 0, ()),
        (UNKNOWN, 3, ()),
        (AnswerState.CHOSEN, None, ()),
        (NUMBER, 3, ("tea",)),
    ],
)
def test_an_answer_is_of_one_kind(state: AnswerState, value: int | None, chosen: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="answer"):
        Answer(state, value, chosen)


answers = st.one_of(
    st.integers(0, 10**9).map(Answer.number),
    st.decimals("0.01", "99.99", places=2).filter(lambda value: value % 1 != 0).map(Answer.number),
    st.sampled_from([Answer(NOT_HELD), Answer(UNKNOWN)]),
    st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(
        lambda chosen: Answer(AnswerState.CHOSEN, chosen=tuple(chosen))
    ),
)
forms = st.dictionaries(st.text("abc", min_size=1, max_size=3), answers, max_size=4)


@given(forms)
def test_answers_survive_storage(values: dict[str, Answer]) -> None:
    stored = answers_to_json(values)
    assert answers_from_json(stored) == values
    assert content_digest(answers_from_json(stored)) == content_digest(values)


@given(forms, forms)
def test_a_digest_tells_contents_apart_whatever_their_order(
    one: dict[str, Answer], other: dict[str, Answer]
) -> None:
    assert (content_digest(one) == content_digest(other)) == (one == other)
    assert content_digest(dict(reversed(one.items()))) == content_digest(one)


def test_a_digest_does_not_change_with_the_program() -> None:
    values = {"held": Answer(NUMBER, 2), "rate": Answer(NUMBER, Decimal("1.340")), "helpers": Answer(UNKNOWN)}
    assert content_digest(values) == "d66f9105986933e2dc0e8380b949ac487a0b9b7c9386ea815e072f0020ee8af2"


@pytest.mark.parametrize(
    "data", [{}, {"state": "odd"}, {"state": "number", "value": None}, {"state": "number", "value": "1,2"}]
)
def test_a_broken_answer_is_not_read(data: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="answer"):
        Answer.from_json(data)
