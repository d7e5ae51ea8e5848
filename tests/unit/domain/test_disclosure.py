"""Small counts of people: withheld, and not to be worked out by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.disclosure import Disclosed, disclose

MONTHS = st.dictionaries(st.sampled_from([f"2026-{m:02d}" for m in range(4, 13)]), st.integers(0, 40))


def test_one_to_four_are_withheld_and_zero_stays_zero() -> None:
    found = disclose({"2026-04": 0, "2026-05": 1, "2026-06": 4, "2026-07": 5}, 5)
    assert found == Disclosed({"2026-04": 0, "2026-07": 5}, frozenset({"2026-05", "2026-06"}))
    assert found.total == 5


def test_nothing_shown_is_no_sum() -> None:
    assert disclose({"2026-05": 3}, 5).total is None
    assert disclose({}, 5).total is None


def test_a_city_may_withhold_nothing() -> None:
    assert (
        disclose({"2026-05": 1}, 0) == disclose({"2026-05": 1}, 1) == Disclosed({"2026-05": 1}, frozenset())
    )


@given(st.lists(MONTHS, min_size=1, max_size=4), st.data())
def test_what_is_published_does_not_depend_on_what_is_withheld(
    releases: list[dict[str, int]], data: st.DataObject
) -> None:
    """Over several releases: with any other small figures in the withheld months no published byte moves.

    So no sum, difference or comparison of releases can tell a withheld figure from another.
    """
    for months in releases:
        seen = disclose(months, 5)
        other = {
            key: data.draw(st.integers(1, 4)) if key in seen.withheld else value
            for key, value in months.items()
        }
        assert disclose(other, 5) == seen
        assert disclose(other, 5).total == seen.total
