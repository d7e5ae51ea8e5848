"""Past counts: one workflow and one door, nothing approved is overwritten unasked, and undo is by events."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.permissions import SYSTEM
from portal.domain.workflow import State
from portal.extensions import db
from portal.ground import settings
from portal.intake import services, work
from portal.ledger.models import Posting
from portal.organisations.models import Organisation
from portal.periods.models import ClosedYear
from portal.reporting import queries
from portal.reporting.answers import Written, of_version
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending, new_key, save_draft, send
from portal.review import services as review
from portal.review.late import late as late_reports
from portal.server.verification import verify
from tests.integration.intake.conftest import Desk, codes, fates, items
from tests.integration.intake.files import csv_of, xlsx
from tests.support.factories import Factories

LONG = [["団体名", "年月", "開催回数", "延べ参加者数", "実人数"]]


def long(*rows: list[Any]) -> bytes:
    return csv_of(LONG + [list(row) for row in rows])


def reports() -> dict[str, str]:
    return {
        row.period: row.state for row in db.session.scalars(select(Submission).order_by(Submission.period))
    }


def posted(period: str) -> int:
    """The people that count for a month: postings and their reversals added up."""
    rows = db.session.scalars(select(Posting).where(Posting.period == period))
    codes = {row.id: row.code for row in datasets.measures()}
    return int(sum(row.value for row in rows if codes[row.measure_id] == "attendance"))


def send_as_group(make: Factories, group: Organisation, period: str, held: int, came: int) -> Submission:
    card, _token = make.card(group)
    desk = sit_down(make.card_actor(card), group, "salon", period, "reporting")
    values: Any = {
        "held": {"state": "number", "value": held},
        "attendance": {"state": "number", "value": came},
    }
    sent = send(desk, Sending(new_key(), 0, of_version(values, None)))
    db.session.commit()
    return sent


def clean() -> None:
    assert verify().mismatch is None


def test_a_long_table_arrives_waits_and_goes_again(desk: Desk, make: Factories, momiji: Organisation) -> None:
    content = long(
        ["もみじサロン", "R8.4", "２回", "２４人", ""],
        ["もみじサロン", "令和8年5月", "中止", "", ""],
        ["もみじサロン", "2026/6", 1, 0, 0],
        ["合計", "", 3, 24, ""],
    )
    intake = desk.bring(content, "counts", "実績.csv")
    assert [fate for _label, fate in fates(intake)] == ["new", "new", "new", "left_out"]
    assert reports() == {}
    intake = desk.write(intake, approve=True)  # the city has not said that whoever keys in may approve
    assert intake.effects == {"sent": 3}
    assert reports() == {"2026-04": "waiting", "2026-05": "waiting", "2026-06": "waiting"}
    first = db.session.scalars(select(Submission).where(Submission.period == "2026-05")).one()
    version = queries.version(first)
    assert (version.source, version.entered_by) == ("import", desk.actor.key)
    assert version.values == {code: {"state": "not_held", "value": None} for code in ("held", "attendance")}
    assert queries.version(first).submission.events[0].data["source"] == "import"
    intake = desk.undo(intake)
    assert intake.state == "undone"
    assert set(reports().values()) == {"withdrawn"}
    clean()


def test_who_brought_it_in_does_not_approve_it(desk: Desk, make: Factories, momiji: Organisation) -> None:
    desk.write(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts"))
    submission = db.session.scalars(select(Submission)).one()
    with pytest.raises(Exception, match="review_decide"):
        review.approve(desk.actor, submission, submission.last_seq)
    review.approve(make.actor(make.reviewer()), submission, submission.last_seq)
    db.session.commit()
    assert posted("2026-04") == 24
    clean()


def test_approved_at_once_where_the_city_allows_and_taken_back_by_events(
    desk: Desk, momiji: Organisation
) -> None:
    settings.put(settings.KEYER_MAY_APPROVE, True, desk.actor)
    intake = desk.write(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts"), approve=True)
    assert intake.effects == {"sent": 1, "approved": 1}
    assert (reports(), posted("2026-04")) == ({"2026-04": "approved"}, 24)
    clean()
    desk.undo(intake)
    assert (reports(), posted("2026-04")) == ({"2026-04": "withdrawn"}, 0)
    assert len(db.session.scalars(select(Submission)).one().events) == 4
    clean()


def test_an_approved_figure_is_never_overwritten_unasked(
    desk: Desk, make: Factories, momiji: Organisation
) -> None:
    settings.put(settings.KEYER_MAY_APPROVE, True, desk.actor)
    submission = send_as_group(make, momiji, "2026-04", 2, 20)
    review.approve(desk.actor, submission, submission.last_seq)
    db.session.commit()
    content = long(["もみじサロン", "R8.4", 2, 31, ""], ["もみじサロン", "R8.5", 1, 9, ""])
    intake = desk.bring(content, "counts")
    asked = items(intake)[0]
    assert (asked.fate, asked.question) == ("decide", "approved")
    assert [change[0] for change in asked.changes] == ["attendance"]
    intake = desk.write(intake, approve=True)
    assert (posted("2026-04"), intake.effects["sent"]) == (20, 1)
    desk.undo(intake)

    intake = desk.bring(content, "counts")
    desk.decide(intake, "replace")
    intake = desk.write(intake, approve=True)
    assert posted("2026-04") == 31
    desk.undo(intake)
    assert (posted("2026-04"), reports()["2026-04"]) == (20, "approved")
    clean()


def test_a_report_that_waits_is_left_to_its_reviewer(
    desk: Desk, make: Factories, momiji: Organisation
) -> None:
    send_as_group(make, momiji, "2026-04", 2, 20)
    rows = (["もみじサロン", "R8.4", 2, 20, ""], ["もみじサロン", "R8.4", 2, 21, ""])
    assert items(desk.bring(long(rows[0]), "counts"))[0].fate == "same"
    assert codes(desk.bring(long(rows[1]), "counts")) == ["waits"]


def test_after_undo_the_month_can_be_reported_as_if_nothing_had_come(
    desk: Desk, make: Factories, momiji: Organisation
) -> None:
    desk.undo(desk.write(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts")))
    assert "2026-04" in {row.period for row in queries.due(momiji) if row.submission is None}
    assert "2026-04" in {row.period for row in late_reports(desk.actor)}
    again = send_as_group(make, momiji, "2026-04", 2, 24)
    assert (again.state, again.version) == (State.WAITING, 2)
    clean()


def test_what_somebody_approved_since_is_not_taken_back(
    desk: Desk, make: Factories, momiji: Organisation
) -> None:
    content = long(["もみじサロン", "R8.4", 2, 24, ""], ["もみじサロン", "R8.5", 2, 24, ""])
    intake = desk.write(desk.bring(content, "counts"))
    submission = db.session.scalars(select(Submission).where(Submission.period == "2026-04")).one()
    review.approve(make.actor(make.reviewer()), submission, submission.last_seq)
    db.session.commit()
    intake = desk.undo(intake)
    assert (intake.state, intake.fault["code"]) == ("done", "built_on")  # type: ignore[index]
    assert reports() == {"2026-04": "approved", "2026-05": "waiting"}


WIDE = [
    ["令和8年度 サロン実績"],
    ["団体名", "地区", "4月", None, "5月", None, "年度計"],
    [None, None, "回数", "延べ", "回数", "延べ", "延べ"],
    ["もみじサロン", "第1地区", 2, "24人", 1, 9, 33],
    ["小計", None, 2, 24, 1, 9, 33],
]
ITEMS = [
    ["団体名", "項目", "R8.4", "R8.5"],
    ["もみじサロン", "開催回数", 2, 1],
    [None, "延べ参加者数", 24, 9],
]


@pytest.mark.parametrize(
    "content",
    [
        xlsx(WIDE, "A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"),
        csv_of([[cell if cell is not None else "" for cell in row] for row in WIDE], "utf-8-sig"),
        xlsx(ITEMS, "A2:A3"),
        long(["もみじサロン", "R8.4", 2, 24, ""], ["もみじサロン", "2026年5月分", 1, 9, ""]),
    ],
    ids=["wide-xlsx", "wide-csv", "items-in-rows", "long"],
)
def test_every_shape_of_table_says_the_same(desk: Desk, momiji: Organisation, content: bytes) -> None:
    intake = desk.bring(content, "counts", "a.xlsx" if content[:2] == b"PK" else "a.csv")
    new = [
        (item.period, [change[2]["value"] for change in item.changes])
        for item in items(intake)
        if item.period
    ]
    assert new == [("2026-04", [2, 24]), ("2026-05", [1, 9])]
    assert desk.write(intake).effects == {"sent": 2}


@pytest.mark.parametrize(
    ("dash", "became"),
    [("", "refused"), ("zero", "not_held"), ("not_held", "not_held"), ("blank", "refused")],
)
def test_a_dash_means_what_somebody_says(desk: Desk, momiji: Organisation, dash: str, became: str) -> None:
    intake = desk.bring(long(["もみじサロン", "R8.4", "－", "－", ""]), "counts", dash=dash)
    item = items(intake)[0]
    assert (item.changes[0][2]["state"] if item.changes else item.fate) == became or item.fate == "left_out"


def test_what_can_t_be_taken_says_why(desk: Desk, make: Factories, momiji: Organisation) -> None:
    make.group("遠いサロン", district="d6")
    db.session.add(ClosedYear(fiscal_year=2025, closed_at=clock.now(), closed_by="staff:1"))
    db.session.commit()
    intake = desk.bring(
        long(
            ["もみじサロン", "R8.13", 1, 2, ""],
            ["もみじサロン", "R7.5", 1, 2, ""],
            ["もみじサロン", "R5.5", 1, 2, ""],
            ["もみじサロン", "R9.5", 1, 2, ""],
            ["だれも知らない会", "R8.5", 1, 2, ""],
            ["もみじサロン", "R8.5", "", 5, ""],
            ["もみじサロン", "R8.6", 1.5, 5, ""],
            ["もみじサロン", "R8.7", 1, "約30", ""],
            ["もみじサロン", "R8.8", 1, 5, 9],
            ["もみじサロン", "R8.9", 1, "=1+1", ""],
            ["もみじサロン", "R8.10", 1, 5, ""],
            ["もみじサロン", "R8.10", 1, 5, ""],
            ["", "R8.10", 1, 5, ""],
        ),
        "counts",
    )
    assert codes(intake) == [
        "not_a_month", "closed_year", "out_of_reach", "out_of_reach", "no_group", "required", "not_whole",
        "not_a_number", "people_within_attendance", "not_a_number", "twice", "twice", "no_name",
    ]  # fmt: skip


def test_groups_of_one_name_are_asked_about_once(desk: Desk, make: Factories) -> None:
    first, second = make.group("さくら会", district="d1"), make.group("さくら会", district="d2")
    intake = desk.bring(long(["さくら会", "R8.4", 1, 9, ""], ["さくら会", "R8.5", 1, 8, ""]), "counts")
    assert [item.question for item in items(intake)] == ["same_name", "same_name"]
    services.decide(desk.actor, intake, {items(intake)[0].id: second.public_id})
    db.session.commit()
    assert [item.decision for item in items(intake)] == [second.public_id] * 2
    assert desk.write(intake).effects == {"sent": 2}
    sent = db.session.scalars(select(Submission.organisation_id)).all()
    assert set(sent) == {second.id} != {first.id}


def test_the_answer_for_a_name_reaches_only_months_that_this_group_owes(desk: Desk, make: Factories) -> None:
    first = make.group("さくら会", district="d1")
    later_one = make.group("さくら会", district="d2", opened=date(2026, 5, 1))
    intake = desk.bring(
        long(["さくら会", "R8.4", 1, 9, ""], ["さくら会", "R8.5", 1, 8, ""], ["さくら会", "R8.6", 1, 7, ""]),
        "counts",
    )
    may = next(item for item in items(intake) if item.period == "2026-05")
    services.decide(desk.actor, intake, {may.id: later_one.public_id})
    db.session.commit()
    assert {item.period: item.decision for item in items(intake)} == {
        "2026-04": "", "2026-05": later_one.public_id, "2026-06": later_one.public_id,
    }  # fmt: skip
    assert desk.write(intake).effects == {"sent": 2}
    assert set(db.session.scalars(select(Submission.organisation_id))) == {later_one.id} != {first.id}


def test_a_group_that_has_reported_is_no_answer_to_which_one(desk: Desk, make: Factories) -> None:
    first, second = make.group("さくら会", district="d1"), make.group("さくら会", district="d2")
    send_as_group(make, first, "2026-04", 1, 5)
    intake = desk.bring(long(["さくら会", "R8.4", 1, 9, ""]), "counts")
    assert [option[0] for option in items(intake)[0].options] == [second.public_id]


def test_a_locked_month_is_refused_in_the_preview(desk: Desk, momiji: Organisation) -> None:
    settings.put("periods.lock_days", 10, SYSTEM)
    db.session.commit()
    assert codes(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts")) == ["locked_period"]


def test_with_two_sign_offs_nothing_is_called_approved(desk: Desk, momiji: Organisation) -> None:
    settings.put(settings.KEYER_MAY_APPROVE, True, SYSTEM)
    settings.put(settings.SECOND_SIGN_OFF, True, SYSTEM)
    db.session.commit()
    intake = desk.write(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts"), approve=True)
    assert intake.effects == {"sent": 1, "checked": 1}


def test_a_file_thrown_away_while_it_is_worked_on_stops_nobody(desk: Desk, momiji: Organisation) -> None:
    intake = desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts")
    number = intake.id
    services.drop(desk.actor, intake)
    db.session.commit()
    work.step(number)  # taken up a moment before
    work._stopped(number, "checking", "unexpected", None)


def test_only_reports_in_scope(make: Factories) -> None:
    make.group("もみじサロン", district="d1")
    desk = Desk(make, make.reviewer(district="d2"))
    assert codes(desk.bring(long(["もみじサロン", "R8.4", 1, 9, ""]), "counts")) == ["no_group"]


def test_a_draft_of_the_group_s_own_stays(desk: Desk, make: Factories, momiji: Organisation) -> None:
    card, _token = make.card(momiji)
    at = sit_down(make.card_actor(card), momiji, "salon", "2026-04", "reporting")
    save_draft(at, Written({}), "k")
    db.session.commit()
    desk.write(desk.bring(long(["もみじサロン", "R8.4", 2, 24, ""]), "counts"))
    assert queries.draft(momiji.id, at.data_set.id, "2026-04") is not None
