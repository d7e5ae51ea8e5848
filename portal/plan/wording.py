"""Every word that people read, in every language: what is missing, and readings that are malformed.

What the public and the groups read stands in all languages; forms that only offices and sections fill in
are written in Japanese and need English besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.organisations.models import BY_CARD
from portal.plan import shapes
from portal.plan.form_checks import inside
from portal.plan.yaml_lines import Fault, Node

LANGUAGES = ("ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne")  # ja is the file's own
STAFF_LANGUAGES = ("en",)
RUBY = re.compile(r"\{[^{}|]+\|[ぁ-ゖァ-ヺー・ ]+\}")  # {漢字|かんじ}


def faults(tree: Node, standards: Mapping[str, Node]) -> Iterator[Fault]:
    """missing_translation: each missing text once a language, at the line of its first use."""
    tables = tree.child("translations")
    yield from _missing(public_strings(tree), LANGUAGES, [tables])
    yield from _missing(_sections_strings(tree), STAFF_LANGUAGES, [tables])
    for node in tree.items("data_sets"):
        form = standards.get(str(node.get("use"))) if "use" in node else node
        if form is not None:
            languages = LANGUAGES if form.get("filed_by") in BY_CARD else STAFF_LANGUAGES
            both = [tables]
            if form is not node:
                both.append(form.child("translations"))
                yield from inside(node, form, ruby_faults(form))
            yield from inside(node, form, _missing(form_strings(form), languages, both))


def public_strings(tree: Node) -> Iterator[Node]:
    """Every string of the file that the public reads, with its line, in the file's order."""
    yield from (tree.child("city").child(key) for key in ("name", "shakyo"))
    plan = tree.child("plan")
    yield from (plan.child("name"), plan.child("vision"))
    yield from (node.child("name") for node in plan.items("committees"))
    for key in ("offices", "districts"):
        yield from (node.child("name") for node in tree.items(key))
    yield from tree.items("departments")
    for goal in tree.items("goals"):
        yield goal.child("name")
        for direction in goal.items("directions"):
            yield direction.child("name")
            for side in shapes.SIDES:
                for heading in direction.items(side):
                    yield heading.child("heading")
                    yield from (programme.child("name") for programme in heading.items("programmes"))
    for key in ("indicators", "participation"):
        for node in tree.items(key):
            yield from (node.child(part) for part in ("name", "unit", "note"))
            yield from node.items("stages")


def form_strings(form: Node) -> Iterator[Node]:
    """Every string of a form that whoever fills it in reads."""
    yield form.child("name")
    yield from (section.child("name") for section in form.items("sections"))
    for measure in form.items("measures"):
        yield from (measure.child(part) for part in ("name", "label", "hint", "unit"))
        yield from (option.child("name") for option in measure.items("options"))
    for rule in form.items("rules"):
        yield from (rule.child(part) for part in ("left_name", "right_name"))


def _sections_strings(tree: Node) -> Iterator[Node]:
    """What a section is asked for by an indicator's source."""
    for indicator in tree.items("indicators"):
        for measure in indicator.child("source").items("measures"):
            yield from (measure.child(part) for part in ("name", "unit"))


def _missing(strings: Iterator[Node], languages: tuple[str, ...], tables: list[Node]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for node in strings:
        if node.value is not None:
            first.setdefault(str(node.value), node.line)
    for slug in languages:
        known = [_table(node.get(slug)) for node in tables]
        for text, line in first.items():
            if not any(table.get(text) for table in known):
                message = f"“{text}” is missing in {slug}"
                yield Fault(line, f"translations.{slug}", "missing_translation", message)


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def ruby_faults(tree: Node) -> Iterator[Fault]:
    """Translations are texts by language and Japanese text; readings stand in easy Japanese only, in kana."""
    tables = tree.child("translations")
    for slug in _table(tables.value):
        table = tables.child(slug)
        if slug not in LANGUAGES or not isinstance(table.value, dict):
            message = f"should be one of {', '.join(LANGUAGES)}, with texts"
            yield Fault(table.line, table.path, "unknown_language", message)
            continue
        for key in table.value:
            node = table.child(key)
            if not isinstance(node.value, str):
                message = f"“{key}” should have a text (put it in quotes)"
                yield Fault(node.line, table.path, "wrong_type", message)
                continue
            left = RUBY.sub("", node.value) if slug == "ja-easy" else node.value
            if any(mark in left for mark in "{|}"):
                message = f"a reading is written {{漢字|かんじ}}, in ja-easy only: “{node.value}”"
                yield Fault(node.line, table.path, "ruby", message)
