"""A group's own year: the ledger's figures, what is not in them yet, and what they moved."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from portal.datasets.models import Measure
from portal.domain.measures import RawAnswer
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import settings
from portal.indicators.queries import counting_setting
from portal.ledger.models import OrganisationYear
from portal.organisations.models import Organisation
from portal.reporting import moved, services, year
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import services as review
from tests.integration.indicators.test_feeding import file
from tests.support.client import Client
from tests.support.factories import Factories

ZONE = ZoneInfo("Asia/Tokyo")
PAGE = "/ja/report/year/"


def salon(held: str, came: str, **more: str) -> dict[str, RawAnswer]:
    figures = {"held": held, "attendance": came, **more}
    return {code: RawAnswer(text=text) for code, text in figures.items()}


def send(make: Factories, group: Organisation, period: str, raw: dict[str, RawAnswer]) -> Submission:
    """Sent by the group, and not confirmed."""
    actor = make.card_actor(make.card(group)[0])
    desk = sit_down(actor, group, "salon", period, "reporting")
    sent = services.send(desk, Sending(services.new_key(), 0, Written(raw)))
    db.session.commit()
    return sent


def at(app: Flask, monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    pinned = datetime.combine(day, datetime.min.time().replace(hour=10), ZONE)
    monkeypatch.setitem(app.extensions, "portal_clock", (pinned, ZONE))


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会", registers={"kayoinoba": [2026]})


@pytest.fixture
def phone(make: Factories, client: Client, group: Organisation) -> Client:
    client.use_card(make.card(group)[1])
    return client


def test_its_figures_are_the_ledger_s(make: Factories, group: Organisation) -> None:
    file(make, group, "salon", "2026-03", salon("9", "99"))
    file(make, group, "salon", "2026-04", salon("3", "60", helpers="7", newcomers="1", people="25"))
    file(make, group, "salon", "2026-05", salon("2", "41", helpers="4"))
    file(make, make.group(), "salon", "2026-05", salon("1", "17"))
    found = year.of(group, make.data_set(), 2026)
    ledger = db.session.execute(
        select(Measure.code, OrganisationYear.total)
        .join(Measure, Measure.id == OrganisationYear.measure_id)
        .where(OrganisationYear.organisation_id == group.id, OrganisationYear.fiscal_year == 2026)
    )
    sums = {code: total for code, total in ledger if code not in ("reported", "people")}
    assert sums == {"held": 5, "attendance": 101, "helpers": 11, "newcomers": 1}
    assert {row.code: found.total(row.code) for row in year.summed(found.data_set)} == sums
    assert [row.key for row in found.confirmed] == ["2026-04", "2026-05"]
    assert [row.key for row in found.of("missing")] == ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
    assert len(found.of("ahead")) == 5  # November runs


def test_what_is_not_confirmed_is_named_and_its_figure_is_nowhere(
    make: Factories, group: Organisation, phone: Client
) -> None:
    file(make, group, "salon", "2026-09", salon("3", "60"))
    send(make, group, "2026-10", salon("4", "777"))
    phone.get(PAGE)
    said = phone.page.text("main")
    assert "3回開き、延べ60人が来ました。" in said
    assert "777" not in phone.page.text()
    assert "10月 届きました 届いています。確認がすむと、数に入ります。" in said
    assert "8月 まだ届いていません" in said
    assert phone.page.all("svg .gap")  # drawn as waiting, not as nothing


def test_a_correction_under_way_leaves_the_confirmed_figure_and_says_so(
    make: Factories, group: Organisation, phone: Client
) -> None:
    file(make, group, "salon", "2026-09", salon("3", "60"))
    desk = sit_down(make.card_actor(make.card(group)[0]), group, "salon", "2026-09", "reporting")
    services.send(desk, Sending(services.new_key(), 1, Written(salon("3", "888"))))
    db.session.commit()
    phone.get(PAGE)
    said = phone.page.text("main")
    assert "延べ60人" in said
    assert "888" not in phone.page.text()
    assert "直した報告が届いています" in said


def test_what_changed_is_told_of_the_same_months_and_thanks(
    make: Factories, group: Organisation, phone: Client
) -> None:
    for period, came in (("2025-04", "50"), ("2025-05", "50"), ("2025-12", "400"), ("2026-04", "70")):
        file(make, group, "salon", period, salon("2", came))
    phone.get(PAGE)
    assert "去年の同じ月(50人)より20人多くなりました。" in phone.page.text("main")
    file(make, group, "salon", "2026-05", salon("2", "10"))
    phone.get(PAGE)
    said = phone.page.text("main")
    assert "去年の同じ月は100人でした。今年も変わらず続けてくださり、ありがとうございます。" in said
    assert "減" not in said


def test_the_first_year_is_empty_and_says_what_comes(phone: Client) -> None:
    phone.get(PAGE)
    said = phone.page.text("main")
    assert "この年度で確認のすんだ報告は、まだありません。" in said
    assert not phone.page.all("svg.chart")
    assert not phone.page.all('a[href$="/board/"]')
    phone.get("/ja/report/year/2026/board/")
    assert "カードができます" in phone.page.text("main")
    for nowhere in ("2025/", "2031/", "99999999999999999999/", "2026/subsidy/"):
        phone.get(PAGE + nowhere, expect=404)


def test_a_year_is_chosen_and_in_april_it_is_the_one_that_is_over(
    make: Factories, group: Organisation, phone: Client, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(make, group, "salon", "2025-12", salon("2", "33"))
    file(make, group, "salon", "2026-04", salon("2", "44"))
    phone.get(PAGE)
    assert "延べ44人" in phone.page.text("main")
    assert len(phone.page.all(".year-switch a")) == 2
    phone.get(f"{PAGE}2025/")
    assert "延べ33人" in phone.page.text("main")
    at(asaka, monkeypatch, date(2027, 4, 6))
    phone.get(PAGE)
    assert "延べ44人" in phone.page.text("main")


def test_thanks_in_april_and_only_then(
    make: Factories, group: Organisation, phone: Client, asaka: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(make, group, "2026-04", salon("2", "44"))
    for day, confirmed, thanked in (
        (date(2027, 4, 6), False, False),
        (date(2027, 4, 6), True, True),
        (date(2027, 4, 30), True, True),
        (date(2027, 5, 1), True, False),
    ):
        if confirmed and not db.session.scalars(select(Submission.approved_version)).one():
            sent = db.session.scalars(select(Submission)).one()
            review.approve(make.actor(make.reviewer()), sent, sent.last_seq)
            db.session.commit()
        at(asaka, monkeypatch, day)
        phone.get("/ja/report/")
        assert ("昨年度もありがとうございました" in phone.page.text("main")) is thanked
        if thanked:
            assert phone.page.one('section[aria-labelledby="thanks"] a').get("href") == f"{PAGE}2026/"


def codes(group: Organisation, data_set: str = "salon") -> dict[str, object]:
    form = Factories(None).data_set(data_set)  # type: ignore[arg-type]
    return {row.indicator.code: row.by for row in moved.moved(year.of(group, form, 2026))}


def test_what_it_entered_is_what_it_moved(make: Factories, group: Organisation) -> None:
    assert codes(group) == {}
    file(make, group, "salon", "2026-04", salon("3", "60", helpers="7", newcomers="0"))
    assert codes(group) == {"1-2-c1": 1, "1-2-p1": 1, "1-3-p1": 7, "2-3-p1": 3, "2-3-p2": 60}


def test_what_waits_has_moved_nothing(make: Factories, group: Organisation) -> None:
    send(make, group, "2026-04", salon("3", "60"))
    assert codes(group) == {}


def test_the_plan_s_indicator_is_named_only_where_the_meetings_made_it_count(make: Factories) -> None:
    """補助金交付団体 is counted whether it meets or not; in both, its meetings count in the sum only."""
    plain = make.group()
    backed = make.group(registers={"subsidy": [2026]})
    both = make.group(registers={"subsidy": [2026], "kayoinoba": [2026]})
    earlier = make.group(registers={"kayoinoba": [2025]})
    for group in (plain, backed, both, earlier):
        file(make, group, "salon", "2026-04", salon("3", "60"))
    assert not [group for group in (plain, backed, both, earlier) if "1-2-c1" in codes(group)]
    settings.put(counting_setting("1-2-c1"), "sum", SYSTEM)
    assert [group for group in (plain, backed, both, earlier) if "1-2-c1" in codes(group)] == [both]


def test_the_page_names_the_directions_of_the_plan(
    make: Factories, group: Organisation, phone: Client
) -> None:
    file(make, group, "salon", "2026-04", salon("3", "60"))
    phone.get(PAGE)
    said = phone.page.text(".went")
    assert said.startswith("1-(2) 地域福祉活動等への支援")
    assert "の活動団体数） (計画の指標) +1団体" in said
    assert "サロン・通いの場の延べ参加者数 +60人" in said


def test_a_card_opens_its_own_year_only(make: Factories, group: Organisation, client: Client) -> None:
    file(make, group, "salon", "2026-04", salon("3", "61"))
    client.use_card(make.card(make.group("となりの会"))[1])
    for path in (PAGE, f"{PAGE}2026/", f"{PAGE}2026/board/"):
        client.get(path)
        assert "61" not in client.page.text("main")
        assert "ひだまりの会" not in client.page.text()


def test_the_notice_board_card_bears_confirmed_figures_and_no_personal_name(
    make: Factories, group: Organisation, phone: Client
) -> None:
    file(make, group, "salon", "2026-04", salon("3", "60", helpers="7"))
    send(make, group, "2026-05", salon("4", "777"))
    for paper in ("a4", "a5"):
        phone.get(f"{PAGE}2026/board/?paper={paper}")
        said = phone.page.text(f"article.{paper}")
        assert "ひだまりの会" in said
        assert "来た人(延べ)60 人 開いた回数3 回 手伝った人(延べ)7 人" in said
        assert "2026年4月から2026年4月まで" in said
        assert "ありがとうございました" in said
        assert "支え合いの心を育み、誰もが地域でつながるまち" in said
        assert "777" not in said
    phone.get("/vi/report/year/2026/board/")
    assert phone.page.one("article").get("lang") == "vi"
    assert "ありがとうございました" in phone.page.text("article")  # Japanese beside it
