"""The same event twice: written line by line, found, linked or dismissed, and what moves in the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain.errors import Invalid, NotFound, StaleVersion
from portal.domain.event_lines import RawLine
from portal.domain.measures import RawAnswer
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ground import audit, settings
from portal.indicators import queries as indicators
from portal.ledger import queries as ledger
from portal.ledger import verify as ledger_verify
from portal.ledger.models import Posting
from portal.periods import services as periods
from portal.reporting import queries as reports
from portal.reporting import services as reporting
from portal.reporting import verify as reporting_verify
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import event_ledger, event_pairs, event_services, services
from tests.support.client import Client
from tests.support.factories import Factories

LECTURE = RawLine("2026-10-08", "見守り出前講座(第二小)", "第二小学校")
PUBLICITY = RawLine("2026-10-08", "みまもり出前講座", "第二小学校")


def send(
    make: Factories, lines: dict[str, tuple[RawLine, ...]], period: str = "2026-10", based_on: int = 0
) -> Submission:
    """The office's month: 0 everywhere but for the events."""
    office = make.office()
    officer = make.user({"role": "officer", "organisation_id": office.id})
    desk = sit_down(make.actor(officer), office, "office", period, "entry")
    raw = {m.code: RawAnswer(text="0") for m in desk.form.measures if not m.options}
    raw |= {code: RawAnswer(str(len(rows)), lines=rows) for code, rows in lines.items()}
    submission = reporting.send(desk, Sending(reporting.new_key(), based_on, Written(raw)))
    db.session.commit()
    return submission


def approve(submission: Submission) -> None:
    services.approve(SYSTEM, submission, submission.last_seq)
    db.session.commit()


@pytest.fixture
def both(make: Factories) -> Submission:
    """One event, entered as a lecture and as publicity; approved."""
    submission = send(make, {"delivery_lectures": (LECTURE,), "watch_publicity": (PUBLICITY,)})
    approve(submission)
    return submission


def the_pair(year: int = 2026) -> event_pairs.Pair:
    (pair,) = event_pairs.pairs(SYSTEM, year)
    return pair


def entry(code: str) -> event_pairs.Entry:
    pair = the_pair()
    return next(one for one in (pair.one, pair.other) if one.measure.code == code)


def link(keeps: str = "delivery_lectures") -> None:
    pair = the_pair()
    event_services.decide(SYSTEM, pair, "link", "同じ日の同じ会", pair.seq, entry(keeps).key)
    db.session.commit()


def value(code: str) -> Any:
    figures = indicators.figure(code, clock.today())
    assert figures is not None
    return next(v.value for v in figures.values if v.fiscal_year == 2026)


def sound() -> None:
    for check in (ledger_verify.verify, reporting_verify.verify, event_ledger.verify):
        assert check()[1] is None
    assert audit.first_broken()[1] is None


def test_the_number_is_the_number_of_lines(make: Factories, client: Client) -> None:
    office = make.office()
    client.sign_in(make.user({"role": "officer", "organisation_id": office.id}))
    path = f"/staff/entry/{office.public_id}/office/2026-10/"
    client.get(path)
    asked = {"l-delivery_lectures-0-day": "2026-10-08", "l-delivery_lectures-0-name": "出前講座 本町"}
    more = {"l-delivery_lectures-1-day": "2026-10-20", "l-delivery_lectures-1-name": "出前講座 溝沼"}
    client.submit(client.page.form("form.report"), {**asked, **more}, press="line:delivery_lectures")
    client.get(path)
    form = client.page.form("form.report")
    assert form.fields["m-delivery_lectures"] == ["2"]  # added up, and kept with the draft
    assert "l-delivery_lectures-3-day" in form.fields  # two lines more
    client.submit(form, press="zeros")
    client.get(path)
    client.submit(client.page.form("form.report"), press="check")
    client.get(f"{path}check/")
    assert "出前講座 溝沼" in client.page.text()
    client.submit(client.page.form("main form"))
    client.get(f"{path}receipt/")
    assert "出前講座 本町" in client.page.text()
    sent = reports.submission(office.id, make.data_set("office").id, "2026-10")
    assert sent is not None
    answer = reports.version(sent).values["delivery_lectures"]
    assert answer["value"] == 2
    assert [line["day"] for line in answer["lines"]] == ["2026-10-08", "2026-10-20"]
    sound()


