"""Before a test run: say what it leaves out, and why. `python -m tests.support.preflight [--all]`

Counts the cases that `make test-all` has beyond `make test`, and those that this machine can't run. With
CI=true the latter are a failure: a machine that runs half of the tests must not look green.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections import Counter

import pytest

from tests.support.machine import missing

MARKERS = ("matrix", "browser", "node", "postgresql", "java")


class _Census:
    """Counts collected cases: all of them, and by marker within and beyond `make test`."""

    def __init__(self) -> None:
        self.beyond = 0
        self.within: Counter[str] = Counter()
        self.everything: Counter[str] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marks = {mark for mark in MARKERS if item.get_closest_marker(mark)}
            self.everything.update(marks)
            if "matrix" in marks:
                self.beyond += 1
            else:
                self.within.update(marks)


def main(arguments: list[str]) -> int:
    """Exit 0: go on; 1: collecting failed, or CI=true and something is missing."""
    whole = "--all" in arguments
    census, said = _Census(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider"], plugins=[census])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        print(said.getvalue())
        return 1
    counts = census.everything if whole else census.within
    absent = missing()
    for marker, why in absent.items():
        print(f"Not run here: {counts[marker]} cases marked {marker}. {why}.")
    if not whole:
        print(f"`make test-all` has {census.beyond} cases beyond these.")
    if absent and os.environ.get("CI") == "true":
        print("CI=true: what is missing is a failure.", file=sys.stderr)
        return 1
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
