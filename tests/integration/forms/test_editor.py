"""The form editor's pages: who may, what is kept, two at once, and a preview that sends nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.datasets import drafting
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, DataSetVersion, FormDraft
from portal.extensions import db
from portal.reporting.models import Draft, Submission
from tests.support.client import Client
from tests.support.factories import Factories

SALON = "/staff/forms/salon/"
HELD = f"{SALON}questions/held/"


def salon() -> DataSet:
    return datasets.data_set("salon") or pytest.fail("no salon form")


def draft() -> dict[str, Any]:
    db.session.expire_all()
    found = drafting.draft(salon())
    assert found is not None
    return found.definition


@pytest.fixture
def admin(client: Client, make: Factories) -> Client:
    client.sign_in(make.user({"role": "administrator"}))
    return client


def reword(client: Client, **values: str | list[str] | None) -> None:
    client.get(HELD)
    client.submit(
        client.page.form("main form"), {name.replace("__", "."): text for name, text in values.items()}
    )


ROLES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "administrator": ({"role": "administrator"}, {"salon", "minsei", "annual"}),
    "reviewer of all": ({"role": "reviewer"}, {"salon", "minsei", "annual"}),
    "reviewer of the form": ({"role": "reviewer", "data_set": "salon"}, {"salon"}),
    "reviewer of one district": ({"role": "reviewer", "data_set": "salon", "district": "d1"}, set()),
    "officer": ({"role": "officer", "organisation_id": 1}, set()),
    "committee": ({"role": "committee"}, set()),
}
PAGES = ("", "questions/{measure}/", "headings/", "new/", "preview/", "preview/vi/", "force/", "editions/1/")


@pytest.mark.parametrize("who", list(ROLES))
def test_who_may_change_which_form(client: Client, make: Factories, who: str) -> None:
    grant, mine = ROLES[who]
    client.sign_in(make.user(grant))
    # the door asks whether anything at all may be edited; which form is asked of each form, and is not said
    opens = grant["role"] in ("administrator", "reviewer")
    client.get("/staff/forms/", expect=200 if opens else 403)
    for code in ("salon", "minsei", "annual"):
        data_set = datasets.data_set(code)
        assert data_set is not None
        measure = data_set.current.definition["measures"][0]["code"]
        wanted = 200 if code in mine else 404 if opens else 403
        for page in PAGES:
            client.get(f"/staff/forms/{code}/{page.format(measure=measure)}", expect=wanted)
        if opens and code in mine:
            continue
        client.get("/staff/")
        token = client.page.all("input[name=csrf_token]")[0].get("value", "")
        for page in ("", f"questions/{measure}/", "headings/", "new/", "force/"):
            path = f"/staff/forms/{code}/{page}"
            status = 403 if page == "force/" and not opens else wanted
            client.post(
                path, {"csrf_token": token, "action": "drop"}, expect=403 if page == "force/" else status
            )
    assert db.session.scalars(select(FormDraft)).all() == []


def test_nobody_without_a_staff_sign_in(client: Client, make: Factories) -> None:
    client.get(SALON, expect=303)
    _card, token = make.card(make.group())
    client.use_card(token)
    client.get(SALON, expect=403)


def test_a_changed_japanese_text_marks_the_others_until_somebody_has_looked(admin: Client) -> None:
    reword(admin, names__ja="何回集まりましたか", names__vi="Họp mấy buổi?")
    assert draft()["measures"][0]["names"]["vi"] == "Họp mấy buổi?"
    admin.get(HELD)
    form = admin.page.form("main form")
    assert set(form.fields) >= {"right.names"}
    assert "前の日本語からの訳" in admin.page.text()
    admin.submit(form, {"right.names": ["ko", "en"]})
    marks = draft()["measures"][0]["translated_from"]["names"]
    assert set(marks) == {"ja-easy", "zh-hans", "fil", "ne"}


def test_what_was_typed_stays_on_a_fault(admin: Client) -> None:
    admin.get(HELD)
    typed = {"names.ja": "", "names.vi": "Tôi vừa viết", "labels.en": "{漢字|かんじ}"}
    admin.submit(admin.page.form("main form"), typed, expect=422)
    fields = admin.page.form("main form").fields
    assert fields["names.vi"] == ["Tôi vừa viết"]
    assert fields["labels.en"] == ["{漢字|かんじ}"]
    assert len(admin.page.all("textarea[aria-invalid]")) == 2
    assert db.session.scalars(select(FormDraft)).all() == []


def test_two_editors_at_once(admin: Client, make: Factories, asaka: Any) -> None:
    other = Client(asaka, "192.0.2.2")
    other.sign_in(make.reviewer(data_set="salon"))
    admin.get(HELD)
    other.get(HELD)
    admin.submit(admin.page.form("main form"), {"names.en": "First"})
    other.submit(other.page.form("main form"), {"names.en": "Second"}, expect=409)
    assert other.page.form("main form").fields["names.en"] == ["Second"], "nothing that was typed is lost"
    assert draft()["measures"][0]["names"]["en"] == "First"
    other.submit(other.page.form("main form"), {"names.en": "Second"})
    assert draft()["measures"][0]["names"]["en"] == "Second"


def test_a_draft_that_was_thrown_away_is_not_changed_by_a_page_of_before(
    admin: Client, make: Factories
) -> None:
    reword(admin, names__en="One")
    admin.get(HELD)
    old = admin.page.form("main form")
    admin.get(SALON)
    admin.submit(admin.page.form("main form"), press="drop")
    admin.submit(old, {"names.en": "Two"}, expect=409)
    assert db.session.scalars(select(FormDraft)).all() == []


def test_answers_and_duty_as_far_as_they_are_free(admin: Client) -> None:
    path = f"{SALON}questions/helpers/"
    admin.get(path)
    admin.submit(admin.page.form("main form"), {"states": ["zero"], "required": "1"})
    helpers = next(m for m in draft()["measures"] if m["code"] == "helpers")
    assert (helpers["states"], helpers["required"]) == (["number", "zero"], True)
    admin.get(path)
    admin.submit(admin.page.form("main form"), {"states": []}, expect=422)
    admin.get(f"{SALON}questions/attendance/")
    assert "required" not in admin.page.form("main form").fields, "an indicator draws on it"


def test_what_is_fixed_can_not_be_posted_either(admin: Client) -> None:
    admin.get(SALON)
    token = admin.page.all("input[name=csrf_token]")[0].get("value", "")
    for action, status in (
        ("gone:attendance", 422), ("gone:held", 422), ("up:held", 422), ("gone:no", 404), ("no:held", 404),
    ):  # fmt: skip
        admin.post(SALON, {"csrf_token": token, "seen": "", "action": action}, expect=status)
    admin.get(HELD)
    fields = admin.page.form("main form").filled()
    admin.post(HELD, {**fields, "units.ja": "日"}, expect=422)
    admin.post(HELD, {**fields, "states": [], "required": []})
    assert db.session.scalars(select(FormDraft)).all() == [], "of what is fixed the page is not believed"


def test_order_gone_and_again(admin: Client) -> None:
    admin.get(SALON)
    admin.submit(admin.page.form("main form"), press="down:attendance")
    admin.get(SALON)
    admin.submit(admin.page.form("main form"), press="gone:activities")
    assert [m["code"] for m in draft()["measures"]] == [
        "held",
        "helpers",
        "attendance",
        "people",
        "newcomers",
    ]
    admin.get(SALON)
    admin.submit(admin.page.form("main form"), press="again:activities")
    assert draft()["measures"][-1]["code"] == "activities"


def test_a_new_question(admin: Client) -> None:
    path = f"{SALON}new/"
    admin.get(path)
    typed = {"names.ja": "若い人は何人ですか", "labels.ja": "若い人", "labels.vi": "Người trẻ"}
    admin.submit(admin.page.form("main form"), typed, expect=422)
    assert admin.page.form("main form").fields["labels.vi"] == ["Người trẻ"]
    more = {**typed, "kind": "flow", "units.ja": "人", "labels.en": "Young visitors"}
    admin.submit(admin.page.form("main form"), more)
    made = draft()["measures"][-1]
    assert (made["code"], made["kind"], made["required"]) == ("young_visitors", "flow", False)
    assert made["states"] == ["number", "zero", "unknown"]


def test_the_preview_shows_the_draft_and_sends_nothing(admin: Client) -> None:
    reword(admin, names__vi="Họp mấy buổi?")
    page = admin.get(f"{SALON}preview/?language=vi")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert [frame.get("sandbox") for frame in admin.page.all("iframe")] == ["allow-same-origin"] * 2
    frame = admin.get(f"{SALON}preview/vi/")
    assert admin.page.one("html").get("lang") == "vi"
    assert "Họp mấy buổi?" in admin.page.text()
    policy = frame.headers["Content-Security-Policy"]
    for part in ("form-action 'none'", "script-src 'none'", "frame-ancestors 'self'"):
        assert part in policy
    assert "<script" not in frame.text
    admin.post(f"{SALON}preview/vi/", {"m-held": "2"}, expect=405)
    admin.get(f"{SALON}preview/xx/", expect=404)
    assert db.session.scalars(select(Draft)).all() == db.session.scalars(select(Submission)).all() == []
    policy = admin.get(SALON).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "frame-src" not in policy


@pytest.mark.parametrize(
    "code", ["salon", "volunteer", "minsei", "kayoinoba", "office", "annual", "shakyo_annual"]
)
def test_every_form_is_shown_in_every_language(admin: Client, code: str) -> None:
    for slug in ("ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"):
        admin.get(f"/staff/forms/{code}/preview/{slug}/")
        admin.get(f"/staff/forms/{code}/preview/?language={slug}")
    for measure in datasets.data_set(code).current.definition["measures"]:  # type: ignore[union-attr]
        admin.get(f"/staff/forms/{code}/questions/{measure['code']}/")
        if code in ("minsei", "annual"):
            break


def test_from_the_first_word_to_a_new_edition(admin: Client) -> None:
    reword(admin, labels__ja="集まった回数")
    path = f"{SALON}force/"
    admin.get(path)
    form = admin.page.form("main form")
    admin.submit(form, {"reason": "言葉をやさしく"}, expect=422)
    assert admin.page.form("main form").fields["reason"] == ["言葉をやさしく"]
    admin.follow(admin.submit(admin.page.form("main form"), {"agreed": "1"}))
    assert admin.path == f"{SALON}editions/2/"
    assert "集まった回数" in admin.page.text()
    assert "開いた回数" in admin.page.text(), "what it was called before stands beside it"
    made = db.session.scalars(select(DataSetVersion).where(DataSetVersion.data_set_id == salon().id)).all()
    assert [row.version for row in made] == [1, 2]
    admin.get(f"{SALON}editions/1/?with=2")
    admin.get(f"{SALON}editions/9/", expect=404)
    admin.get("/staff/forms/")


def test_a_page_that_was_open_too_long_keeps_what_was_typed(admin: Client) -> None:
    admin.get(HELD)
    fields = {**admin.page.form("main form").filled({"names.en": "Mine"}), "csrf_token": "stale"}
    admin.post(HELD, fields, expect=400)
    assert admin.page.form("main form").fields["names.en"] == ["Mine"]
    assert db.session.scalars(select(FormDraft)).all() == []
