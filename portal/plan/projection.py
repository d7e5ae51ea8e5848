"""A plan document as flat rows with natural keys: what is compared, shown as a difference, and written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from portal.domain.canonical import canonical_json, sha256_of
from portal.plan.document import Data, PlanDocument

REPORTED = "reported"
Key = tuple[str, str]
Rows = dict[Key, Data]


class Diff(NamedTuple):
    """What loading would change, as (kind, key) pairs in the new file's order."""

    added: list[Key]
    changed: list[Key]
    removed: list[Key]

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def compare(old: Rows, new: Rows) -> Diff:
    return Diff(
        added=[key for key in new if key not in old],
        changed=[key for key in new if key in old and old[key] != new[key]],
        removed=[key for key in old if key not in new],
    )


def facts(document: PlanDocument) -> Data:
    """What pages say of the plan as a whole."""
    plan, city = document.data["plan"], document.data["city"]
    return {
        "code": plan["code"],
        "city_code": city["code"],
        "city": document.names(city["name"]),
        "shakyo": document.names(city["shakyo"]),
        "name": document.names(plan["name"]),
        "vision": document.names(plan["vision"]),
        "base_year": plan["base_year"],
        "first_year": plan["first_year"],
        "target_year": plan["target_year"],
        "reference_years": plan.get("reference_years") or [],
        "committees": [
            {"side": row["side"], "name": document.names(row["name"])} for row in plan["committees"]
        ],
        "corrections": document.data.get("corrections") or [],
    }


def rows(document: PlanDocument) -> Rows:
    """Every row that the document makes, in its order."""
    found: Rows = {}
    for kind, key, row in _rows(document):
        found[kind, key] = row
    return found


def _rows(document: PlanDocument) -> Iterator[tuple[str, str, Data]]:
    yield "plan", document.data["plan"]["code"], facts(document)
    for position, row in enumerate(document.data["districts"]):
        yield "district", row["code"], {"names": document.names(row["name"]), "position": position}
    yield from _organisations(document)
    yield from _forms(document)
    for goal in document.data["goals"]:
        yield "goal", str(goal["number"]), {"names": document.names(goal["name"])}
        for direction in goal["directions"]:
            code = f"{goal['number']}-{direction['number']}"
            yield "direction", code, {"names": document.names(direction["name"])}
            yield from _programmes(document, code, direction)
    yield from _indicators(document)
    yield from _questions(document)


def _organisations(document: PlanDocument) -> Iterator[tuple[str, str, Data]]:
    named = set()
    for office in document.data["offices"]:
        named.add(office["name"])
        yield (
            "organisation",
            office["code"],
            {"side": office["side"], "names": document.names(office["name"])},
        )
    for name in document.data["departments"]:
        if name not in named:
            yield "organisation", name, {"side": "section", "names": document.names(name)}


def _forms(document: PlanDocument) -> Iterator[tuple[str, str, Data]]:
    for position, form in enumerate(document.forms):
        definition = form_definition(document, form)
        yield (
            "data_set",
            form["code"],
            {
                "names": document.names(form["name"]),
                "filed_by": form["filed_by"],
                "cadence": form["cadence"],
                "due_day": form["due_day"],
                "reviewing_office": form["reviewing_office"],
                "controller": form["controller"],
                "second_person": bool(form.get("second_person")),
                "confidential": bool(form.get("confidential")),
                "position": position,
                "definition": definition,
                "sha256": sha256_of(canonical_json(definition)),
            },
        )


def form_definition(document: PlanDocument, form: Data) -> Data:
    """A form as its edition is stored (see portal/datasets/definition.py)."""
    sections = [
        {"code": row["code"], "names": document.names(row["name"])} for row in form.get("sections") or []
    ]
    measures = [_measure(document, row) for row in form.get("measures") or []]
    measures += list(_collected(document, form["code"]))
    return {
        "code": form["code"],
        "names": document.names(form["name"]),
        "evidence": bool(form.get("evidence")),
        "sections": sections,
        "measures": measures,
        "rules": [_rule(document, row) for row in form.get("rules") or []],
        **_said(form, "day_counter"),
    }


def _said(row: Data, flag: str) -> Data:
    """A flag only where it is set, so that the editions of all other forms stay as they are."""
    return {flag: True} if row.get(flag) else {}


def _rule(document: PlanDocument, row: Data) -> Data:
    """A rule; a side that is a long sum may have a name of its own ("the total by subject")."""
    names = {f"{side}_names": row.get(f"{side}_name") for side in ("left", "right")}
    rule = {key: value for key, value in row.items() if key not in ("left_name", "right_name")}
    return rule | {key: document.names(name) for key, name in names.items() if name}


def _measure(document: PlanDocument, row: Data) -> Data:
    options = row.get("options") or []
    if options == "districts":
        options = document.data["districts"]
    picked = row["kind"] in ("choices", "stage")
    return {
        "code": row["code"],
        "kind": row["kind"],
        "names": document.names(row["name"]),
        "labels": document.names(row.get("label") or row["name"]),
        "hints": document.names(row["hint"]) if row.get("hint") else None,
        "units": document.names(row["unit"]) if row.get("unit") else None,
        "section": row.get("section"),
        "required": bool(row.get("required", not picked and "label" not in row)),
        "states": list(row.get("states") or ([] if picked else ["number", "zero", "unknown"])),
        "minimum": row.get("minimum"),
        "maximum": row.get("maximum"),
        "places": row.get("places") or 0,
        "options": [{"code": one["code"], "names": document.names(one["name"])} for one in options],
        "asked": row.get("asked"),
        **_said(row, "counts_days"),
    }


