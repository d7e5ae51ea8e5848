"""What must hold of indicators: figures as printed, a source that can be counted, a place, the right code.

Sources of the rules: the plan's own tables (現状「-」 is not 0; a repeated row is the same indicator; codes
follow the first placement in printed order), and docs/glossary.md for kinds and aggregations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal.plan.form_checks import Asked
from portal.plan.yaml_lines import Fault, Node, unique

CODE = re.compile(r"(\d+)-(\d+)-([csp])(\d+)")
LETTERS = {"city": "c", "shakyo": "s"}
REGISTERS = ("subsidy", "kayoinoba")  # portal/organisations/models.py keeps these
NOT_THERE = "-"  # as the plan prints a figure that does not exist
FITTING = {  # which ways of adding up fit which kind of figure: a stock is never summed over months
    "flow": ("sum", "value", "parts"),
    "stock": ("last", "value", "parts"),
    "distinct": ("distinct_options", "distinct_organisations", "registers"),
    "ratio": ("ratio",),
    "money": ("value",),
    "stage": ("stage",),
}
WITHIN = {  # and which come from where
    "computed": ("sum", "last", "distinct_options", "distinct_organisations", "registers"),
    "entered": ("value", "ratio", "parts", "stage"),
    "survey": ("value", "ratio"),
}
DRAWN_FROM = {"sum": "flow", "last": "stock", "distinct_options": "choices", "distinct_organisations": "flow"}
# The parts that an aggregation needs, as sorted roles; "+" after a role: one or more of it.
ROLES = {
    "sum": ("value+",),
    "last": ("value",),
    "distinct_options": ("value",),
    "distinct_organisations": ("value+",),
    "registers": ("activity",),
    "value": ("value",),
    "parts": ("part", "part+"),
    "stage": ("stage",),
}
RATIOS = (["rate"], ["denominator", "numerator"], ["denominator", "numerator", "rate"])


def faults(tree: Node, asked: Asked) -> Iterator[Fault]:
    """Everything about indicators and participation indicators, placements included."""
    departments = set(tree.get("departments"))
    offices = {node.get("name") for node in tree.items("offices") if node.get("side") == "office"}
    yield from unique([*tree.items("indicators"), *tree.items("participation")], "code")
    for node in tree.items("indicators"):
        department = node.child("owner").child("department")
        if department.value is not None and department.value not in departments:
            yield _unknown("department", department, "departments")
        yield from _kind(node)
        yield from _figures(node)
        yield from _source(node, asked, departments, offices)
    for node in tree.items("participation"):
        yield from _source(node, asked, departments, offices)
    yield from _entered_once(tree)
    yield from _placements(tree)
    yield from _participation(tree)


def _unknown(kind: str, node: Node, where: str) -> Fault:
    return Fault(node.line, node.path, f"unknown_{kind}", f"“{node.value}” is not under {where}")


def _kind(node: Node) -> Iterator[Fault]:
    """What goes together: a stage with a milestone, watching with neither better nor worse."""
    stage, milestone = node.get("kind") == "stage", node.get("target_kind") == "milestone"
    if stage != milestone:
        line, path = node.child("target_kind").line, node.path
        yield Fault(line, path, "target_kind", "a stage has a milestone, and nothing else has one")
    if (node.get("target_kind") == "monitor") != (node.get("better") == "neither"):
        line, path = node.child("better").line, node.path
        yield Fault(line, path, "better", "what is only watched (monitor) is better neither way")
    if stage == (node.get("unit") is not None):
        yield Fault(node.child("unit").line, node.path, "unit", "all but stages have a unit")
    if stage != bool(node.get("stages")):
        yield Fault(node.line, node.path, "stages", "a stage names its stages in order; nothing else has any")
    yield from unique(node.items("stages"))


def _figures(node: Node) -> Iterator[Fault]:
    base, target = node.child("base"), node.child("target")
    for figure in (base, target):
        yield from _stage(node, figure) if node.get("kind") == "stage" else _number(figure)
    if node.get("kind") != "stage" and target.get("value") is None:
        yield Fault(target.line, target.path, "target", "the target needs a value")
    if node.get("target_kind") == "reach" and _backwards(node, base.get("value"), target.get("value")):
        message = "the target is not better than the base: is it maintain, at_most or monitor?"
        yield Fault(target.line, target.path, "direction", message)


def _backwards(node: Node, base: Any, target: Any) -> bool:
    if base is None or target is None:
        return False
    return bool(target <= base if node.get("better") == "up" else target >= base)


def _stage(node: Node, figure: Node) -> Iterator[Fault]:
    if figure.get("stage") not in (node.get("stages") or []):
        yield Fault(figure.line, figure.path, "stages", f"“{figure.get('stage')}” is not among the stages")
    if figure.get("value") is not None or figure.get("printed") != figure.get("stage"):
        yield Fault(figure.line, figure.path, "printed", "a stage has no value and is printed as it is named")


def _number(figure: Node) -> Iterator[Fault]:
    """A printed “-” is no figure, never 0; any other print says the value."""
    value, printed = figure.get("value"), str(figure.get("printed"))
    if figure.get("stage") is not None:
        yield Fault(figure.line, figure.path, "stages", "only a stage has a stage")
    if (value is None) != (printed == NOT_THERE):
        message = f"no value and the print “{NOT_THERE}” go together (it is not 0)"
        yield Fault(figure.line, figure.path, figure.path.rsplit(".", 1)[-1], message)
    elif value is not None:
        numbers = re.findall(r"\d+(?:\.\d+)?", printed.replace(",", ""))
        if numbers and float(value) not in map(float, numbers):
            message = f"“{printed}” is printed, but the value is {value}"
            yield Fault(figure.line, figure.path, "printed", message)


def _source(node: Node, asked: Asked, departments: set[str], offices: set[str]) -> Iterator[Fault]:
    source = node.child("source")
    kind, type_, way = node.get("kind"), source.get("type"), source.get("aggregation")
    if way not in FITTING[kind] or way not in WITHIN[type_]:
        fitting = ", ".join(one for one in FITTING[kind] if one in WITHIN[type_]) or "nothing"
        message = f"a {type_} {kind} is not drawn by “{way}” (but by: {fitting})"
        yield Fault(source.line, source.path, "aggregation", message)
    if source.get("data_set") not in asked.filed_by:
        yield _unknown("data_set", source.child("data_set"), "data_sets")
        return
    registers = [item.value for item in source.items("registers")]
    if (sorted(registers) != sorted(REGISTERS)) if way == "registers" else bool(registers):
        yield Fault(source.line, source.path, "registers", f"only for “registers”: {', '.join(REGISTERS)}")
    yield from _roles(source, way)
    for measure in source.items("measures"):
        if "data_set" in measure and measure.get("data_set") not in asked.filed_by:
            yield _unknown("data_set", measure.child("data_set"), "data_sets")
        elif "by" in measure:
            answering = offices if asked.filed_by[source.get("data_set")] == "office" else departments
            yield from _asked_of(measure, type_, answering)
        else:
            form = measure.get("data_set") or source.get("data_set")
            yield from _drawn(measure, (form, measure.get("measure")), way, asked)


def _roles(source: Node, way: str) -> Iterator[Fault]:
    roles = sorted(measure.get("role") for measure in source.items("measures"))
    if way == "ratio":
        fits = roles in RATIOS
    else:
        needed = [role.rstrip("+") for role in ROLES[way]]
        fits = set(roles) == set(needed) and len(roles) >= len(needed)
        fits = fits and (ROLES[way][-1].endswith("+") or len(roles) == len(needed))
    if not fits:
        needed_text = "numerator and denominator, or rate" if way == "ratio" else ", ".join(ROLES[way])
        message = f"“{way}” is drawn from the roles: {needed_text}"
        yield Fault(source.child("measures").line, source.path, "roles", message)


def _asked_of(measure: Node, type_: str, answering: set[str]) -> Iterator[Fault]:
    """A figure that the source itself asks of a section (or of the 社協 office, in its own yearly form)."""
    by = measure.child("by")
    if by.value not in answering:
        yield _unknown("department", by, "the sections (or offices) that file this form")
    if type_ == "computed":
        yield Fault(by.line, by.path, "by", "a computed figure comes from a form's own question")


def _drawn(measure: Node, key: tuple[str, str], way: str, asked: Asked) -> Iterator[Fault]:
    """A figure that a form's own question brings."""
    if key not in asked.kinds:
        yield Fault(measure.line, measure.path, "unknown_measure", f"“{key[0]}” does not ask “{key[1]}”")
    elif way in DRAWN_FROM and asked.kinds[key] != DRAWN_FROM[way]:
        message = f"“{way}” is drawn from a {DRAWN_FROM[way]}, and “{key[1]}” is a {asked.kinds[key]}"
        yield Fault(measure.line, measure.path, "aggregation", message)


