"""What may be changed in a form once it is in use: pure, from one definition to the next.

A number keeps its meaning: kind, unit and code of a measure that is asked never change, nor do the rules.
What may change is in `reword` (wording.py) and here: which answers a measure takes, whether it must be
answered, its place in its section, a new measure, and no longer asking one. What is fixed, `locks` says why.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.datasets.definition import LONG, form
from portal.datasets.wording import Definition, clean
from portal.domain.errors import Invalid
from portal.domain.measures import MeasureKind, terms

NUMBER, ZERO, NOT_HELD, UNKNOWN = "number", "zero", "not_held", "unknown"
STATES = (NUMBER, ZERO, NOT_HELD, UNKNOWN)
PICKED = (MeasureKind.CHOICES.value, MeasureKind.STAGE.value)
NEW_KINDS = (MeasureKind.FLOW.value, MeasureKind.STOCK.value)
RESERVED = "reported"
MOST_MEASURES = 99


@dataclass(frozen=True)
class Around:
    """What a definition does not say itself. `drawn`: measure -> the indicators that draw on it; `taken`:
    every code that this form has ever used; `fixed`: what a nationwide table asks for.
    """

    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NewMeasure:
    """A question that is added. `plain_name`: what its code is made of."""

    plain_name: str
    kind: str
    names: Mapping[str, str]
    labels: Mapping[str, str]
    units: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    states: tuple[str, ...] = (NUMBER, ZERO, UNKNOWN)
    section: str | None = None


def find(definition: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The measure of that code. Raises Invalid("unknown_measure")."""
    found: dict[str, Any] | None = next((m for m in definition["measures"] if m["code"] == code), None)
    if found is None:
        raise Invalid("unknown_measure", measure=code)
    return found


def opening(definition: Mapping[str, Any]) -> str:
    """The question that "we did not meet" answers for the whole form; "" where there is none."""
    ordered = [m.code for m in form(definition).measures] or [m["code"] for m in definition["measures"]]
    first = find(definition, ordered[0]) if ordered else {}
    return str(first["code"]) if NOT_HELD in (first.get("states") or ()) else ""


def is_long(definition: Mapping[str, Any]) -> bool:
    """A record of which most is 0 (see definition.Form.long): every number of it takes 0."""
    measures = definition["measures"]
    return len(measures) > LONG and all(ZERO in (m.get("states") or (NUMBER, ZERO)) for m in measures)


def locks(definition: Mapping[str, Any], code: str, around: Around) -> dict[str, str]:
    """{what can't be changed of this measure: the code of why}: required, gone, move, and each state."""
    measure, first = find(definition, code), opening(definition)
    found = _fixed_states(definition, measure, first)
    if code == first:
        found |= dict.fromkeys(("required", "gone", "move"), "opens_the_form")
    elif why := _must_stay(definition, measure, around):
        found["gone"] = why
    if measure.get("required") and around.drawn.get(code):
        found.setdefault("required", "indicator")
    return found


def _fixed_states(definition: Mapping[str, Any], measure: Mapping[str, Any], first: str) -> dict[str, str]:
    if measure["kind"] in PICKED:
        return dict.fromkeys(STATES, "is_picked")
    found = {NUMBER: "is_a_number"}
    if is_long(definition):
        found[ZERO] = "long_record"
    if measure["code"] == first:
        found[NOT_HELD] = "opens_the_form"
    elif not first and NOT_HELD not in (measure.get("states") or ()):
        found[NOT_HELD] = "no_opening"
    return found


