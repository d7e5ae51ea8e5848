"""A whole synthetic city on a database of its own, and the real server before it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.browser import portal, serving
from tests.support.machine import ROOT

NOW = "2026-11-05T10:00:00+09:00"
PLAN = ROOT / "portal" / "plan" / "cities" / "asaka.yaml"


@dataclass(frozen=True)
class Site:
    """A running portal: its address, and the settings for `portal` commands on the same data."""

    url: str
    environment: dict[str, str]

    def portal(self, *arguments: str) -> str:
        """Run an operator's command on this site's data."""
        return portal(self.environment, *arguments)


def environment(database: Path) -> dict[str, str]:
    """The settings of a test city on a SQLite file, on a pinned day."""
    return {"PORTAL_ENV": "test", "PORTAL_DATABASE_URL": f"sqlite:///{database}", "PORTAL_NOW": NOW}


def build(target: Path) -> None:
    """Make the city: plan, groups with their figures, a release. `target` is one whole file."""
    working = target.with_suffix(".working")
    run = partial(portal, environment(working))
    run("migrate")
    run("plan", "load", str(PLAN))
    run("demo", "load", "--as-of", NOW[:10])
    run("publish")
    run("backup", str(target))  # nothing is left behind in a write-ahead log


@contextmanager
def site_of(city: Path, folder: Path) -> Iterator[Site]:
    """Serve a copy of a city that `build` made; the copy lies in `folder`."""
    database = folder / "portal.sqlite3"
    shutil.copyfile(city, database)
    with serving(environment(database)) as url:
        yield Site(url, {**environment(database), "PORTAL_PUBLIC_URL": url})
