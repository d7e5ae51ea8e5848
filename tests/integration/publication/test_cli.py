"""`portal publish` and `portal export`, as an operator runs them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from portal.domain.errors import NotFound
from portal.home.cli import export
from portal.publication.cli import publish
from portal.web.unit_of_work import PortalFlask


def test_publishing_twice(asaka: PortalFlask) -> None:
    first = CliRunner().invoke(publish, ["--as-of", "2026-11-05"])
    assert first.output.startswith("Release 1 as of 2026-11-05, sha256 ")
    again = CliRunner().invoke(publish, [])
    assert (again.exit_code, again.output) == (0, "Nothing has changed since release 1.\n")


def test_wrong_usage_exits_2(asaka: PortalFlask) -> None:
    assert CliRunner().invoke(publish, ["--as-of", "tomorrow"]).exit_code == 2


def test_exporting_the_open_data(city: PortalFlask, tmp_path: Path) -> None:
    result = CliRunner().invoke(export, [str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "datapackage.json",
        "indicators.csv",
        "indicators.json",
        "release.json",
    ]
    assert len(json.loads((tmp_path / "out" / "indicators.json").read_text("utf-8"))["indicators"]) == 38


def test_nothing_to_export_writes_nothing(asaka: PortalFlask, tmp_path: Path) -> None:
    result = CliRunner().invoke(export, [str(tmp_path / "out")])
    assert isinstance(result.exception, NotFound)
    assert not (tmp_path / "out").exists()
