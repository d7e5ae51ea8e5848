"""Pages that stay put: the next one begins after a row, not after a number of rows.

So a report that is approved meanwhile moves nobody else's row to a page that was already read.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_

PAGE = 50
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Key:
    """One column that rows are sorted by. `of`: its value in a row; `parse`: back from an address."""

    column: Any
    of: Callable[[Any], Any]
    parse: Callable[[Any], Any]
    descending: bool = False


Order = tuple[Key, ...]


@dataclass(frozen=True)
class Page:
    """Some rows, and the addresses' tokens of what comes before and after them ("" for nothing)."""

    rows: Sequence[Any]
    before: str = ""
    after: str = ""


def moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return found


def whole(value: Any) -> int:
    """A number as the database keeps it: an address may hold any."""
    if not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError("no number of ours")
    return value


def token(order: Order, row: Any) -> str:
    """A row's place as it stands in an address."""
    values = [key.of(row) for key in order]
    told = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode().rstrip("=")


def place(order: Order, text: str) -> list[Any] | None:
    """The place that a token names; None for what is no token (an old or mistyped address)."""
    try:
        told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [key.parse(value) for key, value in zip(order, told, strict=True)]
    except (ValueError, TypeError, binascii.Error):
        return None


def page(
    query: Select[Any],
    order: Order,
    fetch: Callable[[Select[Any]], Sequence[Any]],
    *,
    after: str = "",
    before: str = "",
) -> Page:
    """The first page, or the one after or before a token."""
    start = place(order, before or after) if before or after else None
    back = bool(before) and start is not None
    if start is not None:
        query = query.where(_beyond(order, start, back))
    columns = [key.column.desc() if key.descending is not back else key.column for key in order]
    rows = list(fetch(query.order_by(*columns).limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE][::-1] if back else rows[:PAGE]
    if not rows:
        return Page([])
    has_before = more if back else start is not None
    has_after = True if back else more
    return Page(
        rows,
        before=token(order, rows[0]) if has_before else "",
        after=token(order, rows[-1]) if has_after else "",
    )


def _beyond(order: Order, start: Sequence[Any], back: bool) -> ColumnElement[bool]:
    """Whatever stands after (or before) a place: later in the first column, or the same there and ..."""
    parts: list[ColumnElement[bool]] = [false()]
    for index, key in enumerate(order):
        same = [earlier.column == value for earlier, value in zip(order, start[:index], strict=False)]
        value = start[index]
        further = key.column < value if key.descending is not back else key.column > value
        parts.append(and_(*same, further))
    return or_(*parts)
