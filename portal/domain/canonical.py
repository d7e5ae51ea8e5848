"""One way to write a value as bytes, so that equal contents have equal digests on any machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any


def decimal_text(value: Decimal) -> str:
    """A decimal without an exponent or idle zeros: 1.340 and 1.34 are one figure."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: object) -> object:
    """What JSON lacks: decimals, dates and codes, as text."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):  # moments (datetime) too
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: Mapping[str, Any]) -> str:
    """Keys sorted, no spaces, Japanese as itself. A float is refused: it has no one way to be written."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no canonical form; use int or Decimal")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)


def sha256_of(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
