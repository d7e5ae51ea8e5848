from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.tallies import Tap, days, favourites, standing, sums

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


def tap(number: int, measure: str = "visits", day: date = MONDAY, undoes: int | None = None) -> Tap:
    return Tap(f"key-{number:04}", day, measure, f"key-{undoes:04}" if undoes is not None else "")


def test_what_was_taken_back_does_not_count() -> None:
    taps = [tap(1), tap(2), tap(3, "events"), tap(4, undoes=2)]
    assert [one.key for one in standing(taps)] == ["key-0001", "key-0003"]
    assert sums(taps) == {"visits": 1, "events": 1}
    assert sums([tap(1), tap(2, undoes=1)]) == {}


def test_a_day_counts_while_anything_on_it_stands() -> None:
    taps = [tap(1), tap(2), tap(3, "events", TUESDAY), tap(4, "events", TUESDAY, undoes=3)]
    assert days(taps) == [MONDAY]


def test_the_most_counted_come_first_and_equals_do_not_jump_about() -> None:
    taps = [tap(n, m) for n, m in enumerate(["b", "a", "c", "c", "d", "e", "f"])]
    assert favourites(taps) == ["c", "a", "b", "d", "e"]
    assert favourites(reversed(taps)) == ["c", "a", "b", "d", "e"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=30))
def test_no_count_is_ever_below_zero(presses: list[tuple[str, bool]]) -> None:
    taps: list[Tap] = []
    for number, (measure, back) in enumerate(presses):
        left = standing(taps)
        if back and left:
            taps.append(Tap(f"key-{number:04}", MONDAY, left[-1].measure, left[-1].key))
        elif not back:
            taps.append(tap(number, measure))
    assert all(count > 0 for count in sums(taps).values())
    assert len(standing(taps)) == sum(sums(taps).values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key-0001 2026-11-02 visits", tap(1)),
        ("key-0002 2026-11-02 visits key-0001", tap(2, undoes=1)),
    ],
)
def test_a_press_is_read(text: str, expected: Tap) -> None:
    assert Tap.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key-0001",
        "key-0001 2026-11-02",
        "short 2026-11-02 visits",
        "key-0001 2026-11-31 visits",
        "key-0001 2026-11-02 Visits!",
        "key-0001 2026-11-02 visits short",
        "key-0001 2026-11-02 visits ",
        "key-0001 2026-11-02 visits key-0002 more",
        f"{'k' * 65} 2026-11-02 visits",
    ],
)
def test_what_is_no_press_is_refused(text: str) -> None:
    if text.endswith("visits "):
        assert Tap.parse(text).undoes == ""  # a trailing blank is no key
        return
    with pytest.raises(Invalid):
        Tap.parse(text)
