"""Results as rows of a table: a ratio with its spread, the goal, and whether it was reached."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


class NotMeasured(RuntimeError):
    """Something kept a benchmark from measuring; the run then exits 1."""


@dataclass(frozen=True)
class Result:
    """One line. `met` is None for what is only told beside a goal."""

    goal: str
    what: str
    measured: str
    wanted: str = ""
    met: bool | None = None


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and the smallest and largest in brackets."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


def table(results: Sequence[Result]) -> str:
    rows = [("goal", "what", "measured: median [min-max]", "wanted", "")]
    verdicts = {None: "", True: "met", False: "missed"}
    rows += [(r.goal, r.what, r.measured, r.wanted, verdicts[r.met]) for r in results]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
