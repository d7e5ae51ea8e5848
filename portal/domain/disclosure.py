"""What is withheld from the public so that nobody can be recognised, even by subtraction.

A month in which very few people were counted is not shown, and it does not enter any other published
figure either: a year's sum is the sum of the months that are shown. So there is nothing to subtract it
from, within a release or between two of them. Zero is shown as zero: a withheld figure never hides
behind it. What a plan prints for the whole city is not withheld (docs/adr/0014).

Source of the rule: the custom of official statistics, 秘匿; there is no nationwide threshold, so it is the
city's to set. Complementary hiding of a second month was not taken: it does not survive two releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

PEOPLE_BELOW = 5  # fewer people than this are not shown: 1 to 4
COMPANY = 3  # a sum shown to one of those who are in it moves by so many of them at once, or not at all


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A year's months as the public may see them: the sums `shown`, and the keys of those `withheld`."""

    shown: dict[str, int | Decimal]
    withheld: frozenset[str]

    @property
    def total(self) -> int | Decimal | None:
        """The sum of what is shown; None where nothing is."""
        return sum(self.shown.values()) if self.shown else None


def disclose(months: Mapping[str, int | Decimal], below: int) -> Disclosed:
    """Split a year's known months into those that may be shown and those that count fewer than `below`.

    `below` 0 or 1 withholds nothing.
    """
    withheld = frozenset(key for key, value in months.items() if 0 < value < below)
    return Disclosed({key: value for key, value in months.items() if key not in withheld}, withheld)


@dataclass(frozen=True, slots=True)
class Move:
    """How a sum moved: by whom, by how much. `undoes`: it takes back what stood there before. `settled`: it
    came before anybody was shown the sum.
    """

    who: int
    amount: int | Decimal
    undoes: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """A sum that may be shown to those who are in it, and how many are."""

    total: int | Decimal
    members: int


def in_company(moves: Iterable[Move], least: int = COMPANY) -> Company | None:
    """What one member may see of a sum that moves while it looks; None where it may see nothing.

    Whoever is in a sum knows its own part. So the moves, oldest first, are shown in blocks: those that are
    settled together, from then on as soon as `least` members have moved the sum. A block with fewer is not
    shown. Whatever two moments somebody compares, the difference is made of full blocks: of `least` members
    or more, never of one. A move of 0 hides nobody. Where a member has taken a figure back and too few others
    have moved since, the sum is known to be wrong and must not be put right: then there is none.
    And those who stand in the sum must be as many too, since a figure may be taken back for none. Moves are
    only ever added, so a block once full stays as it is.
    """
    standing: dict[int, int | Decimal] = {}
    block: dict[int, int | Decimal] = {}
    undone: set[int] = set()
    rows = list(moves)
    for place, move in enumerate(rows):
        block[move.who] = block.get(move.who, 0) + move.amount
        if move.undoes:
            undone.add(move.who)
        if move.undoes or (move.settled and place + 1 < len(rows) and rows[place + 1].settled):
            continue  # what replaces it comes with it; what is settled comes together
        if sum(1 for amount in block.values() if amount) >= least:
            for who, amount in block.items():
                standing[who] = standing.get(who, 0) + amount
            block, undone = {}, set()
    members = sum(1 for amount in standing.values() if amount)
    if members < least or any(block.get(who) for who in undone):
        return None
    return Company(sum(standing.values()), members)
