"""The audit trail: in words, found, turned, exported, names erased; looks at what is confidential."""

from __future__ import annotations

import ast
import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from config import ROOT
from portal import clock
from portal.accounts import user_services
from portal.accounts.models import User
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit
from portal.ground.models import AuditEvent
from portal.home import audit_trail
from portal.home.audit_trail import Place, Wanted
from portal.home.staff_audit_words import WORDS
from portal.ledger import triggers
from portal.reporting.models import Submission, SubmissionEvent
from portal.server import verification
from tests.integration.reporting.test_commissioners import send
from tests.support.client import Client
from tests.support.factories import Factories

AUDIT = "/staff/audit/"


@pytest.fixture
def admin(make: Factories) -> User:
    return make.user({"role": "administrator"}, name="管理 花子")


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.sign_in(admin)
    return client


@pytest.fixture
def guard_down(asaka: Flask) -> None:
    """Somebody at the database itself: the triggers are off."""
    with db.engine.begin() as connection:
        triggers.drop_all(connection)


def note(times: int, subject: str = "setting", actor: object = SYSTEM) -> None:
    for number in range(times):
        audit.record(subject, f"k{number}", "changed", actor, value=number)  # type: ignore[arg-type]
    db.session.commit()


def rows_of(client: Client, path: str = AUDIT) -> list[str]:
    client.get(path)
    return [" ".join("".join(row.itertext()).split()) for row in client.page.all("tbody tr")]


def exported(client: Client, **fields: str) -> list[dict[str, str]]:
    client.get(AUDIT)
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    answer = client.post(f"{AUDIT}export", {**fields, "csrf_token": token}, expect=200, buffered=True)
    assert "Content-Length" not in answer.headers  # it is streamed
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.both_databases
def test_pages_are_turned_without_a_gap_or_a_double(make: Factories, office: Client) -> None:
    """Many at one moment (the clock stands still here): the place has to tell them apart."""
    note(130)
    seen, after = [], None
    while page := audit_trail.page(Wanted(), after, 25):
        seen += [(event.source, event.id) for event in page]
        after = Place.read(str(page[-1].place))
    assert len(seen) == len(set(seen)) == db.session.query(AuditEvent).count()
    assert seen == sorted(seen, key=lambda one: -one[1])
    assert len(rows_of(office)) == 50
    older = office.page.all("a.go")[-1].get("href", "")
    assert "after=" in older
    assert len(rows_of(office, older)) == 50


def test_a_made_up_place_is_the_newest_page(office: Client) -> None:
    for made_up in (
        "x",
        "2026-11-05~r~1",
        "2026-11-05T10:00:00+00:00~q~1",
        "2026-11-05T10:00:00+00:00~a~" + "9" * 40,
    ):
        assert rows_of(office, f"{AUDIT}?after={made_up.replace('+', '%2B')}")


@pytest.mark.both_databases
def test_it_is_searched_by_day_who_kind_and_organisation(
    make: Factories, office: Client, admin: User
) -> None:
    one, other = make.group("もみじ台サロン"), make.group("ひだまりの会")
    for group in (one, other):
        audit.record("organisation", group.id, "edited", make.actor(admin), changed=["phone"])
    card, _token = make.card(one)
    audit.record("card", card.id, "unlocked", SYSTEM)
    db.session.commit()
    assert len(audit_trail.page(Wanted(organisation="もみじ台"))) == 2
    assert len(audit_trail.page(Wanted(organisation=other.public_id))) == 1
    assert audit_trail.page(Wanted(organisation="だれでもない")) == []
    assert {e.subject_type for e in audit_trail.page(Wanted(kind="cards"))} == {"card"}
    assert {e.actor for e in audit_trail.page(Wanted(who=f"staff:{admin.id}"))} == {f"staff:{admin.id}"}
    assert {e.actor for e in audit_trail.page(Wanted(who="system"))} == {"system:0"}
    today = clock.today()
    assert audit_trail.page(Wanted(since=today, until=today))
    assert audit_trail.page(Wanted(until=today - timedelta(days=1))) == []
    assert audit_trail.page(Wanted(since=today + timedelta(days=1))) == []
    assert audit_trail.page(Wanted(since=date.max, until=date.max)) == []
    found = rows_of(office, f"{AUDIT}?organisation=もみじ台&kind=cards")
    assert len(found) == 1
    assert "もみじ台サロン" in found[0]
    office.get(f"{AUDIT}?since=nonsense&kind=nonsense&who=nonsense")


def test_a_kind_that_is_not_known_yet_is_shown_by_its_code(office: Client) -> None:
    audit.record("comet", "halley", "returned", SYSTEM)
    db.session.commit()
    assert any("comet returned" in row for row in rows_of(office, f"{AUDIT}?kind=other"))


