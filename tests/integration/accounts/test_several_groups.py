"""Several groups behind one card: what is due over all, and nothing that lands at the wrong one."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import card_groups, queries, services
from portal.accounts.models import Card, CardGroup
from portal.domain.errors import Invalid, NotPermitted
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.organisations.services import Person
from portal.reporting.models import CallRequest, Draft, Submission
from tests.support.client import Client
from tests.support.factories import Factories

HOME = "/ja/report/"
MONTH = "/ja/report/salon/2026-10/"


@pytest.fixture
def first(make: Factories) -> Organisation:
    return make.group("ひだまりサロン")


@pytest.fixture
def second(make: Factories) -> Organisation:
    return make.group("ゆうやけ食堂")


@pytest.fixture
def card(make: Factories, first: Organisation, second: Organisation) -> tuple[Card, str]:
    made, token = make.card(first)
    card_groups.add(SYSTEM, made, second)
    db.session.commit()
    return made, token


@pytest.fixture
def phone(client: Client, card: tuple[Card, str]) -> Client:
    client.use_card(card[1])
    return client


def of(group: Organisation, path: str = MONTH) -> str:
    return f"{path}?group={group.public_id}"


def sent() -> list[tuple[int, str]]:
    return [(row.organisation_id, row.period) for row in db.session.scalars(select(Submission))]


def report(phone: Client, path: str, held: str = "2") -> None:
    """Write a month and send it, by the page's own addresses."""
    phone.get(path)
    form = phone.page.form("form.report")
    fields = form.filled({"m-held": held, "m-attendance": "20", "m-helpers": "3"}, press="check")
    answer = phone.post(form.action, fields)
    phone.follow(answer)
    form = phone.page.form("form[data-sends]")
    phone.follow(phone.post(form.action, form.filled()))


class TestTheFirstPage:
    def test_shows_what_is_due_over_all_of_them(
        self, phone: Client, first: Organisation, second: Organisation
    ) -> None:
        phone.get(HOME)
        tasks = phone.page.all("section[data-waits]")
        assert len(tasks) == 2
        titles = [phone.page.text(f"#due-{number}") for number in (1, 2)]
        assert all("10月" in title for title in titles)
        assert [first.name in titles[0], second.name in titles[1]] == [True, True]
        assert len(phone.page.all(".button.filled")) == 1  # one main thing

    def test_names_each_group_s_forms_for_the_phone_to_keep(
        self, phone: Client, second: Organisation
    ) -> None:
        phone.get(HOME)
        keep = phone.page.one("#outbox").get("data-keep", "").split()
        assert keep == [
            MONTH,
            "/ja/report/salon/2026-11/",
            of(second),
            of(second, "/ja/report/salon/2026-11/"),
        ]
        waits = [one.get("data-waits") for one in phone.page.all("section[data-waits]")]
        assert waits == ["salon/2026-10", f"salon/2026-10@{second.public_id}"]
        forms = phone.page.all("section[data-waits] form")
        assert len({form.get("data-group") for form in forms}) == 2

    def test_one_touch_leads_to_a_group_s_own_page(self, phone: Client, second: Organisation) -> None:
        phone.get(HOME)
        assert [a.get("href") for a in phone.page.all("ul.rows a")][1] == of(second, HOME)
        phone.get(of(second, HOME))
        assert second.name in phone.page.text("h1")
        links = [a.get("href", "") for a in phone.page.all("main .actions a")]
        assert of(second, "/ja/report/past/") in links
        assert of(second, "/ja/report/deadlines.ics") in links
        assert of(second, "/ja/report/salon/practice/") in links
        assert phone.page.one(".groups [aria-current]").get("href") == of(second, HOME)

    def test_a_group_s_year_and_its_call_stay_with_it(
        self, phone: Client, first: Organisation, second: Organisation
    ) -> None:
        phone.get(of(second, "/ja/report/year/"))
        assert second.name in phone.page.text("header")
        links = [a.get("href", "") for a in phone.page.all("main .rows a")]
        assert links
        assert all(link.endswith(f"?group={second.public_id}") for link in links)
        for group in (first, second):
            phone.get(of(group, HOME))
            answer = phone.submit(phone.page.form("#call form"))
            assert answer.location == f"{of(group, HOME)}#call"
            phone.follow(answer)
            assert group.name in phone.page.text("h1")
            assert phone.page.all("#call .banner.ok")
        assert [row.organisation_id for row in db.session.scalars(select(CallRequest))] == [
            first.id,
            second.id,
        ]

    def test_each_group_has_a_name_for_what_is_counted(self, phone: Client, second: Organisation) -> None:
        told = phone.get("/ja/report/token").json
        phone.get(of(second, HOME))
        box = phone.page.one("#outbox")
        assert told["terms"].split() == [told["term"], box.get("data-term")]
        assert box.get("data-terms") == told["terms"]

    def test_text_size_and_language_need_no_token_and_stay_with_the_group(
        self, phone: Client, second: Organisation
    ) -> None:
        for address, field in (("/text-size", {"size": "large"}), ("/language", {"language": "vi"})):
            where = phone.post(address, {**field, "next": of(second)}, expect=303).location
            assert where.endswith(f"/report/salon/2026-10/?group={second.public_id}")
            phone.get(where)

    def test_one_group_alone_sees_none_of_this(self, make: Factories, client: Client) -> None:
        client.use_card(make.card(make.group("ひとつの会"))[1])
        client.get(HOME)
        assert client.page.all(".groups") == []
        assert "ひとつの会" in client.page.text("h1")


