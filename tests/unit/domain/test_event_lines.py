"""Events line by line: what they come to, and which two may be one."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain.event_lines import EventLine, Posted, RawLine, alike, likely_doubles, read, total

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


@pytest.mark.parametrize("text", ["2026-10-03", "10/3", "10月3日", "3", "３", "2026年10月3日"])
def test_a_day_as_people_write_it(text: str) -> None:
    lines, fault = read([RawLine(text, "講座")], FIRST, LAST, "events")
    assert (lines[0].day, fault) == (date(2026, 10, 3), None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (RawLine("", "講座"), "line_day"),
        (RawLine("2026-09-30", "講座"), "line_outside"),
        (RawLine("2026-10-32", "講座"), "line_day"),
        (RawLine("3", " "), "line_name"),
        (RawLine("3", "講座", "", "たくさん"), "line_people"),
    ],
)
def test_what_has_to_be_put_right(line: RawLine, code: str) -> None:
    _lines, fault = read([RawLine("1", "よい", "", "3"), line], FIRST, LAST, "people")
    assert fault is not None
    assert (fault.code, fault.line) == (code, 2)


def test_the_count_is_the_lines_or_their_people() -> None:
    lines = [RawLine("1", "あ", "", "１２"), RawLine("2", "い", "", "8")]
    assert (total(lines, "events"), total(lines, "people")) == ("2", "20")
    assert total([*lines, RawLine("3", "う")], "people") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("見守り出前講座", "ﾐﾏﾓﾘ出前講座", False),
        ("ふれあい交流会", "フレアイ交流会", True),
        ("ボランティア入門講座", "ボランティア入門講座(第2回)", True),
        ("成年後見 講演会", "成年後見講演会", True),
        ("もちつき", "料理教室", False),
        ("会", "講演会", False),
    ],
)
def test_names_alike(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same


def test_doubles_are_on_the_same_day_or_the_next() -> None:
    def at(day: int, name: str, place: str = "") -> tuple[Posted, str]:
        return Posted((name, str(day)), EventLine(date(2026, 10, day), name, place)), f"{day}{name}"

    rows = [
        at(3, "交流会"),
        at(4, "交流会"),
        at(6, "交流会"),
        at(3, "茶話会", "公民館"),
        at(3, "講座", "公民館 "),
    ]
    assert {frozenset(pair) for pair in likely_doubles(rows)} == {
        frozenset({"3交流会", "4交流会"}),
        frozenset({"3茶話会", "3講座"}),
    }
