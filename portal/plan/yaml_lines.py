"""YAML that remembers its lines, so that a fault can be named where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError


class Fault(NamedTuple):
    """Something wrong in a file: its line (from 1), where it is in the tree, and what to do about it."""

    line: int
    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.message} [{self.code}]"


class PlanFaults(Exception):
    """The file can't be used. `faults` in the order of their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults, the first: {faults[0]}")
        self.faults = faults


@dataclass(frozen=True)
class Node:
    """A value with the line that it stands on and its path from the top."""

    value: Any
    line: int
    path: str

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, CommentedMap) and key in self.value

    def get(self, key: str, default: Any = None) -> Any:
        """A plain value of a mapping."""
        return self.value.get(key, default) if isinstance(self.value, CommentedMap) else default

    def child(self, key: str) -> Node:
        """A mapping's member as a node; None as its value where it is missing."""
        if key not in self:
            return Node(None, self.line, f"{self.path}.{key}")
        try:
            line = self.value.lc.key(key)[0] + 1
        except KeyError:  # a key that came with an anchor stands elsewhere
            line = self.line
        return Node(self.value[key], line, f"{self.path}.{key}".lstrip("."))

    def items(self, key: str | None = None) -> Iterator[Node]:
        """The members of a sequence (of the member `key`, if named)."""
        node = self.child(key) if key else self
        if not isinstance(node.value, CommentedSeq):
            return
        for index, item in enumerate(node.value):
            line = node.value.lc.item(index)[0] + 1
            yield Node(item, line, f"{node.path}[{index}]")


def read(text: str) -> Node:
    """The whole file. Raises PlanFaults where it is not YAML (a key twice included)."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PlanFaults(
            [Fault(line, "", "not_yaml", str(error.problem or error.context).strip())]
        ) from error
    except (YAMLError, ValueError) as error:  # characters that no text has; a number like 0x_
        raise PlanFaults([Fault(1, "", "not_yaml", str(error).splitlines()[0])]) from error
    if not isinstance(tree, CommentedMap):
        raise PlanFaults([Fault(1, "", "not_yaml", "the file must be a mapping")])
    return Node(tree, 1, "")


def plain(value: Any) -> Any:
    """The same without line numbers: dict, list, str, int, float, bool, None."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


def unique(nodes: Iterable[Node], member: str | None = None) -> Iterator[Fault]:
    """A fault for each node whose value (or member of that name) stood before."""
    seen: dict[Any, int] = {}
    for node in nodes:
        value = node.get(member) if member else node.value
        if value in seen:
            message = f"“{value}” stands twice, first on line {seen[value]}"
            yield Fault(node.line, node.path, "duplicate", message)
        seen.setdefault(value, node.line)
