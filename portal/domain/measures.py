"""What a report form asks, and what counts as an answer.

A number, zero, "we did not meet" and "I don't know" are four different answers, and a blank is none of
them. Each measure lists those that make sense for it. Nothing here rounds, guesses or fills in: a figure
that nobody gave stays missing, and is never 0.

Sources: 民生委員 report a month without activity with 0, which is not the same as no report; 通いの場
surveys count meetings apart from people (延べ apart from 実人数).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.domain.canonical import canonical_json, decimal_text, sha256_of
from portal.domain.errors import Invalid
from portal.domain.event_lines import EventLine, RawLine
from portal.domain.numerals import LARGEST, Reading, read_count, read_decimal

__all__ = [
    "Answer",
    "AnswerState",
    "Checked",
    "FieldError",
    "MeasureKind",
    "MeasureSpec",
    "Question",
    "RawAnswer",
    "Reading",
    "Rule",
    "Severity",
    "answers_from_json",
    "answers_to_json",
    "check",
    "content_digest",
    "read_count",
    "read_decimal",
    "terms",
]

Number = int | Decimal


class AnswerState(StrEnum):
    """What kind of answer was given."""

    NUMBER = "number"
    ZERO = "zero"
    NOT_HELD = "not_held"  # 開催しなかった
    UNKNOWN = "unknown"  # わからない
    CHOSEN = "chosen"  # options or a stage, not a number


@dataclass(frozen=True, slots=True)
class Answer:
    """One given answer. `value` only with NUMBER (1 and up, or a decimal), `chosen` only with CHOSEN.

    `lines`: the events that the number was counted from, where its writer wrote them down.
    """

    state: AnswerState
    value: Number | None = None
    chosen: tuple[str, ...] = ()
    lines: tuple[EventLine, ...] = ()

    def __post_init__(self) -> None:
        has_value, has_choice = self.value is not None, bool(self.chosen)
        if has_value != (self.state is AnswerState.NUMBER) or has_choice != (
            self.state is AnswerState.CHOSEN
        ):
            raise Invalid("answer", state=self.state.value)

    @classmethod
    def number(cls, value: Number) -> Answer:
        """The answer that a number is: 0 is ZERO."""
        return cls(AnswerState.NUMBER, value) if value else cls(AnswerState.ZERO)

    @property
    def amount(self) -> Number | None:
        """What it adds to a sum. A meeting that was not held had 0 people; unknown is None, not 0."""
        if self.state is AnswerState.NUMBER:
            return self.value
        return 0 if self.state in (AnswerState.ZERO, AnswerState.NOT_HELD) else None

    def to_json(self) -> dict[str, Any]:
        """{"state": "number", "value": 12}; decimals as text, choices as a list, otherwise None."""
        value: Any = self.value
        if self.state is AnswerState.CHOSEN:
            value = list(self.chosen)
        elif self.state is AnswerState.ZERO:
            value = 0
        elif isinstance(value, Decimal):
            value = decimal_text(value)
        answer = {"state": self.state.value, "value": value}
        return {**answer, "lines": [line.to_json() for line in self.lines]} if self.lines else answer

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """The reverse of to_json. Raises Invalid("answer")."""
        try:
            state, value = AnswerState(data["state"]), data.get("value")
            lines = tuple(EventLine.from_json(line) for line in data.get("lines", ()))
            if state is AnswerState.CHOSEN:
                return cls(state, chosen=tuple(value or ()))
            if state is AnswerState.NUMBER:
                return cls(state, Decimal(value) if isinstance(value, str) else value, lines=lines)
        except (KeyError, ValueError, ArithmeticError) as error:
            raise Invalid("answer") from error
        return cls(state, lines=lines)


class MeasureKind(StrEnum):
    """What a figure is, which decides how it may be added up (see `indicators`)."""

    FLOW = "flow"  # happened during the month: months add up
    STOCK = "stock"  # stood at the month's end: months never add up
    CHOICES = "choices"  # any of the options
    STAGE = "stage"  # one of the options
    VALUE = "value"  # a section's yearly figure
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    RATE = "rate"  # percent, where its parts are not known
    PART = "part"  # one section's part of a sum


_PICKED = (MeasureKind.CHOICES, MeasureKind.STAGE)
_NUMBERS = frozenset({AnswerState.NUMBER, AnswerState.ZERO})


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """One asked thing. `places`: decimals allowed (0: whole); `options`: codes that may be chosen."""

    code: str
    kind: MeasureKind = MeasureKind.FLOW
    required: bool = False
    states: frozenset[AnswerState] = _NUMBERS
    minimum: Number | None = None
    maximum: Number | None = None
    options: tuple[str, ...] = ()
    places: int = 0


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came from the form: text as typed, a state ticked instead (""= none), options ticked, events."""

    text: str = ""
    state: str = ""
    chosen: tuple[str, ...] = ()
    lines: tuple[RawLine, ...] = ()

    @property
    def blank(self) -> bool:
        return not (self.text.strip() or self.state or self.chosen or self.lines)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What has to be put right before sending: which field, the code of the rule, its figures."""

    field: str
    code: str
    params: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """Something to look at again. It never stops anybody: the answer may be "yes, that is right"."""

    field: str
    code: str
    params: Mapping[str, Any] = made(default_factory=dict)


class Severity(StrEnum):
    """What a broken rule does."""

    REFUSE = "refuse"
    ASK = "ask"


def _needs(left: Number, right: Number) -> bool:
    """Where there is any of the left, there is some of the right: people need a meeting."""
    return left <= 0 or right > 0


OPERATORS: Mapping[str, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
    "needs": _needs,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`left op right` must hold. A side is a measure, a whole number, a given figure, or a sum of those
    ("a + b + 3"). A rule with a side that is missing or unknown is not applied: it can't be judged.
    """

    code: str
    left: str
    op: str
    right: str
    severity: Severity = Severity.ASK

    def __post_init__(self) -> None:
        if self.op not in OPERATORS:
            raise Invalid("rule_operator", rule=self.code, op=self.op)


