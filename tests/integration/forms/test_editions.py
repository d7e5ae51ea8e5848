"""Editions: what has been sent, begun or kept on a phone stays on the form that it was written on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.datasets import drafting, editing, wording
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, DataSetVersion, FormDraft, Measure
from portal.domain.errors import Invalid, NotPermitted, StaleVersion
from portal.domain.measures import RawAnswer
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.home import form_editions
from portal.ledger.models import Posting
from portal.organisations.models import Organisation
from portal.plan import edits, projection, readback
from portal.plan import services as plan
from portal.plan.document import parse
from portal.reporting import services
from portal.reporting.answers import Written
from portal.reporting.desk import Desk, sit_down
from portal.reporting.models import Draft, Submission
from portal.reporting.services import Sending
from portal.review import services as review
from tests.support.client import Client
from tests.support.factories import Factories

OLD, NEW = "2026-10", "2026-11"  # the clock stands on 5 November 2026


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


def salon() -> DataSet:
    return datasets.data_set("salon") or pytest.fail("no salon form")


def another_edition(make: Factories, since: str = NEW) -> DataSetVersion:
    """The short name changed, one question new, one no longer asked."""
    actor = make.actor(make.user({"role": "administrator"}))
    form = salon()

    def how(now: wording.Definition) -> wording.Definition:
        names = wording.text(now, "measures/held/labels").names
        now = wording.reword(now, "measures/held/labels", {**names, "ja": "集まった回数"})
        now = editing.retire(now, "activities", form_editions.around(form))
        texts = {"ja": "若い人", "vi": "Người trẻ"}
        new = editing.NewMeasure("Young visitors", "flow", texts, texts, {"ja": "人"})
        return editing.add(now, new, form_editions.around(form))[0]

    drafting.change(actor, form, "", how)
    seen = drafting.token(drafting.draft(form))
    made = form_editions.put_in_force(actor, form, seen, since, "補助金の報告に要る", True)
    db.session.commit()
    return made


def desk(make: Factories, group: Organisation, period: str, written_on: str = "") -> Desk:
    card, _token = make.card(group)
    return sit_down(make.card_actor(card), group, "salon", period, "reporting", written_on)


def send(at: Desk, based_on: int = 0, **values: Any) -> Submission:
    raw = {
        code: RawAnswer(text=str(value)) for code, value in {"held": 2, "attendance": 31, **values}.items()
    }
    sent = services.send(at, Sending(services.new_key(), based_on, Written(raw)))
    db.session.commit()
    return sent


def codes(at: Desk) -> set[str]:
    return {measure.code for measure in at.form.measures}


@pytest.mark.both_databases
def test_putting_a_draft_into_force_makes_an_edition_an_edit_and_an_event(make: Factories) -> None:
    made = another_edition(make)
    assert (made.version, made.from_period, made.made_at is not None) == (2, NEW, True)
    assert salon().current is made
    assert db.session.scalars(select(FormDraft)).all() == []
    edit = edits.history("data_set", "salon")[0]
    assert (edit.field, edit.reason) == ("definition", "補助金の報告に要る")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "form")).one()
    assert (event.action, event.data) == ("put_in_force", {"version": 2, "since": NEW})
    stored = plan.in_force()
    assert stored is not None
    assert readback.rows() == edits.applied(projection.rows(parse(stored.text)))


def test_a_month_has_the_edition_that_holds_for_it(make: Factories, group: Organisation) -> None:
    another_edition(make)
    assert "activities" in codes(desk(make, group, OLD))
    assert "young_visitors" in codes(desk(make, group, NEW))
    assert "activities" not in codes(desk(make, group, NEW))


def test_what_was_sent_is_corrected_and_approved_on_its_own_edition(
    make: Factories, group: Organisation
) -> None:
    card_desk = desk(make, group, OLD)
    sent = send(card_desk)
    another_edition(make, since=OLD)  # it holds for that month too, and still is not this report's
    again = desk(make, group, OLD)
    assert again.edition.version == 1
    assert "activities" in codes(again)
    corrected = send(again, based_on=sent.version, attendance=33)
    assert corrected.versions[-1].form.version == 1
    reviewer = make.actor(make.reviewer())
    review.approve(reviewer, corrected, corrected.last_seq)
    db.session.commit()
    posted = db.session.scalars(select(Posting).join(Measure).where(Measure.code == "attendance")).all()
    assert [row.value for row in posted] == [33]


def test_a_question_that_is_no_longer_asked_still_reaches_the_ledger_from_an_old_report(
    make: Factories, group: Organisation
) -> None:
    at = desk(make, group, OLD)
    raw = {"held": RawAnswer("2"), "attendance": RawAnswer("9"), "activities": RawAnswer(chosen=("tea",))}
    sent = services.send(at, Sending(services.new_key(), 0, Written(raw)))
    db.session.commit()
    another_edition(make)
    review.approve(make.actor(make.reviewer()), sent, sent.last_seq)
    db.session.commit()
    found = db.session.scalars(select(Posting).join(Measure).where(Measure.code == "activities")).all()
    assert found


@pytest.mark.parametrize("told", [True, False])
def test_what_somebody_has_begun_keeps_its_form(make: Factories, group: Organisation, told: bool) -> None:
    services.save_draft(desk(make, group, NEW), Written({"held": RawAnswer("2")}), "k")
    if not told:  # a draft that was begun before drafts said on which edition
        row = db.session.scalars(select(Draft)).one()
        row.raw = {key: value for key, value in row.raw.items() if key != "edition"}
    db.session.commit()
    assert form_editions.standing(salon())[1].drafts == 1
    another_edition(make)
    assert desk(make, group, NEW).edition.version == 1
    assert form_editions.standing(salon())[1].drafts == 1


def test_a_phone_that_kept_the_old_form_can_still_send_it(
    client: Client, make: Factories, group: Organisation
) -> None:
    _card, token = make.card(group)
    client.use_card(token)
    path = f"/ja/report/salon/{NEW}/"
    client.get(path)
    kept = client.page.form("form.report").filled(
        {"m-held": "2", "m-attendance": "31", "m-activities": ["tea"]}
    )
    another_edition(make)
    client.get("/ja/report/")
    fresh = client.page.all("input[name=csrf_token]")[0].get("value", "")
    client.post(f"{path}send", {**kept, "csrf_token": fresh})
    sent = db.session.scalars(select(Submission)).one()
    assert sent.versions[-1].form.version == 1
    assert sent.versions[-1].values["activities"]["value"] == ["tea"]
    client.get(path)
    assert client.page.all("input[name=m-activities]"), "its correction has the old form"


def test_a_page_names_no_edition_that_never_held_for_its_month(make: Factories, group: Organisation) -> None:
    another_edition(make)
    assert desk(make, group, OLD, written_on="2").edition.version == 1
    assert desk(make, group, NEW, written_on="1").edition.version == 1
    for wrong in ("7", "-1", "x", "２", "9" * 40):
        assert desk(make, group, NEW, written_on=wrong).edition.version == 2


def test_staff_key_a_sheet_in_on_the_edition_of_its_month(make: Factories, group: Organisation) -> None:
    services.save_draft(desk(make, group, NEW), Written({"held": RawAnswer("2")}), "k")
    db.session.commit()
    another_edition(make)
    keyer = make.actor(make.reviewer())
    assert sit_down(keyer, group, "salon", NEW, "entry").edition.version == 2, "the group's draft is its own"


def test_only_an_administrator_puts_into_force_and_only_what_was_seen(make: Factories) -> None:
    form, reviewer = salon(), make.actor(make.reviewer(data_set="salon"))
    admin = make.actor(make.user({"role": "administrator"}))
    names = wording.text(form.current.definition, "measures/held/labels").names
    drafting.change(
        reviewer, form, "", lambda now: wording.reword(now, "measures/held/labels", {**names, "ja": "あ"})
    )
    seen = drafting.token(drafting.draft(form))
    with pytest.raises(NotPermitted):
        form_editions.put_in_force(reviewer, form, seen, NEW, "なぜなら", True)
    with pytest.raises(StaleVersion):
        form_editions.put_in_force(admin, form, "", NEW, "なぜなら", True)
    for period, reason, agreed, code in (
        (NEW, " ", True, "reason_missing"),
        (NEW, "x" * 501, True, "too_long"),
        ("2025-01", "なぜなら", True, "unknown_period"),
        (NEW, "なぜなら", False, "not_agreed"),
    ):
        with pytest.raises(Invalid, match=re.escape(code)):
            form_editions.put_in_force(admin, form, seen, period, reason, agreed)
    assert salon().current.version == 1
