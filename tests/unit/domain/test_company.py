"""A sum shown to those who are in it: no two looks at it may differ by one member's figure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.disclosure import Company, Move, in_company

A, B, C, D, E = range(5)


def test_two_are_no_company_and_three_are() -> None:
    two = [Move(A, 10), Move(B, 20)]
    assert in_company(two) is None
    assert in_company([*two, Move(C, 5)]) == Company(35, 3)


def test_a_fourth_waits_until_there_are_three_again() -> None:
    first = [Move(A, 10), Move(B, 20), Move(C, 5)]
    for more in ([Move(D, 7)], [Move(D, 7), Move(E, 8)]):
        assert in_company([*first, *more]) == Company(35, 3)
    assert in_company([*first, Move(D, 7), Move(E, 8), Move(5, 1)]) == Company(51, 6)


def test_what_is_settled_comes_together() -> None:
    moves = [Move(n, n + 1, settled=True) for n in range(5)]
    assert in_company(moves) == Company(15, 5)
    assert in_company([*moves[:2]]) is None


def test_nought_hides_nobody() -> None:
    assert in_company([Move(A, 10), Move(B, 0), Move(C, 0), Move(D, 3)]) is None
    first = [Move(A, 10), Move(B, 20), Move(C, 5)]
    assert in_company([*first, Move(D, 7), Move(E, 0), Move(5, 0)]) == Company(35, 3)


def test_one_group_s_many_moves_are_one_group_s() -> None:
    assert in_company([Move(A, 10), Move(B, 1), Move(A, 4), Move(A, -2)]) is None


def test_a_slip_put_right_before_anybody_looks_is_never_seen() -> None:
    slip = [Move(C, 50, settled=True), Move(C, -50, True, True), Move(C, 5, settled=True)]
    assert in_company([Move(A, 10, settled=True), Move(B, 20, settled=True), *slip]) == Company(35, 3)


def test_a_sum_known_to_be_wrong_is_not_shown_until_it_may_be_put_right() -> None:
    first = [Move(A, 10), Move(B, 20), Move(C, 50)]
    corrected = [*first, Move(C, -50, undoes=True), Move(C, 5)]
    assert in_company(corrected) is None
    assert in_company([*corrected, Move(D, 1)]) is None
    assert in_company([*corrected, Move(D, 1), Move(E, 2)]) == Company(38, 5)


def test_who_has_left_the_sum_is_no_company() -> None:
    """A takes its figure back for none, B puts its own right: what stands there would be C's and B's."""
    first = [Move(A, 10), Move(B, 20), Move(C, 5)]
    left = [Move(A, -10, undoes=True), Move(B, -20, undoes=True), Move(B, 22), Move(C, -5, True), Move(C, 6)]
    assert in_company([*first, *left]) is None


@dataclass(frozen=True)
class Part:
    """A number that remembers which figures it was added up from."""

    value: int
    of: dict[int, int]

    def __add__(self, other: Part | int) -> Part:
        if isinstance(other, int):
            return self
        figures = {*self.of, *other.of}
        return Part(self.value + other.value, {f: self.of.get(f, 0) + other.of.get(f, 0) for f in figures})

    __radd__ = __add__

    def __bool__(self) -> bool:
        return self.value != 0


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Move], dict[int, int]]:
    """Approvals and amendments, to another figure or to none; and whose each figure is."""
    steps = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9) | st.none()), max_size=16))
    settled = draw(st.integers(0, len(steps)))
    standing: dict[int, tuple[int, int]] = {}
    found: list[Move] = []
    owner: dict[int, int] = {}
    for place, (who, value) in enumerate(steps):
        if who in standing:
            figure, before = standing.pop(who)
            found.append(Move(who, Part(-before, {figure: -1}), True, place < settled))  # type: ignore[arg-type]
        if value is not None:
            owner[place], standing[who] = who, (place, value)
            found.append(Move(who, Part(value, {place: 1}), False, place < settled))  # type: ignore[arg-type]
    return found, owner


def rank(rows: list[list[Fraction]]) -> int:
    """How many of the rows say something of their own."""
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(found, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for n in range(found + 1, len(rows)):
            factor = rows[n][column] / rows[found][column]
            rows[n] = [a - factor * b for a, b in zip(rows[n], rows[found], strict=True)]
        found += 1
    return found


@settings(max_examples=400, deadline=None)
@given(histories(), st.integers(0, 5))
def test_no_member_can_work_out_another_s_figure(
    history: tuple[list[Move], dict[int, int]], viewer: int
) -> None:
    """The viewer looks after every single posting, keeps all it was ever shown, and knows its own figures.

    What it was shown are equations in the others' figures. No combination of them may leave one figure alone.
    """
    moves, owner = history
    first = sum(move.settled for move in moves)
    others = [figure for figure, who in owner.items() if who != viewer]
    shown = [in_company(moves[:end]) for end in range(first, len(moves) + 1)]
    equations = [
        [Fraction(company.total.of.get(f, 0)) for f in others]  # type: ignore[union-attr]
        for company in shown
        if company is not None
    ]
    known = rank(equations)
    for place in range(len(others)):
        alone = [Fraction(int(n == place)) for n in range(len(others))]
        assert rank([*equations, alone]) == known + 1
