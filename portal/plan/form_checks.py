"""What must hold in a report form, whether a city wrote it or a plan file `use`s a standard one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from portal.organisations.models import COMMISSIONER_FORM
from portal.plan import shapes
from portal.plan.yaml_lines import Fault, Node, unique

RESERVED = "reported"  # posted by every approved report; no form may ask it (portal/plan/projection.py)
PICKED = ("choices", "stage")  # answered by picking, not by a number


class Asked(NamedTuple):
    """What the city's forms ask: who files each form, and the kind of each of its own questions."""

    filed_by: dict[str, str]
    kinds: dict[tuple[str, str], str]


def _each(tree: Node, standards: Mapping[str, Node]) -> Iterator[tuple[Node, Node | None]]:
    """(the entry in the plan file, the form that it means or None for an unknown standard form)."""
    for node in tree.items("data_sets"):
        yield node, (standards.get(str(node.get("use"))) if "use" in node else node)


def codes(tree: Node) -> set[str]:
    """The codes of all forms: a standard form's code is the word by which it is used."""
    return {str(node.get("use") or node.get("code")) for node in tree.items("data_sets")}


def asked(tree: Node, standards: Mapping[str, Node]) -> Asked:
    found = Asked({}, {})
    for _node, form in _each(tree, standards):
        if form is not None:
            code = str(form.get("code"))
            found.filed_by[code] = form.get("filed_by")
            for measure in form.items("measures"):
                found.kinds[code, measure.get("code")] = measure.get("kind")
    return found


def inside(node: Node, form: Node, found: Iterator[Fault]) -> Iterator[Fault]:
    """A standard form's faults are told where the plan file uses it, with the line over there."""
    if form is node:
        yield from found
        return
    for fault in found:
        message = f"{form.get('code')}.yaml, line {fault.line}, {fault.path}: {fault.message}"
        yield Fault(node.line, node.path, fault.code, message)


def shape_faults(tree: Node, standards: Mapping[str, Node]) -> Iterator[Fault]:
    for node, form in _each(tree, standards):
        if form is None:
            message = f"there is no standard form “{node.get('use')}”"
            yield Fault(node.line, node.path, "unknown_form", message)
        elif form is node:
            yield from shapes.faults(node, shapes.FORM)
            yield from _options_shape(node)
        else:
            yield from shapes.faults(node, shapes.USED_FORM)
            yield from inside(node, form, shapes.faults(form, shapes.STANDARD_FORM))
            yield from inside(node, form, _options_shape(form))


def _options_shape(form: Node) -> Iterator[Fault]:
    for measure in form.items("measures"):
        if "options" in measure and measure.get("options") != "districts":
            yield from shapes.faults(measure.child("options"), shapes.OPTIONS)


def faults(tree: Node, standards: Mapping[str, Node]) -> Iterator[Fault]:
    offices = {node.get("code") for node in tree.items("offices")}
    seen: set[str] = set()
    for node, form in _each(tree, standards):
        if form is None:
            continue
        code = str(form.get("code"))
        if code in seen:
            yield Fault(node.line, node.path, "duplicate", f"the form “{code}” stands twice")
        seen.add(code)
        yield from inside(node, form, _form(form, offices))


def _form(form: Node, offices: set[str]) -> Iterator[Fault]:
    if (form.get("filed_by") == "commissioner") != (form.get("code") == COMMISSIONER_FORM):
        message = f"commissioners file one form, with the code “{COMMISSIONER_FORM}”"
        yield Fault(form.line, form.path, "filed_by", message)
    if (form.get("filed_by") == "commissioner") and not form.get("confidential"):
        yield Fault(form.line, form.path, "confidential", "a commissioner's record is confidential")
    for key in ("reviewing_office", "controller"):
        if form.get(key) not in offices:
            node = form.child(key)
            yield Fault(node.line, node.path, "unknown_office", f"“{node.value}” is not under offices")
    if not 1 <= form.get("due_day") <= 31:
        node = form.child("due_day")
        yield Fault(node.line, node.path, "due_day", "a day of the month: 1 to 31")
    for key in ("sections", "measures", "rules"):
        yield from unique(form.items(key), "code")
    sections = {section.get("code") for section in form.items("sections")}
    known = {str(measure.get("code")) for measure in form.items("measures")}
    for measure in form.items("measures"):
        yield from _measure(measure, sections)
        if measure.get("lines") and (form.get("cadence") != "monthly" or measure.get("kind") != "flow"):
            message = "events are written one by one in monthly forms, of what happened"
            yield Fault(measure.child("lines").line, measure.path, "lines", message)
    for rule in form.items("rules"):
        yield from _rule(rule, known)


def _measure(node: Node, sections: set[str]) -> Iterator[Fault]:
    if node.get("code") == RESERVED:
        yield Fault(node.line, node.path, "reserved", f"“{RESERVED}” is the portal's own")
    if "section" in node and node.get("section") not in sections:
        yield Fault(node.line, node.path, "unknown_section", f"“{node.get('section')}” is not under sections")
    if (node.get("kind") in PICKED) != bool(node.get("options")):
        yield Fault(node.line, node.path, "options", "choices and stages have options, other kinds have none")
    if node.get("kind") in PICKED and "states" in node:
        yield Fault(node.child("states").line, node.path, "states", "what is picked has no states")
    if node.get("minimum", 0) > node.get("maximum", float("inf")):
        yield Fault(node.child("maximum").line, node.path, "maximum", "is below the minimum")
    yield from unique(node.items("options"), "code")


def _rule(node: Node, known: set[str]) -> Iterator[Fault]:
    """A side is a sum of measures and whole numbers ("a + b + 3"); see portal.domain.measures.Rule."""
    for side in ("left", "right"):
        for term in str(node.get(side)).split("+"):
            if term.strip() not in known and not term.strip().isdecimal():
                line, path = node.child(side).line, f"{node.path}.{side}"
                yield Fault(line, path, "unknown_measure", f"“{term.strip()}” is not asked in this form")
