"""A description of the API for programs (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

NAMES = {"type": "object", "additionalProperties": {"type": "string"}}
FIGURE = {
    "type": "object",
    "properties": {
        "fiscal_year": {"type": ["integer", "null"]},
        "value": {"type": ["number", "null"]},
        "printed": {"type": ["string", "null"]},
        "stage": {"type": ["string", "null"]},
    },
}
STATED = {
    "type": ["object", "null"],
    "properties": {"reason": {"type": "string"}, "evidence": {"type": "string"}},
}
VALUE = {
    "type": "object",
    "properties": {
        "fiscal_year": {"type": "integer"},
        "value": {"type": ["number", "null"], "description": "missing is null, never 0"},
        "stage": {"type": ["string", "null"]},
        "coverage": {
            "type": ["object", "null"],
            "properties": {
                "reported": {"type": "integer"},
                "expected": {"type": "integer"},
                "of": {"enum": ["organisations", "months"]},
            },
        },
        "provisional": {"type": "boolean"},
        "reference": {"type": "boolean"},
        "suppressed": {"type": "boolean"},
        "revised": {
            "type": "object",
            "description": "only where the figure of a year that was closed is another by now",
            "properties": {
                "from": {"type": ["number", "string", "null"]},
                "final_on": {"type": "string", "format": "date"},
                "release": {"type": "integer"},
                "on": {"type": "string", "format": "date"},
            },
        },
        "as_of": {"type": "string", "format": "date"},
        "collecting": {"type": "boolean", "description": "months are missing: no year's figure yet"},
        "adopted": {**STATED, "description": "an official figure taken over in place of the count"},
        "series_break": {**STATED, "description": "counted in another way from this year on"},
        "stage_since": {"type": ["string", "null"], "format": "date"},
        "one_person": {"type": "boolean", "description": "entered and confirmed by one person"},
    },
}
INDICATOR = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "names": NAMES,
        "units": {**NAMES, "type": ["object", "null"]},
        "owner": {
            "type": "object",
            "properties": {
                "side": {"enum": ["city", "shakyo"]},
                "department": {"type": ["string", "null"]},
            },
        },
        "placements": {"type": "array", "items": {"type": "object"}},
        "kind": {"enum": ["flow", "stock", "distinct", "ratio", "money", "stage"]},
        "source": {"enum": ["computed", "entered", "survey"]},
        "target_kind": {"enum": ["reach", "maintain", "at_most", "monitor", "milestone"]},
        "better": {"enum": ["up", "down", "neither"]},
        "base": FIGURE,
        "target": FIGURE,
        "values": {"type": "array", "items": VALUE},
        "status": {"type": ["object", "null"]},
    },
}


def _answer(schema: dict[str, Any], summary: str) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "responses": {
                "200": {"description": summary, "content": {"application/json": {"schema": schema}}},
                "404": {"description": "nothing has been published yet, or there is no such thing"},
            },
        }
    }


def document(base: str) -> dict[str, Any]:
    """The whole description, served at /api/v1/openapi.json."""
    rows = {"type": "array", "items": INDICATOR}
    whole = {
        "type": "object",
        "properties": {
            "plan": {"type": "object"},
            "release": {"type": "object"},
            "demo": {"type": "boolean"},
            "indicators": rows,
            "participation": rows,
        },
    }
    one = _answer(INDICATOR, "One indicator")
    one["get"]["parameters"] = [
        {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tsunagari Portal",
            "version": "1",
            "description": "The last release, read-only.",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": base}],
        "paths": {
            "/api/v1/indicators": _answer(whole, "The plan's indicators and the participation indicators"),
            "/api/v1/indicators/{code}": one,
            "/api/v1/programmes": _answer({"type": "object"}, "Every row of the plan's programme tables"),
            "/api/v1/directions": _answer({"type": "object"}, "The directions and what is placed at each"),
            "/data/release.json": _answer({"type": "object"}, "The release, byte for byte: SHA-256 is of it"),
        },
    }
