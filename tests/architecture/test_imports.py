"""Who imports whom: the floors by import-linter (pyproject.toml), and what it can't say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "portal").rglob("*.py"))
# Modules that speak to people: nobody else may call them. The factory and the command line gather them.
FACES = ("views", "forms", "cli")
GATHERERS = {"portal/features.py", "portal/cli.py"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of everything that a module imports; of `from a import b`, both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _is_face(module: str) -> bool:
    return module.startswith("portal.") and any(
        part == face or part.endswith(f"_{face}") for part in module.split(".")[2:3] for face in FACES
    )


def test_the_floors_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def test_nobody_calls_another_features_views_or_forms() -> None:
    wrong = [
        f"{_name(path)}:{line} imports {module}"
        for path in SOURCES
        if _name(path) not in GATHERERS
        for module, line in _imports(path)
        if _is_face(module) and module.split(".")[1] != path.relative_to(ROOT).parts[1]
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a cycle: move the thing down a floor instead."""
    wrong = [
        f"{_name(path)}:{inner.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_review_posts_to_the_ledger() -> None:
    """Figures reach the ledger by an approval; the ledger's own rebuilding and checking aside."""
    allowed = {"review", "ledger"}
    wrong = [
        f"{_name(path)}:{line}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[1] not in allowed
        for module, line in _imports(path)
        if module == "portal.ledger.services"
    ]
    assert not wrong, "\n".join(wrong)