@pytest.mark.parametrize(
    ("line", "number", "said"),
    [
        (("", "講座", ""), "", "催し1: 日を書いてください。"),
        (("2026-11-01", "講座", ""), "", "催し1: その日は、この月ではありません。"),
        (("2026-10-01", "", "公民館"), "", "催し1: 催しの名前を書いてください。"),
        (("2026-10-01", "講座", ""), "5", "数が、催しの合計と違います。"),
    ],
)
def test_a_line_that_is_not_whole_is_said_at_its_number(
    make: Factories, client: Client, line: tuple[str, str, str], number: str, said: str
) -> None:
    office = make.office()
    client.sign_in(make.user({"role": "officer", "organisation_id": office.id}))
    client.get(f"/staff/entry/{office.public_id}/office/2026-10/")
    typed = dict(zip(("day", "name", "place"), line, strict=True))
    values = {f"l-delivery_lectures-0-{part}": text for part, text in typed.items()}
    answer = client.submit(
        client.page.form("form.report"), {**values, "m-delivery_lectures": number}, press="check", expect=422
    )
    assert said in answer.text
    assert [line[1]] in client.page.form("form.report").fields.values()  # nothing typed is lost


def test_a_number_alone_stays_possible_and_other_lines_are_another_content(make: Factories) -> None:
    first = send(make, {"delivery_lectures": (LECTURE,)})
    again = send(make, {"delivery_lectures": (LECTURE._replace(name="別の講座"),)}, based_on=1)
    assert (first.id, again.version) == (again.id, 2)  # the same count: yet a correction, not a repetition
    sound()


def test_likely_doubles_stand_side_by_side_for_their_reviewer_only(
    make: Factories, client: Client, both: Submission
) -> None:
    client.sign_in(make.reviewer())
    page = client.get("/staff/events/").text
    assert "見守り出前講座(第二小)" in page
    assert "みまもり出前講座" in page
    assert "2-1-s3" in page
    assert "4-1-s1" in page
    key = the_pair().key
    for scope in ({"data_set": "salon"}, {"district": "d1"}):
        client.sign_in(make.reviewer(**scope))
        assert "見守り出前講座" not in client.get("/staff/events/").text
        client.get(f"/staff/events/2026/{key}", expect=404)
        client.send(
            f"/staff/events/2026/{key}",
            {"action": "dismiss", "reason": "x"},
            page="/staff/account",
            expect=404,
        )
    assert the_pair().state == "open"


def test_one_event_counts_once_and_provenance_names_the_pair(
    make: Factories, client: Client, both: Submission
) -> None:
    assert (value("2-1-s3"), value("4-1-s1")) == (1, 1)
    client.sign_in(make.reviewer())
    pair = the_pair()
    path = f"/staff/events/2026/{pair.key}"
    shown = client.get(path).text
    assert "1 → <b>0</b>" in shown  # before anybody presses
    form = {"action": "link", "seq": "0", "keeps": entry("delivery_lectures").key}
    client.send(path, {**form, "reason": "  "}, expect=422)
    client.send(path, {**form, "reason": "x", "keeps": ""}, expect=422)
    assert the_pair().state == "open"
    client.send(path, {**form, "reason": "同じ催し"})
    assert (value("2-1-s3"), value("4-1-s1")) == (1, 0)
    measure = entry("watch_publicity").measure.id
    assert [(o.document, o.value) for o in ledger.provenance([measure], 2026)] == [
        (both.public_id, 1),
        (f"event:{pair.key}", -1),
    ]
    assert "goes on counting" not in client.get("/staff/events/?show=linked").text
    assert client.get("/staff/indicators/4-1-s1").status_code == 200
    sound()
    client.send(path, {"action": "undo", "seq": "1", "reason": "別の会だった"})
    assert (value("2-1-s3"), value("4-1-s1")) == (1, 1)
    assert [row.kind for row in the_pair().row.decisions] == ["linked", "undone"]  # type: ignore[union-attr]
    sound()