def test_every_event_that_the_code_writes_has_words() -> None:
    """`record("subject", id, "action", …)` anywhere in the portal; and the events of reports."""
    written = set()
    for path in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = (
                getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            )
            if name == "record" and len(node.args) >= 4:
                subject, action = node.args[0], node.args[2]
                actions = [action.body, action.orelse] if isinstance(action, ast.IfExp) else [action]
                if isinstance(subject, ast.Constant):
                    written |= {(subject.value, a.value) for a in actions if isinstance(a, ast.Constant)}
    assert len(written) > 30
    assert sorted(written - set(WORDS)) == []
    from portal.domain.workflow import EventKind

    assert {("report", kind.value) for kind in EventKind} <= set(WORDS)


@pytest.mark.both_databases
def test_the_export_is_safe_whole_and_itself_an_event(make: Factories, office: Client, admin: User) -> None:
    person = make.user(name="=HYPERLINK(1)")
    audit.record("user", person.id, "added", make.actor(admin))
    note(1200)
    rows = exported(office)
    assert len(rows) == db.session.query(AuditEvent).count()
    assert rows[0]["action"] == "exported"
    named = next(row for row in rows if row["subject_id"] == str(person.id) and row["action"] == "added")
    assert named["subject"] == "'=HYPERLINK(1)"
    assert named["actor_name"] == "管理 花子"
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.subject_type, last.action, last.actor) == ("audit", "exported", f"staff:{admin.id}")
    only = exported(office, kind="users", who=f"staff:{admin.id}")
    assert {row["subject_type"] for row in only} == {"user"}
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.data["kind"], last.data["who"]) == ("users", f"staff:{admin.id}")


def test_an_export_with_a_stale_token_writes_nothing(office: Client) -> None:
    before = db.session.query(AuditEvent).count()
    office.post(f"{AUDIT}export", {"csrf_token": "made-up"}, expect=400)
    assert db.session.query(AuditEvent).count() == before


def test_an_erased_name_is_gone_here_too(make: Factories, office: Client) -> None:
    person = make.user({"role": "reviewer"}, name="去る 太郎", email="leaving@example.jp")
    audit.record("setting", "k", "changed", make.actor(person), value=1)
    db.session.commit()
    assert any("去る 太郎" in row for row in rows_of(office))
    user_services.set_active(SYSTEM, person, False)
    user_services.erase(SYSTEM, person)
    db.session.commit()
    assert not any("去る" in row or "leaving@" in row for row in rows_of(office))
    assert not any("去る" in json.dumps(row, ensure_ascii=False) for row in exported(office))
    assert verification.verify().mismatch is None


# --- what is confidential --------------------------------------------------------------------------


@pytest.fixture
def record(make: Factories, asaka: Flask) -> Submission:
    """A commissioner's record of October, sent from their phone."""
    area, (term,) = make.area((date(2025, 12, 1), None), name="本町1区")
    phone = Client(asaka, "203.0.113.7")
    phone.use_card(make.card(area, contact=term)[1])
    send(phone)
    return db.session.scalars(select(Submission)).one()


def test_who_looked_at_a_record_has_a_page_per_record_and_per_person(
    make: Factories, office: Client, asaka: Flask, record: Submission
) -> None:
    trusted, other = make.reviewer(data_set="minsei"), make.reviewer()
    desk = Client(asaka, "203.0.113.8")
    desk.sign_in(trusted)
    desk.get(f"/staff/reports/{record.public_id}")
    desk.get(f"/staff/reports/{record.public_id}")
    record_page, person_page = f"{AUDIT}looks/{record.public_id}", f"{AUDIT}looks/staff/{trusted.id}"
    assert len(rows_of(office, record_page)) == 2
    assert "本町1区" in office.page.text("main")
    assert len(office.page.all(f'a[href="{person_page}"]')) == 2
    found = rows_of(office, person_page)
    assert len(found) == 2
    assert all("本町1区" in row for row in found)
    assert rows_of(office, f"{AUDIT}looks/staff/{other.id}") == []
    assert len(rows_of(office, f"{AUDIT}?kind=looks")) == 2


def test_an_administrator_learns_no_answer_of_a_record(
    make: Factories, office: Client, admin: User, record: Submission
) -> None:
    """Asked back: that it was, not about which count. No figure, no digest that could be guessed at."""
    from portal.review import services as review

    trusted = make.reviewer(data_set="minsei")
    review.return_(make.actor(trusted), record, record.last_seq, {"health": "digits"}, "")
    db.session.commit()
    shown = " ".join(rows_of(office))
    details = [row["details"] for row in exported(office) if row["subject_type"] == "report"]
    assert "health" not in shown
    assert details == ['{"version": 1}', '{"version": 1}']


