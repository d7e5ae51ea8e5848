"""What must hold in a plan file. Each fault names its line and says what to do.

The shape comes first (`shapes`); what a part means is checked where its shape is sound, so that one slip
is named once. Report forms are in `form_checks`, indicators in `indicator_checks`, languages in `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.plan import form_checks, indicator_checks, shapes, wording
from portal.plan.indicator_checks import REGISTERS
from portal.plan.yaml_lines import Fault, Node, unique

FORMAT = 1
LIMITS = {  # settings that are a number: the least, the most, of what
    "remind.days_before": (0, 30, "working days"),
    "remind.days_after": (0, 30, "working days"),
    "remind.days_late_at_most": (0, 30, "working days"),
    "original.months": (0, 24, "months"),
    "original.megabytes": (1, 25, "megabytes"),
}


def faults(tree: Node, standards: Mapping[str, Node]) -> list[Fault]:
    """All faults of a file, by line; `standards` are the standard forms that it uses, by code."""
    return sorted(dict.fromkeys(_all(tree, standards)))


def _all(tree: Node, standards: Mapping[str, Node]) -> Iterator[Fault]:
    if tree.get("format") != FORMAT:
        line = tree.child("format").line
        yield Fault(line, "format", "format", f"this portal reads format {FORMAT}")
    misshapen = [*shapes.faults(tree, shapes.PLAN_FILE), *form_checks.shape_faults(tree, standards)]
    yield from misshapen
    for key in ("goals", "indicators", "districts", "departments", "offices", "data_sets"):
        if key in tree and tree.get(key) == []:
            yield Fault(tree.child(key).line, key, "empty", "needs at least one entry")
    yield from wording.ruby_faults(tree)
    if any(fault.code != "unknown_key" for fault in misshapen):
        return  # the meaning of a part can't be judged where a part is missing
    yield from _plan(tree)
    yield from _names(tree)
    yield from form_checks.faults(tree, standards)
    yield from indicator_checks.faults(tree, form_checks.asked(tree, standards))
    yield from _tree(tree)
    yield from _settings(tree)
    yield from wording.faults(tree, standards)


def _plan(tree: Node) -> Iterator[Fault]:
    plan = tree.child("plan")
    base, first, target = (plan.get(key) for key in ("base_year", "first_year", "target_year"))
    if not base < first <= target:
        yield Fault(plan.line, "plan", "years", "base_year < first_year <= target_year must hold")
    for node in plan.items("reference_years"):
        if not base < node.value < first:
            yield Fault(node.line, node.path, "years", "a reference year lies between base and first year")


def _names(tree: Node) -> Iterator[Fault]:
    """Codes and names that other parts point to stand once."""
    for key in ("districts", "offices"):
        yield from unique(tree.items(key), "code")
    yield from unique(tree.items("departments"))
    departments = set(tree.get("departments"))
    for node in tree.items("offices"):
        if node.get("side") == "section" and node.get("name") not in departments:
            yield _unknown_department(node.child("name"))
    if not any(node.get("side") == "office" for node in tree.items("offices")):
        yield Fault(tree.child("offices").line, "offices", "empty", "needs one of the side “office” (社協)")


def _unknown_department(node: Node) -> Fault:
    return Fault(node.line, node.path, "unknown_department", f"“{node.value}” is not under departments")


def _tree(tree: Node) -> Iterator[Fault]:
    """Goals, directions and the programmes' sections."""
    departments = set(tree.get("departments"))
    yield from unique(tree.items("goals"), "number")
    for goal in tree.items("goals"):
        yield from unique(goal.items("directions"), "number")
        for direction in goal.items("directions"):
            for side in shapes.SIDES:
                for heading in direction.items(side):
                    for programme in heading.items("programmes"):
                        for name in programme.items("departments"):
                            if name.value not in departments:
                                yield _unknown_department(name)


_SUBSIDY_SHAPES = {"subsidy.rules": shapes.SUBSIDY, "subsidy.reports": shapes.SUBSIDY_REPORT}


def _subsidies(rules: Node, forms: set[str], shape: Any) -> Iterator[Fault]:
    """What a group with a subsidy has to reach in a year (portal/reporting/something_back), and the form
    on which it reports it (portal/reporting/subsidy).
    """
    wrong = list(shapes.faults(rules, [shape]))
    yield from wrong
    for rule in rules.items() if not wrong else ():
        if rule.get("register") not in REGISTERS or rule.get("data_set") not in forms:
            yield Fault(rule.line, rule.path, "setting", "names a register or a form that there is not")


def _settings(tree: Node) -> Iterator[Fault]:
    """Whichever count of two registers is published is a city's decision, so the file says it.

    Settings that this version doesn't know are refused: a misspelt one would silently do nothing.
    """
    settings = tree.child("settings")
    counted = {
        str(node.get("code"))
        for node in tree.items("indicators")
        if node.get("source").get("aggregation") == "registers"
    }
    forms = form_checks.codes(tree)
    for key, value in (settings.value or {}).items() if isinstance(settings.value, dict) else ():
        kind, _dot, code = str(key).partition(".")
        line, path = settings.child(key).line, f"settings.{key}"
        if kind == "counting" and code in counted:
            counted.discard(code)
            if value not in ("sum", "distinct"):
                yield Fault(line, path, "setting", "should be sum or distinct")
        elif kind == "due_months_after" and code in forms:
            if value not in (1, 2):
                yield Fault(line, path, "setting", "should be 1 or 2 (months)")
        elif key in LIMITS:
            least, most, unit = LIMITS[key]
            if type(value) is not int or not least <= value <= most:
                yield Fault(line, path, "setting", f"should be {least} to {most} ({unit})")
        elif key in _SUBSIDY_SHAPES:
            yield from _subsidies(settings.child(key), forms, _SUBSIDY_SHAPES[key])
        else:
            yield Fault(line, path, "setting", "is not a setting that this file can make")
    for code in sorted(counted):
        message = f"counting.{code} is missing: sum or distinct"
        yield Fault(settings.line, "settings", "setting", message)