@dataclass(frozen=True, slots=True)
class Checked:
    """A form after checking. `values` has every answer that could be read, and no others."""

    values: Mapping[str, Answer]
    errors: tuple[FieldError, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing has to be put right. Questions may stand."""
        return not self.errors


def check(
    specs: Iterable[MeasureSpec],
    rules: Iterable[Rule],
    raw: Mapping[str, RawAnswer],
    figures: Mapping[str, int] | None = None,
) -> Checked:
    """Read a whole form. `figures` are numbers that rules may name, such as {"days_in_month": 31}.

    The first measure of a form opens it ("how many times did you meet?"). Answered with "not held", it
    settles what was left blank: those measures that know "not held" take it too, and nothing else is
    asked for. Codes: required, both_given, state_not_allowed, unknown_option, one_option, too_small,
    too_large (with `limit`), those of `Reading`, and those of the rules.
    """
    asked = list(specs)
    values: dict[str, Answer] = {}
    errors: list[FieldError] = []
    blank: list[MeasureSpec] = []
    for spec in asked:
        given = raw.get(spec.code, RawAnswer())
        if given.blank:
            blank.append(spec)
            continue
        answer = _read(spec, given)
        if isinstance(answer, Answer):
            values[spec.code] = answer
        else:
            errors.append(answer)
    settled = bool(asked) and values.get(asked[0].code) == Answer(AnswerState.NOT_HELD)
    for spec in blank:
        if settled and AnswerState.NOT_HELD in spec.states:
            values[spec.code] = Answer(AnswerState.NOT_HELD)
        elif spec.required and not settled:
            errors.append(FieldError(spec.code, "required"))
    refused, questions = _apply(rules, values, figures or {})
    places = {spec.code: place for place, spec in enumerate(asked)}
    errors = sorted([*errors, *refused], key=lambda error: places.get(error.field, len(places)))
    return Checked(values, tuple(errors), tuple(questions))


def _read(spec: MeasureSpec, given: RawAnswer) -> Answer | FieldError:
    if spec.kind in _PICKED:
        return _read_choice(spec, given)
    if given.state in ("", AnswerState.NUMBER):
        return _read_number(spec, given.text)
    if given.text.strip():
        return FieldError(spec.code, "both_given", {"state": given.state})
    if given.state not in spec.states:
        return FieldError(spec.code, "state_not_allowed", {"state": given.state})
    return Answer(AnswerState(given.state))


def _read_choice(spec: MeasureSpec, given: RawAnswer) -> Answer | FieldError:
    chosen = tuple(option for option in spec.options if option in given.chosen)  # the form's order
    if strangers := sorted(set(given.chosen) - set(spec.options)):
        return FieldError(spec.code, "unknown_option", {"options": strangers})
    if given.state:
        if chosen:
            return FieldError(spec.code, "both_given", {"state": given.state})
        if given.state in spec.states and given.state not in (AnswerState.NUMBER, AnswerState.CHOSEN):
            return Answer(AnswerState(given.state))
        return FieldError(spec.code, "state_not_allowed", {"state": given.state})
    if not chosen:
        return FieldError(spec.code, "unknown_option", {"options": [given.text.strip()]})
    if spec.kind is MeasureKind.STAGE and len(chosen) > 1:
        return FieldError(spec.code, "one_option")
    return Answer(AnswerState.CHOSEN, chosen=chosen)


def _read_number(spec: MeasureSpec, text: str) -> Answer | FieldError:
    reading = read_decimal(text, spec.places) if spec.places else read_count(text)
    if reading.value is None:
        code = "required" if reading.error == "blank" else str(reading.error)
        return FieldError(spec.code, code, {"text": text.strip()[:40], "limit": spec.maximum or LARGEST})
    value = reading.value
    if not value and AnswerState.ZERO not in spec.states:
        # "0 times" to "how many times did you meet?" says that it was not held
        if AnswerState.NOT_HELD in spec.states:
            return Answer(AnswerState.NOT_HELD)
        return FieldError(spec.code, "state_not_allowed", {"state": AnswerState.ZERO.value})
    if spec.minimum is not None and value < spec.minimum:
        return FieldError(spec.code, "too_small", {"value": value, "limit": spec.minimum})
    if spec.maximum is not None and value > spec.maximum:
        return FieldError(spec.code, "too_large", {"value": value, "limit": spec.maximum})
    return Answer.number(value)


def _apply(
    rules: Iterable[Rule], values: Mapping[str, Answer], figures: Mapping[str, int]
) -> tuple[list[FieldError], list[Question]]:
    """Broken rules: those that refuse, those that ask. A field is asked one thing, the first."""
    refused: list[FieldError] = []
    asked: dict[str, Question] = {}
    for rule in rules:
        left, right = _side(rule.left, values, figures), _side(rule.right, values, figures)
        if left is None or right is None or OPERATORS[rule.op](left, right):
            continue
        params = {"left": left, "right": right, "left_of": rule.left, "op": rule.op, "right_of": rule.right}
        where = terms(rule.left)[0]
        if rule.severity is Severity.REFUSE:
            refused.append(FieldError(where, rule.code, params))
        else:
            asked.setdefault(where, Question(where, rule.code, params))
    return refused, list(asked.values())


def terms(side: str) -> list[str]:
    """What one side of a rule adds up: measures, whole numbers, given figures."""
    return [term.strip() for term in side.split("+")]


def _side(side: str, values: Mapping[str, Answer], figures: Mapping[str, int]) -> Number | None:
    """The value of one side, or None if any of its terms has none."""
    total: Number = 0
    for term in terms(side):
        if term.isdecimal():
            amount: Number | None = int(term)
        elif term in figures:
            amount = figures[term]
        else:
            amount = values[term].amount if term in values else None
        if amount is None:
            return None
        total += amount
    return total


def answers_to_json(values: Mapping[str, Answer]) -> dict[str, dict[str, Any]]:
    """As stored with a submission's version."""
    return {code: answer.to_json() for code, answer in values.items()}


def answers_from_json(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    """The reverse of answers_to_json."""
    return {code: Answer.from_json(answer) for code, answer in data.items()}


def content_digest(values: Mapping[str, Answer]) -> str:
    """SHA-256 of the answers, whatever their order: tells a repeated sending from a changed one."""
    return sha256_of(canonical_json(answers_to_json(values)))
