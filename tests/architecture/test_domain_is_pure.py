"""The domain imports the standard library and itself, at the top of a module, and asks no clock."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "portal" / "domain"
MODULES = sorted(DOMAIN.glob("**/*.py"))

# Of the standard library, what reaches out of the program.
OUTSIDE = {
    "asyncio", "ftplib", "http", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "smtplib",
    "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
OPEN_DOORS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCKS = {"now", "utcnow", "today"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["." * node.level + (node.module or "")]
    return []


def allowed(name: str) -> bool:
    if name == "portal.domain" or name.startswith("portal.domain."):
        return True
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names and top not in OUTSIDE


def faults(source: str) -> list[str]:
    """What is not pure in a module, by line."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        found += [f"{node.lineno}: imports {name}" for name in imported(node) if not allowed(name)]  # type: ignore[attr-defined]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = [inner for inner in ast.walk(node) if imported(inner)]
            found += [f"{inner.lineno}: import inside {node.name}()" for inner in inside]  # type: ignore[attr-defined]
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in OPEN_DOORS:
                found.append(f"{node.lineno}: calls {called.id}()")
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                found.append(f"{node.lineno}: asks the clock")
    return found


@pytest.mark.parametrize("module", MODULES, ids=[module.stem for module in MODULES])
def test_a_domain_module_is_pure(module: Path) -> None:
    assert faults(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import flask",
        "from sqlalchemy.orm import Mapped",
        "from portal.extensions import db",
        "from portal.domainish import x",
        "from . import errors",
        "import os",
        "def f():\n    import json",
        "from datetime import date\nprint(date.today())",
        "open('x')",
    ],
)
def test_what_is_not_pure_is_found(source: str) -> None:
    assert faults(source)


def test_there_is_a_domain() -> None:
    assert len(MODULES) > 8
