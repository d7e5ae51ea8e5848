"""The ministry's signs, against the shares that it published itself."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from config import ROOT
from portal.domain import signs

H27 = json.loads((ROOT / "tests" / "data" / "domain" / "minsei_2015.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "－"), (1, "1"), (1234567, "1,234,567"), (-12, "△12"), (-1234, "△1,234"), (Decimal("1.5"), "1.5")],
)
def test_a_figure(value: int | Decimal, expected: str) -> None:
    assert signs.figure(value) == expected


@pytest.mark.parametrize("block", ["consultations", "other_activities"])
def test_every_published_share(block: str) -> None:
    found = [signs.share(part, H27[block]["total"]) for part in H27[block]["parts"]]
    assert found == H27[block]["published_percent"]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 10, "－"),
        (0, 0, "－"),
        (4, 10_000, "0.0"),
        (5, 10_000, "0.1"),
        (1, 1_000_000, "0.0"),
        (10, 10, "100.0"),
    ],
)
def test_small_shares(part: int, whole: int, expected: str) -> None:
    """Under 0.05 percent is 0.0, which is not the same as none."""
    assert signs.share(part, whole) == expected


def test_no_share_of_nothing() -> None:
    assert signs.percent(0, 0) is None
