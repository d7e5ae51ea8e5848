"""A report form's definition (JSON, as loaded from a city's file) read into what checks and pages need.

Shape of a definition:

    {"code", "version", "names", "evidence": bool, "day_counter"?: bool,
     "sections": [{"code", "names"}],
     "measures": [{"code", "kind", "names", "labels", "hints"|null, "units"|null, "section"|null,
                   "required", "states": [...], "minimum"|null, "maximum"|null, "places",
                   "options": [{"code", "names"}], "asked": <section's code>|null, "counts_days"?: bool,
                   "lines"?: "events"|"people"}],
     "rules": [{"code", "left", "op", "right", "severity", "left_names"?, "right_names"?}]}

`names` is the question as asked, `labels` its short name in tables; both per language. `asked`: only that
section of the city is asked for it. `day_counter`: what happens may be counted day by day, and the month
adds itself up; `counts_days`: a number of days, which follows from the days on which anything was counted.
`lines`: it may be written as one line an event, and is the number of lines, or of their people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.domain.measures import AnswerState, MeasureKind, MeasureSpec, Number, Rule, Severity

Names = dict[str, str]
LONG = 12  # questions; more than that is a record, not a form that takes a minute


@dataclass(frozen=True)
class FormMeasure:
    """One question: its words per language, and its specification for the check."""

    code: str
    names: Names
    labels: Names
    hints: Names | None
    units: Names | None
    options: tuple[tuple[str, Names], ...]
    section: str
    spec: MeasureSpec
    counts_days: bool = False
    lines: str = ""

    @property
    def countable(self) -> bool:
        """May it be counted one by one? Whole numbers of what happened, and not what follows from them."""
        return self.spec.kind is MeasureKind.FLOW and not self.spec.places and not self.counts_days


@dataclass(frozen=True)
class FormSection:
    """A part of a form with a heading; `names` is None for a form without sections."""

    names: Names | None
    measures: tuple[FormMeasure, ...]


@dataclass(frozen=True)
class Form:
    """A whole form. `evidence`: the writer must name the source of the figures. `sides`: what the sides of
    a rule are called, where they are long sums: {rule's code: (left, right)}.
    """

    sections: tuple[FormSection, ...]
    rules: tuple[Rule, ...]
    evidence: bool
    sides: Mapping[str, tuple[Names, Names]] = field(default_factory=dict)
    day_counter: bool = False

    @property
    def measures(self) -> tuple[FormMeasure, ...]:
        return tuple(measure for section in self.sections for measure in section.measures)

    @property
    def long(self) -> bool:
        """A record of many numbers of which most are 0: folded on a phone, "the rest is 0" in one touch."""
        return len(self.measures) > LONG and all(AnswerState.ZERO in m.spec.states for m in self.measures)

    @property
    def specs(self) -> tuple[MeasureSpec, ...]:
        return tuple(measure.spec for measure in self.measures)


def form(definition: Mapping[str, Any], asked: str | None = None) -> Form:
    """The form as one organisation sees it. `asked`: its code; questions for other sections are left out."""
    measures = [_measure(item) for item in definition["measures"] if item.get("asked") in (None, asked)]
    sections = [
        FormSection(section["names"], tuple(m for m in measures if m.section == section["code"]))
        for section in definition.get("sections") or []
    ]
    loose = tuple(m for m in measures if not m.section)
    if loose:
        sections.insert(0, FormSection(None, loose))
    known = {measure.code for measure in measures}
    rules = tuple(_rule(rule) for rule in definition.get("rules") or [] if _applies(rule, known))
    return Form(
        sections=tuple(section for section in sections if section.measures),
        rules=rules,
        evidence=bool(definition.get("evidence")),
        sides={
            rule["code"]: (rule["left_names"], rule.get("right_names") or {})
            for rule in definition.get("rules") or []
            if "left_names" in rule
        },
        day_counter=bool(definition.get("day_counter")),
    )


def _applies(rule: Mapping[str, Any], known: set[str]) -> bool:
    return str(rule["left"]).split("+")[0].strip() in known


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(rule["code"], str(rule["left"]), rule["op"], str(rule["right"]), Severity(rule["severity"]))


def _number(value: Any) -> Number | None:
    if value is None:
        return None
    return value if isinstance(value, int) else Decimal(str(value))


def _measure(item: Mapping[str, Any]) -> FormMeasure:
    options = tuple((option["code"], option["names"]) for option in item.get("options") or [])
    return FormMeasure(
        code=item["code"],
        names=item["names"],
        labels=item.get("labels") or item["names"],
        hints=item.get("hints"),
        units=item.get("units"),
        options=options,
        section=item.get("section") or "",
        spec=MeasureSpec(
            code=item["code"],
            kind=MeasureKind(item["kind"]),
            required=bool(item.get("required")),
            states=frozenset(AnswerState(state) for state in item.get("states") or ("number", "zero")),
            minimum=_number(item.get("minimum")),
            maximum=_number(item.get("maximum")),
            options=tuple(code for code, _names in options),
            places=int(item.get("places") or 0),
        ),
        counts_days=bool(item.get("counts_days")),
        lines=item.get("lines") or "",
    )
