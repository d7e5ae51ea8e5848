"""The public pages: complete, honest, light, and a pure function of the release."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest

from config import ROOT
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.plan import services as plan
from portal.publication import current, services
from portal.web.locale import LOCALES
from portal.web.page_cache import FrontDoor
from portal.web.unit_of_work import PortalFlask
from tests.integration.publication.conftest import forget
from tests.support.client import Client
from tests.support.factories import Factories

STILL = ("", "indicators/", "help/", "privacy", "accessibility", "about-data")
FIRST_VISIT = 14 * 1024  # bytes, compressed: document, style, icon (performance goal P6)


def every_path() -> list[str]:
    release = current.release()
    assert release is not None
    return [
        *STILL,
        *(f"indicators/{code}" for code in release.indicators),
        *(f"directions/{goal}-{number}" for goal, number in release.directions),
    ]


@pytest.mark.parametrize("slug", ["ja", "vi"])
def test_every_page_is_valid_in_japanese_and_another_language(reader: Client, slug: str) -> None:
    paths = every_path()
    assert len(paths) == 6 + 47 + 12
    for path in paths:
        response = reader.get(f"/{slug}/{path}")
        assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers["Vary"]


@pytest.mark.parametrize("slug", sorted(LOCALES))
def test_the_chief_pages_in_every_language(reader: Client, slug: str) -> None:
    for path in (*STILL, "indicators/1-2-c1", "indicators/2-3-p2", "indicators/1-1-c1", "directions/2-3"):
        reader.get(f"/{slug}/{path}")


@pytest.mark.parametrize(
    "path", ["indicators/9-9-c9", "indicators/x", "directions/5-1", "directions/1-9", "indicators"]
)
def test_what_is_not_there_is_a_404_in_the_readers_language(reader: Client, path: str) -> None:
    response = reader.get(f"/vi/{path}", expect=None)
    if response.status_code == 308:  # the list's address ends in a slash
        return
    assert response.status_code == 404
    assert reader.page.one("html").get("lang") == "vi"


def test_before_the_first_release_the_pages_say_so(asaka: PortalFlask) -> None:
    stranger = Client(asaka)
    for slug in ("ja", "en"):
        for path in ("", "help/", "privacy", "accessibility", "about-data"):
            stranger.get(f"/{slug}/{path}")
        for path in ("indicators/", "indicators/1-1-c1", "directions/1-1"):
            stranger.get(f"/{slug}/{path}", expect=404)


def test_before_any_plan_there_is_a_page_too(app: PortalFlask) -> None:
    stranger = Client(app)
    for path in ("", "help/", "privacy", "accessibility", "about-data"):
        stranger.get(f"/ja/{path}")


def test_another_citys_plan_makes_its_own_pages(app: PortalFlask) -> None:
    plan.load((ROOT / "tests" / "data" / "plans" / "minato.yaml").read_text("utf-8"), SYSTEM)
    services.publish(SYSTEM)
    db.session.commit()
    stranger = Client(app)
    for path in every_path():
        stranger.get(f"/ja/{path}")
        assert "朝霞" not in stranger.page.text("main")


def test_the_same_bytes_signed_in_or_not_and_under_any_name(
    reader: Client, city: PortalFlask, door: FrontDoor
) -> None:
    paths = ("", "indicators/1-2-c1", "directions/2-3", "privacy", "about-data", "help/")
    before = {path: reader.get(f"/ja/{path}").data for path in paths}
    reader.sign_in(Factories(city).user({"role": "administrator"}))
    forget(door)
    headers = {"Host": "localhost", "Cookie": "language=ne", "Accept-Language": "ne"}
    assert {path: reader.get(f"/ja/{path}").data for path in paths} == before
    forget(door)
    assert {path: Client(city).get(f"/ja/{path}", headers=headers).data for path in paths} == before


def test_the_japanese_page_begins_with_the_plans_sentence(reader: Client) -> None:
    reader.get("/ja/")
    assert reader.page.text("h1") == "支え合いの心を育み、誰もが地域でつながるまち"
    assert len(reader.page.all(".trio h3")) == 3
    assert len(reader.page.all(".goals h3")) == 4


def test_other_languages_begin_with_whom_to_ask(reader: Client) -> None:
    reader.get("/en/")
    html = reader.page.html
    assert html.index("福祉相談課") < html.index("plan in five sentences") < html.index('id="residents"')
    called = [link.get("href", "") for link in reader.page.all('a[href^="tel:"]')]
    assert all(href.startswith("tel:048000") for href in called)  # the demo's own, which are nobody's


def test_a_running_year_gets_no_verdict(reader: Client) -> None:
    for code in every_path()[6:49]:
        reader.get(f"/en/{code}")
        for word in ("On track", "A little behind", "Achieved", "Below the starting point"):
            assert word not in reader.page.text("main")


def test_a_base_that_did_not_exist_is_told_in_words(reader: Client) -> None:
    reader.get("/en/indicators/1-1-s3")
    facts = reader.page.text(".way")
    assert "no figure" in facts
    assert " 0 " not in facts


def test_the_indicator_of_two_registers_shows_both_counts(reader: Client) -> None:
    reader.get("/en/indicators/1-2-c1")
    text = reader.page.text("main")
    assert "How to count is being confirmed" in text
    assert "Each group counted once" in text
    assert "The two lists added up" in text


def test_participation_says_that_it_is_not_the_plans(reader: Client) -> None:
    reader.get("/en/indicators/2-3-p2")
    text = reader.page.text("main")
    assert "This is not an indicator of the plan" in text
    assert "Target" not in text
    assert len(reader.page.all("table tbody tr")) == 12


def test_the_watched_rate_is_not_judged(reader: Client) -> None:
    reader.get("/en/indicators/3-2-c1")
    assert "Followed, not judged" in reader.page.text("main")
    assert not reader.page.all(".thread")


def test_a_stage_is_told_in_words_without_a_chart(reader: Client) -> None:
    reader.get("/ja/indicators/2-2-c1")
    assert "検討" in reader.page.text(".way")
    assert "設置" in reader.page.text(".way")
    assert not reader.page.all("figure")


def test_a_growing_year_is_no_point_on_the_yearly_line(reader: Client) -> None:
    """Seven months held against a target for twelve would look like falling behind."""
    reader.get("/ja/indicators/1-2-s1")
    chart, _months = reader.page.all("figure")
    assert not [e for e in chart.iter() if e.get("class") == "halo"]
    assert reader.page.all("tr.now")  # it stands in the table, with its months


def test_both_places_of_an_indicator_that_stands_twice(reader: Client) -> None:
    reader.get("/ja/indicators/3-1-s1")
    links = [e.get("href") for e in reader.page.all("main a")]
    assert "/ja/directions/3-1" in links
    assert "/ja/directions/3-3" in links


@pytest.mark.parametrize("slug", sorted(LOCALES))
def test_the_first_visit_is_light(city: PortalFlask, slug: str) -> None:
    style = _packed(ROOT / "static" / "css" / "app.css")
    icon = _packed(ROOT / "static" / "img" / "icon.svg")
    for path in ("", "indicators/", "indicators/1-2-c1", "indicators/3-1-s3", "directions/1-1"):
        response = city.test_client().get(f"/{slug}/{path}", headers={"Accept-Encoding": "br"})
        assert response.headers["Content-Encoding"] == "br"
        assert len(response.data) + style + icon <= FIRST_VISIT, path


def test_a_page_asks_for_style_and_icon_only(reader: Client) -> None:
    for path in ("", "indicators/2-3-p2", "directions/2-3"):
        reader.get(f"/ja/{path}")
        fetched = reader.page.all("link[rel=stylesheet], link[rel=icon], script, img, iframe")
        assert len(fetched) == 2


def _packed(file: Path) -> int:
    return len(brotli.compress(file.read_bytes(), quality=11))
