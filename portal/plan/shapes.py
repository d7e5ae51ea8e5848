"""The shape of a plan file: which keys stand where, and what may be written there.

A shape is one of the words below, a tuple of allowed words, a list with the shape of its members, or a
dict of keys; a key that ends with "?" may be left out. What a figure or a code must mean is in `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from portal.domain.measures import OPERATORS, AnswerState, MeasureKind, Severity
from portal.domain.periods import Cadence
from portal.plan.yaml_lines import Fault, Node

TEXT, WHOLE, NUMBER, FLAG = "a text", "a whole number", "a number", "true or false"
MAYBE_TEXT, MAYBE_NUMBER = "a text or null", "a number or null"
ANYTHING = "anything"

KINDS = ("flow", "stock", "distinct", "ratio", "money", "stage")
TARGET_KINDS = ("reach", "maintain", "at_most", "monitor", "milestone")
BETTER = ("up", "down", "neither")
SIDES = ("city", "shakyo")
TYPES = ("computed", "entered", "survey")
AGGREGATIONS = (
    "sum", "last", "distinct_options", "distinct_organisations", "registers",
    "value", "ratio", "parts", "stage",
)  # fmt: skip
ROLES = ("value", "numerator", "denominator", "rate", "part", "stage", "activity")
STATES = tuple(state.value for state in AnswerState if state is not AnswerState.CHOSEN)

_NAMED = {"code": TEXT, "name": TEXT}
_ANSWER = {"text": TEXT, "on": TEXT, "by": TEXT}
_QUESTION = {"question": TEXT, "default": TEXT, "answer?": _ANSWER}
_FIGURE = {"value": MAYBE_NUMBER, "printed": TEXT, "stage": MAYBE_TEXT}
_HEADING = {"heading": TEXT, "programmes": [{"name": TEXT, "departments?": [TEXT], "repeated?": FLAG}]}
_SOURCE = {
    "type": TYPES,
    "data_set": TEXT,
    "aggregation": AGGREGATIONS,
    "measures": [
        {"measure": TEXT, "role": ROLES, "data_set?": TEXT, "by?": TEXT, "name?": TEXT, "unit?": TEXT}
    ],
    "registers?": [TEXT],
}
_MEASURE = {
    "code": TEXT,
    "kind": tuple(kind.value for kind in MeasureKind),
    "name": TEXT,
    "label?": TEXT,
    "hint?": TEXT,
    "unit?": TEXT,
    "section?": TEXT,
    "required?": FLAG,
    "states?": [STATES],
    "minimum?": NUMBER,
    "maximum?": NUMBER,
    "places?": WHOLE,
    "options?": ANYTHING,  # a list of options, or the word "districts"
    "counts_days?": FLAG,
}
_RULE = {
    "code": TEXT,
    "left": ANYTHING,
    "left_name?": TEXT,
    "op": tuple(OPERATORS),
    "right": ANYTHING,
    "right_name?": TEXT,
    "severity": tuple(severity.value for severity in Severity),
}
FORM = {
    "code": TEXT,
    "version": WHOLE,
    "name": TEXT,
    "filed_by": ("group", "commissioner", "office", "section"),
    "cadence": tuple(cadence.value for cadence in Cadence),
    "due_day": WHOLE,
    "reviewing_office": TEXT,
    "controller": TEXT,
    "second_person?": FLAG,
    "evidence?": FLAG,
    "confidential?": FLAG,
    "day_counter?": FLAG,
    "sections?": [_NAMED],
    "measures?": [_MEASURE],
    "rules?": [_RULE],
}
OPTIONS = [_NAMED]
USED_FORM = {"use": TEXT}
STANDARD_FORM = {"format": WHOLE, **FORM, "translations": ANYTHING}

INDICATOR = {
    "code": TEXT,
    "name": TEXT,
    "owner": {"side": SIDES, "department": MAYBE_TEXT},
    "unit": MAYBE_TEXT,
    "kind": KINDS,
    "target_kind": TARGET_KINDS,
    "better": BETTER,
    "stages?": [TEXT],
    "base": _FIGURE,
    "target": _FIGURE,
    "source": _SOURCE,
    "pending?": [_QUESTION],
    "note?": TEXT,
}
PARTICIPATION = {
    "code": TEXT,
    "name": TEXT,
    "direction": TEXT,
    "unit": TEXT,
    "kind": ("flow", "stock", "distinct"),
    "source": _SOURCE,
    "note?": TEXT,
}
SUBSIDY = {"register": TEXT, "data_set": TEXT, "measure": TEXT, "at_least": WHOLE, "sample?": FLAG}
SUBSIDY_REPORT = {
    "register": TEXT,
    "data_set": TEXT,
    "title": TEXT,
    "to": TEXT,
    "columns": [TEXT],
    "income": [TEXT],
    "expenditure": [TEXT],
    "notes?": [TEXT],
    "sample?": FLAG,
}
PLAN_FILE: dict[str, Any] = {
    "format": WHOLE,
    "city": {"code": TEXT, "name": TEXT, "shakyo": TEXT},
    "plan": {
        "code": TEXT,
        "name": TEXT,
        "vision": TEXT,
        "base_year": WHOLE,
        "reference_years?": [WHOLE],
        "first_year": WHOLE,
        "target_year": WHOLE,
        "committees": [{"side": SIDES, "name": TEXT}],
        "pending?": [_QUESTION],
    },
    "corrections?": [{"where": TEXT, "printed": TEXT, "read_as": TEXT}],
    "offices": [{"code": TEXT, "side": ("office", "section"), "name": TEXT}],
    "settings?": ANYTHING,
    "districts": [_NAMED],
    "departments": [TEXT],
    "data_sets": [ANYTHING],  # each is FORM or USED_FORM
    "goals": [
        {
            "number": WHOLE,
            "name": TEXT,
            "directions": [
                {
                    "number": WHOLE,
                    "name": TEXT,
                    "indicators": [TEXT],
                    "city?": [_HEADING],
                    "shakyo?": [_HEADING],
                }
            ],
        }
    ],
    "indicators": [INDICATOR],
    "participation?": [PARTICIPATION],
    "translations": ANYTHING,
}


def faults(node: Node, shape: Any) -> Iterator[Fault]:
    """Where the file departs from the shape: missing_key, unknown_key, wrong_type, unknown_<key>."""
    if isinstance(shape, dict):
        yield from _mapping(node, shape)
    elif isinstance(shape, list):
        if not isinstance(node.value, list):
            yield Fault(node.line, node.path, "wrong_type", "should be a list")
        for item in node.items():
            yield from faults(item, shape[0])
    elif isinstance(shape, tuple):
        if node.value not in shape:
            key = node.path.rsplit(".", 1)[-1].split("[")[0]
            yield Fault(node.line, node.path, f"unknown_{key}", f"should be one of {', '.join(shape)}")
    elif not _is(node.value, shape):
        hint = " (put it in quotes)" if shape == TEXT and node.value is not None else ""
        yield Fault(node.line, node.path, "wrong_type", f"should be {shape}{hint}")


def _mapping(node: Node, shape: dict[str, Any]) -> Iterator[Fault]:
    if not isinstance(node.value, dict):
        yield Fault(node.line, node.path, "wrong_type", "should have keys and values")
        return
    known = {key.rstrip("?"): inner for key, inner in shape.items()}
    for key in node.value:
        if key not in known:
            line, path = node.child(key).line, f"{node.path}.{key}".lstrip(".")
            yield Fault(line, path, "unknown_key", f"“{key}” is not known here")
    for key in shape:
        if not key.endswith("?") and key not in node.value:
            yield Fault(node.line, node.path, "missing_key", f"“{key}” is missing")
    for key, inner in known.items():
        if key in node.value:
            yield from faults(node.child(key), inner)


def _is(value: Any, shape: str) -> bool:
    text = isinstance(value, str) and bool(value.strip())
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or (isinstance(value, float) and isfinite(value))
    return {
        TEXT: text,
        WHOLE: whole,
        NUMBER: number,
        FLAG: isinstance(value, bool),
        MAYBE_TEXT: text or value is None,
        MAYBE_NUMBER: number or value is None,
        ANYTHING: True,
    }[shape]
