"""Figures of closed years that have changed since: 改定. What was final stays beside what is now.

A year's final figures are those of the release that its first closing published. Whatever moves them
afterwards (the year opened again, a count chosen otherwise), the newer figure carries what it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from portal.extensions import db
from portal.periods import queries as periods
from portal.periods.models import YearClosing
from portal.publication import changes
from portal.publication.changes import Data, Published
from portal.publication.models import Release


@dataclass(frozen=True, slots=True)
class Final:
    """A figure as the closing release had it; `day`: of that release."""

    figure: Published
    day: str
    release: int


Finals = dict[tuple[str, int], Final]  # by indicator's code and fiscal year


def finals() -> Finals:
    """The final figures of all years that were ever closed, as the public saw them."""
    found: Finals = {}
    for year, closing in periods.first_closings().items():
        release = _release_of(closing)
        if release is not None:
            found |= _finals(release.number, release.sha256, year)
    return found


def _release_of(closing: YearClosing) -> Release | None:
    """The release that the closing published; where it published none, the first one after it."""
    if closing.release is not None:
        return db.session.get(Release, closing.release)
    query = select(Release).where(Release.published_at >= closing.closed_at)
    if closing.reopened_at is not None:
        query = query.where(Release.published_at <= closing.reopened_at)
    return db.session.scalars(query.order_by(Release.number).limit(1)).first()


@lru_cache(maxsize=32)
def _finals(number: int, _sha256: str, year: int) -> Finals:
    """Read once a process: a release never changes."""
    release = db.session.get(Release, number)
    assert release is not None  # noqa: S101 - releases are never deleted
    found: Finals = {}
    for row in changes.rows(json.loads(release.content)):
        for value in row["values"]:
            if value["fiscal_year"] == year and not value["provisional"] and not value["suppressed"]:
                figure = changes.figure(row, value)
                found[row["code"], year] = Final(figure, release.as_of.isoformat(), number)
    return found


def mark(content: Data, last: Data | None) -> None:
    """Write into a release's content what its figures of once closed years were when they were final.

    `on`: the day of the release that first had the newer figure, taken over from the last release, so
    that a night on which nothing happens changes nothing.
    """
    known = finals()
    before = _marked(last)
    for row in changes.rows(content):
        for value in row["values"]:
            final = known.get((row["code"], value["fiscal_year"]))
            figure = changes.figure(row, value)
            if final is None or value["suppressed"] or figure == final.figure:
                continue
            earlier = before.get((row["code"], value["fiscal_year"], figure))
            value["revised"] = {
                "from": final.figure,
                "final_on": final.day,
                "release": final.release,
                "on": earlier or content["as_of"],
            }


def _marked(last: Data | None) -> dict[tuple[str, int, Any], str]:
    """(code, fiscal year, figure) -> since when the last release has had it as a revision."""
    return {
        (row["code"], value["fiscal_year"], changes.figure(row, value)): value["revised"]["on"]
        for row in (changes.rows(last) if last else ())
        for value in row["values"]
        if value.get("revised")
    }
