"""Which kind of file is it? By what stands in it; its name proves nothing."""

from __future__ import annotations

from portal.intake import delimited, workbooks
from portal.intake.tables import Budget, Limits, Sheet, Unreadable


def read(content: bytes, filename: str, limits: Limits) -> list[Sheet]:
    """The tables in a file. Raises Unreadable with a code that `words.FAULTS` has a sentence for."""
    if len(content) > limits.size:
        raise Unreadable("too_large", limit=limits.size // 1024**2)
    if not content.strip():
        raise Unreadable("empty")
    budget = Budget(limits)
    workbooks.refuse_old(content)
    if content.startswith(workbooks.ZIP):
        found = workbooks.read(content, budget)
    elif filename.lower().endswith((".xlsx", ".xlsm")):
        raise Unreadable("broken_workbook")
    else:
        found = [delimited.read(content, budget)]
    if not any(sheet.rows for sheet in found):
        raise Unreadable("empty")
    return found
