"""From a desk and what is written to what a page shows: fields, lines, questions. No rules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal.datasets.definition import FormMeasure
from portal.domain import event_lines
from portal.domain.event_lines import EventLine, RawLine
from portal.domain.measures import Checked, Question, RawAnswer
from portal.reporting import amending, answers, queries, unusual, words
from portal.reporting.answers import PICKED, Written, field_name
from portal.reporting.desk import Desk
from portal.reporting.models import Submission
from portal.web.filters import number, short_day
from portal.web.i18n import in_language, tr, tr_plain
from portal.web.locale import current_locale

Options = dict[str, str]
# What macros/pictures.html draws.
PICTURES = {"exercise", "tea", "meal", "crafts", "music", "learning", "children", "other"}


EMPTY_LINES = 2  # below those that are written; "another line" gives two more


@dataclass(frozen=True)
class Events:
    """The lines of a measure that may be written event by event. `was`: what they came to."""

    rows: list[tuple[int, RawLine]]
    people: bool
    was: str
    first: str
    last: str
    action: str

    @property
    def written(self) -> int:
        return sum(not row.blank for _number, row in self.rows)


@dataclass(frozen=True)
class Field:
    """One question of the form as the page shows it."""

    name: str
    question: Any
    hint: Any
    unit: Any
    required: bool
    picked: bool
    single: bool
    text: str
    state: str
    chosen: tuple[str, ...]
    states: list[tuple[str, str]]
    options: list[tuple[str, Any]]
    last: str
    last_year: str
    take: str
    error: str
    number: int
    events: Events | None = None

    @property
    def answered(self) -> bool:
        return bool(self.text.strip() or self.state or self.chosen)

    @property
    def drawn(self) -> bool:
        """Has each of its options a picture? One without would look like a mistake."""
        return {code for code, _words in self.options} <= PICTURES


@dataclass(frozen=True)
class Section:
    title: Mapping[str, str] | None
    fields: list[Field] = field(default_factory=list)

    @property
    def written(self) -> int:
        """How many of its fields have an answer."""
        return sum(one.answered for one in self.fields)

    @property
    def wrong(self) -> bool:
        return any(one.error for one in self.fields)


@dataclass(frozen=True)
class Line:
    """One answer in words. `arrived`: what stands there already, where the two differ."""

    code: str
    label: Mapping[str, str]
    text: str
    arrived: str = ""
    events: tuple[EventLine, ...] = ()


def labels(desk: Desk) -> dict[str, str]:
    """The short names of the form's measures, in this page's language."""
    return {m.code: in_language(m.labels, current_locale().slug)[0] for m in desk.form.measures}


def options_of(measure: FormMeasure) -> Options:
    return {code: in_language(names, current_locale().slug)[0] for code, names in measure.options}


def sections(desk: Desk, written: Written, errors: Mapping[str, str]) -> list[Section]:
    """The form's sections with their fields, last time's figures beside each."""
    numbers = {measure.code: place for place, measure in enumerate(desk.form.measures, 1)}
    past = desk.values_of([desk.before, desk.year_before])
    before, year_before = past.get(desk.before, {}), past.get(desk.year_before, {})
    return [
        Section(
            section.names,
            [
                replace(
                    _field(
                        measure,
                        numbers[measure.code],
                        written,
                        errors,
                        before.get(measure.code),
                        year_before.get(measure.code),
                    ),
                    events=_events(desk, measure, written) if measure.lines else None,
                )
                for measure in section.measures
            ],
        )
        for section in desk.form.sections
    ]


def _field(
    measure: FormMeasure,
    number: int,
    written: Written,
    errors: Mapping[str, str],
    before: Mapping[str, Any] | None,
    year_before: Mapping[str, Any] | None,
) -> Field:
    given = written.raw.get(measure.code, RawAnswer())
    options = options_of(measure)
    return Field(
        name=field_name(measure.code),
        question=tr(measure.names),
        hint=tr(measure.hints) if measure.hints else "",
        unit=tr(measure.units) if measure.units else "",
        required=measure.spec.required,
        picked=measure.spec.kind in PICKED,
        single=measure.spec.kind == "stage",
        text=given.text,
        state=given.state,
        chosen=given.chosen,
        states=[(code, str(text)) for code, text in words.STATES.items() if code in measure.spec.states],
        options=[(code, tr(names)) for code, names in measure.options],
        last=words.answer(before, measure.units, options) if before else "",
        last_year=words.answer(year_before, measure.units, options) if year_before else "",
        take=answers.number_of(before) if before else "",
        error=errors.get(measure.code, ""),
        number=number,
    )


def _events(desk: Desk, measure: FormMeasure, written: Written) -> Events:
    given = written.raw.get(measure.code, RawAnswer())
    comes_to = event_lines.total(given.lines, measure.lines) if given.lines else ""
    rows = [*given.lines, *[RawLine()] * EMPTY_LINES][: event_lines.MOST]
    return Events(
        list(enumerate(rows)),
        measure.lines == event_lines.PEOPLE,
        comes_to if comes_to == given.text else "",
        desk.month.first_day.isoformat(),
        desk.month.last_day.isoformat(),
        f"{answers.ANOTHER_LINE}{measure.code}",
    )


def errors_in_words(desk: Desk, checked: Checked) -> dict[str, str]:
    """{measure: sentence} of what must be put right, the first for each field."""
    names = labels(desk)
    picked = {m.code for m in desk.form.measures if m.spec.kind in PICKED}
    found: dict[str, str] = {}
    for fault in checked.errors:
        found.setdefault(fault.field, words.error(fault.code, fault.params, names, fault.field in picked))
    return found


MANY = 3  # blank fields of a long record: more than these are named together, not one by one


def blank(desk: Desk, checked: Checked) -> set[str]:
    """The fields of a long record that are still blank, where they are many; else none."""
    found = {fault.field for fault in checked.errors if fault.code == "required"}
    return found if desk.form.long and len(found) > MANY else set()


def written_events(answer: Mapping[str, Any] | None) -> tuple[EventLine, ...]:
    """The events that a number was counted from; none where only the number was given."""
    return tuple(EventLine.from_json(line) for line in (answer or {}).get("lines", ()))


def lines(
    desk: Desk, values: Mapping[str, Mapping[str, Any]], arrived: Mapping[str, Any] | None = None
) -> list[Line]:
    """Every answered measure in words, in the form's order."""
    found = []
    for measure in desk.form.measures:
        answer, other = values.get(measure.code), (arrived or {}).get(measure.code)
        if answer is None and other is None:
            continue
        options = options_of(measure)
        differs = arrived is not None and dict(answer or {}) != dict(other or {})
        found.append(
            Line(
                measure.code,
                measure.labels,
                words.answer(answer, measure.units, options),
                words.answer(other, measure.units, options) if differs else "",
                written_events(answer),
            )
        )
    return found


