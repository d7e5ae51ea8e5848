"""A new file against the plan in force and what was changed in the portal: a three-way comparison. Pure.

    base     the document that was loaded last
    ours     the base with the portal's edits on top: what the tables say
    theirs   the new file

Field by field: what only the file changed is the file's; what only the portal changed stays on top of the new
document; what both changed to different values is a conflict, and nothing is loaded until somebody decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.plan.overlay import Place, Rows, with_values
from portal.plan.projection import Diff, compare

GONE = object()  # the new file has no such row


@dataclass(frozen=True)
class Clash:
    """One field that both sides changed; `theirs` may be GONE."""

    place: Place
    base: Any
    ours: Any
    theirs: Any

    @property
    def gone(self) -> bool:
        return self.theirs is GONE


@dataclass(frozen=True)
class Merge:
    """What loading comes to. `rows`: what the tables say afterwards; `difference`: from what they say now."""

    rows: Rows
    difference: Diff
    kept: dict[Place, Any]  # edits that stay on top of the new document
    settled: dict[Place, Any]  # edits that the file says too, or that had gone back to the file's value
    clashes: list[Clash]
    dropped: list[Clash]  # edits that the file overrules, because it was told to (`replace`)

    @property
    def empty(self) -> bool:
        """Nothing that anybody would see is another afterwards."""
        return self.difference.empty and not self.dropped


def merge(base: Rows, edits: Mapping[Place, Any], theirs: Rows, *, replace: bool = False) -> Merge:
    """`edits`: the values that stand in the portal. `replace`: the file wins everywhere."""
    kept: dict[Place, Any] = {}
    settled: dict[Place, Any] = {}
    clashes: list[Clash] = []
    dropped: list[Clash] = []
    for place, ours in edits.items():
        before, now = _value(base, place), _value(theirs, place)
        clash = Clash(place, before, ours, now)
        if ours in (now, before) and (ours == now or now != before):
            settled[place] = now
        elif replace:
            dropped.append(clash)
        elif now == before:
            kept[place] = ours
        else:
            clashes.append(clash)
    rows = with_values(theirs, kept)
    difference = compare(with_values(base, edits), rows)
    return Merge(rows, difference, kept, settled, clashes, dropped)


def _value(rows: Rows, place: Place) -> Any:
    row = rows.get((place[0], place[1]))
    return GONE if row is None else row.get(place[2])


def leaves(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, down to the word: a whole form beside another tells nobody anything."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from leaves(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and _coded(before) and _coded(after):
        old, new = ({row["code"]: row for row in rows} for rows in (before, after))
        for key in {**old, **new}:
            yield from leaves(old.get(key), new.get(key), f"{path}[{key}]")
    elif before != after:
        yield path, before, after


def _coded(rows: list[Any]) -> bool:
    codes = [row.get("code") if isinstance(row, dict) else None for row in rows]
    return None not in codes and len(set(codes)) == len(codes)
