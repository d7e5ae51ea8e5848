"""What is withheld from the public so that nobody can be recognised, even by subtraction.

A month in which very few people were counted is not shown, and it does not enter any other published
figure either: a year's sum is the sum of the months that are shown. So there is nothing to subtract it
from, within a release or between two of them. Zero is shown as zero: a withheld figure never hides
behind it. What a plan prints for the whole city is not withheld (docs/adr/0014).

Source of the rule: the custom of official statistics, 秘匿; there is no nationwide threshold, so it is the
city's to set. Complementary hiding of a second month was not taken: it does not survive two releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

PEOPLE_BELOW = 5  # fewer people than this are not shown: 1 to 4


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
