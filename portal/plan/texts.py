"""The plan's words and those of its forms, for whoever translates them (ground/texts).

They are written back as edits on top of the document (`edits`), which also are their history. A place
inside a form is a path: "definition/measures/held/labels".
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, Subject
from portal.ground.texts import PUBLIC, REPORTERS, Change, Kind, Place, Text, Words
from portal.organisations.models import BY_CARD
from portal.plan import edits
from portal.plan.document import Data
from portal.plan.models import PlanEdit
from portal.plan.overlay import Rows

# The fields of each row that have words in several languages.
WORDED: dict[str, tuple[str, ...]] = {
    "plan": ("city", "shakyo", "name", "vision", "committees"),
    "goal": ("names",),
    "direction": ("names",),
    "indicator": ("names", "units", "stages", "note"),
    "programme": ("heading", "names"),
    "district": ("names",),
    "organisation": ("names",),
    "data_set": ("names", "definition"),
}


def leaves(value: Any, path: str) -> Iterator[tuple[str, Words]]:
    """Every text in a value with its path. What stands in a list is found by its code, else by its place."""
    if isinstance(value, dict):
        if "ja" in value and isinstance(value["ja"], str):
            yield path, value
            return
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for name, inner in _named(value):
            yield from leaves(inner, f"{path}/{name}")


def _named(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for position, item in enumerate(items):
        code = item.get("code") if isinstance(item, dict) else None
        yield (str(code) if code else str(position)), item


def _at(value: Any, path: list[str]) -> Data:
    for name in path:
        value = dict(_named(value))[name] if isinstance(value, list) else value[name]
    found: Data = value
    return found


def _history() -> dict[Place, tuple[Change, ...]]:
    """What was changed in the portal, by place; of a form only the sentences that are another now."""
    found: dict[Place, list[Change]] = {}
    for edit in reversed(edits.history()):
        if edit.field in WORDED.get(edit.kind, ()):
            for place, change in _changes(edit):
                found.setdefault(place, []).append(change)
    return {place: tuple(changes) for place, changes in found.items()}


def _changes(edit: PlanEdit) -> Iterator[tuple[Place, Change]]:
    before = dict(leaves(edit.before["value"], edit.field))
    for path, words in leaves(edit.after["value"], edit.field):
        was = before.get(path, {})
        if was != words:
            yield (edit.kind, edit.key, path), Change(edit.at, edit.actor, was, words)


def _rows() -> Rows:
    try:
        return edits.in_tables()
    except NotFound:
        return {}


def _reader(*row_kinds: str) -> Callable[[], Iterable[Text]]:
    """The texts of some kinds of rows, in the plan's order."""

    def read() -> Iterable[Text]:
        history = _history()
        for (row_kind, key), row in _rows().items():
            if row_kind not in row_kinds or not _read_by_many(row_kind, row):
                continue
            subject = Subject(data_set=key) if row_kind == "data_set" else Subject()
            for field in WORDED[row_kind]:
                for path, words in leaves(row[field], field):
                    place = (row_kind, key, path)
                    yield Text(place, words, history.get(place, ()), subject)

    return read


def _read_by_many(row_kind: str, row: Data) -> bool:
    """The forms of offices and sections are filled in by staff, in Japanese."""
    return row_kind != "data_set" or row["filed_by"] in BY_CARD


def _write(actor: Actor, words: Mapping[Place, Words]) -> None:
    rows = _rows()
    values: dict[tuple[str, str], Data] = {}
    for (row_kind, key, path), said in words.items():
        field, *inner = path.split("/")
        fields = values.setdefault((row_kind, key), {})
        if field not in fields:
            fields[field] = copy.deepcopy(rows[row_kind, key][field])
        leaf = _at(fields[field], inner)
        japanese = leaf["ja"]  # whoever may translate may not change what the plan says
        leaf.clear()
        leaf.update({**said, "ja": japanese})
    edits.put_all(values, actor, asks=Permission.TEXTS_TRANSLATE)


KINDS = (
    Kind("plan", PUBLIC, _reader("plan"), _write),
    Kind("goals", PUBLIC, _reader("goal", "direction"), _write),
    Kind("indicators", PUBLIC, _reader("indicator"), _write),
    Kind("programmes", PUBLIC, _reader("programme"), _write),
    Kind("forms", REPORTERS, _reader("data_set"), _write),
    Kind("districts", PUBLIC, _reader("district"), _write),
    Kind("offices", PUBLIC, _reader("organisation"), _write),
)
