"""The open data of the last release as files in a folder."""

from __future__ import annotations

from pathlib import Path

from portal.domain.errors import NotFound
from portal.publication import current, open_data, queries


def write(folder: Path) -> int:
    """Write them; the release's number. NotFound("no_release") before the first, and nothing is written."""
    release = current.release()
    if release is None:
        raise NotFound("no_release")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "indicators.csv").write_bytes(open_data.csv_bytes(release))
    (folder / "indicators.json").write_text(open_data.json_text(open_data.indicators(release)), "utf-8")
    (folder / "datapackage.json").write_text(open_data.json_text(open_data.datapackage(release)), "utf-8")
    row = queries.by_number(release.number)
    (folder / "release.json").write_text(row.content if row else "", "utf-8")
    return release.number