class TestAReport:
    def test_goes_to_the_group_that_its_address_names(
        self, phone: Client, first: Organisation, second: Organisation
    ) -> None:
        report(phone, of(second))
        assert sent() == [(second.id, "2026-10")]
        assert second.name in phone.page.text("header")
        report(phone, MONTH, "4")
        assert sorted(sent()) == [(first.id, "2026-10"), (second.id, "2026-10")]

    def test_two_windows_do_not_mix(self, phone: Client, first: Organisation, second: Organisation) -> None:
        phone.get(of(second))
        one = phone.page.form("form.report")
        phone.get(MONTH)
        other = phone.page.form("form.report")
        phone.post(one.action, one.filled({"m-held": "9"}, press="save"))
        phone.post(other.action, other.filled({"m-held": "5"}, press="save"))
        drafts = {row.organisation_id: row.raw for row in db.session.scalars(select(Draft))}
        assert "'9'" in str(drafts[second.id])
        assert "'5'" in str(drafts[first.id])

    @pytest.mark.parametrize("step", ["", "draft", "not-held", "send", "confirm"])
    def test_a_form_of_the_one_is_refused_at_the_other_with_a_clear_sentence(
        self, phone: Client, second: Organisation, step: str
    ) -> None:
        phone.get(MONTH)
        fields = phone.page.form("form.report").filled({"m-held": "9", "m-attendance": "1"}, press="save")
        phone.post(of(second, MONTH + step), fields, expect=409)
        assert "ゆうやけ食堂" in phone.page.text("main")
        assert "ひだまりサロン" in phone.page.text("main")
        assert db.session.query(Draft).count() + db.session.query(Submission).count() == 0

    def test_a_form_without_its_group_is_refused_where_it_could_be_another_s(self, phone: Client) -> None:
        phone.get(MONTH)
        fields = phone.page.form("form.report").filled({"m-held": "9"}, press="save")
        del fields["page_of"]
        phone.post(MONTH, fields, expect=409)
        assert db.session.query(Draft).count() == 0

    def test_several_months_and_a_call_are_the_group_s_too(
        self, phone: Client, first: Organisation, second: Organisation
    ) -> None:
        path = of(second, "/ja/report/salon/months/")
        phone.get(path)
        form = phone.page.form("#months")
        phone.post(path, form.filled({"not-held-2026-09": "1"}))
        assert sent() == [(second.id, "2026-09")]
        phone.post("/ja/report/salon/months/", form.filled({"not-held-2026-08": "1"}), expect=409)
        assert sent() == [(second.id, "2026-09")]
        phone.get(of(second, HOME))
        call = phone.page.form("#call form")
        phone.post(call.action, call.filled())
        assert [row.organisation_id for row in db.session.scalars(select(CallRequest))] == [second.id]

    def test_waiting_reports_are_told_apart(self, phone: Client, second: Organisation) -> None:
        said = phone.get("/ja/report/token").json
        assert said["groups"].split()[0] == said["group"]
        phone.get(of(second))
        frame = phone.page.one("#outbox")
        assert frame.get("data-group") == said["groups"].split()[1]
        assert frame.get("data-card") == said["card"]  # one phone, one card: its pages are kept together
        assert phone.page.one("form.report").get("data-typed") == f"salon/2026-10@{second.public_id}"


