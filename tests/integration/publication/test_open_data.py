"""The API and the data files against the contract's “Data shapes”, key by key."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from portal import clock
from portal.domain.permissions import SYSTEM
from portal.evaluation.models import Verdict
from portal.extensions import db
from portal.periods import services as periods
from portal.publication import open_data, services
from portal.publication.models import Release
from portal.web.unit_of_work import PortalFlask
from tests.support.client import Client

SLUGS = {"ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"}
JSON_PATHS = (
    "/api/v1/indicators",
    "/api/v1/programmes",
    "/api/v1/directions",
    "/api/v1/openapi.json",
    "/data/indicators.json",
    "/data/datapackage.json",
    "/data/release.json",
)


@pytest.fixture
def answer(reader: Client) -> dict[str, Any]:
    found: dict[str, Any] = reader.get("/api/v1/indicators").json
    return found


def rows(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from answer["indicators"]
    yield from answer["participation"]


def test_the_whole_answer(answer: dict[str, Any], first: Release) -> None:
    assert set(answer) == {"plan", "release", "demo", "indicators", "participation"}
    assert answer["release"] == {"number": 1, "as_of": "2026-11-05", "sha256": first.sha256}
    assert answer["demo"] is True
    assert (len(answer["indicators"]), len(answer["participation"])) == (38, 9)
    assert answer["indicators"][0]["code"] == "1-1-c1"


def test_every_indicator_has_exactly_these_keys(answer: dict[str, Any]) -> None:
    for row in rows(answer):
        assert set(row) == {
            "code", "names", "units", "owner", "placements", "kind", "source", "target_kind", "better",
            "base", "target", "values", "status",
        }  # fmt: skip
        assert set(row["names"]) == SLUGS
        assert row["units"] is None if row["kind"] == "stage" else set(row["units"]) == SLUGS
        assert set(row["owner"]) == {"side", "department"}
        assert row["owner"]["side"] in ("city", "shakyo")
        assert all(set(p) == {"goal", "direction"} for p in row["placements"])
        assert row["kind"] in ("flow", "stock", "distinct", "ratio", "money", "stage")
        assert row["source"] in ("computed", "entered", "survey")
        assert row["target_kind"] in ("reach", "maintain", "at_most", "monitor", "milestone")
        assert row["better"] == "neither" if row["target_kind"] == "monitor" else row["better"] == "up"
        for part in ("base", "target"):
            assert set(row[part]) == {"fiscal_year", "value", "printed", "stage"}


def test_every_value_has_exactly_these_keys(answer: dict[str, Any]) -> None:
    for row in rows(answer):
        assert [v["fiscal_year"] for v in row["values"]] == [2025, 2026]
        for value in row["values"]:
            assert set(value) == {
                "fiscal_year", "value", "stage", "coverage",
                "provisional", "reference", "suppressed", "as_of",
                "collecting", "adopted", "series_break", "stage_since", "one_person",
            }  # fmt: skip
            assert value["reference"] is (value["fiscal_year"] == 2025)
            assert value["value"] is None or type(value["value"]) in (int, float)
            if (coverage := value["coverage"]) is not None:
                assert set(coverage) == {"reported", "expected", "of"}
                assert coverage["of"] in ("organisations", "months")
                assert 0 <= coverage["reported"] <= coverage["expected"]


def test_no_verdict_before_people_have_confirmed_one(answer: dict[str, Any]) -> None:
    assert {row["code"]: row["status"] for row in rows(answer) if row["status"]} == {}


def test_a_confirmed_verdict_of_a_closed_year(city: PortalFlask) -> None:
    db.session.add(
        Verdict(
            indicator_code="1-2-s1",
            fiscal_year=2025,
            method="table",
            verdict="on_track",
            proposed="behind",
            reason="広報の後に増えた",
            confirmed_at=clock.now(),
            confirmed_by="staff:1",
        )
    )
    assert not services.publish(SYSTEM)[1]  # the year is open: nobody's verdict on it is public
    periods.close_year(SYSTEM, 2025)
    services.publish(SYSTEM)
    db.session.commit()
    reader = Client(city)
    row = reader.get("/api/v1/indicators/1-2-s1").json
    assert row["status"] == {
        "fiscal_year": 2025,
        "method": "table",
        "verdict": "on_track",
        "confirmed": True,
        "reason": "広報の後に増えた",
    }
    reader.get("/en/indicators/1-2-s1")
    assert "On track" in reader.page.text("main")
    assert reader.page.all('main p[lang="ja"]')


def test_a_base_that_did_not_exist_is_null_never_0(answer: dict[str, Any]) -> None:
    for row in rows(answer):
        if row["base"]["printed"] == "-":
            assert row["base"] == {"fiscal_year": 2024, "value": None, "printed": "-", "stage": None}
    assert [row["code"] for row in rows(answer) if row["base"]["printed"] == "-"] == ["1-1-s3", "2-2-s2"]


def test_slips_and_units_of_some_printed_figures(answer: dict[str, Any]) -> None:
    by_code = {row["code"]: row for row in rows(answer)}
    assert by_code["3-2-c1"]["base"]["value"] == 1.34
    assert by_code["1-3-s1"]["base"]["printed"] == "延べ 175 件"
    assert by_code["3-1-s3"]["target"] == {
        "fiscal_year": 2030, "value": 3500, "printed": "3,500 回", "stage": None,
    }  # fmt: skip
    assert by_code["1-1-c1"]["base"] == {
        "fiscal_year": 2024, "value": None, "printed": "検討", "stage": "検討",
    }  # fmt: skip
    assert len(by_code["3-1-s1"]["placements"]) == 2
    assert by_code["1-2-c1"]["kind"] == "distinct"


def test_participation_has_no_base_no_target_no_better(answer: dict[str, Any]) -> None:
    nothing = {"fiscal_year": None, "value": None, "printed": None, "stage": None}
    for row in answer["participation"]:
        assert (row["base"], row["target"]) == (nothing, nothing)
        assert (row["better"], row["status"]) == ("neither", None)


def test_names_carry_no_furigana_marks(reader: Client) -> None:
    for path in ("/api/v1/indicators", "/api/v1/programmes", "/api/v1/directions"):
        assert "|" not in json.dumps([row.get("names") for row in _lists(reader.get(path).json)])


def _lists(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for value in answer.values() if isinstance(value, list) for row in value]


def test_programmes_as_printed(reader: Client) -> None:
    programmes = reader.get("/api/v1/programmes").json["programmes"]
    assert len(programmes) == 80
    assert [sum(row["side"] == side for row in programmes) for side in ("city", "shakyo")] == [52, 28]
    assert sum(row["repeated"] for row in programmes) == 5
    assert len({name for row in programmes for name in row["departments"]}) == 17
    for row in programmes:
        assert set(row) == {
            "goal", "direction", "side", "heading", "name", "names", "departments", "repeated",
        }  # fmt: skip
        assert row["name"] == row["names"]["ja"]
        assert bool(row["departments"]) == (row["side"] == "city")


def test_directions_name_what_stands_there(reader: Client) -> None:
    directions = reader.get("/api/v1/directions").json["directions"]
    assert [(row["goal"], row["direction"]) for row in directions] == [
        (goal, number) for goal in (1, 2, 3, 4) for number in (1, 2, 3)
    ]
    assert sum(len(row["indicators"]) for row in directions) == 40  # two of the 38 stand in two places


def test_one_indicator_by_its_code(reader: Client, answer: dict[str, Any]) -> None:
    assert reader.get("/api/v1/indicators/2-3-p2").json in answer["participation"]
    assert reader.get("/api/v1/indicators/9-9-c9", expect=404).json == {"error": "no_such_indicator"}


@pytest.mark.parametrize("path", [*JSON_PATHS, "/data/indicators.csv"])
def test_any_site_may_read_them_and_no_cookie_comes_with_them(reader: Client, path: str) -> None:
    response = reader.get(path)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers
    assert response.headers["ETag"]


@pytest.mark.parametrize("path", ["/api/v1/indicators", "/data/indicators.csv", "/data/release.json"])
def test_before_the_first_release_programs_get_a_readable_404(app: PortalFlask, path: str) -> None:
    response = Client(app).get(path, expect=404)
    assert response.json == {"error": "nothing_published"}


def test_the_release_file_is_what_the_digest_is_of(reader: Client, first: Release) -> None:
    assert hashlib.sha256(reader.get("/data/release.json").data).hexdigest() == first.sha256


def test_the_table_for_spreadsheets(reader: Client, answer: dict[str, Any]) -> None:
    response = reader.get("/data/indicators.csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    text = response.data.decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n") > 43
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["synthetic"] for row in table} == {"1"}
    assert {row["code"] for row in table} == {row["code"] for row in rows(answer)}
    missing = [row for row in table if row["code"] == "1-2-s3" and row["fiscal_year"] == "2026"]
    assert [row["value"] for row in missing] == [""]


def test_the_data_package_describes_every_column(reader: Client) -> None:
    header = reader.get("/data/indicators.csv").data.decode("utf-8-sig").splitlines()[0].split(",")
    package = reader.get("/data/datapackage.json").json
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == header
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["synthetic"] is True


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_never_calculates_a_name(text: str) -> None:
    assert open_data.safe(text) == f"'{text}"
    assert open_data.safe(-1) == -1
    assert open_data.safe("回") == "回"


def test_the_description_names_every_route(reader: Client) -> None:
    paths = reader.get("/api/v1/openapi.json").json["paths"]
    for path in paths:
        reader.get(path.replace("{code}", "1-1-c1"))


def test_robots_sitemap_manifest_and_icon(reader: Client) -> None:
    robots = reader.get("/robots.txt").text
    assert "Disallow: /staff/" in robots
    assert "Sitemap: http://portal.test/sitemap.xml" in robots
    sitemap = reader.get("/sitemap.xml").text
    assert sitemap.count("<loc>") == 8 * (6 + 47 + 12)
    assert "http://portal.test/vi/indicators/2-3-p2" in sitemap
    assert reader.get("/manifest.webmanifest").json["start_url"] == "/"
    assert reader.get("/favicon.ico").mimetype == "image/svg+xml"