def _entered_once(tree: Node) -> Iterator[Fault]:
    """What a section is asked has one code in its form."""
    by_form: dict[str, list[Node]] = {}
    for indicator in tree.items("indicators"):
        source = indicator.child("source")
        asked = [measure for measure in source.items("measures") if "by" in measure]
        by_form.setdefault(source.get("data_set"), []).extend(asked)
    for measures in by_form.values():
        yield from unique(measures, "measure")


def _placements(tree: Node) -> Iterator[Fault]:
    """Codes follow the first placement and the printed order within direction and side."""
    owners = {node.get("code"): node.get("owner").get("side") for node in tree.items("indicators")}
    counted: dict[str, int] = {}
    placed: set[str] = set()
    for goal in tree.items("goals"):
        for direction in goal.items("directions"):
            yield from unique(direction.items("indicators"))
            for node in direction.items("indicators"):
                if node.value not in owners:
                    yield _unknown("indicator", node, "indicators")
                    continue
                if node.value in placed:
                    continue  # a repeated row takes no number
                placed.add(node.value)
                here = f"{goal.get('number')}-{direction.get('number')}-{LETTERS[owners[node.value]]}"
                counted[here] = counted.get(here, 0) + 1
                if node.value != f"{here}{counted[here]}":
                    message = f"in printed order this is {here}{counted[here]}, not {node.value}"
                    yield Fault(node.line, node.path, "code", message)
    for node in tree.items("indicators"):
        if node.get("code") not in placed:
            yield Fault(node.line, node.path, "not_placed", f"“{node.get('code')}” stands at no direction")


def _participation(tree: Node) -> Iterator[Fault]:
    """A participation indicator's code begins with its direction; numbers may be kept free for later."""
    directions = {
        f"{goal.get('number')}-{direction.get('number')}"
        for goal in tree.items("goals")
        for direction in goal.items("directions")
    }
    for node in tree.items("participation"):
        match = CODE.fullmatch(node.get("code"))
        if node.get("direction") not in directions:
            yield _unknown("direction", node.child("direction"), "goals")
        if not match or match[3] != "p" or f"{match[1]}-{match[2]}" != node.get("direction"):
            message = f"should be like {node.get('direction')}-p1"
            yield Fault(node.line, node.path, "code", message)
        if node.get("source").get("type") != "computed":
            message = "participation is counted from reports (computed)"
            yield Fault(node.child("source").line, node.path, "type", message)
