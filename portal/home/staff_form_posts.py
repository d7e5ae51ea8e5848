"""What the form editor's pages post: from fields to changes of a definition, with every fault of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from portal.datasets import editing, wording
from portal.datasets.editing import Around, NewMeasure
from portal.datasets.wording import Definition
from portal.domain.errors import DomainError, Invalid
from portal.home import staff_form_words as words

Errors = dict[str, str]  # the id of a field -> a sentence
NEW_PARTS = ("names", "labels", "hints", "units")


class Wrong(Exception):
    """What must be put right in a whole page, so that it is not told one by one."""

    def __init__(self, found: Errors) -> None:
        super().__init__(", ".join(found))
        self.found = found


def said(error: DomainError) -> Errors:
    """An error at its field; one that is about none stands at the head of the page."""
    field = str(error.params.get("field", "page"))
    if "language" in error.params:
        field = field_name(field, str(error.params["language"]))
    return {field: words.sentence(error)}


def field_name(part: str, slug: str) -> str:
    """The name (and id) of a text's field: "names.vi", "options/tea.vi"."""
    return f"{part}.{slug}"


def with_question(definition: Definition, measure: str, around: Around) -> Definition:
    """The posted words, answers and duty of one question. Raises Wrong with every fault of the page."""
    paths = question_paths(editing.find(definition, measure))
    made, found = _reworded(definition, {part_of(path): path for path in paths})
    steps: tuple[Callable[[Definition], Definition], ...] = (
        lambda now: editing.allow(now, measure, _states(now, measure, around), around),
        lambda now: editing.must_answer(now, measure, _required(now, measure, around), around),
    )
    for how in steps:
        try:
            made = how(made)
        except Invalid as error:
            found |= said(error)
    if found:
        raise Wrong(found)
    return made


def _states(definition: Definition, measure: str, around: Around) -> set[str]:
    """Those ticked; of a state that is fixed the page has no box, so it stays as it is."""
    locks = editing.locks(definition, measure, around)
    before = editing.find(definition, measure).get("states") or ()
    ticked = request.form.getlist("states")
    return {state for state in editing.STATES if state in (before if state in locks else ticked)}


def _required(definition: Definition, measure: str, around: Around) -> bool:
    if "required" in editing.locks(definition, measure, around):
        return bool(editing.find(definition, measure).get("required"))
    return request.form.get("required") == "1"


def with_headings(definition: Definition) -> Definition:
    made, found = _reworded(definition, {path: path for path in heading_paths(definition)})
    if found:
        raise Wrong(found)
    return made


def with_new(definition: Definition, around: Around) -> Definition:
    """The form with the posted question. What its code is made of: the plain name, else the English label."""
    texts = {part: _posted(part) for part in NEW_PARTS}
    found: Errors = {}
    for part in NEW_PARTS:
        try:
            wording.clean(texts[part], optional=part == "hints")
        except Invalid as error:
            found |= said(Invalid(error.code, **{**error.params, "field": part}))
    new = NewMeasure(
        plain_name=request.form.get("plain_name", "")[:100] or texts["labels"].get("en", ""),
        kind=request.form.get("kind", ""),
        states=tuple(request.form.getlist("states")),
        section=request.form.get("section") or None,
        **texts,
    )
    if not found:
        try:
            return editing.add(definition, new, around)[0]
        except Invalid as error:
            found |= said(error)
    raise Wrong(found)


def _posted(part: str) -> dict[str, str]:
    return {slug: request.form.get(field_name(part, slug), "")[:2000] for slug in wording.LANGUAGES}


def _reworded(definition: Definition, paths: Mapping[str, str]) -> tuple[Definition, Errors]:
    """Every posted text ({part: path}); one that the page did not have stays as it is."""
    made, found = definition, Errors()
    for part, path in paths.items():
        if field_name(part, wording.JAPANESE) not in request.form:
            continue
        right = request.form.getlist(f"right.{part}")
        try:
            made = wording.reword(made, path, _posted(part), right)
        except Invalid as error:
            found |= said(Invalid(error.code, **{**error.params, "field": part}))
    return made, found


def part_of(path: str) -> str:
    """Which text of its question: "names", "options/tea"."""
    return path.split("/", 2)[2]


def question_paths(measure: Mapping[str, Any]) -> list[str]:
    """Its texts; the help under it may be written where there is none."""
    found = list(wording.paths_of(measure))
    hint = f"measures/{measure['code']}/hints"
    return found if hint in found else [*found[:2], hint, *found[2:]]


def heading_paths(definition: Definition) -> list[str]:
    return [path for path in wording.paths(definition) if not path.startswith("measures/")]
