"""The staff page of reminders: the days, who may change them, and what became of the mail to each group."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.accounts.models import User
from portal.domain.errors import Invalid, NotPermitted
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground.models import AuditEvent, Mail
from portal.organisations.models import Contact, Organisation
from portal.reminders import intervals, results
from portal.reminders.models import Reminder
from tests.integration.reminders.conftest import Write
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/staff/reminders/"
TYPED = {"remind.days_before": "5", "remind.days_after": "1", "remind.days_late_at_most": "12"}


def reminded(make: Factories, contact: Contact, state: str) -> None:
    mail = Mail(
        public_id=f"{contact.id}{state}",
        reference=f"contact:{contact.id}",
        headers={},
        state=state,
        attempts=1,
        created_at=clock.now(),
        next_try_at=clock.now(),
        expires_at=clock.now(),
    )
    db.session.add(mail)
    db.session.flush()
    row = Reminder(
        organisation_id=contact.organisation_id,
        data_set_id=make.data_set().id,
        period="2026-10",
        kind="soon",
        contact_id=contact.id,
        mail_id=mail.id,
        queued_at=clock.now(),
    )
    db.session.add(row)
    db.session.commit()


def rows(client: Client) -> str:
    return client.page.text("tbody tr")


class TestTheDays:
    def test_are_changed_with_an_event_and_the_next_run_goes_by_them(
        self, make: Factories, client: Client
    ) -> None:
        user = make.user({"role": "administrator"})
        client.sign_in(user)
        client.get(PAGE)
        client.submit(client.page.form('form[action$="/days"]'), {**TYPED, "remind.days_before": "５"})
        assert intervals.intervals() == intervals.Intervals(5, 1, 12)
        events = list(db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "setting")))
        mine = {e.subject_id: (e.actor, e.data["value"]) for e in events if e.subject_id in TYPED}
        assert mine == {key: (f"staff:{user.id}", int(value)) for key, value in TYPED.items()}
        client.get(PAGE)
        assert user.name in client.page.text("section.card")

    def test_unchanged_days_write_nothing(self, make: Factories, client: Client) -> None:
        client.sign_in(make.reviewer())
        client.get(PAGE)
        client.submit(client.page.form('form[action$="/days"]'))
        client.get(PAGE)
        client.submit(client.page.form('form[action$="/days"]'))
        assert len(results.changes(50)) == 3  # once each, written down for the first time

    @pytest.mark.parametrize(
        ("key", "typed"),
        [
            ("remind.days_before", "31"),
            ("remind.days_before", ""),
            ("remind.days_after", "two"),
            ("remind.days_after", "-1"),
            ("remind.days_late_at_most", "2.5"),
            ("remind.days_late_at_most", "0"),  # before the reminder itself
        ],
    )
    def test_what_can_t_be_is_said_at_the_field_and_nothing_changes(
        self, make: Factories, client: Client, key: str, typed: str
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(PAGE)
        form = client.page.form('form[action$="/days"]')
        client.submit(form, {**TYPED, key: typed}, expect=422)
        field = client.page.one(f'input[name="{key}"]')
        assert (field.get("value"), field.get("aria-invalid")) == (typed, "true")
        assert client.page.all(f'#errors a[href="#{field.get("id")}"]')
        assert client.page.one('input[name="remind.days_before"]').get("value") == (
            typed if key == "remind.days_before" else "5"
        )
        assert intervals.intervals() == intervals.Intervals(3, 2, 10)

    def test_a_stale_form_keeps_what_was_typed(self, make: Factories, client: Client) -> None:
        client.sign_in(make.reviewer())
        client.get(PAGE)
        client.post(f"{PAGE}days", {**TYPED, "csrf_token": "forged"}, expect=400)
        assert client.page.one('input[name="remind.days_before"]').get("value") == "5"
        assert intervals.intervals() == intervals.Intervals(3, 2, 10)

    @pytest.mark.parametrize(
        "grant",
        [{"role": "reviewer", "district": "d1"}, {"role": "reviewer", "data_set": "salon"}],
        ids=["a district's reviewer", "a form's reviewer"],
    )
    def test_for_everybody_are_set_by_who_works_for_everybody(
        self, make: Factories, client: Client, grant: dict[str, Any]
    ) -> None:
        user = make.user(grant)
        client.sign_in(user)
        client.get(PAGE)
        assert client.page.all('form[action$="/days"]') == []
        with pytest.raises(NotPermitted):
            intervals.put(make.actor(user), intervals.BEFORE, 7)
        client.get("/staff/")
        token = client.page.all("input[name=csrf_token]")[0].get("value", "")
        client.post(f"{PAGE}days", {**TYPED, "csrf_token": token}, expect=403)
        assert intervals.intervals() == intervals.Intervals(3, 2, 10)

    def test_what_they_mean_for_the_next_due_day(self, make: Factories, client: Client) -> None:
        client.sign_in(make.reviewer())
        client.get(PAGE)
        told = client.page.text("ol.trail")
        for day in ("11月5日", "11月10日", "11月12日", "11月25日"):  # as in test_remind
            assert day in told
        intervals.put(SYSTEM, intervals.BEFORE, 1)
        db.session.commit()
        client.get(PAGE)
        assert "11月9日" in client.page.text("ol.trail")


class TestWhatBecameOfIt:
    @pytest.mark.parametrize(
        ("details", "state", "group_of"),
        [
            ({}, "sent", "mail"),
            ({}, "unclear", "doubtful"),
            ({}, "failed", "doubtful"),
            ({"email_refused_at": True}, "bounced", "refused"),
            ({"unsubscribed_at": True}, "sent", "unsubscribed"),
            ({"email": None}, "", "none"),
        ],
    )
    def test_is_in_its_place(
        self,
        make: Factories,
        client: Client,
        group: Organisation,
        contact_of: Write,
        details: dict[str, Any],
        state: str,
        group_of: str,
    ) -> None:
        given = {key: clock.now() if value is True else value for key, value in details.items()}
        contact = contact_of(group, language="vi", **given)
        if state:
            reminded(make, contact, state)
        client.sign_in(make.reviewer())
        for name, holds in results.GROUPS.items():
            client.get(f"{PAGE}?show={name}")
            line = results.lines(make.actor(make.reviewer()))[0]
            assert ("もみじ台サロン" in rows(client)) == holds(line)
            assert (name == group_of) <= holds(line)
        client.get(PAGE)
        assert "Tiếng Việt" in rows(client)

    def test_a_group_without_a_contact_is_among_them(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        client.sign_in(make.reviewer())
        client.get(f"{PAGE}?show=none")
        assert "もみじ台サロン" in rows(client)

    def test_no_address_is_written_on_the_page(
        self, make: Factories, client: Client, group: Organisation, contact_of: Write
    ) -> None:
        contact_of(group)
        client.sign_in(make.reviewer())
        client.get(PAGE)
        assert "hana@example.jp" not in client.page.html

    @pytest.mark.parametrize(
        ("grant", "sees"),
        [
            ({"role": "reviewer", "district": "d1"}, True),
            ({"role": "reviewer", "district": "d2"}, False),
            ({"role": "administrator"}, True),
        ],
        ids=str,
    )
    def test_only_of_one_s_own_district(
        self, make: Factories, client: Client, group: Organisation, grant: dict[str, Any], sees: bool
    ) -> None:
        client.sign_in(make.user(grant))
        client.get(PAGE)
        assert ("もみじ台サロン" in client.page.text("main")) == sees

    def test_of_commissioners_for_whom_their_records_are_entrusted_to(
        self, make: Factories, client: Client
    ) -> None:
        """That somebody was reminded tells that the record was not in."""
        area, _terms = make.area((date(2025, 12, 1), None), name="ひみつ1区")

        def seen_by(user: User) -> bool:
            return area.id in [line.organisation.id for line in results.lines(make.actor(user))]

        assert not seen_by(make.reviewer())
        assert not seen_by(make.user({"role": "administrator"}))
        assert seen_by(make.user({"role": "reviewer", "data_set": "minsei"}))

    @pytest.mark.parametrize("role", ["committee", "chair", "officer"])
    def test_others_don_t_open_it(self, make: Factories, client: Client, role: str) -> None:
        client.sign_in(make.user({"role": role, "district": "d1"}))
        client.get(PAGE, expect=403)

    def test_strange_addresses_do_no_harm(self, make: Factories, client: Client) -> None:
        client.sign_in(make.reviewer())
        for query in ("?show=x&district=nowhere", "?page=0", "?page=999", "?page=x"):
            client.get(PAGE + query)


def test_reading_names_each_field_that_is_wrong() -> None:
    with pytest.raises(Invalid) as caught:
        intervals.read({})
    assert caught.value.params["fields"] == dict.fromkeys(intervals.DEFAULTS, "days")
