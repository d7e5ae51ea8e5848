"""Size and shape: what is longer than its budget says why, here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE, FUNCTION, VIEW, TEMPLATE = 400, 50, 25, 150  # lines, docs/architecture.md
ROUTES = {"route", "get", "post", "put", "patch", "delete"}

# path, or path::function -> the reason. An entry that is no longer needed must go.
EXCEPTIONS: dict[str, str] = {}

SOURCES = [ROOT / "config.py", *sorted((ROOT / "portal").rglob("*.py"))]
TEMPLATES = sorted((ROOT / "portal").glob("**/templates/**/*.html"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _is_view(function: ast.FunctionDef) -> bool:
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ROUTES for call in calls)


def _functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, lines, budget); the lines of the docstring and the decorators are free."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if ast.get_docstring(node) is not None:
            length -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
        yield f"{_name(path)}::{node.name}", length, VIEW if _is_view(node) else FUNCTION


def _over() -> dict[str, str]:
    found = {}
    for path in SOURCES:
        if (lines := _lines(path)) > MODULE:
            found[_name(path)] = f"{lines} lines, a module may have {MODULE}"
        for name, length, budget in _functions(path):
            if length > budget:
                kind = "view" if budget == VIEW else "function"
                found[name] = f"{length} lines, a {kind} may have {budget}"
    for path in TEMPLATES:
        if (lines := _lines(path)) > TEMPLATE:
            found[_name(path)] = f"{lines} lines, a template may have {TEMPLATE}"
    return found


def test_nothing_is_longer_than_its_budget() -> None:
    over = [f"{name}: {why}" for name, why in _over().items() if name not in EXCEPTIONS]
    assert not over, "\n".join(over)


def test_every_exception_is_still_needed() -> None:
    assert sorted(EXCEPTIONS.keys() - _over().keys()) == []


@pytest.mark.parametrize(
    ("decorator", "body", "expected"),
    [
        ("@bp.get('/')\n", 24, [("view", 25)]),
        ("@audience(PUBLIC)\n@bp.post('/')\n", 25, [("view", 26)]),
        ("", 49, [("plain", 50)]),
    ],
)
def test_views_are_known_by_their_route(
    tmp_path: Path,
    decorator: str,
    body: int,
    expected: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "x.py"
    file.write_text(f"{decorator}def f():\n    'Free.'\n" + "    x = 1\n" * body)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    kinds = [("view" if budget == VIEW else "plain", length) for _name, length, budget in _functions(file)]
    assert kinds == expected
