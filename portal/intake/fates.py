"""What becomes of one thing in a file: worked out by `groups` and `counts`, looked at before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.intake.tables import BROKEN

Reason = dict[str, Any]
Tell = Callable[[int, int], None]  # how far it has come: (done, of)


def silent(_done: int, _of: int) -> None:
    """Nobody is looking."""


@dataclass(slots=True)
class Fate:
    """One item of the preview; the fields are those of `models.IntakeItem`."""

    rows: list[int]
    label: str
    fate: str
    period: str = ""
    question: str = ""
    asked_about: str = ""
    changes: list[list[Any]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def told(self) -> tuple[Any, ...]:
        """By which the same fate is known again just before it is carried out."""
        return (self.label, self.period, self.fate, self.question, self.changes, self.options, self.data)


def refused(rows: list[int], label: str, *reasons: Reason, period: str = "") -> Fate:
    return Fate(rows, label, "refused", period=period, reasons=list(reasons))


def left_out(row: int, label: str, code: str) -> Fate:
    return Fate([row], label, "left_out", reasons=[{"code": code}])


def broken(text: str) -> bool:
    """Has Excel itself no result here (#REF!, #DIV/0!, a formula never worked out)?"""
    return text.startswith("#") and (text == BROKEN or text.rstrip("!?").isupper() or "/" in text)