@dataclass(frozen=True)
class Asked:
    """A gentle question on the check page. `said`: what the writer has answered already.

    `of_past`: unlike other months, for which there may be a reason; else two numbers that don't fit.
    """

    field: str
    text: str
    of_past: bool
    said: Mapping[str, str]


def questions(desk: Desk, checked: Checked, written: Written | None = None) -> list[Asked]:
    names = labels(desk)
    by_code = {m.code: m for m in desk.form.measures}
    said = written.answers if written else {}
    return [
        Asked(
            q.field,
            words.question(q.code, _with_sums(desk, q), names[q.field], by_code[q.field].units, names),
            "op" not in q.params,
            said.get(q.field, {}),
        )
        for q in unusual.questions(desk, checked)
    ]


def _with_sums(desk: Desk, asked: Question) -> dict[str, Any]:
    """A rule's sides that have names, each with its sum: “total by subject: 12”."""
    said = {}
    for side, names in zip(("left", "right"), desk.form.sides.get(asked.code, ()), strict=False):
        if names:
            name = in_language(names, current_locale().slug)[0]
            said[f"{side}_said"] = f"{name} {number(asked.params[side])}"
    return {**asked.params, **said}


def asked(submission: Submission | None) -> list[str]:
    """The measures that the office asks about."""
    if submission is None or submission.state != "returned":
        return []
    return list(submission.events[-1].data.get("reasons", {}))


def returned(desk: Desk, submission: Submission | None) -> tuple[list[str], str]:
    """What the office asks about, and its note; nothing unless the report was asked back."""
    if submission is None or submission.state != "returned":
        return [], ""
    event = submission.events[-1]
    return words.returned(event.data.get("reasons", {}), labels(desk)), event.note.text if event.note else ""


@dataclass(frozen=True)
class KeyedWords:
    """What the group reads about a report that staff keyed in for it."""

    words: str
    version: int
    confirmed: bool


def keyed(desk: Desk, submission: Submission | None) -> KeyedWords | None:
    """The newest version was keyed in by staff: said to the group in plain words."""
    found = queries.keyed(submission) if submission is not None else None
    if found is None or submission is None:
        return None
    office = desk.data_set.reviewing_office
    said = words.keyed(found.source, words.label_in(office.names or {"ja": office.name}), short_day(found.at))
    return KeyedWords(said, submission.version, found.confirmed_at is not None)


def moves(desk: Desk, found: list[amending.Move]) -> list[dict[str, Any]]:
    """Which indicators a change moves, with this report's part before and after in words."""
    units = {measure.code: measure.units for measure in desk.form.measures}
    return [
        {
            "names": move.names,
            "code": move.code,
            "before": words.answer(move.before, units.get(move.measure), {}),
            "after": words.answer(move.after, units.get(move.measure), {}),
        }
        for move in found
    ]


def title(desk: Desk) -> str:
    return tr_plain(desk.data_set.names)