def test_only_a_confidential_record_has_a_page_of_looks(
    make: Factories, office: Client, asaka: Flask
) -> None:
    for path in (f"{AUDIT}looks/nothing", f"{AUDIT}looks/staff/99999"):
        office.get(path, expect=404)


# --- role x scope over the new pages ------------------------------------------------------------------


def test_roles_meet_the_new_pages_and_foreign_objects(
    make: Factories, asaka: Flask, admin: User, record: Submission
) -> None:
    other = make.user({"role": "reviewer"})
    gets = (AUDIT, f"{AUDIT}looks/{record.public_id}", f"{AUDIT}looks/staff/{other.id}")
    theirs = [f"/staff/users/{other.id}/{what}" for what in ("link", "second-factor", "browsers", "erase")]
    posts = (f"{AUDIT}export", *theirs)
    scope = {"officer": {"organisation_id": make.office("shakyo").id}, "chair": {"district": "d1"}}
    for number, role in enumerate(("reviewer", "officer", "committee", "chair", "card")):
        browser = Client(asaka, f"198.51.100.{number}")
        if role == "card":
            browser.use_card(make.card(make.group())[1])
        else:
            browser.sign_in(make.user({"role": role, **scope.get(role, {})}))
        for path in gets:
            browser.get(path, expect=403)
        page = "/ja/report/phones" if role == "card" else "/staff/account"
        for path in posts:
            browser.send(path, page=page, expect=403)
        if role == "card":
            for path in ("/staff/account", "/staff/account/phone"):
                browser.get(path, expect=403)
    stranger = Client(asaka, "198.51.100.9")
    for path in (*gets, "/staff/account", "/staff/account/phone"):
        assert stranger.get(path, expect=303).headers["Location"].endswith("/sign-in")
    boss = Client(asaka, "198.51.100.10")
    boss.sign_in(admin)
    for what in ("link", "second-factor", "browsers", "erase"):
        boss.send(f"/staff/users/99999/{what}", page="/staff/account", expect=404)
    db.session.expire_all()
    assert db.session.get_one(User, other.id).erased_at is None


def test_every_new_page_stands_up_to_the_referee(
    make: Factories, office: Client, admin: User, asaka: Flask
) -> None:
    for path in ("/staff/account", "/staff/account/phone", AUDIT, f"/staff/users/{admin.id}"):
        office.get(path)
    stranger = Client(asaka, "198.51.100.11")
    stranger.get("/staff/forgotten")
    stranger.get("/staff/new-password/abcdefghijklmnopqrstuvwxyz", expect=404)


# --- portal verify ------------------------------------------------------------------------------------


def mismatch() -> str:
    db.session.rollback()
    db.session.expire_all()
    return verification.verify().mismatch or ""


def behind_its_back(statement: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.both_databases
@pytest.mark.usefixtures("asaka", "guard_down")
@pytest.mark.parametrize(
    ("change", "number"),
    [
        (update(AuditEvent).where(AuditEvent.seq == 3).values(data={"value": 9}), 3),
        (update(AuditEvent).where(AuditEvent.seq == 3).values(actor="staff:1"), 3),
        (update(AuditEvent).where(AuditEvent.seq == 3).values(at=datetime(2026, 1, 1, tzinfo=UTC)), 3),
        (update(AuditEvent).where(AuditEvent.seq.in_((2, 4))).values(action="undone"), 2),
        (delete(AuditEvent).where(AuditEvent.seq == 3), 4),
    ],
    ids=["data", "actor", "moment", "the-first-of-two", "gone"],
)
def test_verify_names_the_first_broken_link_of_the_audit(change: object, number: int) -> None:
    for value in range(5):
        audit.record("setting", "k", "changed", SYSTEM, value=value)
    db.session.commit()
    assert mismatch() == ""
    behind_its_back(change.where(AuditEvent.subject_id == "k"))  # type: ignore[attr-defined]
    assert mismatch() == f"audit setting k event {number}"


@pytest.mark.both_databases
@pytest.mark.usefixtures("guard_down")
def test_verify_names_the_first_broken_link_of_a_report(make: Factories, record: Submission) -> None:
    from portal.review import services as review

    trusted = make.actor(make.reviewer(data_set="minsei"))
    review.return_(trusted, record, record.last_seq, {"health": "digits"}, "")
    db.session.commit()
    public_id = record.public_id
    assert mismatch() == ""
    behind_its_back(update(SubmissionEvent).where(SubmissionEvent.seq == 2).values(actor="staff:999"))
    assert mismatch() == f"submission {public_id}: the chain breaks at event 2"
    behind_its_back(update(SubmissionEvent).where(SubmissionEvent.seq == 1).values(data={}))
    assert mismatch() == f"submission {public_id}: the chain breaks at event 1"
