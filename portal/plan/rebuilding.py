"""Rows read back into the tree of a plan file, so that an edited row passes the same checks as a file. Pure.

The tree has no lines to name and no translations that miss: words that staff write in the portal have their
own board for that. Faults that were there before an edit are not the edit's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from portal.plan import checks
from portal.plan.overlay import Rows
from portal.plan.yaml_lines import Fault, Node

Data = dict[str, Any]
NOT_OURS = ("missing_translation",)


def new_faults(data: Mapping[str, Any], before: Rows, after: Rows) -> list[Fault]:
    """What the rows `after` break that held in the rows `before`; `data`: the document's own content."""
    known = set(_faults(data, before))
    return [fault for fault in _faults(data, after) if fault not in known]


def _faults(data: Mapping[str, Any], rows: Rows) -> list[Fault]:
    return [fault for fault in checks.faults(_node(tree(data, rows)), {}) if fault.code not in NOT_OURS]


def tree(data: Mapping[str, Any], rows: Rows) -> Data:
    """A whole plan file's content, all forms written out."""
    by_kind: dict[str, dict[str, Data]] = {}
    for (kind, key), row in rows.items():
        by_kind.setdefault(kind, {})[key] = row
    named = {key: row["names"]["ja"] for key, row in by_kind["organisation"].items()}
    forms = by_kind["data_set"]
    own = [row for row in by_kind["indicator"].items() if not row[1]["participation"]]
    counted = [row for row in by_kind["indicator"].items() if row[1]["participation"]]
    offices = {row["code"]: row for row in data["offices"]}
    return {
        "format": data["format"],
        "city": data["city"],
        "plan": {key: value for key, value in data["plan"].items() if key != "pending"},
        "offices": [row | {"name": named[code]} for code, row in offices.items()],
        "settings": {
            key: value for key, value in (data.get("settings") or {}).items() if "counting." not in key
        }
        | {f"counting.{code}": "distinct" for code, row in own if row["aggregation"] == "registers"},
        "districts": [
            {"code": code, "name": row["names"]["ja"]} for code, row in by_kind["district"].items()
        ],
        "departments": [named.get(name, name) for name in data["departments"]],
        "data_sets": [_form(code, row) for code, row in forms.items()],
        "goals": _goals(by_kind),
        "indicators": [_indicator(code, row, forms, named) for code, row in own],
        "participation": [_participation(code, row, forms, named) for code, row in counted],
        "translations": {},
    }


def _ja(names: Mapping[str, str] | None) -> str | None:
    return names.get("ja", "") if names else None


def _said(**values: Any) -> Data:
    """Keys that a file leaves out where there is nothing to say."""
    return {key: value for key, value in values.items() if value not in (None, [], False)}


def _form(code: str, row: Data) -> Data:
    definition = row["definition"]
    return {
        "code": code,
        "version": 1,
        "name": _ja(row["names"]),
        **{key: row[key] for key in ("filed_by", "cadence", "due_day", "reviewing_office", "controller")},
        **_said(second_person=row["second_person"], confidential=row["confidential"]),
        **_said(evidence=definition.get("evidence"), day_counter=definition.get("day_counter")),
        "sections": [{"code": one["code"], "name": _ja(one["names"])} for one in definition["sections"]],
        "measures": [_measure(one) for one in definition["measures"] if not one.get("asked")],
        "rules": [_rule(one) for one in definition["rules"]],
    }


def _rule(row: Data) -> Data:
    names = {f"{side}_name": _ja(row.get(f"{side}_names")) for side in ("left", "right")}
    kept = {key: value for key, value in row.items() if not key.endswith("_names")}
    return kept | {key: name for key, name in names.items() if name is not None}


