"""The original: photos of the sheet that staff key in, who sees them, and when they go."""

from __future__ import annotations

import gc
import sqlite3
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from portal.accounts.models import User
from portal.domain.errors import NotPermitted
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import jobs, settings
from portal.ground.audit import first_broken
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.reporting import originals, pictures, services
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Original, Submission
from portal.reporting.services import Sending
from portal.review import services as review
from portal.server.backups import backup
from tests.integration.reporting.test_keying import desk_of, entry, written
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pictures import NASTY, photo, png, webp

MONTH = "2026-10"
TOLD = {"m-held": "2", "m-attendance": "31", "keyed_from": "paper"}
File = tuple[str, bytes]
# The test client, and Werkzeug where a body breaks off, leave a spooled body to the garbage collector.
large = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")


@pytest.fixture
def swept() -> Iterator[None]:
    """Collected here, where it is allowed, and not in the middle of another test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


@pytest.fixture
def keyer(make: Factories) -> User:
    return make.user({"role": "reviewer", "district": "d1", "data_set": "salon"}, name="入力 花子")


def hand_in(client: Client, *files: File, expect: int = 200, **values: Any) -> None:
    """Fill in the form of the last page, choose these files, press "check"."""
    form = client.page.form("form.report")
    fields: dict[str, Any] = form.filled({**TOLD, **values}, press="check")
    fields["original"] = [FileStorage(BytesIO(data), filename=name) for name, data in files] or [
        FileStorage(BytesIO(b""), filename="")  # what a browser sends where nothing was chosen
    ]
    client.open("POST", client.path, data=fields, content_type="multipart/form-data", expect=expect)


def send(client: Client) -> None:
    client.submit(client.page.form("main form"))


def kept() -> list[Original]:
    return list(db.session.scalars(select(Original).order_by(Original.id)))


def report() -> Submission:
    return db.session.scalars(select(Submission)).one()


def events(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def sent(client: Client, keyer: User, group: Organisation, *files: File) -> Submission:
    client.sign_in(keyer)
    client.get(entry(group))
    hand_in(client, *files)
    send(client)
    return report()


def page_of(submission: Submission, number: int = 0) -> str:
    return f"/staff/reports/{submission.public_id}/original/{originals.of(submission)[number].public_id}"


class TestAtTheDesk:
    @pytest.mark.both_databases
    def test_from_the_form_to_the_review_beside_the_figures(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        submission = sent(
            client, keyer, group, ("1.jpg", photo()), ("2.png", png()), ("3.webp", webp((700, 700)))
        )
        assert [(page.submission_id, page.version) for page in kept()] == [(submission.id, 1)] * 3
        assert [event.data for event in events("original_added")] == [{"version": 1, "pages": 3}]
        client.sign_in(make.reviewer())
        client.get(f"/staff/reports/{submission.public_id}")
        shown = [image.get("src", "") for image in client.page.all(".originals a img")]
        assert shown == [page_of(submission, number) for number in range(3)]
        assert "31" in client.page.text("main")

    def test_is_optional(self, client: Client, keyer: User, group: Organisation) -> None:
        submission = sent(client, keyer, group)
        assert (kept(), submission.version) == ([], 1)
        client.get(f"/staff/reports/{submission.public_id}")
        assert client.page.all(".originals") == []

    def test_a_good_page_stays_when_a_number_is_wrong(
        self, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()), expect=422, **{"m-attendance": "many"})
        assert client.page.one("input[name=m-attendance]").get("value") == "many"
        assert len(client.page.all(".originals img")) == 1
        hand_in(client)
        assert len(client.page.all(".originals img")) == 1
        send(client)
        assert [page.submission_id for page in kept()] == [report().id]

    def test_back_from_the_check_page_it_can_be_taken_out(
        self, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()), ("2.jpg", photo(corner="blue")))
        client.post(entry(group), client.page.form("main form").filled(press="change"), expect=200)
        first = client.page.all("input[name=original_out]")[0].get("value", "")
        hand_in(client, original_out=first)
        send(client)
        assert len(kept()) == 1
        assert kept()[0].public_id != first

    def test_the_same_file_twice_is_one_page(self, client: Client, keyer: User, group: Organisation) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()), ("again.jpg", photo()), expect=200)
        client.post(entry(group), client.page.form("main form").filled(press="change"), expect=200)
        hand_in(client, ("1.jpg", photo()))
        send(client)
        assert len(kept()) == 1

    def test_a_photo_can_be_added_to_what_has_been_keyed_in_already(
        self, client: Client, keyer: User, group: Organisation
    ) -> None:
        submission = sent(client, keyer, group)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()))
        send(client)
        assert (report().version, len(report().events)) == (1, 1)  # the figures are the same: no correction
        assert [(page.submission_id, page.version) for page in kept()] == [(submission.id, 1)]

    def test_what_else_has_arrived_meanwhile_does_not_lose_it(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()))
        mine = client.page.form("main form").filled()
        other = desk_of(make, make.reviewer(), group)
        services.send(other, Sending("other", 0, written(held=2, attendance=13), "telephone"))
        db.session.commit()
        client.post(f"{entry(group)}send", mine, expect=409)
        assert len(client.page.all(".originals img")) == 1
        send(client)
        assert [page.version for page in kept()] == [2]


class TestNasty:
    @pytest.mark.parametrize(("name", "data", "_code"), NASTY.values(), ids=NASTY.keys())
    def test_is_a_sentence_beside_the_field_and_every_number_is_still_there(
        self, client: Client, keyer: User, group: Organisation, name: str, data: bytes, _code: str
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("good.jpg", photo()), (name, data), expect=422)
        assert client.page.all('#errors a[href="#original"]')
        assert "2" in client.page.text("#original-error")  # which of them
        assert client.page.one("input#original").get("aria-invalid") == "true"
        for field in ("m-held", "m-attendance"):
            assert client.page.one(f"input[name={field}]").get("value") == TOLD[field]
        assert client.page.one("input[name=keyed_from][value=paper]").get("checked") is not None
        assert db.session.scalars(select(Submission)).all() == []
        assert len(kept()) == 1  # the good one
        hand_in(client)
        send(client)
        assert [page.submission_id for page in kept()] == [report().id]

    @large
    @pytest.mark.usefixtures("swept")
    def test_fifty_megabytes(self, client: Client, keyer: User, group: Organisation) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("a.jpg", photo() + b"\0" * (50 * 1024 * 1024)), expect=422)
        assert "20 MB" in client.page.text("#original-error")
        assert client.page.one("input[name=m-attendance]").get("value") == "31"
        assert kept() == []

    def test_five_are_too_many(self, client: Client, keyer: User, group: Organisation) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        corners = ("red", "blue", "green", "black", "gray")
        hand_in(client, *((f"{c}.jpg", photo(corner=c)) for c in corners), expect=422)
        assert kept() == []
        hand_in(client, *((f"{c}.jpg", photo(corner=c)) for c in corners[:3]))
        client.post(entry(group), client.page.form("main form").filled(press="change"), expect=200)
        hand_in(client, *((f"{c}.jpg", photo(corner=c)) for c in corners[3:]), expect=422)
        assert len(kept()) == 4

    @large
    @pytest.mark.usefixtures("swept")
    def test_the_city_s_own_limit(self, client: Client, keyer: User, group: Organisation) -> None:
        settings.put(originals.SIZE, 1, SYSTEM)
        db.session.commit()
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("a.jpg", photo() + b"\0" * 1024 * 1024), expect=422)
        assert kept() == []

    @large
    @pytest.mark.usefixtures("swept")
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--x\r\n",
            b'--x\r\nContent-Disposition: form-data; name="original"; filename="a"\r\n\r\n\xff',
        ],
    )
    def test_a_broken_body(self, client: Client, keyer: User, group: Organisation, body: bytes) -> None:
        client.sign_in(keyer)
        client.open(
            "POST", entry(group), data=body, content_type="multipart/form-data; boundary=x", expect=400
        )
        assert kept() == []

    def test_without_a_good_token_nothing_is_kept_and_it_says_so(
        self, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()), expect=400, csrf_token="forged")
        assert client.page.text("#original-error")
        assert client.page.one("input[name=m-attendance]").get("value") == "31"
        assert kept() == []

    @large
    @pytest.mark.usefixtures("swept")
    def test_only_this_form_takes_long_bodies_and_only_from_who_may_open_it(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        long: dict[str, Any] = {"content_type": "multipart/form-data; boundary=x"}
        client.open(
            "POST", entry(group), input_stream=Untouched(b"\0" * 2_000_000), expect=303, **long
        )  # to the way in
        client.sign_in(make.user({"role": "committee"}))
        client.open("POST", entry(group), input_stream=Untouched(b"\0" * 2_000_000), expect=403, **long)
        client.sign_in(keyer)
        client.open("POST", f"{entry(group)}send", data=b"\0" * 2_000_000, expect=413, **long)


class Untouched(BytesIO):
    """A body that nobody may begin to read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("the body was read")

    readline = readinto = read  # type: ignore[assignment]


