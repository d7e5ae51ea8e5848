"""代行入力: staff key in what a group tells on paper or by telephone, and the group has the last word."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import User
from portal.domain.errors import Invalid, NotPermitted
from portal.domain.measures import RawAnswer
from portal.extensions import db
from portal.ground import settings
from portal.organisations.models import Organisation
from portal.reporting import queries, services
from portal.reporting import verify as submissions
from portal.reporting.answers import Written
from portal.reporting.desk import Desk, sit_down
from portal.reporting.models import Draft, Submission
from portal.reporting.services import Sending
from portal.review import services as review
from tests.support.client import Client
from tests.support.factories import Factories

MONTH = "2026-10"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


@pytest.fixture
def keyer(make: Factories) -> User:
    return make.user({"role": "reviewer", "district": "d1", "data_set": "salon"}, name="入力 花子")


def entry(group: Organisation, period: str = MONTH) -> str:
    return f"/staff/entry/{group.public_id}/salon/{period}/"


def desk_of(make: Factories, user: User, group: Organisation) -> Desk:
    return sit_down(make.actor(user), group, "salon", MONTH, "entry")


def written(**values: Any) -> Written:
    return Written({code: RawAnswer(text=str(value)) for code, value in values.items()})


def key_in(
    make: Factories, user: User, group: Organisation, source: str = "paper", **values: Any
) -> Submission:
    told = written(**{"held": 2, "attendance": 31, **values})
    sent = services.send(desk_of(make, user, group), Sending(services.new_key(), 0, told, source))
    db.session.commit()
    return sent


def card_desk(make: Factories, group: Organisation) -> Desk:
    card, _token = make.card(group)
    return sit_down(make.card_actor(card), group, "salon", MONTH, "reporting")


def report() -> Submission:
    return db.session.scalars(select(Submission)).one()


class TestKeyingIn:
    def test_from_the_form_over_the_check_to_the_queue(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(f"/staff/paper/?period={MONTH}")
        assert "ひだまりの会" in client.page.text("main")
        client.get(entry(group))
        told = {"m-held": "2", "m-attendance": "３１人", "keyed_from": "paper"}
        client.submit(client.page.form("form.report"), told, press="check", expect=200)
        assert "31" in client.page.text("dl.facts")
        client.submit(client.page.form("main form"))
        sent = report()
        keyed = queries.keyed(sent)
        assert keyed is not None
        assert (keyed.source, keyed.by) == ("paper", f"staff:{keyer.id}")
        assert queries.version(sent).values["attendance"]["value"] == 31
        assert submissions.verify()[1] is None

    def test_back_from_the_check_page_with_everything_typed(
        self, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        told = {"m-held": "2", "m-attendance": "31", "keyed_from": "telephone"}
        client.submit(client.page.form("form.report"), told, press="check", expect=200)
        fields = client.page.form("main form").filled(press="change")
        client.post(entry(group), fields, expect=200)
        assert client.page.one("input[name=m-attendance]").get("value") == "31"
        assert client.page.one("input[name=keyed_from][value=telephone]").get("checked") is not None
        assert db.session.scalars(select(Submission)).all() == []

    @pytest.mark.parametrize("source", ["", "pigeon"])
    def test_says_from_what(self, client: Client, keyer: User, group: Organisation, source: str) -> None:
        client.sign_in(keyer)
        told = {"m-held": "2", "m-attendance": "31", "keyed_from": source}
        client.send(entry(group), {**told, "action": "check"}, expect=422)
        assert client.page.all('#errors a[href="#keyed_from"]')
        client.send(f"{entry(group)}send", told, page=entry(group), expect=422)
        assert db.session.scalars(select(Submission)).all() == []

    def test_never_touches_what_the_group_has_begun(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        services.save_draft(card_desk(make, group), written(held="五回", attendance="9"), "k")
        db.session.commit()
        client.sign_in(keyer)
        client.get(entry(group))
        assert client.page.one("input[name=m-held]").get("value") == ""  # the draft is the group's own
        client.send(f"{entry(group)}draft", {"m-held": "7"}, page=entry(group), expect=404)
        key_in(make, keyer, group)
        kept = db.session.scalars(select(Draft)).one()
        assert kept.raw["raw"]["held"]["text"] == "五回"

    def test_of_a_month_to_come_is_refused(self, client: Client, keyer: User, group: Organisation) -> None:
        client.sign_in(keyer)
        client.get(entry(group, "2026-12"), expect=404)


class TestDefaultDeny:
    @pytest.mark.parametrize(
        "grant",
        [
            {"role": "reviewer", "district": "d2"},
            {"role": "reviewer", "data_set": "office"},
            {"role": "administrator"},
            {"role": "committee"},
        ],
        ids=["another district", "another form", "administrator", "committee"],
    )
    def test_others_key_in_nothing(
        self, make: Factories, client: Client, group: Organisation, grant: dict[str, Any]
    ) -> None:
        client.sign_in(make.user(grant))
        token = self._token(client)
        told = {"m-held": "2", "m-attendance": "31", "keyed_from": "paper", "csrf_token": token}
        for path in (entry(group), f"{entry(group)}check/", f"{entry(group)}receipt/"):
            assert client.get(path, expect=None).status_code in (403, 404), path
        for path in (entry(group), f"{entry(group)}send", f"{entry(group)}draft"):
            assert client.post(path, told, expect=None).status_code in (403, 404), path
        assert db.session.scalars(select(Submission)).all() == []
        answer = client.get(f"/staff/paper/?period={MONTH}", expect=None)
        assert answer.status_code == 403 or "ひだまりの会" not in answer.text
        sheet = f"/staff/paper/sheets?period={MONTH}&organisation={group.public_id}"
        assert client.get(sheet, expect=None).status_code in (403, 404)

    @staticmethod
    def _token(client: Client) -> str:
        client.get("/staff/")
        return str(client.page.all("input[name=csrf_token]")[0].get("value"))

    def test_an_officer_s_own_office_is_not_keyed_in_by_a_reviewer(
        self, make: Factories, client: Client
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(f"/staff/entry/{make.office().public_id}/office/{MONTH}/", expect=404)

    def test_a_card_keys_in_nothing_not_even_its_own(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        card, token = make.card(group)
        client.use_card(token)
        client.get(entry(group), expect=404)
        assert "ひだまりの会" not in client.get("/staff/paper/").text
        desk = sit_down(make.card_actor(card), group, "salon", MONTH, "entry")
        with pytest.raises(NotPermitted):
            services.send(desk, Sending("k", 0, written(held=2, attendance=3), "paper"))

    def test_a_phone_s_report_is_never_marked_as_keyed_in(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        _card, token = make.card(group)
        client.use_card(token)
        path = f"/ja/report/salon/{MONTH}/"
        told = {"m-held": "2", "m-attendance": "31", "keyed_from": "paper"}
        client.send(f"{path}send", told, page=path)
        assert queries.keyed(report()) is None


class TestTheGroup:
    @pytest.mark.parametrize("slug", ["ja", "vi", "ne"])
    @pytest.mark.parametrize("source", ["paper", "telephone"])
    def test_reads_who_entered_it_and_confirms_in_one_touch(
        self, make: Factories, client: Client, keyer: User, group: Organisation, slug: str, source: str
    ) -> None:
        key_in(make, keyer, group, source)
        _card, token = make.card(group)
        client.use_card(token)
        path = f"/{slug}/report/salon/{MONTH}/receipt/"
        client.get(path)
        assert "入力 花子" not in client.page.text()  # the office, not a person
        client.submit(client.page.form('form[action$="/confirm"]'))
        client.get(path)
        assert client.page.all('form[action$="/confirm"]') == []
        keyed = queries.keyed(report())
        assert keyed is not None
        assert keyed.confirmed_at is not None
        assert (report().state, report().version) == ("waiting", 1)
        assert submissions.verify()[1] is None

    def test_confirming_twice_or_an_older_version_writes_nothing(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        key_in(make, keyer, group)
        _card, token = make.card(group)
        client.use_card(token)
        path = f"/ja/report/salon/{MONTH}/"
        for version in ("7", "1", "1"):
            client.send(f"{path}confirm", {"version": version}, page=path)
        assert [event.kind for event in report().events] == ["sent", "confirmed"]

    def test_sending_the_same_again_confirms(self, make: Factories, keyer: User, group: Organisation) -> None:
        key_in(make, keyer, group)
        services.send(card_desk(make, group), Sending("mine", 1, written(held=2, attendance=31)))
        db.session.commit()
        assert [event.kind for event in report().events] == ["sent", "confirmed"]

    def test_corrects_it_and_sees_both(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        key_in(make, keyer, group)
        _card, token = make.card(group)
        client.use_card(token)
        path = f"/ja/report/salon/{MONTH}/"
        client.get(path)
        client.submit(client.page.form("form.report"), {"m-attendance": "34"}, press="check")
        client.get(f"{path}check/")
        assert "31" in client.page.text("dl.facts")
        client.submit(client.page.form("main form"))
        assert queries.version(report()).values["attendance"]["value"] == 34
        assert queries.keyed(report()) is None  # the newest version is the group's own

    def test_a_colleague_s_answer_is_no_confirmation(
        self, make: Factories, keyer: User, group: Organisation
    ) -> None:
        sent = key_in(make, keyer, group)
        services.confirm(desk_of(make, make.reviewer(), group), sent)
        assert [event.kind for event in sent.events] == ["sent"]


class TestFourEyes:
    def test_whoever_keyed_it_in_does_not_approve_it(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        sent = key_in(make, keyer, group)
        with pytest.raises(NotPermitted):
            review.approve(make.actor(keyer), sent, sent.last_seq)
        client.sign_in(keyer)
        client.get(f"/staff/reports/{sent.public_id}")
        assert "入力 花子" in client.page.text(".banner")
        assert client.page.all('form[action$="/approve"]') == []
        other = make.actor(make.reviewer())
        review.approve(other, sent, sent.last_seq)
        assert sent.state == "approved"

    def test_unless_the_city_allows_it(
        self, asaka: Flask, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(make.user({"role": "administrator"}))
        client.get("/staff/users/")
        client.submit(client.page.form('form[action$="/four-eyes"]'))
        sent = key_in(make, keyer, group)
        review.approve(make.actor(keyer), sent, sent.last_seq)
        assert sent.state == "approved"
        client.get("/staff/users/")
        client.submit(client.page.form('form[action$="/four-eyes"]'))
        assert settings.get(settings.KEYER_MAY_APPROVE) is False

    def test_only_an_administrator_changes_the_rule(self, client: Client, keyer: User) -> None:
        client.sign_in(keyer)
        client.send("/staff/users/four-eyes", {"same": "1"}, page="/staff/", expect=403)
        assert settings.get(settings.KEYER_MAY_APPROVE, False) is False

    def test_once_the_group_has_corrected_it_the_keyer_may_approve(
        self, make: Factories, keyer: User, group: Organisation
    ) -> None:
        sent = key_in(make, keyer, group)
        services.send(card_desk(make, group), Sending("mine", 1, written(held=2, attendance=34)))
        review.approve(make.actor(keyer), sent, sent.last_seq)
        assert sent.state == "approved"

    def test_approving_many_leaves_the_own_ones_out(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        sent = key_in(make, keyer, group)
        client.sign_in(keyer)
        chosen = {"chosen": f"{sent.public_id}:{sent.last_seq}"}
        client.send("/staff/reports/approve", chosen, page="/staff/reports/", expect=200)
        assert "ひだまりの会" not in client.page.text("main")
        client.send("/staff/reports/approve", {**chosen, "sure": "yes"}, page="/staff/reports/", expect=409)
        assert report().state == "waiting"


def test_a_service_call_without_a_source_is_invalid(
    make: Factories, keyer: User, group: Organisation
) -> None:
    with pytest.raises(Invalid, match="keyed_from_missing"):
        services.send(desk_of(make, keyer, group), Sending("k", 0, written(held=2, attendance=3)))