def _measure(row: Data) -> Data:
    return {
        **{key: row[key] for key in ("code", "kind", "required")},
        "name": _ja(row["names"]),
        **_said(label=_ja(row["labels"]), hint=_ja(row["hints"]), unit=_ja(row["units"])),
        **_said(section=row["section"], states=row["states"]),
        **_said(minimum=row["minimum"], maximum=row["maximum"], places=row["places"]),
        **_said(options=[{"code": one["code"], "name": _ja(one["names"])} for one in row["options"]]),
        **_said(counts_days=row.get("counts_days")),
    }


def _goals(by_kind: dict[str, dict[str, Data]]) -> list[Data]:
    placed: dict[str, list[tuple[int, str]]] = {}
    for code, row in by_kind["indicator"].items():
        for direction, position in row["placements"]:
            if not row["participation"]:
                placed.setdefault(direction, []).append((position, code))
    return [
        {
            "number": int(number),
            "name": _ja(goal["names"]),
            "directions": [
                {
                    "number": int(code.split("-")[1]),
                    "name": _ja(direction["names"]),
                    "indicators": [one for _place, one in sorted(placed.get(code, []))],
                    **_programmes(code, by_kind),
                }
                for code, direction in by_kind["direction"].items()
                if code.split("-")[0] == number
            ],
        }
        for number, goal in by_kind["goal"].items()
    ]


def _programmes(direction: str, by_kind: dict[str, dict[str, Data]]) -> Data:
    found: dict[str, list[Data]] = {}
    for row in by_kind.get("programme", {}).values():
        if row["direction"] == direction:
            programme = {"name": _ja(row["names"]), "departments": row["departments"]}
            heading = {"heading": _ja(row["heading"]), "programmes": [programme]}
            found.setdefault(row["side"], []).append(heading)
    return dict(found)


def _indicator(code: str, row: Data, forms: dict[str, Data], named: dict[str, str]) -> Data:
    return {
        "code": code,
        "name": _ja(row["names"]),
        "owner": {"side": row["side"], "department": row["department"]},
        "unit": _ja(row["units"]),
        **{key: row[key] for key in ("kind", "target_kind", "better", "base", "target")},
        **_said(stages=[_ja(one["names"]) for one in row["stages"]]),
        "source": _source(row, forms, named),
        **_said(note=_ja(row["note"])),
    }


def _participation(code: str, row: Data, forms: dict[str, Data], named: dict[str, str]) -> Data:
    return {
        "code": code,
        "name": _ja(row["names"]),
        "direction": row["placements"][0][0],
        "unit": _ja(row["units"]),
        "kind": row["kind"],
        "source": _source(row, forms, named),
    }


def _source(row: Data, forms: dict[str, Data], named: dict[str, str]) -> Data:
    drawn = [one for one in row["sources"] if one["measure"]]
    registers = [one["register"] for one in row["sources"] if one["register"]]
    return {
        "type": row["source"],
        "data_set": drawn[0]["data_set"] if drawn else None,
        "aggregation": row["aggregation"],
        "measures": [
            {
                "measure": one["measure"],
                "role": one["role"],
                "data_set": one["data_set"],
                **_said(by=_answers(one, forms, named)),
            }
            for one in drawn
        ],
        **_said(registers=registers),
    }


def _answers(source: Data, forms: dict[str, Data], named: dict[str, str]) -> str | None:
    """The section that is asked for it, where one is."""
    form = forms.get(source["data_set"])
    measures = form["definition"]["measures"] if form else []
    asked = next((one.get("asked") for one in measures if one["code"] == source["measure"]), None)
    return named.get(asked) if asked else None


def _node(value: Data) -> Node:
    return Node(_commented(value), 0, "")


def _commented(value: Any) -> Any:
    """Plain data as what the checks read; every line is 0."""
    if isinstance(value, Mapping):
        made = CommentedMap()
        for key, inner in value.items():
            made[key] = _commented(inner)
            made.lc.add_kv_line_col(key, [0, 0, 0, 0])
        return made
    if isinstance(value, list | tuple):
        rows = CommentedSeq(_commented(inner) for inner in value)
        for index in range(len(value)):
            rows.lc.add_idx_line_col(index, [0, 0])
        return rows
    return value
