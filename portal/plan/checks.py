"""What must hold in a plan file. Each fault names its line and says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.plan.yaml_lines import Fault, Node

LANGUAGES = ("ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne")  # ja is the file's own
KINDS = ("flow", "stock", "distinct", "ratio", "money", "stage")
TARGET_KINDS = ("reach", "maintain", "at_most", "monitor", "milestone")
BETTER = ("up", "down", "neither")
FITTING = {  # which ways of adding up fit which kind of figure
    "flow": {"sum", "value", "parts"},
    "stock": {"last", "value", "parts"},
    "distinct": {"distinct_options", "distinct_organisations", "registers"},
    "ratio": {"ratio"},
    "money": {"value"},
    "stage": {"stage"},
}
CODE = re.compile(r"(\d+)-(\d+)-([csp])(\d+)")
RUBY = re.compile(r"\{[^{}|]+\|[ぁ-ゖァ-ヺー・ ]+\}")
TOP = {
    "format", "city", "plan", "corrections", "offices", "settings", "districts", "departments",
    "data_sets", "goals", "indicators", "participation", "translations",
}  # fmt: skip
INDICATOR = {
    "code", "name", "owner", "unit", "kind", "target_kind", "better", "stages", "base", "target", "source",
    "pending", "note",
}  # fmt: skip
PARTICIPATION = {"code", "name", "direction", "unit", "kind", "source", "note"}


def faults(tree: Node, standards: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """All faults of a file; `standards` are the standard forms that it uses, by code."""
    return list(dict.fromkeys(_all(tree, standards)))


def _all(tree: Node, standards: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    yield from _keys(tree, TOP, TOP - {"corrections", "settings", "participation"})
    for key in ("goals", "indicators", "districts", "departments", "offices", "data_sets"):
        if key in tree and not list(tree.items(key)):
            yield Fault(tree.child(key).line, key, "empty", "needs at least one entry")
    yield from _plan(tree)
    yield from _unique(tree, "districts", "code")
    yield from _unique(tree, "indicators", "code")
    yield from _forms(tree, standards)
    yield from _directions(tree)
    measures = _measures(tree, standards)
    for node in tree.items("indicators"):
        yield from _indicator(node, tree, measures)
    for node in tree.items("participation"):
        yield from _keys(node, PARTICIPATION, PARTICIPATION - {"note"})
        yield from _source(node, measures, tree)
    yield from _placements(tree)
    yield from _translations(tree)


def _keys(node: Node, known: set[str], needed: set[str]) -> Iterator[Fault]:
    """Unknown and missing keys of a mapping."""
    if not isinstance(node.value, dict):
        yield Fault(node.line, node.path, "not_a_mapping", "should have keys and values")
        return
    for key in node.value:
        if key not in known:
            yield Fault(
                node.child(key).line, f"{node.path}.{key}", "unknown_key", f"“{key}” is not known here"
            )
    for key in sorted(needed - set(node.value)):
        yield Fault(node.line, node.path, "missing_key", f"“{key}” is missing")


def _plan(tree: Node) -> Iterator[Fault]:
    if tree.get("format") != 1:
        yield Fault(tree.child("format").line, "format", "format", "this portal reads format 1")
    plan = tree.child("plan")
    needed = {"code", "name", "vision", "base_year", "first_year", "target_year", "committees"}
    yield from _keys(plan, needed | {"reference_years", "pending"}, needed)
    years = [plan.get(key) for key in ("base_year", "first_year", "target_year")]
    if all(isinstance(year, int) for year in years) and not years[0] < years[1] <= years[2]:
        yield Fault(plan.line, "plan", "years", "base_year < first_year <= target_year must hold")


def _unique(tree: Node, key: str, member: str) -> Iterator[Fault]:
    seen: set[Any] = set()
    for node in tree.items(key):
        value = node.get(member)
        if value in seen:
            yield Fault(node.line, node.path, "duplicate", f"{member} “{value}” stands twice")
        seen.add(value)


def _forms(tree: Node, standards: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for node in tree.items("data_sets"):
        if "use" in node:
            if node.get("use") not in standards:
                yield Fault(
                    node.line, node.path, "unknown_form", f"there is no standard form “{node.get('use')}”"
                )
            continue
        needed = {
            "code",
            "version",
            "name",
            "filed_by",
            "cadence",
            "due_day",
            "reviewing_office",
            "controller",
        }
        yield from _keys(
            node, needed | {"second_person", "evidence", "sections", "measures", "rules"}, needed
        )
        offices = {office.get("code") for office in tree.items("offices")}
        for key in ("reviewing_office", "controller"):
            if key in node and node.get(key) not in offices:
                yield Fault(
                    node.child(key).line, node.path, "unknown_office", f"“{node.get(key)}” is not in offices"
                )
        yield from _unique(node, "measures", "code")


def _directions(tree: Node) -> Iterator[Fault]:
    departments = set(tree.get("departments") or [])
    indicators = {node.get("code") for node in tree.items("indicators")}
    for goal in tree.items("goals"):
        yield from _keys(goal, {"number", "name", "directions"}, {"number", "name", "directions"})
        for direction in goal.items("directions"):
            known = {"number", "name", "indicators", "city", "shakyo"}
            yield from _keys(direction, known, {"number", "name", "indicators"})
            for code in direction.items("indicators"):
                if code.value not in indicators:
                    yield Fault(
                        code.line, code.path, "unknown_indicator", f"“{code.value}” is not under indicators"
                    )
            for side in ("city", "shakyo"):
                for heading in direction.items(side):
                    yield from _programmes(heading, departments)


def _programmes(heading: Node, departments: set[str]) -> Iterator[Fault]:
    yield from _keys(heading, {"heading", "programmes"}, {"heading", "programmes"})
    for programme in heading.items("programmes"):
        yield from _keys(programme, {"name", "departments", "repeated"}, {"name"})
        for name in programme.items("departments"):
            if name.value not in departments:
                yield Fault(
                    name.line, name.path, "unknown_department", f"“{name.value}” is not under departments"
                )


Measures = dict[tuple[str, str], str]


def _measures(tree: Node, standards: Mapping[str, Mapping[str, Any]]) -> Measures:
    """(data set, measure) -> kind of everything that forms ask."""
    found: Measures = {}
    for node in tree.items("data_sets"):
        form = standards.get(node.get("use"), {}) if "use" in node else node.value
        for measure in form.get("measures") or []:
            found[str(form["code"]), str(measure.get("code"))] = str(measure.get("kind"))
    return found


def _indicator(node: Node, tree: Node, measures: Measures) -> Iterator[Fault]:
    yield from _keys(node, INDICATOR, INDICATOR - {"stages", "pending", "note"})
    for key, allowed in (("kind", KINDS), ("target_kind", TARGET_KINDS), ("better", BETTER)):
        if key in node and node.get(key) not in allowed:
            yield Fault(
                node.child(key).line, node.path, f"unknown_{key}", f"{key} is one of {', '.join(allowed)}"
            )
    department = (node.get("owner") or {}).get("department")
    if department is not None and department not in (tree.get("departments") or []):
        yield Fault(
            node.child("owner").line,
            node.path,
            "unknown_department",
            f"“{department}” is not under departments",
        )
    yield from _figures(node)
    yield from _source(node, measures, tree)


def _figures(node: Node) -> Iterator[Fault]:
    base, target = node.get("base") or {}, node.get("target") or {}
    low, high = base.get("value"), target.get("value")
    if node.get("kind") == "stage":
        stages = node.get("stages") or []
        if base.get("stage") not in stages or target.get("stage") not in stages:
            yield Fault(node.line, node.path, "stages", "stages must name the base's and the target's stage")
        return
    if low is None and base.get("printed") != "-":
        yield Fault(node.child("base").line, node.path, "base", "a base without a value is printed as “-”")
    if high is None:
        yield Fault(node.child("target").line, node.path, "target", "the target needs a value")
    elif low is not None and node.get("target_kind") == "reach" and _wrong_way(node.get("better"), low, high):
        message = "the target is not better than the base: is it “maintain”, “at_most” or “monitor”?"
        yield Fault(node.child("target").line, node.path, "direction", message)


def _wrong_way(better: Any, base: float, target: float) -> bool:
    return target <= base if better == "up" else target >= base if better == "down" else False


def _source(node: Node, measures: Measures, tree: Node) -> Iterator[Fault]:
    source = node.child("source")
    needed = {"type", "data_set", "aggregation", "measures"}
    yield from _keys(source, needed | {"registers"}, needed)
    data_set, aggregation = source.get("data_set"), source.get("aggregation")
    fitting = FITTING.get(str(node.get("kind")), set())
    if fitting and aggregation not in fitting:
        message = f"a {node.get('kind')} is not drawn by “{aggregation}” ({', '.join(sorted(fitting))})"
        yield Fault(source.line, source.path, "aggregation", message)
    known = {code for code, _measure in measures} | {item.get("code") for item in tree.items("data_sets")}
    if data_set not in known:
        yield Fault(source.line, source.path, "unknown_data_set", f"there is no form “{data_set}”")
    for measure in source.items("measures"):
        yield from _keys(measure, {"measure", "role", "by", "name", "unit"}, {"measure", "role"})
        if "by" not in measure and (str(data_set), str(measure.get("measure"))) not in measures:
            yield Fault(
                measure.line,
                measure.path,
                "unknown_measure",
                f"“{data_set}” does not ask “{measure.get('measure')}”",
            )


def _placements(tree: Node) -> Iterator[Fault]:
    """Codes follow the first placement and the printed order within direction and side."""
    counted: dict[tuple[int, int, str], int] = {}
    placed: set[str] = set()
    for goal in tree.items("goals"):
        for direction in goal.items("directions"):
            for node in direction.items("indicators"):
                code = str(node.value)
                if code in placed:
                    continue
                placed.add(code)
                match = CODE.fullmatch(code)
                if not match:
                    yield Fault(node.line, node.path, "code", f"“{code}” is not like 1-2-c1")
                    continue
                key = (int(goal.get("number")), int(direction.get("number")), match[3])
                counted[key] = counted.get(key, 0) + 1
                wanted = f"{key[0]}-{key[1]}-{key[2]}{counted[key]}"
                if code != wanted:
                    yield Fault(
                        node.line, node.path, "code", f"in printed order this is {wanted}, not {code}"
                    )
    for node in tree.items("indicators"):
        if node.get("code") not in placed:
            yield Fault(node.line, node.path, "not_placed", f"“{node.get('code')}” stands at no direction")


def strings(tree: Node) -> Iterator[Node]:
    """Every string of the file that the public reads, with its line."""
    yield from (tree.child("city").child(key) for key in ("name", "shakyo"))
    plan = tree.child("plan")
    yield from (plan.child("name"), plan.child("vision"))
    yield from (node.child("name") for node in plan.items("committees"))
    yield from (node.child("name") for node in tree.items("districts"))
    yield from tree.items("departments")
    for goal in tree.items("goals"):
        yield goal.child("name")
        for direction in goal.items("directions"):
            yield direction.child("name")
            for side in ("city", "shakyo"):
                for heading in direction.items(side):
                    yield heading.child("heading")
                    yield from (programme.child("name") for programme in heading.items("programmes"))
    for key in ("indicators", "participation"):
        for node in tree.items(key):
            yield from (node.child(part) for part in ("name", "unit", "note") if node.get(part))
            yield from node.items("stages")


def _translations(tree: Node) -> Iterator[Fault]:
    tables = tree.child("translations")
    for slug in LANGUAGES:
        table = tables.get(slug) or {}
        missing: dict[str, int] = {}
        for node in strings(tree):
            if isinstance(node.value, str) and not table.get(node.value):
                missing.setdefault(node.value, node.line)
        for text, line in missing.items():
            yield Fault(line, f"translations.{slug}", "missing_translation", f"“{text}” has no {slug}")
    yield from _ruby(tables)


def _ruby(tables: Node) -> Iterator[Fault]:
    """Readings stand in easy Japanese only, in kana, in well-formed marks."""
    for slug in tables.value or {}:
        table = tables.child(slug)
        for key, text in (table.value or {}).items():
            left = RUBY.sub("", str(text)) if slug == "ja-easy" else str(text)
            if any(mark in left for mark in "{|}"):
                yield Fault(
                    table.child(key).line,
                    table.path,
                    "ruby",
                    f"a reading is written {{漢字|かんじ}}: “{text}”",
                )
