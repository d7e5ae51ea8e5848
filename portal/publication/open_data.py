"""The release for programs: the shapes of the contract, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from portal.publication.current import Current
from portal.web.i18n import all_plain, plain

Data = dict[str, Any]
LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
INDICATOR = (
    "code", "names", "units", "owner", "placements", "kind", "source", "target_kind", "better", "base",
    "target", "values", "status",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # with these a spreadsheet begins to calculate
COLUMNS = {
    "synthetic": "1 when the data are made up for demonstration",
    "release": "number of the release",
    "as_of": "day of the release",
    "code": "indicator",
    "participation": "1 for the city's own participation indicators",
    "name_ja": "name in Japanese",
    "name_en": "name in English",
    "unit_ja": "unit in Japanese",
    "side": "city or shakyo",
    "kind": "flow, stock, distinct, ratio, money or stage",
    "target_kind": "reach, maintain, at_most, monitor or milestone",
    "base_fiscal_year": "fiscal year of the base",
    "base_value": "base; empty where there was none",
    "target_fiscal_year": "fiscal year of the target",
    "target_value": "target",
    "fiscal_year": "fiscal year (April to March) of the value",
    "value": "value; empty where it is missing, never 0 instead",
    "stage": "stage, for indicators that have stages",
    "reported": "how many have reported",
    "expected": "of how many",
    "coverage_of": "organisations or months",
    "provisional": "1 until the fiscal year is closed",
    "reference": "1 for a year that is neither base nor plan year",
    "suppressed": "1 where the value is withheld to protect people",
    "revised_from": "what the value or stage was when its year was first closed, where it has changed since",
    "revised_on": "day of the release that first had the newer value",
    "collecting": "1 as long as months of the year are missing: compare it with nothing",
    "adopted": "1 where another official figure is taken over in place of the count",
    "series_break": "1 in the first year that is counted in another way",
    "one_person": "1 where one person alone entered and confirmed it",
}


def json_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def indicator(row: Mapping[str, Any]) -> Data:
    """One indicator exactly as the contract shapes it."""
    found = {key: row[key] for key in INDICATOR}
    found["names"] = all_plain(row["names"])
    found["units"] = all_plain(row["units"]) if row["units"] else None
    return found


def plan_facts(release: Current) -> Data:
    facts = dict(release.data["plan"])
    for key in ("city", "shakyo", "name", "vision"):
        facts[key] = all_plain(facts[key])
    facts["committees"] = [{**row, "name": all_plain(row["name"])} for row in facts["committees"]]
    return facts


def indicators(release: Current) -> Data:
    """The plan's indicators, and apart from them the city's own participation indicators."""
    return {
        "plan": plan_facts(release),
        "release": {"number": release.number, "as_of": release.as_of, "sha256": release.sha256},
        "demo": release.data["demo"],
        "indicators": [indicator(row) for row in release.data["indicators"]],
        "participation": [indicator(row) for row in release.data["participation"]],
    }


def programmes(release: Current) -> Data:
    """Every row of the 主な事業 tables in printed order."""
    return {
        "programmes": [
            {
                "goal": direction["goal"],
                "direction": direction["number"],
                "side": row["side"],
                "heading": row["heading"]["ja"],
                "name": row["names"]["ja"],
                "names": all_plain(row["names"]),
                "departments": row["departments"],
                "repeated": row["repeated"],
            }
            for direction in release.directions.values()
            for row in direction["programmes"]
        ]
    }


def directions(release: Current) -> Data:
    """The twelve directions with what is placed at each."""
    return {
        "directions": [
            {
                "goal": direction["goal"],
                "direction": direction["number"],
                "names": all_plain(direction["names"]),
                "goal_names": all_plain(goal["names"]),
                "indicators": direction["indicators"],
                "participation": direction["participation"],
            }
            for goal in release.data["goals"]
            for direction in goal["directions"]
        ]
    }


def rows(release: Current) -> Iterator[Data]:
    """One row a value; an indicator without values has one row with its base and target."""
    for row in (*release.data["indicators"], *release.data["participation"]):
        common = {
            "synthetic": int(release.data["demo"]),
            "release": release.number,
            "as_of": release.as_of,
            "code": row["code"],
            "participation": int(row["participation"]),
            "name_ja": row["names"]["ja"],
            "name_en": row["names"].get("en", ""),
            "unit_ja": row["units"]["ja"] if row["units"] else "",
            "side": row["owner"]["side"],
            "kind": row["kind"],
            "target_kind": row["target_kind"],
            "base_fiscal_year": row["base"]["fiscal_year"],
            "base_value": row["base"]["value"],
            "target_fiscal_year": row["target"]["fiscal_year"],
            "target_value": row["target"]["value"],
        }
        for value in row["values"] or [{}]:
            coverage, revised = value.get("coverage") or {}, value.get("revised") or {}
            yield {
                **common,
                "fiscal_year": value.get("fiscal_year"),
                "value": value.get("value"),
                "stage": value.get("stage"),
                "reported": coverage.get("reported"),
                "expected": coverage.get("expected"),
                "coverage_of": coverage.get("of"),
                "provisional": int(value.get("provisional", False)),
                "reference": int(value.get("reference", False)),
                "suppressed": int(value.get("suppressed", False)),
                "revised_from": revised.get("from"),
                "revised_on": revised.get("on"),
                "collecting": int(value.get("collecting", False)),
                "adopted": int(bool(value.get("adopted"))),
                "series_break": int(bool(value.get("series_break"))),
                "one_person": int(value.get("one_person", False)),
            }


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula is kept a text."""
    text = str(plain(cell)) if isinstance(cell, str) else cell
    return f"'{text}" if isinstance(text, str) and text[:1] in FORMULA else text


def csv_bytes(release: Current) -> bytes:
    """UTF-8 with a byte order mark and CRLF, as spreadsheets in Japan expect it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(release):
        writer.writerow(["" if row[name] is None else safe(row[name]) for name in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def datapackage(release: Current) -> Data:
    """A description of the files (Frictionless Data Package)."""
    number = {"value", "base_value", "target_value"}
    integer = {"release", "fiscal_year", "base_fiscal_year", "target_fiscal_year", "reported", "expected"}
    fields = [
        {
            "name": name,
            "type": "number" if name in number else "integer" if name in integer else "string",
            "description": words,
        }
        for name, words in COLUMNS.items()
    ]
    return {
        "name": "indicators",
        "title": all_plain(release.data["plan"]["name"]).get("ja"),
        "version": str(release.number),
        "created": release.as_of,
        "licenses": [LICENCE],
        "synthetic": release.data["demo"],
        "resources": [
            {
                "name": "indicators",
                "path": "indicators.csv",
                "format": "csv",
                "encoding": "utf-8",
                "dialect": {"lineTerminator": "\r\n"},
                "schema": {"fields": fields},
            },
            {"name": "indicators-json", "path": "indicators.json", "format": "json"},
        ],
    }
