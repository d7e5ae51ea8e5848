"""Answers as they come from the form, lie in a draft, and are checked. Nothing typed is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.datasets.definition import Form, FormMeasure
from portal.domain import event_lines
from portal.domain.event_lines import EventLine, RawLine
from portal.domain.measures import Checked, FieldError, MeasureKind, RawAnswer, check
from portal.domain.numerals import read_decimal
from portal.domain.periods import Month

PICKED = (MeasureKind.CHOICES, MeasureKind.STAGE)
ZEROS = {"0", "０"}
LONGEST_EVIDENCE = 4000  # a sheet names a document for each of its rows
ANOTHER_LINE = "line:"  # a button of the form; behind it the measure's code


@dataclass(frozen=True)
class Written:
    """A report as written: raw answers, the source of a section's figures, replies to gentle questions."""

    raw: Mapping[str, RawAnswer]
    evidence: str = ""
    answers: Mapping[str, dict[str, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "raw": {
                code: {"text": r.text, "state": r.state, "chosen": list(r.chosen)}
                | ({"lines": [list(line) for line in r.lines]} if r.lines else {})
                for code, r in self.raw.items()
            },
            "evidence": self.evidence,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Written:
        raw = {
            code: RawAnswer(
                r.get("text", ""), r.get("state", ""), tuple(r.get("chosen", ())), _raw(r.get("lines", ()))
            )
            for code, r in data.get("raw", {}).items()
        }
        return cls(raw, data.get("evidence", ""))

    @property
    def blank(self) -> bool:
        return all(answer.blank for answer in self.raw.values()) and not self.evidence.strip()


def _raw(lines: Any) -> tuple[RawLine, ...]:
    return tuple(RawLine(*line) for line in lines)


def field_name(code: str) -> str:
    """The name (and id) of a measure's field in the page."""
    return f"m-{code}"


def line_name(code: str, number: int, part: str) -> str:
    """The name of one part of one event's line; number from 0."""
    return f"l-{code}-{number}-{part}"


def counted_name(code: str) -> str:
    """The field that says what the lines came to when the page was made: whoever changes the lines and leaves
    that number alone means the lines."""
    return f"l-{code}-was"


def from_form(form: Form, fields: MultiDict[str, str]) -> Written:
    """What was typed and ticked, as it is."""
    raw = {}
    answers = {}
    for measure in form.measures:
        name = field_name(measure.code)
        if measure.spec.kind in PICKED:
            raw[measure.code] = RawAnswer(chosen=tuple(fields.getlist(name)))
            continue
        text = fields.get(name, "")[:200]
        state = " ".join(fields.getlist(f"{name}_state"))
        if state == "zero" and text.strip() in ZEROS:
            state = ""  # the chip "0" writes 0 into the field as well: one answer, given twice
        lines = _lines(measure, fields) if measure.lines else ()
        if lines and text.strip() in ("", fields.get(counted_name(measure.code), "")):
            text = event_lines.total(lines, measure.lines) or text
        raw[measure.code] = RawAnswer(text=text, state=state, lines=lines)
        reason = fields.get(f"why-{measure.code}", "")[:20]
        if reason or fields.get(f"q-{measure.code}", ""):  # whoever gives a reason says yes: one touch
            answers[measure.code] = {"answer": "yes", "reason": reason}
    return Written(raw, fields.get("evidence", "")[:LONGEST_EVIDENCE], answers)


def _lines(measure: FormMeasure, fields: MultiDict[str, str]) -> tuple[RawLine, ...]:
    """The lines with something in them; each carries its own number, so that a gap loses none."""
    rows = (
        RawLine(
            *(
                fields.get(line_name(measure.code, number, part), "").strip()[: event_lines.LONGEST]
                for part in RawLine._fields
            )
        )
        for number in range(event_lines.MOST)
    )
    return event_lines.written(rows)


def left_over(form: Form, fields: MultiDict[str, str]) -> list[str]:
    """Fields with something in them that this form does not ask: they were written on another edition."""
    known = {field_name(measure.code) for measure in form.measures}
    return [
        name
        for name, value in fields.items(multi=True)
        if name.startswith(field_name("")) and value.strip() and name.removesuffix("_state") not in known
    ]


def to_fields(form: Form, written: Written) -> list[tuple[str, str]]:
    """The same as hidden fields, so that sending carries everything and can be repeated."""
    pairs: list[tuple[str, str]] = []
    for measure in form.measures:
        answer = written.raw.get(measure.code, RawAnswer())
        name = field_name(measure.code)
        pairs.extend((name, option) for option in answer.chosen)
        if answer.text:
            pairs.append((name, answer.text))
        if answer.state:
            pairs.append((f"{name}_state", answer.state))
        for number, line in enumerate(answer.lines):
            pairs += [(line_name(measure.code, number, p), v) for p, v in line._asdict().items() if v]
    if written.evidence:
        pairs.append(("evidence", written.evidence))
    return pairs


def number_of(answer: Mapping[str, Any]) -> str:
    """The figure of an answer that was sent, as it would be typed; "" where none was given."""
    return str(answer.get("value") or 0) if answer.get("state") in ("number", "zero") else ""


def of_version(values: Mapping[str, Mapping[str, Any]], evidence: str | None) -> Written:
    """What was sent, as it would be written again: for corrections."""
    raw = {}
    for code, answer in values.items():
        state, value = answer.get("state", ""), answer.get("value")
        if state == "chosen":
            raw[code] = RawAnswer(chosen=tuple(value or ()))
        elif state in ("number", "zero"):
            typed = tuple(_typed(EventLine.from_json(line)) for line in answer.get("lines", ()))
            raw[code] = RawAnswer(text=str(value if value is not None else 0), lines=typed)
        else:
            raw[code] = RawAnswer(state=state)
    return Written(raw, evidence or "")


def number(text: str) -> int | Decimal | None:
    """A typed figure, where it can be read as one."""
    return read_decimal(text).value


def _typed(line: EventLine) -> RawLine:
    people = "" if line.people is None else str(line.people)
    return RawLine(line.day.isoformat(), line.name, line.place, people)


def figures(period: str) -> dict[str, int]:
    """The numbers of a period that rules may name."""
    return {"days_in_month": Month.parse(period).days}


def read(form: Form, written: Written, period: str) -> Checked:
    """Check a whole report against its form. A section's figures need their source."""
    checked = _with_lines(form, written, period, check(form.specs, form.rules, written.raw, figures(period)))
    if form.evidence and not written.evidence.strip():
        return replace(checked, errors=(*checked.errors, FieldError("evidence", "evidence")))
    return checked


def _with_lines(form: Form, written: Written, period: str, checked: Checked) -> Checked:
    """The same with each number's events beside it. A number that is not what they come to is asked about:
    which of the two is meant, nobody can know.
    """
    month = Month.parse(period)
    values, errors = dict(checked.values), list(checked.errors)
    wrong = {error.field for error in errors}
    for measure in form.measures:
        raw = written.raw.get(measure.code, RawAnswer()).lines if measure.lines else ()
        if not raw:
            continue
        lines, fault = event_lines.read(raw, month.first_day, month.last_day, measure.lines)
        answer = values.get(measure.code)
        if fault is not None:
            errors = [error for error in errors if error.field != measure.code]
            errors.append(FieldError(measure.code, fault.code, {"line": fault.line}))
        elif answer is not None and str(answer.amount) != event_lines.total(raw, measure.lines):
            errors.append(
                FieldError(measure.code, "lines_differ", {"number": answer.amount, "lines": len(raw)})
            )
        elif answer is not None and measure.code not in wrong:
            values[measure.code] = replace(answer, lines=lines)
    return replace(checked, values=values, errors=tuple(errors))
