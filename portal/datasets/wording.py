"""The words of a form's definition, each by its path: read, changed, and what a change leaves behind.

A path is "names" (the form's own), "sections/<code>/names", "measures/<code>/<part>" with a part of PARTS, or
"measures/<code>/options/<option>"; a code may have a dot in it. A translation that was made of another
Japanese text than the one that stands there now is outdated; the fingerprint of the text that it was made of
is kept beside it, in the optional key `translated_from`: {part: {language: fingerprint}}.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain.errors import Invalid

Definition = dict[str, Any]
JAPANESE, EASY = "ja", "ja-easy"
LANGUAGES = (JAPANESE, EASY, "en", "zh-hans", "vi", "ko", "fil", "ne")
PARTS = ("names", "labels", "hints", "units")
LONGEST = 300
MARKS = "translated_from"
_READING = re.compile(r"\{[^{}|]+\|[ぁ-ゖァ-ヺー・ ]+\}")  # as in the plan's checks
_LINES = re.compile(r"\s+")


@dataclass(frozen=True)
class Text:
    """One text of the form in every language that it has."""

    path: str
    names: Mapping[str, str]
    outdated: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return [slug for slug in LANGUAGES if not self.names.get(slug)] if self.names else []


def fingerprint(japanese: str) -> str:
    """Of the Japanese that a translation was made of."""
    return hashlib.sha256(japanese.encode()).hexdigest()[:12]


def text(definition: Mapping[str, Any], path: str) -> Text:
    """Raises Invalid("unknown_text") for a path that the form has not."""
    owner, key = _place(definition, path)
    names = owner.get(key) or {}
    marks = (owner.get(MARKS) or {}).get(key) or {}
    now = fingerprint(names.get(JAPANESE, ""))
    old = frozenset(slug for slug, mark in marks.items() if names.get(slug) and mark != now)
    return Text(path, dict(names), old)


def paths(definition: Mapping[str, Any]) -> Iterator[str]:
    """Every text of the form, in the form's order; those of the measures' parts that are there."""
    yield "names"
    for section in definition.get("sections") or []:
        yield f"sections/{section['code']}/names"
    for measure in definition["measures"]:
        yield from paths_of(measure)


def paths_of(measure: Mapping[str, Any]) -> Iterator[str]:
    for part in PARTS:
        if measure.get(part):
            yield f"measures/{measure['code']}/{part}"
    for option in measure.get("options") or []:
        yield f"measures/{measure['code']}/options/{option['code']}"


def reword(
    definition: Definition, path: str, texts: Mapping[str, str], still_right: Collection[str] = ()
) -> Definition:
    """The form with this text changed. `still_right`: languages whose old translation fits the new Japanese.

    Raises Invalid: unknown_text, japanese_missing, too_long, reading, unit_fixed; `language` says where.
    """
    made = copy.deepcopy(definition)
    owner, key = _place(made, path)
    before: dict[str, str] = owner.get(key) or {}
    after = clean(texts, optional=key == "hints")
    if key == "units" and after.get(JAPANESE) != before.get(JAPANESE):
        raise Invalid("unit_fixed", language=JAPANESE)
    marks = dict((owner.get(MARKS) or {}).get(key) or {})
    for slug in LANGUAGES[1:]:
        touched = after.get(slug) != before.get(slug) or slug in still_right or slug not in after
        if touched:
            marks.pop(slug, None)
        elif before.get(JAPANESE) != after.get(JAPANESE):
            marks.setdefault(slug, fingerprint(before.get(JAPANESE, "")))
    now = fingerprint(after.get(JAPANESE, ""))
    owner[key] = after or None
    _keep(owner, key, {slug: mark for slug, mark in marks.items() if mark != now})
    return made


def clean(texts: Mapping[str, str], optional: bool = False) -> dict[str, str]:
    """Texts as they are stored: one line each, none empty. Raises Invalid as `reword` does."""
    found = {slug: _LINES.sub(" ", texts.get(slug, "")).strip() for slug in LANGUAGES}
    found = {slug: said for slug, said in found.items() if said}
    if JAPANESE not in found and (found or not optional):
        raise Invalid("japanese_missing", language=JAPANESE)
    for slug, said in found.items():
        if len(said) > LONGEST:
            raise Invalid("too_long", language=slug, limit=LONGEST)
        left = _READING.sub("", said) if slug == EASY else said
        if any(mark in left for mark in "{|}"):
            raise Invalid("reading", language=slug)
    return found


def _keep(owner: dict[str, Any], key: str, marks: dict[str, str]) -> None:
    """Marks only where there are any, so that a form without them stays as it is."""
    every = {**(owner.get(MARKS) or {}), key: marks}
    every = {name: kept for name, kept in every.items() if kept}
    owner.pop(MARKS, None)
    if every:
        owner[MARKS] = every


def _place(definition: Mapping[str, Any], path: str) -> tuple[Any, str]:
    """(what has the text, under which key)."""
    if path == "names":
        return definition, path
    kind, _slash, rest = path.partition("/")
    code, _slash, part = rest.partition("/")
    owner = next((row for row in definition.get(kind) or [] if row["code"] == code), None)
    if kind == "sections" and owner and part == "names":
        return owner, part
    if kind == "measures" and owner and part in PARTS:
        return owner, part
    if kind == "measures" and owner and part.startswith("options/"):
        option = part.removeprefix("options/")
        found = next((row for row in owner.get("options") or [] if row["code"] == option), None)
        if found:
            return found, "names"
    raise Invalid("unknown_text", path=path)
