"""Fields of the plan's rows changed on top of a document: which may be, and how a file carries them. Pure.

A file's `edits:` are such fields too: a portal's export is the file that was loaded, comments and all, with
what was changed in the portal at its end (docs/adr/0035).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from portal.domain.canonical import canonical_json, sha256_of

Rows = dict[tuple[str, str], dict[str, Any]]
Place = tuple[str, str, str]  # kind, key, field
FIELDS: dict[str, tuple[str, ...]] = {  # what may be changed; the rest is known by it, or follows from it
    "plan": ("city", "shakyo", "name", "vision", "committees", "corrections"),
    "district": ("names", "position"),
    "organisation": ("names",),
    "data_set": ("names", "due_day", "reviewing_office", "controller", "second_person", "definition"),
    "goal": ("names",),
    "direction": ("names",),
    "programme": ("heading", "names", "departments", "repeated"),
    "indicator": (
        "names", "units", "stages", "source", "aggregation", "note", "side", "department", "kind",
        "target_kind", "better", "base", "target", "sources",
    ),
    "question": ("default", "answer"),
}  # fmt: skip
HEAD = """\
edits:
# Changed in the portal after the file above was loaded. Each of these wins over what stands above; the next
# export writes this part anew. docs/operating.md says how to take it into the file itself.
"""


def with_values(rows: Rows, values: Mapping[Place, Any]) -> Rows:
    """Rows with some fields of theirs changed, and what follows from them; unknown rows are left out."""
    found = dict(rows)
    for (kind, key, field), value in values.items():
        if (kind, key) in found:
            row = found[kind, key] | {field: value}
            if kind == "data_set":  # an edition is known by the sum of its definition
                row["sha256"] = sha256_of(canonical_json(row["definition"]))
            found[kind, key] = row
    return found


def of_file(data: Mapping[str, Any]) -> dict[Place, Any]:
    """The edits that a file carries itself."""
    return {(row["kind"], row["key"], row["field"]): row["value"] for row in data.get("edits") or []}


def written(text: str, values: Mapping[Place, Any]) -> str:
    """The file with these edits in place of its own; without any it is the file itself, byte for byte."""
    if not values:
        return text
    head = _without_edits(text)
    end = "" if head.endswith("\n") else "\n"
    rows = [
        {"kind": kind, "key": key, "field": field, "value": value}
        for (kind, key, field), value in values.items()
    ]
    return f"{head}{end}{HEAD}{_yaml(rows)}"


def _without_edits(text: str) -> str:
    """A file's own part goes, from its key to the next key at the margin."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if not line.startswith((" ", "#", "-", "\n", "\r", "\t")):
            inside = line.startswith("edits:")
        if not inside:
            kept.append(line)
    return "".join(kept)


def _yaml(value: Any) -> str:
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 110
    stream = StringIO()
    yaml.dump(_quoted(value), stream)
    return stream.getvalue()


def _quoted(value: Any) -> Any:
    """Line ends and other signs that nobody sees are written out: bare, a reader takes them for layout."""
    if isinstance(value, Mapping):
        return {key: _quoted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_quoted(inner) for inner in value]
    hidden = isinstance(value, str) and not value.isprintable()
    return DoubleQuotedScalarString(value) if hidden else value
