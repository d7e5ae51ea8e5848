"""What is unusual in one report: the form's own rules that ask, and this organisation's past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain import plausibility
from portal.domain.errors import Invalid
from portal.domain.measures import Answer, AnswerState, Checked, MeasureKind, MeasureSpec, Number, Question
from portal.domain.periods import Month
from portal.reporting import queries
from portal.reporting.desk import Desk

COUNTED = (MeasureKind.FLOW, MeasureKind.STOCK)
FIGURES = (AnswerState.NUMBER, AnswerState.ZERO)
Past = dict[str, dict[Month, Number]]


def questions(desk: Desk, checked: Checked) -> list[Question]:
    """At most one question a field, in the form's order. A rule's question comes before the past's.

    "We did not meet" is an answer of its own: nobody is asked whether its 0 is right.
    """
    earlier, year_before = past(desk), desk.month.year_before()
    current = {spec.code: _figure(checked.values.get(spec.code)) for spec in desk.form.specs}
    last_year = {code: months.get(year_before) for code, months in earlier.items()}
    return plausibility.questions(current, earlier, last_year, checked.questions)


def past(desk: Desk) -> Past:
    """{measure: its earlier figures} of every counted measure, as far as they are this actor's.

    A month without a meeting says nothing about how many come.
    """
    sent = queries.history(desk.organisation.id, desk.data_set.id, desk.period)
    history = {Month.parse(period): values for period, values in sent.items() if desk.mine(period)}
    found: Past = {spec.code: {} for spec in desk.form.specs if spec.kind in COUNTED}
    for month, values in history.items():
        for code, months in found.items():
            if (figure := _stored(values.get(code))) is not None:
                months[month] = figure
    return found


def signs(desk: Desk, checked: Checked) -> int:
    """How much of a report a reviewer should look at. The group is asked its questions only."""
    values = {code: answer.to_json() for code, answer in checked.values.items()}
    before = [desk.month.plus(-back * desk.cadence.length).key for back in (1, 2)]
    earlier = desk.values_of(before)
    in_a_row = [values, *(earlier.get(period, {}) for period in before)]
    return len(questions(desk, checked)) + same_again(desk.form.specs, in_a_row)


def same_again(specs: tuple[MeasureSpec, ...], reports: list[queries.Values]) -> bool:
    """Does a report repeat the two before it in every number (`reports`: the newest first)?

    The opening measure says how often they met: it must be the same too, but is no sign by itself.
    """
    counted = [spec.code for spec in specs if spec.kind in COUNTED]
    opening = counted[:1] if AnswerState.NOT_HELD in specs[0].states else []
    if any(values.get(code) != reports[0].get(code) for values in reports for code in opening):
        return False
    return plausibility.same_again(
        [_figures(values, [code for code in counted if code not in opening]) for values in reports]
    )


def _figures(values: Mapping[str, Any], codes: list[str]) -> dict[str, Number]:
    found = {code: _stored(values.get(code)) for code in codes}
    return {code: figure for code, figure in found.items() if figure is not None}


def _stored(value: Mapping[str, Any] | None) -> Number | None:
    """The figure of an answer as it is stored."""
    try:
        return _figure(Answer.from_json(value)) if value else None
    except Invalid:
        return None


def _figure(answer: Answer | None) -> Number | None:
    """What was counted: a number or 0; None for every other answer."""
    return answer.amount if answer is not None and answer.state in FIGURES else None
