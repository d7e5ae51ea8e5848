"""一斉改選: all areas on one screen, a look first, then everything at once or nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts import reelection
from portal.accounts.models import Card
from portal.accounts.reelection import Decision
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid, NotPermitted, StaleVersion
from portal.domain.periods import Month
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit
from portal.organisations.models import Contact, Organisation
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/staff/reelection/"
ENDS, BEGINS = date(2028, 11, 30), date(2028, 12, 1)
SINCE = date(2025, 12, 1)


@pytest.fixture
def areas(make: Factories) -> list[Organisation]:
    """Three held areas and a vacant one."""
    found = [make.area((SINCE, None), name=f"本町{number}区")[0] for number in (1, 2, 3)]
    return [*found, make.area(name="本町4区")[0]]


@pytest.fixture
def staff(make: Factories, client: Client) -> Client:
    client.sign_in(make.user({"role": "reviewer", "data_set": "minsei"}))
    return client


def contacts(area: Organisation) -> list[Contact]:
    query = select(Contact).where(Contact.organisation_id == area.id)
    return list(db.session.scalars(query.order_by(Contact.starts_on)))


def choose(
    client: Client, choices: dict[Organisation, str], expect: int = 200, press: str = "preview"
) -> None:
    """Choose in the table and go on."""
    client.get(PAGE)
    fields = {f"c-{area.public_id}": choice for area, choice in choices.items()}
    client.submit(client.page.form("#areas"), fields, press=press, expect=expect)


def do(client: Client, fields: dict[str, str] | None = None, expect: int = 200) -> str:
    return client.submit(client.page.form("#areas"), fields, press="do", expect=expect).text


class TestTheTable:
    def test_shows_each_area_with_its_present_person_and_the_day_by_law(
        self, staff: Client, areas: list[Organisation]
    ) -> None:
        held = contacts(areas[0])[0]
        held.name = "佐藤"
        db.session.commit()
        staff.get(PAGE)
        assert staff.page.one("#ends").get("value") == ENDS.isoformat()
        assert [area.name in staff.page.text("#areas") for area in areas] == [True] * 4
        assert "佐藤" in staff.page.text("#areas")
        checked = [one.get("value") for one in staff.page.all("#areas input[checked]")]
        assert checked == ["open"] * 4  # nothing is decided by itself

    def test_fills_the_rest_in_with_one_press(self, staff: Client, areas: list[Organisation]) -> None:
        choose(staff, {areas[1]: "change"}, press="rest")
        checked = [one.get("value") for one in staff.page.all("#areas input[checked]")]
        assert checked == ["stay", "change", "stay", "open"]

    def test_says_where_nothing_is_decided_and_what_is_no_day(
        self, staff: Client, areas: list[Organisation]
    ) -> None:
        choose(staff, {}, expect=422)
        assert staff.page.all("#errors")
        staff.get(f"{PAGE}?ends=soon", expect=422)
        assert staff.page.all("#ends-error")

    def test_takes_a_district(self, staff: Client, make: Factories, areas: list[Organisation]) -> None:
        make.area((SINCE, None), district="d2", name="とおく1区")
        staff.get(f"{PAGE}?district=d2")
        assert "とおく1区" in staff.page.text("#areas")
        assert "本町1区" not in staff.page.text("#areas")

    def test_holds_two_hundred(self, staff: Client, make: Factories) -> None:
        made = [make.area((SINCE, None), name=f"{number}区")[0] for number in range(200)]
        choose(staff, dict.fromkeys(made[:70], "change") | {made[199]: "vacant"}, press="rest")
        staff.submit(staff.page.form("#areas"), press="preview", expect=200)
        assert "70" in staff.page.text("dl.facts")
        do(staff)
        assert len(staff.page.all(".cut")) == 70
        assert len(staff.page.all(".a4")) == 9  # eight to a page


class TestDoingIt:
    def test_who_stays_keeps_the_card_who_changes_gets_one_and_november_stays_theirs(
        self, staff: Client, make: Factories, areas: list[Organisation]
    ) -> None:
        old = {area: make.card(area, contact=contacts(area)[0])[0] for area in areas[:3]}
        choose(staff, {areas[0]: "stay", areas[1]: "change", areas[2]: "vacant"})
        assert contacts(areas[1])[0].ends_on is None  # only looked at
        text = do(staff, {f"name-{areas[1].public_id}": "鈴木"})
        assert len(re.findall(r'class="pin">', text)) == 1
        assert [(c.starts_on, c.ends_on) for c in contacts(areas[0])] == [(SINCE, None)]
        before, new = contacts(areas[1])
        assert (before.ends_on, new.starts_on, new.name) == (ENDS, BEGINS, "鈴木")
        assert contacts(areas[2])[0].ends_on == ENDS
        assert all(card.revoked_at is None for card in old.values())
        made = db.session.scalars(select(Card).where(Card.contact_id == new.id)).one()
        assert made.contact_role == "commissioner"
        form = datasets.data_set("minsei")
        owed = datasets.expected(form, Month(2028, 11), Month(2028, 12))
        assert owed["2028-11"] == {area.id for area in areas[:3]}
        assert owed["2028-12"] == {areas[0].id, areas[1].id}
        assert audit.first_broken()[1] is None

    def test_somebody_begins_where_it_was_vacant(self, staff: Client, areas: list[Organisation]) -> None:
        choose(staff, {areas[3]: "change"})
        do(staff)
        assert [c.starts_on for c in contacts(areas[3])] == [BEGINS]

    def test_a_neighbour_covers(self, staff: Client, areas: list[Organisation]) -> None:
        contacts(areas[0])[0].name = "佐藤"
        db.session.commit()
        choose(staff, {areas[0]: "stay", areas[1]: "cover", areas[2]: "change", areas[3]: "cover"})
        options = {
            one.get("value") for one in staff.page.all(f"#by-{areas[1].public_id} option") if one.get("value")
        }
        assert options == {areas[0].public_id, areas[2].public_id}  # whoever holds one afterwards
        fields = {
            f"by-{areas[1].public_id}": areas[0].public_id,
            f"by-{areas[3].public_id}": areas[2].public_id,
            f"name-{areas[2].public_id}": "鈴木",
        }
        do(staff, fields)
        assert contacts(areas[1])[1].name == "佐藤"
        assert contacts(areas[3])[0].name == "鈴木"
        assert len(staff.page.all(".cut")) == 3

    def test_whose_own_term_ends_that_day_covers_nobody(
        self, staff: Client, areas: list[Organisation]
    ) -> None:
        contacts(areas[0])[0].ends_on = ENDS
        db.session.commit()
        choose(staff, {areas[1]: "cover"})
        options = {one.get("value") for one in staff.page.all(f"#by-{areas[1].public_id} option")}
        assert areas[0].public_id not in options
        do(staff, {f"by-{areas[1].public_id}": areas[0].public_id}, expect=422)

    def test_covered_by_nobody_is_asked_again_and_nothing_is_done(
        self, staff: Client, areas: list[Organisation]
    ) -> None:
        choose(staff, {areas[0]: "change", areas[1]: "cover"})
        do(staff, expect=422)
        assert [len(contacts(area)) for area in areas] == [1, 1, 1, 0]
        assert db.session.query(Card).count() == 0

    def test_a_term_with_an_end_is_prolonged(self, staff: Client, areas: list[Organisation]) -> None:
        contacts(areas[0])[0].ends_on = ENDS
        db.session.commit()
        choose(staff, {areas[0]: "stay"})
        do(staff, expect=303)
        assert contacts(areas[0])[0].ends_on == date(2031, 11, 30)

    def test_all_or_nothing_where_somebody_was_faster(self, staff: Client, areas: list[Organisation]) -> None:
        choose(staff, {areas[0]: "change", areas[1]: "change"})
        form = staff.page.form("#areas")
        contacts(areas[1])[0].ends_on = date(2026, 10, 31)
        db.session.commit()
        name, lost = f"name-{areas[0].public_id}", f"c-{areas[1].public_id}"
        staff.submit(form, {name: "鈴木"}, press="do", expect=409)
        assert len(contacts(areas[0])) == 1
        assert db.session.query(Card).count() == 0
        # what was chosen and typed for the others is still there; the row that changed is decided anew
        assert staff.page.one(f'#areas input[name="{name}"]').get("value") == "鈴木"
        kept = staff.page.one(f'#areas input[name="c-{areas[0].public_id}"][checked]')
        assert kept.get("value") == "change"
        assert staff.page.one(f'#areas input[name="{lost}"][checked]').get("value") != "change"

    def test_pressed_again_makes_no_second_set(self, staff: Client, areas: list[Organisation]) -> None:
        choose(staff, {areas[0]: "change"})
        form = staff.page.form("#areas")
        staff.submit(form, press="do", expect=200)
        staff.path = PAGE
        staff.submit(form, press="do", expect=409)
        assert len(contacts(areas[0])) == 2
        assert db.session.query(Card).count() == 1

    def test_a_stale_page_does_nothing_and_keeps_the_choices(
        self, staff: Client, areas: list[Organisation]
    ) -> None:
        choose(staff, {areas[0]: "change"})
        fields = staff.page.form("#areas").filled(press="do") | {"csrf_token": "x"}
        staff.post(PAGE, fields, expect=400)
        assert (
            staff.page.one(f'#areas input[name="c-{areas[0].public_id}"][checked]').get("value") == "change"
        )
        assert len(contacts(areas[0])) == 1


class TestTakingBack:
    @pytest.mark.parametrize("had", [None, ENDS])
    def test_undoes_it_all_until_it_begins(
        self, staff: Client, areas: list[Organisation], had: date | None
    ) -> None:
        contacts(areas[0])[0].ends_on = had
        db.session.commit()
        choose(staff, {areas[0]: "change"})
        do(staff, {f"name-{areas[0].public_id}": "鈴木"})
        choose(staff, {areas[0]: "take_back"})
        do(staff, expect=303)
        assert [(c.name, c.ends_on) for c in contacts(areas[0])] == [(None, had)]
        card = db.session.scalars(select(Card)).one()
        assert card.revoked_at is not None
        assert card.contact_id is None
        choose(staff, {areas[0]: "change"})  # and once more
        do(staff)
        assert len(contacts(areas[0])) == 2
        assert audit.first_broken()[1] is None

    def test_vacant_is_undone_by_reappointed(self, staff: Client, areas: list[Organisation]) -> None:
        choose(staff, {areas[0]: "vacant"})
        do(staff, expect=303)
        choose(staff, {areas[0]: "stay"})
        do(staff, expect=303)
        assert contacts(areas[0])[0].ends_on == date(2031, 11, 30)

    def test_not_after_it_has_begun(self, make: Factories, areas: list[Organisation]) -> None:
        today = clock.today()
        ends = today - timedelta(days=1)
        row = next(one for one in reelection.rows(SYSTEM, ends) if one.area.id == areas[0].id)
        reelection.carry_out(SYSTEM, ends, [Decision(row, "change")], {areas[0].public_id: row.seen})
        row = next(one for one in reelection.rows(SYSTEM, ends) if one.area.id == areas[0].id)
        assert row.choices == ("open",)
        seen = {areas[0].public_id: row.seen}
        with pytest.raises(Invalid):
            reelection.carry_out(SYSTEM, ends, [Decision(row, "take_back")], seen)


class TestWhoMay:
    @pytest.mark.parametrize(
        "grant",
        [{"role": "reviewer"}, {"role": "reviewer", "data_set": "salon"}, {"role": "administrator"}],
    )
    def test_who_is_not_entrusted_by_name_sees_no_area(
        self, make: Factories, client: Client, areas: list[Organisation], grant: dict[str, str]
    ) -> None:
        user = make.user(grant)
        client.sign_in(user)
        client.get(PAGE)
        assert "本町" not in client.page.text()
        client.get("/staff/organisations/")
        assert PAGE not in [a.get("href", "").split("?")[0] for a in client.page.all("a")]
        rows = reelection.rows(SYSTEM, ENDS)
        seen = {row.area.public_id: row.seen for row in rows}
        with pytest.raises(NotPermitted):
            reelection.carry_out(make.actor(user), ENDS, [Decision(rows[0], "vacant")], seen)

    def test_a_posted_area_of_others_is_left_alone(
        self, make: Factories, client: Client, areas: list[Organisation]
    ) -> None:
        far = make.area((SINCE, None), district="d2", name="とおく1区")[0]
        client.sign_in(make.user({"role": "reviewer", "data_set": "minsei", "district": "d1"}))
        client.get(PAGE)
        assert "とおく" not in client.page.text("#areas")
        fields = client.page.form("#areas").filled({f"c-{areas[0].public_id}": "change"})
        fields |= {
            "action": "do",
            f"c-{far.public_id}": "change",
            "rows": f"{fields['rows'][0]},{far.public_id}:change:{contacts(far)[0].id}_-_0",
        }
        client.post(PAGE, fields, expect=200)
        assert [len(contacts(area)) for area in (areas[0], far)] == [2, 1]

    @pytest.mark.parametrize("role", ["officer", "committee", "chair"])
    def test_others_do_not_open_it(self, make: Factories, client: Client, role: str) -> None:
        client.sign_in(make.user({"role": role, "district": "d1"}))
        client.get(PAGE, expect=403)
        client.send(PAGE, {"action": "do"}, page="/staff/", expect=403)

    def test_a_card_does_not(self, make: Factories, asaka: Flask, areas: list[Organisation]) -> None:
        phone = Client(asaka)
        phone.use_card(make.card(areas[0], contact=contacts(areas[0])[0])[1])
        phone.get(PAGE, expect=403)


def test_what_rules_say_is_data_of_a_service_too(areas: list[Organisation]) -> None:
    row = reelection.rows(SYSTEM, ENDS)[0]
    with pytest.raises(StaleVersion):
        reelection.carry_out(SYSTEM, ENDS, [Decision(row, "vacant")], {})
    with pytest.raises(Invalid):
        reelection.carry_out(SYSTEM, ENDS, [Decision(row, "take_back")], {row.area.public_id: row.seen})