GROUPED = (
    HOME,
    MONTH,
    f"{MONTH}check/",
    f"{MONTH}receipt/",
    f"{MONTH}paper/",
    "/ja/report/past/",
    "/ja/report/salon/months/",
    "/ja/report/salon/practice/",
    "/ja/report/deadlines.ics",
    "/ja/report/token",
)


class TestOthersGroups:
    @pytest.mark.parametrize("path", GROUPED)
    def test_a_group_that_is_not_on_the_card_is_not_there(
        self, phone: Client, make: Factories, path: str
    ) -> None:
        stranger = make.group("よその会")
        phone.get(of(stranger, path), expect=404)
        phone.get(f"{path}?group=nothing", expect=404)

    @pytest.mark.parametrize("step", ["", "draft", "not-held", "send", "confirm"])
    def test_nor_can_be_written_to(self, phone: Client, make: Factories, step: str) -> None:
        stranger = make.group("よその会")
        phone.get(MONTH)
        fields = phone.page.form("form.report").filled({"m-held": "9"}, press="save")
        phone.post(of(stranger, MONTH + step), {**fields, "page_of": stranger.public_id}, expect=404)
        assert db.session.query(Draft).count() + db.session.query(Submission).count() == 0

    def test_an_area_in_the_table_opens_nothing(
        self, phone: Client, make: Factories, card: tuple[Card, str]
    ) -> None:
        """Whatever a row says: a commissioner's area is never behind a group's card."""
        area, _held = make.area((date(2025, 12, 1), None))
        db.session.add(CardGroup(card_id=card[0].id, organisation_id=area.id))
        db.session.commit()
        phone.get(of(area, "/ja/report/minsei/2026-10/"), expect=404)
        phone.get(HOME)
        assert area.name not in phone.page.text()