def _collected(document: PlanDocument, form: str) -> Iterator[Data]:
    """The questions of a yearly form: those that indicators name with the section that answers."""
    for indicator in document.data["indicators"]:
        source = indicator["source"]
        if source["data_set"] != form:
            continue
        for row in source["measures"]:
            if "by" in row:
                yield _entered(document, indicator, row)


def _entered(document: PlanDocument, indicator: Data, row: Data) -> Data:
    """One question to a section. A rate has two decimals; money and people are whole."""
    role = row["role"]
    stages = indicator.get("stages") or []
    return _measure(
        document,
        {
            "code": row["measure"],
            "kind": role if role in ("numerator", "denominator", "rate", "part", "stage") else "value",
            "name": row.get("name") or indicator["name"],
            "unit": row.get("unit") or indicator.get("unit"),
            "required": role not in ("rate", "numerator", "denominator"),
            "states": [] if role == "stage" else ["number", "zero", "unknown"],
            "minimum": 0,
            "places": 2 if role == "rate" else 0,
            "options": [{"code": stage, "name": stage} for stage in stages] if role == "stage" else [],
            "asked": document.section_code(row["by"]),
        },
    )


def _programmes(document: PlanDocument, code: str, direction: Data) -> Iterator[tuple[str, str, Data]]:
    position = 0
    for side in ("city", "shakyo"):
        for heading in direction.get(side) or []:
            for row in heading["programmes"]:
                position += 1
                yield (
                    "programme",
                    f"{code}/{position:02}",
                    {
                        "direction": code,
                        "position": position,
                        "side": side,
                        "heading": document.names(heading["heading"]),
                        "names": document.names(row["name"]),
                        "departments": list(row.get("departments") or []),
                        "repeated": bool(row.get("repeated")),
                    },
                )


def _placed(document: PlanDocument) -> dict[str, list[tuple[str, int]]]:
    """Where each indicator stands: [(direction, place in it)], the first placement first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for goal in document.data["goals"]:
        for direction in goal["directions"]:
            for place, code in enumerate(direction["indicators"]):
                found.setdefault(code, []).append((f"{goal['number']}-{direction['number']}", place))
    return found


def _indicators(document: PlanDocument) -> Iterator[tuple[str, str, Data]]:
    placed = _placed(document)
    for position, row in enumerate(document.data["indicators"]):
        yield (
            "indicator",
            row["code"],
            {
                **_indicator(document, row, position),
                "side": row["owner"]["side"],
                "department": row["owner"].get("department"),
                "target_kind": row["target_kind"],
                "better": row["better"],
                "base": dict(row["base"]),
                "target": dict(row["target"]),
                "participation": False,
                "placements": placed[row["code"]],
            },
        )
    nothing = {"value": None, "printed": None, "stage": None}
    for position, row in enumerate(document.data.get("participation") or []):
        yield (
            "indicator",
            row["code"],
            {
                **_indicator(document, row, 1000 + position),
                "side": "shakyo",
                "department": None,
                "target_kind": "monitor",
                "better": "neither",
                "base": nothing,
                "target": nothing,
                "participation": True,
                "placements": [(row["direction"], 1000 + position)],
            },
        )


def _indicator(document: PlanDocument, row: Data, position: int) -> Data:
    source = row["source"]
    sources = [
        {
            "role": one["role"],
            "data_set": one.get("data_set") or source["data_set"],
            "measure": one["measure"],
            "register": None,
        }
        for one in source["measures"]
    ]
    sources += [
        {"role": "register", "data_set": None, "measure": None, "register": name}
        for name in source.get("registers") or []
    ]
    return {
        "position": position,
        "names": document.names(row["name"]),
        "units": document.names(row["unit"]) if row.get("unit") else None,
        "kind": row["kind"],
        "stages": [{"code": stage, "names": document.names(stage)} for stage in row.get("stages") or []],
        "source": source["type"],
        "aggregation": source["aggregation"],
        "note": document.names(row["note"]) if row.get("note") else None,
        "sources": sources,
    }


def question_key(indicator_code: str | None, question: str) -> str:
    """A question has no code of its own: it is known by its words."""
    return f"{indicator_code or 'plan'}/{hashlib.sha256(question.encode()).hexdigest()[:8]}"


def _questions(document: PlanDocument) -> Iterator[tuple[str, str, Data]]:
    """確認待ち: of the plan as a whole first, then of each indicator."""
    asked = [(None, row) for row in document.data["plan"].get("pending") or []]
    for indicator in document.data["indicators"]:
        asked.extend((indicator["code"], row) for row in indicator.get("pending") or [])
    for position, (code, row) in enumerate(asked):
        yield (
            "question",
            question_key(code, row["question"]),
            {
                "position": position,
                "indicator_code": code,
                "question": row["question"],
                "default": row["default"],
                "answer": row.get("answer"),
            },
        )
