"""April at the coordinating section: 照会票 out, filled in Excel, back in, confirmed, closed, published."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.demo.people import PASSWORD
from tests.journeys.test_main_job import sign_in
from tests.support.browser import DESK, serving
from tests.support.city import Site, environment
from tests.support.sheets import fill, keys

Open = Callable[..., Page]
APRIL = "2027-04-12T10:00:00+09:00"
SHEETS = {
    "長寿はつらつ課": {
        "1-3-c1": {"value": 8888, "evidence": "認知症サポーター名簿 3月末"},
        "3-3-c1.part3": {"value": 120, "evidence": "シルバー人材センター報告 2ページ"},
        "4-1-c1.part1": {"value": 610, "evidence": "見守り台帳"},
    },
    "生活援護課": {
        "3-2-c1": {"numerator": 1943, "denominator": 145000, "evidence": "福祉行政報告例 3月分"},
        "3-3-c1.part1": {"value": 41, "evidence": "就労支援の記録"},
    },
}


@pytest.fixture
def own_site(city: Path, tmp_path: Path) -> Iterator[Site]:
    """The same city, half a year later."""
    database = tmp_path / "portal.sqlite3"
    shutil.copyfile(city, database)
    settings = {**environment(database), "PORTAL_NOW": APRIL}
    with serving(settings) as url:
        yield Site(url, {**settings, "PORTAL_PUBLIC_URL": url})


def picture(page: Page, name: str) -> None:
    """A screenshot for whoever wants to look: PORTAL_PICTURES=folder."""
    if folder := os.environ.get("PORTAL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def unpacked(content: bytes) -> dict[str, bytes]:
    """section -> its workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("_")[-1].removesuffix(".xlsx"): archive.read(name) for name in archive.namelist()}


@pytest.mark.matrix
def test_april(own_site: Site, open_page: Open, tmp_path: Path) -> None:
    who = ("matome@example.jp", "--name", "福祉相談課 見本七", "--role", "reviewer", "--generate")
    made = own_site.portal("user", "add", *who)
    password = made.split("Password:")[1].split()[0]
    page = open_page(viewport=DESK)
    sign_in(page, "matome@example.jp", password)
    page.goto("/staff/")
    page.get_by_role("link", name="課への年次の照会(照会票)").click()
    expect(page.locator("h1")).to_contain_text("照会票")
    picture(page, "sections-index")
    with page.expect_download() as download:
        page.get_by_role("link", name="全部の照会票をまとめて出す").click()
    sheets = unpacked(Path(download.value.path()).read_bytes())
    files = []
    for section, answers in SHEETS.items():
        assert keys(sheets[section]) == list(answers)
        (tmp_path / f"{section}.xlsx").write_bytes(fill(sheets[section], answers))
        files.append(tmp_path / f"{section}.xlsx")
    formula = {"2-3-c1": {"value": "=1+1", "evidence": "?"}}
    (tmp_path / "式.xlsx").write_bytes(fill(sheets["障害福祉課"], formula))
    page.set_input_files("#files", [*files, tmp_path / "式.xlsx"])
    page.get_by_role("button", name="ファイルの中身を見る").click()
    expect(page.locator("main")).to_contain_text("式が入っています")
    picture(page, "sections-refused")
    page.get_by_role("button", name="読み込んだファイルを捨てる").click()
    page.set_input_files("#files", files)
    page.get_by_role("button", name="ファイルの中身を見る").click()
    expect(page.locator("main")).to_contain_text("まだ何も入力していません")
    picture(page, "sections-preview")
    page.get_by_role("button", name="全部を入力する").click()
    expect(page.locator("h1")).to_contain_text("年次の照会")

    second = open_page(viewport=DESK)
    sign_in(second, "reviewer@example.jp", PASSWORD)
    for section in SHEETS:
        second.goto("/staff/reports/?data_set=annual")
        second.get_by_role("link", name=section).first.click()
        expect(second.locator("main")).to_contain_text("照会票から読み込みました")
        picture(second, f"report-{section}")
        second.locator("button[data-key=a]").click()
        second.wait_for_load_state()
    second.goto("/staff/periods/")
    second.locator("a[href$='/staff/periods/2026']").first.click()
    picture(second, "periods-2026")
    second.get_by_label("上の内容を確かめました").check()
    second.get_by_role("button", name="年度を締めて公表する").click()  # closing publishes by itself
    expect(second.locator("main")).to_contain_text("2027年4月12日に締めました")
    told = page.request.get("/api/v1/indicators").json()["indicators"]
    values = {row["code"]: row["values"][-2] for row in told}
    assert values["1-3-c1"]["fiscal_year"] == 2026
    assert (values["1-3-c1"]["value"], values["1-3-c1"]["provisional"]) == (8888, False)
    assert values["3-2-c1"]["value"] == 1.34
    assert values["3-3-c1"]["value"] is None  # 障害福祉課 has not answered: no sum
    page.goto("/ja/indicators/1-3-c1")
    expect(page.locator("main")).to_contain_text("8,888")
    own_site.portal("verify")  # fails unless everything adds up
