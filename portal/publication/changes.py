"""What differs between two releases: for staff before they publish, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]
Published = int | float | str | None  # a number, a stage's code, or nothing


@dataclass(frozen=True, slots=True)
class Change:
    """One year's figure of one indicator. `before` and `after`: a number, a stage's code, or None."""

    code: str
    names: dict[str, str]
    units: dict[str, str] | None
    fiscal_year: int
    before: Published
    after: Published


def moved(before: Data | None, after: Data) -> list[Change]:
    """The published figures that differ between the contents of two releases, in printed order."""
    old = {row["code"]: _by_year(row) for row in rows(before)} if before else {}
    found = []
    for row in rows(after):
        was = old.get(row["code"], {})
        for year, figure in _by_year(row).items():
            if was.get(year) != figure:
                found.append(Change(row["code"], row["names"], row["units"], year, was.get(year), figure))
    return found


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes firm without moving a figure: years that are closed, verdicts that are confirmed."""

    years: list[int]
    verdicts: list[tuple[str, dict[str, str], str]]  # code, names, verdict


def settled(before: Data | None, after: Data) -> Settled:
    """Years that were running and are closed, and verdicts that were not there or were others."""
    years: set[int] = set()
    verdicts = []
    old = {row["code"]: row for row in rows(before)} if before else {}
    for row in rows(after):
        was = old.get(row["code"], {"values": [], "status": None})
        running = {value["fiscal_year"] for value in was["values"] if value["provisional"]}
        years |= {v["fiscal_year"] for v in row["values"] if not v["provisional"]} & running
        if row["status"] and row["status"] != was["status"]:
            verdicts.append((row["code"], row["names"], row["status"]["verdict"]))
    return Settled(sorted(years), verdicts)


def rows(content: Data) -> list[Data]:
    """All indicators of a release: the plan's, then the city's own."""
    return [*content["indicators"], *content["participation"]]


def undated(content: Any) -> Any:
    """The content without its days: two nights on which nothing happened are equal."""
    if isinstance(content, dict):
        return {key: undated(value) for key, value in content.items() if key != "as_of"}
    if isinstance(content, list):
        return [undated(value) for value in content]
    return content


def figure(row: Data, value: Data) -> Published:
    """A year's figure: its number, or the stage of an indicator that has stages."""
    found: Published = value["stage"] if row["kind"] == "stage" else value["value"]
    return found


def _by_year(row: Data) -> dict[int, Any]:
    return {value["fiscal_year"]: figure(row, value) for value in row["values"]}
