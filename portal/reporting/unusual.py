"""Gentle questions about one report: the form's own rules that ask, and this organisation's past."""

from __future__ import annotations

from portal.domain import plausibility
from portal.domain.errors import Invalid
from portal.domain.measures import Answer, AnswerState, Checked, MeasureKind, Number, Question
from portal.domain.periods import Month
from portal.reporting import queries
from portal.reporting.desk import Desk

COUNTED = (MeasureKind.FLOW, MeasureKind.STOCK)


def questions(desk: Desk, checked: Checked) -> list[Question]:
    """At most one question a field, in the form's order. A rule's question comes before the past's."""
    asked = {question.field: question for question in checked.questions}
    sent = queries.history(desk.organisation.id, desk.data_set.id, desk.period)
    history = {period: values for period, values in sent.items() if desk.mine(period)}
    for spec in desk.form.specs:
        answer = checked.values.get(spec.code)
        if spec.kind not in COUNTED or answer is None or answer.amount is None or spec.code in asked:
            continue
        if answer.state is AnswerState.NOT_HELD:
            continue  # nobody came because there was no meeting: nothing to wonder about
        past = _past(history, spec.code)
        last_year = past.get(desk.month.year_before())
        if found := plausibility.question(spec.code, answer.amount, past, last_year):
            asked[spec.code] = found
    return [asked[spec.code] for spec in desk.form.specs if spec.code in asked]


def _past(history: dict[str, queries.Values], code: str) -> dict[Month, Number]:
    """This measure's earlier figures. A month without a meeting says nothing about how many come."""
    found = {}
    for period, values in history.items():
        try:
            answer = Answer.from_json(values[code]) if code in values else None
        except Invalid:
            continue
        if answer is not None and answer.state in ("number", "zero") and answer.amount is not None:
            found[Month.parse(period)] = answer.amount
    return found
