"""Verdicts: proposed by rule, confirmed by the people whose indicator it is, of closed years only."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from portal.domain.permissions import SYSTEM
from portal.domain.progress import TargetKind, Verdict
from portal.evaluation import queries, services
from portal.extensions import db
from portal.ground import audit
from portal.ground.models import AuditEvent
from portal.periods import services as periods
from portal.plan.models import Indicator
from tests.support.client import Client
from tests.support.factories import Factories

YEAR, CODE = 2025, "1-2-s1"  # 福祉活動団体等からの相談件数, 社協
PATH = f"/staff/evaluation/{CODE}/{YEAR}"


@pytest.fixture
def closed(make: Factories) -> None:
    periods.close_year(SYSTEM, YEAR)
    db.session.commit()


def test_people_may_decide_otherwise_than_the_rule(make: Factories, closed: None) -> None:
    reviewer = make.actor(make.reviewer())
    services.confirm(reviewer, CODE, YEAR, "on_track", "広報の後に増えた")
    db.session.commit()
    found = queries.confirmed()[CODE, YEAR]
    assert (found.verdict, found.proposed, found.method) == ("on_track", None, "straight_path")
    assert (found.reason, found.confirmed_by) == ("広報の後に増えた", reviewer.key)


def test_a_decision_may_be_put_right_and_both_stay_on_the_trail(make: Factories, closed: None) -> None:
    reviewer = make.actor(make.reviewer())
    services.confirm(reviewer, CODE, YEAR, "behind", "集計の途中")
    services.confirm(reviewer, CODE, YEAR, "on_track", "集計が終わった")
    assert queries.confirmed()[CODE, YEAR].verdict == "on_track"
    trail = list(db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "verdict")))
    assert [event.data["verdict"] for event in trail] == ["behind", "on_track"]
    assert "集計" not in str([event.data for event in trail])  # free text lies beside, and can be erased
    assert audit.first_broken()[1] is None


def test_only_a_closed_year(make: Factories) -> None:
    with pytest.raises(Conflict, match="year_open"):
        services.confirm(SYSTEM, CODE, YEAR, "on_track", "よい")
    with pytest.raises(Conflict, match="year_open"):
        services.confirm(SYSTEM, CODE, 2026, "on_track", "よい")


def test_a_year_opened_again_hides_its_verdicts(make: Factories, closed: None) -> None:
    services.confirm(SYSTEM, CODE, YEAR, "on_track", "よい")
    periods.reopen_year(SYSTEM, YEAR, "訂正")
    assert queries.confirmed() == {}
    periods.close_year(SYSTEM, YEAR)
    assert (CODE, YEAR) in queries.confirmed()


def test_another_word_than_the_proposal_needs_a_reason(make: Factories, closed: None) -> None:
    with pytest.raises(Invalid, match="reason_missing"):
        services.confirm(SYSTEM, CODE, YEAR, "on_track", "  ")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("3-2-c1", "achieved"),
        ("2-3-c1", "behind"),
        (CODE, "maintained"),
        ("1-1-c1", "monitored"),
        (CODE, "great"),
    ],
)
def test_the_word_fits_what_the_target_asks(make: Factories, closed: None, code: str, word: str) -> None:
    with pytest.raises(Invalid, match="verdict"):
        services.confirm(SYSTEM, code, YEAR, word, "理由")


def test_every_kind_of_target_has_its_words_and_method() -> None:
    assert set(queries.FITTING) == set(services.METHODS) == set(TargetKind)
    assert {word for words in queries.FITTING.values() for word in words} == set(Verdict)


@pytest.mark.parametrize("code", ["2-3-p2", "9-9-c9"])
def test_what_has_no_target_is_not_judged(make: Factories, closed: None, code: str) -> None:
    with pytest.raises(NotFound):
        services.confirm(SYSTEM, code, YEAR, "on_track", "理由")


@pytest.mark.parametrize(
    ("section", "code", "allowed"),
    [
        ("city", "1-1-c1", True),  # 福祉相談課's own
        ("city", "3-2-c1", False),  # 生活援護課's
        ("生活援護課", "3-2-c1", True),
        ("shakyo", CODE, True),
        ("city", CODE, False),
        ("障害福祉課", "2-3-c1", False),  # the plan prints no section: who sees the whole decides
    ],
)
def test_a_section_decides_on_its_own(
    make: Factories, closed: None, section: str, code: str, allowed: bool
) -> None:
    actor = make.actor(make.user({"role": "officer", "organisation_id": make.office(section).id}))
    kind = db.session.scalars(select(Indicator.target_kind).where(Indicator.code == code)).one()
    word = queries.FITTING[TargetKind(kind)][0].value
    if allowed:
        services.confirm(actor, code, YEAR, word, "理由")
        assert (code, YEAR) in queries.confirmed()
    else:
        with pytest.raises(NotPermitted):
            services.confirm(actor, code, YEAR, word, "理由")


@pytest.mark.parametrize(
    "grant", [{"role": "committee"}, {"role": "administrator"}, {"role": "reviewer", "district": "d1"}]
)
def test_others_do_not(make: Factories, closed: None, grant: dict[str, str]) -> None:
    with pytest.raises(NotPermitted):
        services.confirm(make.actor(make.user(grant)), CODE, YEAR, "on_track", "理由")


# --- the page ---------------------------------------------------------------------------------------


def test_the_page_decides(make: Factories, client: Client, closed: None) -> None:
    client.sign_in(make.reviewer())
    client.get(PATH)
    client.submit(client.page.form("main form"), {"verdict": "on_track", "reason": "広報の後に増えた"})
    assert queries.confirmed()[CODE, YEAR].reason == "広報の後に増えた"
    client.get(PATH)
    assert "広報の後に増えた" in client.page.text("textarea")


def test_what_was_typed_stays(make: Factories, client: Client, closed: None) -> None:
    client.sign_in(make.reviewer())
    client.get(PATH)
    client.submit(client.page.form("main form"), {"verdict": "behind", "reason": " "}, expect=422)
    assert client.page.one('input[name="verdict"][checked]').get("value") == "behind"
    client.post(PATH, {"verdict": "behind", "reason": "書いた理由"}, expect=400)
    assert "書いた理由" in client.page.text("textarea")
    assert queries.confirmed() == {}


def test_an_open_year_has_no_form_and_takes_none(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer())
    client.get(PATH)
    assert not client.page.all('textarea[name="reason"]')
    values = {"verdict": "on_track", "reason": "理由"}
    client.send(PATH, values, expect=409)


def test_pages_that_are_not_there(make: Factories, client: Client, closed: None) -> None:
    client.sign_in(make.user({"role": "officer", "organisation_id": make.office("city").id}))
    client.get(f"/staff/evaluation/1-1-c1/{YEAR}")
    client.get(f"/staff/evaluation/3-2-c1/{YEAR}", expect=404)  # another section's
    client.get("/staff/evaluation/1-1-c1/1999", expect=404)
    client.get(f"/staff/evaluation/2-3-p2/{YEAR}", expect=404)
    client.get(f"/staff/evaluation/9-9-c9/{YEAR}", expect=404)


def test_only_fitting_words_are_offered(make: Factories, client: Client, closed: None) -> None:
    client.sign_in(make.reviewer())
    for code, words in (("2-3-c1", {"maintained", "not_maintained"}), ("3-2-c1", {"monitored"})):
        client.get(f"/staff/evaluation/{code}/{YEAR}")
        offered = {radio.get("value") for radio in client.page.all('input[name="verdict"]')}
        assert offered == words