def test_two_reviewers_at_once(both: Submission) -> None:
    seen = the_pair()
    link()
    with pytest.raises(Exception, match=r"decided|stale"):
        event_services.decide(SYSTEM, the_pair(), "link", "x", 0, seen.one.key)
    with pytest.raises(StaleVersion):
        event_services.decide(SYSTEM, seen, "dismiss", "x", seen.seq)
    db.session.rollback()
    assert the_pair().state == "linked"


def test_a_dismissed_pair_moves_nothing_and_is_not_asked_again(both: Submission) -> None:
    before = db.session.scalar(select(func.count()).select_from(Posting))
    event_services.decide(SYSTEM, the_pair(), "dismiss", "午前と午後の二つ", 0)
    assert db.session.scalar(select(func.count()).select_from(Posting)) == before
    assert the_pair().state == "dismissed"


def test_both_count_where_the_city_says_so_and_the_change_is_shown_first(
    make: Factories, client: Client, both: Submission
) -> None:
    link()
    assert value("4-1-s1") == 0
    settings.put(settings.EVENTS_COUNT_IN_TWO, True, SYSTEM)
    db.session.commit()
    assert value("4-1-s1") == 0  # never silently
    client.sign_in(make.reviewer())
    assert "0 → <b>1</b>" in client.get("/staff/events/").text
    client.send("/staff/events/settle", page="/staff/events/")
    assert value("4-1-s1") == 1
    assert "settle" not in client.get("/staff/events/").text
    sound()


def test_only_a_reviewer_of_everything_lets_figures_move(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="office"))
    client.send("/staff/events/settle", page="/staff/account", expect=403)


def test_an_amended_report_takes_its_correction_along(make: Factories, both: Submission) -> None:
    link()
    send(make, {"watch_publicity": (PUBLICITY,), "delivery_lectures": ()}, based_on=1)
    submission = db.session.get_one(Submission, both.id)
    assert value("4-1-s1") == 0  # until the change is approved
    approve(submission)
    assert (value("2-1-s3"), value("4-1-s1")) == (0, 1)  # the lecture is gone: the publicity counts again
    sound()


def test_what_is_not_approved_moves_only_then(make: Factories) -> None:
    submission = send(make, {"delivery_lectures": (LECTURE,), "watch_publicity": (PUBLICITY,)})
    link()
    assert value("4-1-s1") is None
    approve(submission)
    assert (value("2-1-s3"), value("4-1-s1")) == (1, 0)
    services.take_approval_back(SYSTEM, submission, submission.last_seq)
    assert value("4-1-s1") is None
    sound()


def test_twice_in_one_indicator_is_linked_and_left_to_the_report(make: Factories) -> None:
    approve(send(make, {"delivery_lectures": (LECTURE, LECTURE)}))
    pair = the_pair()
    event_services.decide(SYSTEM, pair, "link", "二重に書いた", 0)
    assert value("2-1-s3") == 2
    sound()


def test_a_closed_year_does_not_move(make: Factories) -> None:
    submission = send(
        make,
        {
            "delivery_lectures": (LECTURE._replace(day="2026-03-08"),),
            "watch_publicity": (PUBLICITY._replace(day="2026-03-08"),),
        },
        "2026-03",
    )
    approve(submission)
    periods.close_year(SYSTEM, 2025)
    db.session.commit()
    pair = the_pair(2025)
    with pytest.raises(Exception, match="closed_year"):
        event_services.decide(SYSTEM, pair, "link", "x", 0, pair.one.key)
    db.session.rollback()


def test_verify_names_a_correction_that_nobody_decided(both: Submission) -> None:
    link()
    row = the_pair().row
    assert row is not None
    row.state = "dismissed"
    db.session.commit()
    assert "not what its decisions make" in str(event_ledger.verify()[1])


def test_no_reason_no_decision(both: Submission) -> None:
    with pytest.raises(Invalid):
        event_services.decide(SYSTEM, the_pair(), "link", " ", 0, the_pair().one.key)
    with pytest.raises(NotFound):
        event_pairs.pair(SYSTEM, 2026, "nothing")
