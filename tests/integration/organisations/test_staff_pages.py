"""Staff's pages of groups, cards and users, as somebody clicks through them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import queries as accounts
from portal.accounts.models import Card, User
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations import queries
from portal.organisations.models import Organisation
from tests.integration.accounts.browser import Browser
from tests.support.factories import PASSWORD, PIN, Factories

LIST = "/staff/organisations/"


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


@pytest.fixture
def page(group: Organisation) -> str:
    return f"{LIST}{group.public_id}"


def signed_in(app: Flask, user: User) -> Browser:
    browser = Browser(app)
    assert browser.send("/ja/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 303
    return browser


@pytest.fixture
def staff(asaka: Flask, make: Factories) -> Browser:
    return signed_in(asaka, make.reviewer())


@pytest.fixture
def administrator(asaka: Flask, make: Factories) -> Browser:
    return signed_in(asaka, make.user({"role": "administrator"}, email="admin@example.jp"))


def events() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


class TestTheList:
    def test_shows_what_is_asked_for(self, staff: Browser, make: Factories, group: Organisation) -> None:
        make.group("あおばクラブ", district="d2", kinds=("senior_club",))
        staff.get(LIST)
        assert "ひだまりの会" in staff.page
        assert "あおばクラブ" in staff.page
        staff.get(f"{LIST}?district=d2&kind=senior_club&card=none")
        assert "ひだまりの会" not in staff.page
        assert "あおばクラブ" in staff.page
        assert staff.get(f"{LIST}?q=ほかの").status_code == 200
        assert "あおばクラブ" not in staff.page

    def test_takes_the_same_queries_for_many_groups(
        self, staff: Browser, make: Factories, asaka: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asaka.wsgi_app, "clock", lambda: 0.0)  # it asks for the release once a second
        seen: list[Any] = []
        db.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        counts = []
        for _ in range(2):
            for _ in range(5):
                make.card(make.group())
            seen.clear()
            staff.get(LIST)
            counts.append(len(seen))
        assert counts[0] == counts[1]

    def test_of_a_district_s_reviewer_ends_at_the_district(
        self, asaka: Flask, make: Factories, page: str, group: Organisation
    ) -> None:
        other = signed_in(asaka, make.reviewer(district="d2"))
        other.get(LIST)
        assert "ひだまりの会" not in other.page
        card, _token = make.card(group)
        assert other.get(page).status_code == 404
        other.get(LIST)
        token = other.token()
        for path in (f"{page}/edit", f"{page}/cards", f"{page}/contacts", f"/staff/cards/{card.id}/revoke"):
            assert other.post(path, {"csrf_token": token, "role": "leader"}).status_code == 404, path


class TestOneGroup:
    def test_is_added_edited_and_closed(self, staff: Browser) -> None:
        asked = {
            "name": "もみじ台サロン",
            "district": "d3",
            "kinds": ["salon", "kayoinoba"],
            "opened_on": "2026-04-01",
        }
        answer = staff.send(f"{LIST}new", asked)
        assert answer.status_code == 303
        path = answer.location
        assert staff.get(path).status_code == 200
        assert "もみじ台サロン" in staff.page
        asked |= {"name": "もみじサロン", "kinds": ["salon"]}
        assert staff.send(f"{path}/edit", asked).location == path
        assert staff.send(f"{path}/closing", {"day": "2027-03-31"}, page=path).location == path
        group = queries.by_any_name("もみじサロン")
        assert (group.kind_codes, str(group.closed_on)) == (["salon"], "2027-03-31")

    @pytest.mark.parametrize(
        "slip",
        [{"name": ""}, {"opened_on": "yesterday"}, {"opened_on": ""}, {"kinds": ["pub"]}, {"district": "d9"}],
    )
    def test_with_a_slip_shows_the_form_again(self, staff: Browser, slip: dict[str, Any]) -> None:
        asked = {
            "name": "もみじ",
            "name_en": "Maple",
            "district": "d3",
            "kinds": ["salon"],
            "opened_on": "2026-04-01",
        }
        assert staff.send(f"{LIST}new", asked | slip).status_code == 422
        assert 'value="Maple"' in staff.page
        assert "もみじ" not in {o.name for o in db.session.scalars(select(Organisation))}

    @pytest.mark.parametrize("path", ["/edit", "/closing", "/contacts", "/forms"])
    def test_with_an_old_token_shows_the_form_again_and_writes_nothing(
        self, staff: Browser, page: str, path: str
    ) -> None:
        before = events()
        day = {"day": "2026-10-31", "opened_on": "2026-04-01", "starts_on": "2027-01-01"}
        asked = {"name": "あたらしい", "role": "leader", "data_set": "salon", "cadence": "yearly"} | day
        assert staff.post(page + path, asked | {"csrf_token": "old"}).status_code == 400
        assert "<form" in staff.page
        assert events() == before

    def test_an_office_s_page_takes_its_telephone_only(self, staff: Browser, make: Factories) -> None:
        path = f"{LIST}{make.office().public_id}"
        assert staff.send(f"{path}/edit", {"phone": "048-555-5555", "name": "よそ"}).status_code == 303
        assert (make.office().phone, make.office().name == "よそ") == ("048-555-5555", False)

    def test_every_deed_is_recorded(
        self, staff: Browser, page: str, group: Organisation, make: Factories
    ) -> None:
        year = {"shown": ["2025", "2026"], "subsidy": ["2026"]}
        deeds: list[tuple[str, dict[str, Any]]] = [
            ("/registers", year),
            ("/contacts", {"role": "leader", "person": "佐藤", "language": "vi"}),
            ("/forms", {"data_set": "salon", "cadence": "quarterly", "starts_on": "2027-04-01"}),
            ("/closing", {"day": "2027-03-31"}),
        ]
        for path, asked in deeds:
            before = events()
            assert staff.send(page + path, asked, page=page).location == page, path
            assert events() == before + 1, path
        assert queries.registrations(group) == {"subsidy": [2026]}
        contact = queries.present_contact(group, "leader")
        assert contact is not None
        assert (
            staff.send(f"{page}/contacts/{contact.id}", {"person": "佐藤", "language": "ja"}).location == page
        )
        assert staff.send(f"{page}/contacts", {"role": "leader"}, page=page).status_code == 422  # began today

    def test_registers_of_years_not_on_the_page_stay(
        self, staff: Browser, page: str, make: Factories, group: Organisation
    ) -> None:
        other = make.group(registers={"subsidy": [2019, 2026]})
        path = f"{LIST}{other.public_id}"
        staff.send(f"{path}/registers", {"shown": ["2026"]}, page=path)
        assert queries.registrations(other) == {"subsidy": [2019]}

    def test_somebody_else_s_contact_is_not_there(self, staff: Browser, page: str, make: Factories) -> None:
        other = make.group()
        path = f"{LIST}{other.public_id}"
        staff.send(f"{path}/contacts", {"role": "leader", "language": "ja"}, page=path)
        contact = queries.present_contact(other, "leader")
        assert contact is not None
        assert staff.get(f"{page}/contacts/{contact.id}").status_code == 404


def typed_address(page: str) -> str:
    """The path that somebody types who reads a printed card: its token stands there by fours."""
    found = re.search(r"portal\.test(/\w[\w-]*/card/) <span class=\"fours\">(.*?)</p>", page, re.S)
    return found[1] + re.sub(r"<[^>]*>", "", found[2]) if found else ""


class TestCards:
    def test_a_new_card_is_shown_once_and_works(self, asaka: Flask, staff: Browser, page: str) -> None:
        answer = staff.send(f"{page}/cards", {"role": "leader", "replaces": "0"}, page=page)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert "<svg" in staff.page
        address = typed_address(staff.page)
        pin = re.search(r"(\d{3}) (\d{3})", staff.page)
        assert address
        assert pin
        phone = Browser(asaka)
        assert phone.send(address, {"pin": pin[1] + pin[2]}).location == "/ja/report/"
        staff.get(page)
        assert address not in staff.page
        assert pin[0] not in staff.page

    def test_its_address_is_in_the_contact_s_language(self, staff: Browser, page: str) -> None:
        staff.send(f"{page}/contacts", {"role": "leader", "language": "vi"}, page=page)
        staff.send(f"{page}/cards", {"role": "leader", "replaces": "0"}, page=page)
        assert "/vi/card/" in staff.page

    def test_reload_does_not_kill_the_card_that_was_just_printed(
        self, staff: Browser, page: str, group: Organisation
    ) -> None:
        staff.get(page)
        asked = {"role": "leader", "replaces": "0", "csrf_token": staff.token()}
        assert staff.post(f"{page}/cards", asked).status_code == 200
        card = accounts.open_cards([group.id])[0].id
        assert staff.post(f"{page}/cards", asked).status_code == 409
        assert [c.id for c in accounts.open_cards([group.id])] == [card]

    def test_is_unlocked_revoked_and_its_phones_signed_out(
        self, asaka: Flask, staff: Browser, page: str, make: Factories, group: Organisation
    ) -> None:
        card, token = make.card(group)
        phone = Browser(asaka)
        phone.send(f"/ja/card/{token}", {"pin": PIN})
        for _ in range(5):
            Browser(asaka).send(f"/ja/card/{token}", {"pin": "000001"})
        staff.get(page)
        assert f"/staff/cards/{card.id}/unlock" in staff.page
        assert staff.send(f"/staff/cards/{card.id}/unlock", page=page).location == page
        assert not accounts.is_locked(card)
        row = accounts.phones([card.id])[0]
        assert staff.send(f"/staff/phones/{row.id}/end", page=page).location == page
        assert phone.get("/ja/report/phones").status_code == 303
        assert staff.send(f"/staff/cards/{card.id}/revoke", page=page).location == page
        assert phone.get(f"/ja/card/{token}").status_code == 404

    def test_need_a_token(self, staff: Browser, make: Factories, group: Organisation, page: str) -> None:
        card, _token = make.card(group)
        for path in (f"{page}/cards", f"/staff/cards/{card.id}/revoke", f"/staff/cards/{card.id}/unlock"):
            assert staff.post(path, {"role": "leader"}).status_code == 400
        assert db.session.scalars(select(Card)).one().revoked_at is None


class TestUsers:
    def test_somebody_is_added_granted_kept_out_and_let_in(
        self, administrator: Browser, asaka: Flask
    ) -> None:
        asked = {"name": "田中", "email": "tanaka@example.jp", "role": "officer"}
        assert administrator.send("/staff/users/", asked).status_code == 200
        found = re.search(r"<code>([a-z0-9-]{23})</code>", administrator.page)
        assert found
        user = accounts.user_by_email("tanaka@example.jp")
        assert user is not None
        assert user.grants == []  # an officer's section is still to be named
        path, newcomer = f"/staff/users/{user.id}", Browser(asaka)
        assert newcomer.send("/ja/sign-in", {"email": user.email, "password": found[1]}).status_code == 303
        assert newcomer.get("/staff/users/").status_code == 403
        assert administrator.send(f"{path}/grants", {"role": "officer"}, page=path).status_code == 422
        section = next(o for o in queries.sections_and_offices() if o.side == "section").id
        asked = {"role": "officer", "organisation": str(section)}
        assert administrator.send(f"{path}/grants", asked, page=path).location == path
        assert [(g.role, g.organisation_id) for g in user.grants] == [("officer", section)]
        assert administrator.send(f"{path}/grants/{user.grants[0].id}/end", page=path).location == path
        assert administrator.send(f"{path}/active", {"active": "0"}, page=path).location == path
        assert newcomer.get("/staff/password").status_code == 303
        assert administrator.send(f"{path}/active", {"active": "1"}, page=path).location == path
        assert administrator.send(f"{path}/password", page=path).status_code == 200
        assert found[1] not in administrator.page

    def test_an_address_is_taken_once(self, administrator: Browser) -> None:
        asked = {"name": "もう一人", "email": "ADMIN@example.jp", "role": "reviewer"}
        assert administrator.send("/staff/users/", asked).status_code == 422
        assert "もう一人" in administrator.page

    def test_the_last_administrator_can_t_be_locked_out(self, administrator: Browser) -> None:
        user = accounts.user_by_email("admin@example.jp")
        assert user is not None
        path = f"/staff/users/{user.id}"
        assert administrator.send(f"{path}/active", {"active": "0"}, page=path).status_code == 409
        assert administrator.send(f"{path}/grants/{user.grants[0].id}/end", page=path).status_code == 409
        assert administrator.get(path).status_code == 200

    def test_a_grant_of_somebody_else_is_not_theirs_to_end(
        self, administrator: Browser, make: Factories
    ) -> None:
        one, other = make.reviewer(), make.reviewer()
        path = f"/staff/users/{one.id}"
        assert administrator.send(f"{path}/grants/{other.grants[0].id}/end", page=path).status_code == 404

    def test_are_for_administrators_only(self, staff: Browser) -> None:
        for path in ("/staff/users/", "/staff/users/1", "/staff/audit/"):
            assert staff.get(path).status_code == 403


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_are_there_in_both_of_staff_s_languages(
    administrator: Browser, page: str, language: str, group: Organisation, make: Factories
) -> None:
    make.card(group)
    administrator.client.set_cookie("language", language)
    for path in (
        LIST,
        f"{LIST}new",
        page,
        f"{page}/edit",
        "/staff/users/",
        "/staff/users/1",
        "/staff/audit/",
    ):
        assert administrator.get(path).status_code == 200, path
        assert f'lang="{language}"' in administrator.page
