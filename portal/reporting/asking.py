"""What a form's page carries so that a phone without a signal can ask the same gentle questions.

The group's own earlier figures, the numbers and rules to ask by, and every word, in the page's language:
static/js/plausibility.js decides as portal/domain/plausibility.py does, and writes no word of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from portal.datasets.definition import Form, FormMeasure
from portal.domain import plausibility
from portal.domain.measures import Rule, Severity, terms
from portal.domain.periods import Month
from portal.reporting import answers, present, unusual, words
from portal.reporting.desk import Desk
from portal.web.filters import amount, with_unit
from portal.web.i18n import in_language, ruby
from portal.web.locale import current_locale

OPEN = "%(number)s"  # a place in a sentence that the phone fills in


def of(desk: Desk) -> str:
    """As JSON for an attribute of the form; empty where pages are not kept on phones."""
    if desk.blueprint != "reporting":
        return ""
    past, names = unusual.past(desk), present.labels(desk)
    asks = {
        "numbers": plausibility.ASKING,
        "figures": answers.figures(desk.period),
        "fields": [_field(desk, measure, past.get(measure.code)) for measure in desk.form.measures],
        "rules": [_rule(desk.form, rule, names) for rule in desk.form.rules if rule.severity is Severity.ASK],
        "words": {code: ruby(text) for code, text in words.question_patterns().items()},
    }
    return json.dumps(asks, ensure_ascii=False, separators=(",", ":"), default=float)


def _field(desk: Desk, measure: FormMeasure, past: Mapping[Month, Any] | None) -> dict[str, Any]:
    """One measure. `history`: its figures, the oldest first; left out where nothing is known or counted."""
    found: dict[str, Any] = {
        "code": measure.code,
        "label": ruby(in_language(measure.labels, current_locale().slug)[0]),
        "unit": ruby(with_unit(OPEN, measure.units)),
        "states": sorted(measure.spec.states),
    }
    if past:
        months = sorted(past)
        found["history"] = [past[month] for month in months]
        found["before"] = ruby(amount(past[months[-1]], measure.units))
        if (last_year := past.get(desk.month.year_before())) is not None:
            found["last_year"] = last_year
    return found


def _rule(form: Form, rule: Rule, labels: Mapping[str, str]) -> dict[str, Any]:
    """A rule that asks: its terms, and what its sides are called (a named sum says its figure too)."""
    named = form.sides.get(rule.code, ({}, {}))
    return {
        "op": rule.op,
        **{
            side: {"terms": terms(text), "said": ruby(_called(terms(text), names, labels))}
            for side, text, names in zip(("left", "right"), (rule.left, rule.right), named, strict=True)
        },
    }


def _called(side: list[str], names: Mapping[str, str], labels: Mapping[str, str]) -> str:
    if names:
        return f"{in_language(names, current_locale().slug)[0]} {OPEN}"
    return words.joined([labels.get(term, term) for term in side])