class TestStaff:
    def page(self, card: Card) -> str:
        return f"/staff/cards/{card.id}/groups"

    def test_put_a_group_on_a_card_and_take_it_off(
        self, make: Factories, client: Client, asaka: Flask, first: Organisation, second: Organisation
    ) -> None:
        card, token = make.card(first)
        phone = Client(asaka, "192.0.2.7")
        phone.use_card(token)
        client.sign_in(make.reviewer())
        client.send(self.page(card), {"further": second.public_id})
        phone.get(of(second))
        client.get(f"/staff/organisations/{second.public_id}")
        assert first.name in client.page.text(".beside")
        assert queries.card_states([second.id])[second.id] == "in_use"
        client.get(self.page(card))
        client.submit(client.page.form("main li form"))
        phone.get(of(second), expect=404)
        phone.get(MONTH)
        actions = [row.action for row in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
        assert [action for action in actions if action.startswith("group_")] == [
            "group_added",
            "group_taken_off",
        ]

    def test_nothing_chosen_is_said_at_the_field(
        self, make: Factories, client: Client, card: tuple[Card, str]
    ) -> None:
        client.sign_in(make.reviewer())
        client.send(self.page(card[0]), {"further": ""}, expect=422)
        assert client.page.all("#further-error")

    def test_a_commissioner_s_area_is_refused_both_ways(
        self, make: Factories, client: Client, card: tuple[Card, str]
    ) -> None:
        area, held = make.area((date(2025, 12, 1), None))
        own, _token = make.card(area, contact=held[0])
        client.sign_in(make.user({"role": "reviewer"}, {"role": "reviewer", "data_set": "minsei"}))
        client.send(self.page(card[0]), {"further": area.public_id}, expect=422)
        client.get(self.page(own), expect=404)
        with pytest.raises(Invalid):
            card_groups.add(SYSTEM, own, make.group("べつの会"))
        assert db.session.query(CardGroup).count() == 1

    @pytest.mark.parametrize("whose", ["card", "group"])
    def test_a_district_s_reviewer_acts_on_no_other_district(
        self, make: Factories, client: Client, first: Organisation, whose: str
    ) -> None:
        far = make.group("とおくの会", district="d2")
        own, target = (far, first) if whose == "card" else (first, far)
        card, _token = make.card(own)
        other, _token = make.card(first)
        client.sign_in(make.reviewer(district="d1"))
        client.get(self.page(other))
        token = client.page.all("input[name=csrf_token]")[0].get("value")
        fields = {"further": target.public_id, "csrf_token": token}
        client.post(self.page(card), fields, expect=404)
        assert db.session.query(CardGroup).count() == 0
        actor = make.actor(make.reviewer(district="d1"))
        with pytest.raises(NotPermitted):
            card_groups.add(actor, card, target)

    @pytest.mark.parametrize("role", ["officer", "committee", "chair"])
    def test_others_do_not(
        self, make: Factories, client: Client, card: tuple[Card, str], second: Organisation, role: str
    ) -> None:
        client.sign_in(make.user({"role": role, "district": "d1"}))
        client.get(self.page(card[0]), expect=403)
        off = f"{self.page(card[0])}/{second.public_id}/off"
        client.send(off, page="/staff/", expect=403)
        assert db.session.query(CardGroup).count() == 1

    def test_the_group_s_own_reviewer_takes_it_off_a_card_of_elsewhere(
        self, make: Factories, client: Client, card: tuple[Card, str]
    ) -> None:
        far = make.group("とおくの会", district="d2")
        card_groups.add(SYSTEM, card[0], far)
        db.session.commit()
        client.sign_in(make.reviewer(district="d2"))
        client.get(f"/staff/organisations/{far.public_id}")
        client.submit(client.page.form('form[action$="/off"]'))
        assert {row.organisation.name for row in db.session.scalars(select(CardGroup))} == {"ゆうやけ食堂"}


class TestCardsComeAndGo:
    def test_a_new_card_takes_the_groups_along(
        self, make: Factories, card: tuple[Card, str], first: Organisation, second: Organisation
    ) -> None:
        far = make.group("とおくの会", district="d2")
        card_groups.add(SYSTEM, card[0], far)
        actor = make.actor(make.reviewer(district="d1"))
        made = services.issue_card(actor, first, replaces=card[0].id).card
        assert [group.id for group in made.groups] == [
            first.id,
            second.id,
        ]  # not what the printer may not open

    def test_handing_a_further_group_over_takes_it_off(
        self, phone: Client, card: tuple[Card, str], second: Organisation
    ) -> None:
        services.hand_over(SYSTEM, second, "leader", Person("新しい人"))
        db.session.commit()
        phone.get(of(second), expect=404)
        phone.get(MONTH)

    def test_a_deputy_s_handover_leaves_the_leader_s_card(
        self, card: tuple[Card, str], second: Organisation
    ) -> None:
        services.hand_over(SYSTEM, second, "deputy", Person("新しい人"))
        assert [row.organisation_id for row in card[0].further] == [second.id]

    def test_handing_the_card_s_own_group_over_ends_it_for_all(
        self, phone: Client, first: Organisation, second: Organisation
    ) -> None:
        services.hand_over(SYSTEM, first, "leader", Person("新しい人"))
        db.session.commit()
        phone.get(of(second), expect=303)
        assert queries.card_states([second.id])[second.id] == "none"
