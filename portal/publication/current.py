"""The release that the public sees now, read once per process and release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app, has_request_context, request

from portal import clock
from portal.organisations import queries as organisations
from portal.plan import queries as plan
from portal.publication import changes, queries

Data = dict[str, Any]
HEAD = "portal.head"


@dataclass(frozen=True)
class Current:
    """A release with its content looked up by code."""

    number: int
    sha256: str
    as_of: str
    data: Data

    @cached_property
    def indicators(self) -> dict[str, Data]:
        """Plan and participation indicators by code, in printed order."""
        return {row["code"]: row for row in changes.rows(self.data)}

    @cached_property
    def directions(self) -> dict[tuple[int, int], Data]:
        """Directions by (goal, direction), in printed order."""
        return {(d["goal"], d["number"]): d for goal in self.data["goals"] for d in goal["directions"]}


_kept: dict[tuple[int, str], Current] = {}
_facts: dict[str, Data] = {}


def _head() -> queries.Head:
    """What is current, asked once a request: one page is never drawn from two releases."""
    if not has_request_context():
        return queries.head()
    if HEAD not in request.environ:
        request.environ[HEAD] = queries.head()
    head: queries.Head = request.environ[HEAD]
    return head


def release() -> Current | None:
    """The last release; None before the first."""
    head = _head()
    if head.number is None or head.sha256 is None:
        return None
    key = (head.number, head.sha256)
    found = _kept.get(key)
    if found is None:
        row = queries.by_number(head.number)
        assert row is not None  # noqa: S101 - releases are never deleted
        found = Current(row.number, row.sha256, row.as_of.isoformat(), json.loads(row.content))
        _kept.clear()
        _kept[key] = found
    return found


def city_facts() -> Data:
    """The city's and 社協's names and whom to call; {} before any plan.

    Public pages take them from the release, all others from the plan in force and the office as it is now.
    """
    published = _published()
    if published is not None:
        office = published.data["help"].get("shakyo") or {}
        return _city(published.data["plan"], office.get("names"), office.get("phone"))
    document = _head().plan_sha256
    if document is None:
        return {}
    if document not in _facts:
        _facts.clear()
        _facts[document] = plan.facts()
    now = organisations.office()
    return _city(_facts[document], now.names if now else None, now.phone if now else None)


def is_demo() -> bool:
    """Are the figures made up? On a public page: those that it shows."""
    published = _published()
    return bool(published.data["demo"]) if published is not None else _head().demo


def generation() -> object:
    """Changes whenever any public page may: a new release, a new day, another plan, a demo or not."""
    return queries.head(), clock.today()


def _published() -> Current | None:
    """The release that this page is drawn from, if it is a public one."""
    if not has_request_context():
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    return release() if getattr(view, "__cacheable__", False) else None


def _city(facts: Data, office: dict[str, str] | None, phone: str | None) -> Data:
    return {"name": facts["city"], "shakyo": facts["shakyo"], "phone": phone, "office": office}
