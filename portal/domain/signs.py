"""How the ministry's tables print figures: － for none, ・ where there can be none, 0.0, △.

Source: 厚生労働省 福祉行政報告例 利用上の注意: 「－」計数のない場合、「・」統計項目のあり得ない場合、
「0.0」比率が微少(0.05未満)の場合、「△」減少数又は減少率、「四捨五入のため内訳の合計が総数に合わない場合がある」.
Signs are for paper and the screen; a spreadsheet gets the numbers themselves.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Number = int | Decimal

NONE = "－"
IMPOSSIBLE = "・"
LESS = "△"
TINY = Decimal("0.05")
TENTH = Decimal("0.1")


def figure(value: Number) -> str:
    """A figure with thousands grouped: 1,234, － for 0, △12 for a decrease."""
    if value == 0:
        return NONE
    return f"{LESS if value < 0 else ''}{abs(value):,}"


def percent(part: Number, whole: Number) -> Decimal | None:
    """A part in percent of its whole, to one decimal, halves up; None where there is no whole."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(TENTH, ROUND_HALF_UP)


def share(part: Number, whole: Number) -> str:
    """The same as printed: － for nothing, 0.0 for less than 0.05 percent."""
    found = percent(part, whole)
    if found is None or part == 0:
        return NONE
    return "0.0" if Decimal(part) * 100 / Decimal(whole) < TINY else f"{found:,}"
