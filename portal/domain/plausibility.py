"""Gentle questions about unusual counts. Never a wall: "yes, there was a festival" is an answer.

A figure is compared with the organisation's own past, not with others. At most one question a field, the
first that applies:

1. `ten_times` / `a_tenth`: about ten times (eight and more) the usual figure, or as little of it. Most
   often a digit too many or too few (12 -> 120). One earlier month is enough to ask.
2. `zero_for_once`: 0 where there was never a 0 in at least five months.
3. `more_than_usual` / `less_than_usual`: far from the usual figure, with at least five months to know it.

"Usual" is the median, which one odd month can't pull away. "Far" is 3.5 spreads. The spread is the median
absolute deviation (MAD, times 1.4826 to be comparable with a standard deviation; 3.5 after Iglewicz and
Hoaglin, "How to Detect and Handle Outliers", 1993), but never less than the square root of the usual
figure: that is how much a count of independent events wavers by itself (Poisson), and a group whose last
months happen to be equal has a MAD of 0. Below a usual figure of 10 the square root alone decides, since
the MAD of small whole numbers jumps.

A figure close to that of the same month last year is not asked about: a summer festival is usual in July.

The numbers above stand in plausibility.json beside this file, with their sources: a phone without a signal
asks by the same ones (static/js/plausibility.js), and one table of cases holds both to it.

Which figures the question shows: `value`, `usual` (the median), `before` (the latest earlier month) and
`last_year` (or None), so that it can be asked as "last month 12, this month 120: is that right?".

Apart from that, `same_again` finds a report that repeats the two before it, for whoever reviews it.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import sqrt
from statistics import median

from portal.domain.measures import Number, Question
from portal.domain.periods import Month

_NUMBERS = json.loads(pkgutil.get_data("portal.domain", "plausibility.json") or b"")
ASKING: Mapping[str, float] = _NUMBERS["asking"]  # what a page gives to a phone
ENOUGH_MONTHS = ASKING["enough_months"]  # fewer are not yet a habit
FAR = ASKING["far"]  # spreads
TENFOLD = ASKING["tenfold"]  # a slip of one digit, give or take a quarter
SMALL = ASKING["small"]  # below this, the square root alone
MAD_TO_SIGMA = ASKING["mad_to_sigma"]
SAME: Mapping[str, int] = _NUMBERS["same_again"]


def question(
    field: str,
    current: Number,
    history: Mapping[Month, Number],
    same_month_last_year: Number | None = None,
) -> Question | None:
    """The question to ask about one figure, or None.

    `history`: the organisation's own earlier figures by period; unknown ones left out, not given as 0.
    """
    if not history:
        return None
    values = [float(value) for _month, value in sorted(history.items())]
    code = _code(float(current), values)
    if code is None or _like_last_year(float(current), same_month_last_year):
        return None
    usual = median(values)
    params = {
        "value": current,
        "usual": int(usual) if usual == int(usual) else Decimal(str(usual)),
        "before": history[max(history)],
        "last_year": same_month_last_year,
    }
    return Question(field, code, params)


def questions(
    current: Mapping[str, Number | None],
    histories: Mapping[str, Mapping[Month, Number]],
    last_year: Mapping[str, Number | None] | None = None,
    broken: Iterable[Question] = (),
) -> list[Question]:
    """The questions about a whole report, one a field in the order of `current`.

    `broken`: what the form's own rules ask, which comes first. Fields without a figure pass.
    """
    found = {one.field: one for one in broken}
    for field, value in current.items():
        if value is None or field in found:
            continue
        if asked := question(field, value, histories.get(field, {}), (last_year or {}).get(field)):
            found[field] = asked
    return [found[field] for field in current if field in found]


def _code(value: float, history: list[float]) -> str | None:
    """Which of the three applies first."""
    usual = median(history)
    if usual >= 1 and value >= TENFOLD * usual and value >= SMALL:
        return "ten_times"
    if usual >= SMALL and 0 < value <= usual / TENFOLD:
        return "a_tenth"
    if len(history) < ENOUGH_MONTHS:
        return None
    if value == 0 and min(history) > 0:
        return "zero_for_once"
    if abs(value - usual) <= FAR * spread(history):
        return None
    return "more_than_usual" if value > usual else "less_than_usual"


def spread(history: list[float]) -> float:
    """How much a group's figures waver: see the module's words. Never below 1."""
    usual = median(history)
    by_itself = sqrt(max(usual, 1))
    if usual < SMALL:
        return by_itself
    return max(by_itself, MAD_TO_SIGMA * median([abs(value - usual) for value in history]))


def _like_last_year(value: float, last_year: Number | None) -> bool:
    """Whether the same month of last year was within its own wavering of this figure."""
    if last_year is None:
        return False
    return abs(value - float(last_year)) <= FAR * sqrt(max(float(last_year), 1))


def same_again(reports: Sequence[Mapping[str, Number]]) -> bool:
    """Do these reports in a row, the newest first, say the same in every number?

    Each is {field: figure}, those that a group is free in: how often it meets is a timetable, and stays
    the same by itself. It takes two numbers that are not 0, or a large one, to be worth a look.
    """
    if len(reports) < SAME["months"]:
        return False
    newest, *before = reports[: SAME["months"]]
    some = [value for value in newest.values() if value]
    if len(some) < SAME["numbers"] and max(some, default=0) < SAME["large"]:
        return False
    return all(dict(one) == dict(newest) for one in before)