def _must_stay(definition: Mapping[str, Any], measure: Mapping[str, Any], around: Around) -> str:
    """Why it has to be asked on; "" where it has not."""
    code = measure["code"]
    rest = {**definition, "measures": [m for m in definition["measures"] if m["code"] != code]}
    reasons = {
        "indicator": bool(around.drawn.get(code)),
        "fixed_form": code in around.fixed,
        "counts_days": bool(measure.get("counts_days")),
        "in_a_total": any(_in_a_total(rule, code) for rule in definition.get("rules") or []),
        "last_one": not rest["measures"] or is_long(rest) != is_long(definition),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _sides(rule: Mapping[str, Any]) -> list[list[str]]:
    return [terms(str(rule["left"])), terms(str(rule["right"]))]


def _in_a_total(rule: Mapping[str, Any], code: str) -> bool:
    """Is it one of several that are added up? Without it the total would say something else."""
    return any(code in side and len(side) > 1 for side in _sides(rule))


def _unlocked(definition: Definition, code: str, what: str, around: Around) -> dict[str, Any]:
    """The measure in a copy's place; Invalid("locked", why=...) where that is fixed."""
    if why := locks(definition, code, around).get(what):
        raise Invalid("locked", field=what, why=why, measure=code)
    return find(definition, code)


def allow(definition: Definition, code: str, states: Collection[str], around: Around) -> Definition:
    """Which answers the measure takes. Raises Invalid: locked, no_nothing (neither 0 nor "did not meet")."""
    made = copy.deepcopy(definition)
    measure = find(made, code)
    before = list(measure.get("states") or (() if measure["kind"] in PICKED else (NUMBER, ZERO)))
    wanted = [state for state in STATES if state in states]
    for state in STATES:
        if (state in wanted) != (state in before):
            _unlocked(made, code, state, around)
    if measure["kind"] not in PICKED and not {ZERO, NOT_HELD} & set(wanted):
        raise Invalid("no_nothing", field="states", measure=code)
    if set(wanted) != set(before):
        measure["states"] = wanted
    if is_long(made) != is_long(definition):
        raise Invalid("locked", field=ZERO, why="long_record", measure=code)
    return made


def must_answer(definition: Definition, code: str, required: bool, around: Around) -> Definition:
    """Whether it must be answered."""
    made = copy.deepcopy(definition)
    if bool(find(made, code).get("required")) != required:
        _unlocked(made, code, "required", around)["required"] = required
    return made


def beside(measure: Mapping[str, Any]) -> tuple[str, str]:
    """Questions that stand under one heading, and are asked of the same section of the city."""
    return str(measure.get("section") or ""), str(measure.get("asked") or "")


def move(definition: Definition, code: str, up: bool, around: Around) -> Definition:
    """One place up or down in its section; at its end it stays. Nothing goes before the opening question."""
    made = copy.deepcopy(definition)
    measure = _unlocked(made, code, "move", around)
    rows = made["measures"]
    there = _neighbour(made, measure, up)
    if there is not None:
        here = rows.index(measure)
        rows[here], rows[there] = rows[there], rows[here]
    return made


def may_move(definition: Definition, code: str, up: bool) -> bool:
    measure = find(definition, code)
    return code != opening(definition) and _neighbour(definition, measure, up) is not None


def _neighbour(definition: Definition, measure: Mapping[str, Any], up: bool) -> int | None:
    """Where in the list the question stands that it would change places with."""
    rows = definition["measures"]
    peers = [n for n, row in enumerate(rows) if beside(row) == beside(measure)]
    place = peers.index(rows.index(measure)) + (-1 if up else 1)
    if not 0 <= place < len(peers) or rows[peers[place]]["code"] == opening(definition):
        return None
    return peers[place]


def retire(definition: Definition, code: str, around: Around) -> Definition:
    """No longer ask it, nor compare it with others; what was reported stays in the ledger."""
    made = copy.deepcopy(definition)
    made["measures"].remove(_unlocked(made, code, "gone", around))
    made["rules"] = [
        rule for rule in made.get("rules") or [] if not any(code in side for side in _sides(rule))
    ]
    return made


def ask_again(definition: Definition, base: Mapping[str, Any], code: str) -> Definition:
    """Take `retire` back: as the edition in force has it, at its place there, with its rules."""
    made = copy.deepcopy(definition)
    measure = copy.deepcopy(find(base, code))
    asked = [m["code"] for m in made["measures"]]
    if code in asked:
        return made
    order = [m["code"] for m in base["measures"]]
    earlier = [other for other in order[: order.index(code)] if other in asked]
    made["measures"].insert(asked.index(earlier[-1]) + 1 if earlier else 0, measure)
    known = {m["code"] for m in made["measures"]}
    kept = {rule["code"] for rule in made.get("rules") or []}
    made["rules"] = [
        copy.deepcopy(rule)
        for rule in base.get("rules") or []
        if rule["code"] in kept or all(t in known or t.isdecimal() for side in _sides(rule) for t in side)
    ]
    return _as_shown(definition, made)


def _as_shown(before: Definition, after: Definition) -> Definition:
    """A short form does not turn into a long record, which is shown and answered otherwise, by the way."""
    if is_long(before) != is_long(after) or len(after["measures"]) > MOST_MEASURES:
        raise Invalid("too_many", field="plain_name", limit=LONG)
    return after


def add(definition: Definition, new: NewMeasure, around: Around) -> tuple[Definition, str]:
    """The form with one more question at the end of its section, and the code that it got."""
    made = copy.deepcopy(definition)
    if new.kind not in NEW_KINDS:
        raise Invalid("unknown_kind", field="kind")
    sections = [section["code"] for section in made.get("sections") or []]
    if (new.section or None) not in ([*sections] if sections else [None]):
        raise Invalid("unknown_section", field="section")
    code = code_of(new.plain_name, around.taken | {m["code"] for m in made["measures"]})
    measure = {
        "code": code,
        "kind": new.kind,
        "names": _texts(new.names, "names"),
        "labels": _texts(new.labels, "labels"),
        "hints": _texts(new.hints, "hints") or None,
        "units": _texts(new.units, "units"),
        "section": new.section or None,
        "required": False,
        "states": _states_of(made, new.states),
        "minimum": 0,
        "maximum": None,
        "places": 0,
        "options": [],
        "asked": None,
    }
    made["measures"].append(measure)
    return _as_shown(definition, made), code


def _states_of(definition: Definition, wanted: Collection[str]) -> list[str]:
    found = {NUMBER, *(state for state in wanted if state in STATES)}
    if is_long(definition):
        found.add(ZERO)
    if not opening(definition):
        found.discard(NOT_HELD)
    if not {ZERO, NOT_HELD} & found:
        raise Invalid("no_nothing", field="states")
    return [state for state in STATES if state in found]


def _texts(texts: Mapping[str, str], part: str) -> dict[str, str]:
    try:
        return clean(texts, optional=part == "hints")
    except Invalid as error:
        raise Invalid(error.code, **{**error.params, "field": part}) from error


def code_of(plain_name: str, taken: Collection[str]) -> str:
    """A code from a plain name: "First-time visitors" is first_time_visitors; never one that was used."""
    ascii_only = unicodedata.normalize("NFKD", plain_name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")[:30].strip("_")
    if not base:
        raise Invalid("no_code", field="plain_name")
    base = base if base[0].isalpha() else f"n_{base}"
    code, number = base, 1
    while code in taken or code == RESERVED:
        number += 1
        code = f"{base}_{number}"
    return code