class TestWhoSeesIt:
    @pytest.mark.parametrize(
        ("grant", "expect"),
        [
            ({"role": "reviewer"}, 200),
            ({"role": "reviewer", "district": "d1", "data_set": "salon"}, 200),
            ({"role": "reviewer", "district": "d2"}, 404),
            ({"role": "reviewer", "data_set": "office"}, 404),
            ({"role": "administrator"}, 403),
            ({"role": "committee"}, 403),
            ({"role": "chair", "district": "d1"}, 403),
        ],
        ids=str,
    )
    def test_reviewers_of_this_form_and_district_only(
        self,
        make: Factories,
        client: Client,
        keyer: User,
        group: Organisation,
        grant: dict[str, Any],
        expect: int,
    ) -> None:
        path = page_of(sent(client, keyer, group, ("1.jpg", photo())))
        client.sign_in(make.user(grant))
        client.get(path, expect=expect)
        assert len(events("original_looked_at")) == (expect == 200)

    def test_neither_a_stranger_nor_the_group_s_card(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        path = page_of(sent(client, keyer, group, ("1.jpg", photo())))
        client.browser.delete_cookie("portal")
        client.get(path, expect=303)
        _card, token = make.card(group)
        client.use_card(token)
        client.get(path, expect=403)

    def test_a_page_of_another_report_is_not_there(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        one = page_of(sent(client, keyer, group, ("1.jpg", photo()))).rpartition("/")[2]
        other = services.send(
            desk_of(make, keyer, make.group("べつの会")),
            Sending("k", 0, written(held=1, attendance=1), "paper"),
        )
        db.session.commit()
        client.get(f"/staff/reports/{other.public_id}/original/{one}", expect=404)

    def test_how_it_is_given_out(self, client: Client, keyer: User, group: Organisation) -> None:
        answer = client.get(page_of(sent(client, keyer, group, ("ひみつ.jpg", photo()))))
        headers = answer.headers
        assert (answer.mimetype, headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Content-Disposition"].startswith('inline; filename="original-2026-10-')
        assert "sandbox" in headers["Content-Security-Policy"]
        assert answer.data == kept()[0].content

    @pytest.mark.both_databases
    def test_each_look_is_kept_also_of_several_at_once(
        self, asaka: Flask, client: Client, keyer: User, group: Organisation
    ) -> None:
        submission = sent(
            client, keyer, group, *((f"{c}.jpg", photo(corner=c)) for c in ("red", "blue", "green", "gray"))
        )
        paths = [page_of(submission, number) for number in range(4)] * 3
        cookie = client.browser.get_cookie("portal")
        assert cookie is not None
        db.session.rollback()

        def look(path: str) -> int:
            browser = asaka.test_client()
            browser.set_cookie("portal", cookie.value)
            return browser.get(path).status_code

        with ThreadPoolExecutor(6) as several:
            assert list(several.map(look, paths)) == [200] * len(paths)
        db.session.expire_all()
        looks = events("original_looked_at")
        assert len(looks) == len(paths)
        assert {event.actor for event in looks} == {f"staff:{keyer.id}"}
        assert first_broken()[1] is None

    def test_before_it_is_sent_only_who_added_it_sees_it(
        self, make: Factories, client: Client, keyer: User, group: Organisation
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()))
        path = client.page.one(".originals img").get("src", "")
        assert client.get(path).mimetype == "image/jpeg"
        batch = kept()[0].batch
        client.sign_in(make.reviewer())
        client.get(path, expect=404)
        client.get(entry(group))
        hand_in(client, original_batch=batch)  # a batch that somebody else has begun opens nothing
        assert client.page.all(".originals") == []


class TestCommissioners:
    def test_their_record_takes_no_picture(self, make: Factories, client: Client) -> None:
        area, _terms = make.area((date(2025, 12, 1), None))
        client.sign_in(make.user({"role": "reviewer", "data_set": "minsei"}))
        client.get(f"/staff/entry/{area.public_id}/minsei/{MONTH}/")
        assert client.page.all("input[type=file]") == []
        hand_in_minsei = client.page.form("form.report").filled({"keyed_from": "paper"}, press="zeros")
        fields: dict[str, Any] = dict(hand_in_minsei)
        fields["original"] = FileStorage(BytesIO(photo()), filename="a.jpg")
        client.open("POST", client.path, data=fields, content_type="multipart/form-data", expect=200)
        assert kept() == []

    def test_nor_does_the_service(self, make: Factories, client: Client) -> None:
        area, _terms = make.area((date(2025, 12, 1), None))
        user = make.user({"role": "reviewer", "data_set": "minsei"})
        desk = sit_down(make.actor(user), area, "minsei", MONTH, "entry")
        with pytest.raises(NotPermitted):
            originals.add(desk, "b", pictures.read(photo()))

    def test_phones_and_offices_have_no_such_field(
        self, make: Factories, client: Client, group: Organisation
    ) -> None:
        _card, token = make.card(group)
        client.use_card(token)
        client.get(f"/ja/report/salon/{MONTH}/")
        assert client.page.all("input[type=file]") == []
        office = make.office()
        client.sign_in(make.user({"role": "officer", "organisation_id": office.id}))
        client.get(f"/staff/entry/{office.public_id}/office/{MONTH}/")
        assert client.page.all("input[type=file]") == []


class TestHowLong:
    def tidy_on(self, app: Flask, monkeypatch: pytest.MonkeyPatch, day: date) -> list[str]:
        zone = ZoneInfo("Asia/Tokyo")
        pinned = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        monkeypatch.setitem(app.extensions, "portal_clock", (pinned, zone))
        done = jobs.run().tidied
        db.session.expire_all()
        return done

    def test_until_some_months_after_approval(
        self,
        asaka: Flask,
        monkeypatch: pytest.MonkeyPatch,
        make: Factories,
        client: Client,
        keyer: User,
        group: Organisation,
    ) -> None:
        submission = sent(client, keyer, group, ("1.jpg", photo()), ("2.jpg", photo(corner="blue")))
        review.approve(make.actor(make.reviewer()), submission, submission.last_seq)  # 5 November
        db.session.commit()
        assert self.tidy_on(asaka, monkeypatch, date(2027, 2, 4)) == []
        assert len(kept()) == 2
        assert self.tidy_on(asaka, monkeypatch, date(2027, 2, 6)) == ["Pictures of paper sheets deleted: 2"]
        assert kept() == []
        assert [event.data for event in events("original_deleted")] == [{"pages": 2}]

    def test_as_the_city_sets_it(
        self,
        asaka: Flask,
        monkeypatch: pytest.MonkeyPatch,
        make: Factories,
        client: Client,
        keyer: User,
        group: Organisation,
    ) -> None:
        settings.put(originals.KEPT, 0, SYSTEM)
        db.session.commit()
        submission = sent(client, keyer, group, ("1.jpg", photo()))
        review.approve(make.actor(make.reviewer()), submission, submission.last_seq)
        db.session.commit()
        self.tidy_on(asaka, monkeypatch, date(2026, 11, 6))
        assert kept() == []

    def test_while_a_report_waits_it_stays_but_not_for_ever(
        self,
        asaka: Flask,
        monkeypatch: pytest.MonkeyPatch,
        client: Client,
        keyer: User,
        group: Organisation,
    ) -> None:
        sent(client, keyer, group, ("1.jpg", photo()))
        self.tidy_on(asaka, monkeypatch, date(2027, 11, 5))
        assert len(kept()) == 1
        self.tidy_on(asaka, monkeypatch, date(2028, 2, 6))
        assert kept() == []

    def test_what_was_never_sent_goes_after_a_day(
        self,
        asaka: Flask,
        monkeypatch: pytest.MonkeyPatch,
        client: Client,
        keyer: User,
        group: Organisation,
    ) -> None:
        client.sign_in(keyer)
        client.get(entry(group))
        hand_in(client, ("1.jpg", photo()))
        self.tidy_on(asaka, monkeypatch, date(2026, 11, 5))
        assert len(kept()) == 1
        self.tidy_on(asaka, monkeypatch, date(2026, 11, 7))
        assert kept() == []


def test_a_backup_has_it(
    asaka: Flask, client: Client, keyer: User, group: Organisation, tmp_path: Path
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("pg_dump takes every table")
    sent(client, keyer, group, ("1.jpg", photo()))
    content = kept()[0].content
    db.session.rollback()
    backup(tmp_path / "copy.sqlite3")
    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    assert copy.execute("SELECT content FROM originals").fetchall() == [(content,)]
    copy.close()


def test_a_draft_of_the_group_is_left_alone(
    make: Factories, client: Client, keyer: User, group: Organisation
) -> None:
    """As all that staff key in: the picture goes with the report and touches nothing else."""
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", MONTH, "reporting")
    services.save_draft(desk, Written({}), "k")
    db.session.commit()
    sent(client, keyer, group, ("1.jpg", photo()))
    assert db.session.query(services.Draft).count() == 1
