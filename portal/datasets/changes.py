"""What differs between two editions of a form, as a list of changes that a page puts into words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.datasets import wording
from portal.datasets.editing import beside

Names = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """One change. `kind`: new, gone, required, optional, states, words, order, rule_gone, rule_new.

    `names`: what it is about, as it is called now. `added`, `removed`: answers. `was`, `now`: the texts of
    the languages that differ, "" where there is none. `order`: names of the questions as they stand then.
    """

    kind: str
    code: str = ""
    names: Names = field(default_factory=dict)
    part: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    was: Names = field(default_factory=dict)
    now: Names = field(default_factory=dict)
    order: tuple[Names, ...] = ()


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every change from one definition to another, in the new one's order; what is gone comes last."""
    before = {m["code"]: m for m in old["measures"]}
    after = {m["code"]: m for m in new["measures"]}
    found = list(_headings(old, new))
    for code, measure in after.items():
        if code not in before:
            found.append(Change("new", code, measure["labels"]))
        else:
            found += _of_measure(before[code], measure, old, new)
    found += _order(old, new, before.keys() & after.keys())
    found += [Change("gone", code, m["labels"]) for code, m in before.items() if code not in after]
    return found + list(_rules(old, new))


def _headings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    sections = {section["code"] for section in old.get("sections") or []}
    for path in wording.paths(new):
        kind, _slash, rest = path.partition("/")
        if path == "names" or (kind == "sections" and rest.partition("/")[0] in sections):
            yield from _words(path, old, new, "", new["names"])


def _of_measure(
    was: Mapping[str, Any], now: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    code, names = now["code"], now["labels"]
    if bool(was.get("required")) != bool(now.get("required")):
        yield Change("required" if now.get("required") else "optional", code, names)
    states = [tuple(row.get("states") or ()) for row in (was, now)]
    added = tuple(state for state in states[1] if state not in states[0])
    removed = tuple(state for state in states[0] if state not in states[1])
    if added or removed:
        yield Change("states", code, names, added=added, removed=removed)
    for path in dict.fromkeys([*wording.paths_of(was), *wording.paths_of(now)]):
        yield from _words(path, old, new, code, names)


def _words(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], code: str, names: Names
) -> Iterator[Change]:
    was, now = wording.text(old, path).names, wording.text(new, path).names
    differs = [slug for slug in wording.LANGUAGES if was.get(slug, "") != now.get(slug, "")]
    if differs:
        yield Change(
            "words",
            code,
            names,
            "options" if "/options/" in path else path.rpartition("/")[2],
            was={slug: was.get(slug, "") for slug in differs},
            now={slug: now.get(slug, "") for slug in differs},
        )


def _order(old: Mapping[str, Any], new: Mapping[str, Any], common: set[str]) -> Iterator[Change]:
    headings = {section["code"]: section["names"] for section in new.get("sections") or []}
    for place in dict.fromkeys(beside(m) for m in new["measures"]):
        rows = [m for m in new["measures"] if beside(m) == place]
        codes = [m["code"] for m in rows if m["code"] in common]
        if codes != [m["code"] for m in old["measures"] if m["code"] in codes]:
            names = headings.get(place[0], new["names"])
            yield Change("order", names=names, order=tuple(m["labels"] for m in rows))


def _rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before = {rule["code"]: rule for rule in old.get("rules") or []}
    after = {rule["code"]: rule for rule in new.get("rules") or []}
    for kind, rows, others, where in (("rule_new", after, before, new), ("rule_gone", before, after, old)):
        labels = {m["code"]: m["labels"] for m in where["measures"]}
        for code, rule in rows.items():
            if code not in others:
                sides = [str(rule["left"]).split("+")[0].strip(), str(rule["right"]).split("+")[0].strip()]
                yield Change(kind, code, order=tuple(labels[side] for side in sides if side in labels))
