"""Cards for a whole district at once, and a handover in one step: each shown once, to be printed."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from portal.accounts import queries
from portal.accounts.models import Card
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Contact, Organisation
from tests.support.client import Client
from tests.support.factories import Factories

CARDS = "/staff/cards/"


@pytest.fixture
def groups(make: Factories) -> list[Organisation]:
    return [make.group(f"サロン{number}") for number in "一二三"]


def open_cards() -> list[Card]:
    return list(db.session.scalars(select(Card).where(Card.revoked_at.is_(None)).order_by(Card.id)))


def ticked(client: Client) -> set[str]:
    boxes = client.page.all("input[name=chosen]")
    return {str(box.get("value")) for box in boxes if box.get("checked") is not None}


class TestADistrict:
    def test_ticks_the_groups_without_a_card(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        make.card(groups[0])
        make.group("よその地区", district="d2")
        client.sign_in(make.reviewer())
        client.get(f"{CARDS}?district=d1")
        assert ticked(client) == {f"{group.public_id}:0" for group in groups[1:]}
        assert "よその地区" not in client.page.text("table")

    def test_cards_are_shown_once_and_work(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(f"{CARDS}?district=d1")
        answer = client.submit(client.page.form('main form[method="post"]'), expect=200)
        assert answer.headers["Cache-Control"] == "private, no-store"
        cards = client.page.all(".cut")
        assert len(cards) == len(groups)
        assert not re.search(r"\sstyle=", answer.text)
        pins = [pin.replace(" ", "") for pin in re.findall(r'class="pin">([\d ]+)<', answer.text)]
        tokens = [
            re.sub(r"<[^>]*>", "", found)
            for found in re.findall(r'class="fours">(.*?)</p>', answer.text, re.S)
        ]
        phone = Client(client.browser.application, "192.0.2.9")
        assert phone.use_card(tokens[0], pins[0]).location == "/ja/report/"
        spaced = Client(client.browser.application, "192.0.2.10")  # typed as it is printed, by fours
        assert spaced.use_card("%20".join([tokens[1][:4], tokens[1][4:]]), pins[1]).status_code == 303
        kept = " ".join(str(row) for row in db.session.execute(db.text("select * from cards")).all())
        assert not any(secret in kept for secret in (*tokens, *pins))
        client.get(f"{CARDS}?district=d1")
        assert not any(token in client.page.text() for token in tokens)

    def test_pressing_reload_makes_no_second_set(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(f"{CARDS}?district=d1")
        form = client.page.form('main form[method="post"]')
        client.submit(form, expect=200)
        before = [card.id for card in open_cards()]
        client.path = CARDS
        client.submit(form, expect=409)
        assert [card.id for card in open_cards()] == before

    def test_an_old_card_dies_only_when_that_was_asked(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        old, token = make.card(groups[0])
        phone = Client(client.browser.application, "192.0.2.9")
        phone.use_card(token)
        client.sign_in(make.reviewer())
        chosen = {"chosen": f"{groups[0].public_id}:{old.id}", "district": "d1"}
        client.send(CARDS, chosen, expect=422)
        assert ticked(client) == {f"{groups[0].public_id}:{old.id}"}
        phone.get("/ja/report/")
        client.send(CARDS, {**chosen, "replace": "1"}, expect=200)
        phone.get("/ja/report/", expect=303)
        assert [card.organisation_id for card in open_cards()] == [groups[0].id]
        assert queries.open_cards([groups[0].id])[0].id != old.id

    def test_nothing_ticked_is_said(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        client.sign_in(make.reviewer())
        client.send(CARDS, {"district": "d1"}, expect=422)
        assert client.page.all("#errors")
        assert open_cards() == []

    def test_another_district_s_group_is_not_there_and_nothing_is_made(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        stranger = make.group("よその会", district="d2")
        client.sign_in(make.reviewer(district="d1"))
        client.get(CARDS)
        assert "よその会" not in client.page.text()
        chosen = [f"{groups[0].public_id}:0", f"{stranger.public_id}:0"]
        client.send(CARDS, {"chosen": chosen}, expect=404)
        assert open_cards() == []

    @pytest.mark.parametrize("role", ["officer", "committee"])
    def test_others_make_no_cards(
        self, make: Factories, client: Client, groups: list[Organisation], role: str
    ) -> None:
        client.sign_in(make.user({"role": role, "organisation_id": make.office().id}))
        client.get(CARDS, expect=403)
        client.send(CARDS, {"chosen": f"{groups[0].public_id}:0"}, page="/staff/", expect=403)
        assert open_cards() == []

    def test_is_in_the_holder_s_language_with_the_office_s_telephone(
        self, make: Factories, client: Client, groups: list[Organisation]
    ) -> None:
        make.office().phone = "048-000-1234"
        row = Contact(organisation_id=groups[0].id, role="leader", language="vi", starts_on=date(2026, 4, 1))
        db.session.add(row)
        db.session.commit()
        client.sign_in(make.reviewer())
        client.send(CARDS, {"chosen": f"{groups[0].public_id}:0"}, expect=200)
        assert client.page.one(".cut").get("lang") == "vi"
        assert "portal.test/vi/card/" in client.page.text(".card-address")
        assert "048-000-1234" in client.page.text(".access-card")
        assert client.page.all(".access-card .pin") == []  # on the slip, apart from the card
        assert len(client.page.all(".slip .pin")) == 1


class TestAHandover:
    def test_is_one_step(self, make: Factories, client: Client, groups: list[Organisation]) -> None:
        group = groups[0]
        old, token = make.card(group)
        phone = Client(client.browser.application, "192.0.2.9")
        phone.use_card(token)
        client.sign_in(make.reviewer())
        page = f"/staff/organisations/{group.public_id}"
        client.get(page)
        form = client.page.form('form[action$="/contacts"]')
        told = {"person": "佐藤", "language": "vi"}
        client.submit(form, told, expect=200)
        assert client.page.one(".cut").get("lang") == "vi"
        phone.get("/ja/report/", expect=303)
        assert Client(client.browser.application).get(f"/ja/card/{token}", expect=404)
        new = queries.open_cards([group.id])
        assert [card.contact_role for card in new] == ["leader"]
        events = db.session.execute(
            select(AuditEvent.subject_type, AuditEvent.subject_id, AuditEvent.action).order_by(AuditEvent.id)
        ).all()
        assert ("organisation", str(group.id), "contact_began") in [tuple(row) for row in events]
        assert ("card", str(old.id), "revoked") in [tuple(row) for row in events]
        assert ("card", str(new[0].id), "issued") in [tuple(row) for row in events]
        client.path = page
        client.submit(form, told, expect=422)  # reload: it began today, and the new card lives on
        assert [card.id for card in queries.open_cards([group.id])] == [new[0].id]

    def test_may_go_without_a_card(self, make: Factories, client: Client, groups: list[Organisation]) -> None:
        client.sign_in(make.reviewer())
        client.get(f"/staff/organisations/{groups[0].public_id}")
        form = client.page.form('form[action$="/contacts"]')
        client.submit(form, {"person": "佐藤", "role": "deputy", "card": None})
        assert open_cards() == []
