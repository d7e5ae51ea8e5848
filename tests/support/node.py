"""The scripts' pure part under Node, asked from Python one line at a time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.machine import ROOT, node

RUNNER = ROOT / "tests" / "support" / "plausibility_runner.js"


class Plausibility:
    """static/js/plausibility.js. `ask("figure" | "report" | "sentences", ...)` answers as it does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, about: str, **more: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"about": about, **more}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the script has stopped: see above for its own words"
        return json.loads(answer)


@contextmanager
def plausibility() -> Iterator[Plausibility]:
    process = subprocess.Popen(
        [str(node()), str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield Plausibility(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()
