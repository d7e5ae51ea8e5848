"""A synthetic city: groups, their seasons, and what became of each report. Pure and deterministic.

Nothing here is a real group or person. Names are plants, weather and times of day put together; figures
come from a seeded generator, so that the same day gives the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.periods import Cadence, FiscalYear, Month, expected_periods, months_between

GROUPS = 104  # salons and 通いの場; sixteen volunteer groups besides (commissioners.py)
ZONE = ZoneInfo("Asia/Tokyo")

# What groups do in a year: an August lull, a busy autumn, a quiet New Year.
SEASON = {
    4: 1.0,
    5: 1.04,
    6: 1.02,
    7: 0.95,
    8: 0.7,
    9: 1.03,
    10: 1.15,
    11: 1.1,
    12: 0.92,
    1: 0.8,
    2: 0.9,
    3: 1.0,
}

_FIRST = [
    "さくら",
    "ひだまり",
    "けやき",
    "みずほ",
    "あおぞら",
    "こもれび",
    "なのはな",
    "すずらん",
    "やまぶき",
    "つくし",
    "たんぽぽ",
    "あじさい",
    "もみじ",
    "こすもす",
    "ひいらぎ",
    "わかば",
    "ことり",
    "ほたる",
    "そよかぜ",
    "にじ",
    "あさがお",
    "ゆうやけ",
    "みのり",
    "せせらぎ",
]
_LAST = ("サロン", "体操クラブ", "茶話会", "健康くらぶ", "の会", "子育てひろば", "うたごえ", "手しごと会")
_READ = {  # the parts of names that are not kana
    "体操クラブ": "たいそうくらぶ",
    "茶話会": "ちゃわかい",
    "健康くらぶ": "けんこうくらぶ",
    "の会": "のかい",
    "子育てひろば": "こそだてひろば",
    "手しごと会": "てしごとかい",
    "こども食堂": "こどもしょくどう",
    "自治会": "じちかい",
    "朗読ボランティア": "ろうどくぼらんてぃあ",
    "地区": "ちく",
    "主任児童委員": "しゅにんじどういいん",
}
_KINDS = {
    "サロン": ("salon",),
    "体操クラブ": ("kayoinoba",),
    "茶話会": ("salon",),
    "健康くらぶ": ("kayoinoba", "salon"),
    "の会": ("salon", "kayoinoba"),
    "子育てひろば": ("salon",),
    "うたごえ": ("salon",),
    "手しごと会": ("salon", "volunteer"),
}
_DOES = {
    "サロン": ("tea", "music"),
    "体操クラブ": ("exercise",),
    "茶話会": ("tea",),
    "健康くらぶ": ("exercise", "learning"),
    "の会": ("tea", "exercise"),
    "子育てひろば": ("children", "tea"),
    "うたごえ": ("music", "tea"),
    "手しごと会": ("crafts", "tea"),
}
OPTIONS = ("exercise", "tea", "meal", "crafts", "music", "learning", "children", "other")  # the form's order
# One in three groups has a language other than Japanese at its phone: the portal is for them too.
LANGUAGES = ("ja", "ja", "ja", "ja-easy", "ja", "ja", "vi", "ja", "ja", "ne", "en", "ja",
             "ja", "ja", "ja", "zh-hans", "ja", "ja", "ko", "ja", "ja", "fil", "vi", "ja")  # fmt: skip


def reading(name: str) -> str | None:
    """How a made name is read; None where a part of it is not known."""
    for written, read in _READ.items():
        name = name.replace(written, read)
    kana = all("ぁ" <= letter <= "ヿ" for letter in name)
    return name if kana else None


@dataclass(frozen=True)
class DemoGroup:
    """An invented group. `registers`: fiscal years in which it stands in each register."""

    number: int
    name: str
    kinds: tuple[str, ...]
    does: tuple[str, ...]
    district: int
    cadence: Cadence
    opened_on: date
    closed_on: date | None
    meetings: int
    people: int
    language: str
    registers: dict[str, tuple[int, ...]] = field(hash=False)

    @property
    def public_id(self) -> str:
        return stable_id("group", self.number)


@dataclass(frozen=True)
class DemoReport:
    """One report and its story. `fate`: approved, waiting, returned, resent or amended."""

    group: DemoGroup
    period: Month
    values: dict[str, dict[str, Any]]
    earlier: dict[str, dict[str, Any]] | None
    fate: str
    sent_at: datetime
    unusual: int


def stable_id(kind: str, *parts: object) -> str:
    """32 hexadecimal digits that stay the same for the same thing."""
    return hashlib.sha256("/".join(["demo", kind, *map(str, parts)]).encode()).hexdigest()[:32]


def number(value: int) -> dict[str, Any]:
    return {"state": "number", "value": value} if value else {"state": "zero", "value": 0}


def groups(as_of: date) -> list[DemoGroup]:
    """The city's groups; a few began or ended within the two years."""
    running = FiscalYear.of(as_of)
    dice = random.Random(f"groups {running.year}")  # noqa: S311 - a demo, not a secret
    names = [first + last for last in _LAST for first in _FIRST]
    dice.shuffle(names)
    return [_group(index, names[index], running, dice) for index in range(GROUPS)]


def _group(index: int, name: str, running: FiscalYear, dice: random.Random) -> DemoGroup:
    last = next(ending for ending in _LAST if name.endswith(ending))
    kinds = _KINDS[last]
    opened = date(running.year - dice.randint(2, 9), dice.randint(4, 12), 1)
    if index % 17 == 5:
        opened = date(running.year, dice.randint(4, 7), 1)
    closed = date(running.year, 6, 30) if index % 40 == 11 else None
    years = (running.year - 1, running.year)
    registers: dict[str, tuple[int, ...]] = {}
    if "kayoinoba" in kinds:
        registers["kayoinoba"] = tuple(year for year in years if opened.year <= year)
    if index % 5 < 3 and "volunteer" not in kinds:
        registers["subsidy"] = tuple(year for year in years if opened.year <= year)
    return DemoGroup(
        number=index + 1,
        name=name,
        kinds=kinds,
        does=_DOES[last],
        district=index % 6,
        cadence=Cadence.QUARTERLY if index % 23 == 7 else Cadence.MONTHLY,
        opened_on=opened,
        closed_on=closed,
        meetings=4 if "kayoinoba" in kinds else dice.choice((1, 1, 2, 2)),
        people=dice.randint(8, 26),
        language=LANGUAGES[index % len(LANGUAGES)],
        registers=registers,
    )


def reports(city: list[DemoGroup], as_of: date) -> list[DemoReport]:
    """Last fiscal year complete, the running one up to last month, in every state."""
    running = FiscalYear.of(as_of)
    newest = Month.of(as_of).previous()
    first = running.previous().first
    if newest < first:
        return []
    made = []
    for group in city:
        dice = random.Random(f"reports {running.year} {group.number}")  # noqa: S311
        for period in expected_periods(group.cadence, group.opened_on, group.closed_on, first, newest):
            report = _report(group, period, newest, as_of, dice)
            if report is not None:
                made.append(report)
    return made


def _report(
    group: DemoGroup, period: Month, newest: Month, as_of: date, dice: random.Random
) -> DemoReport | None:
    values = _month(group, period, dice)
    fate = _fate(group, period, newest, as_of)
    unusual = 0
    earlier = None
    if fate in ("returned", "resent"):
        values, earlier = (_tenfold(values), None) if fate == "returned" else (values, _tenfold(values))
        unusual = 1 if fate == "returned" else 0
    elif fate == "amended":
        earlier, fate = _tenfold(values), "amended"
    elif fate == "unusual":
        values, fate, unusual = _festival(values), "waiting", 1
    if fate == "missing":
        return None
    sent_day = period.next().first_day + timedelta(days=dice.randint(0, 8))
    sent_at = datetime.combine(sent_day, time(8 + dice.randint(0, 11), dice.randint(0, 59)), ZONE)
    if sent_day >= as_of:
        return None
    return DemoReport(group, period, values, earlier, fate, sent_at, unusual)


def _fate(group: DemoGroup, period: Month, newest: Month, as_of: date) -> str:
    """Old months are approved; the newest shows every state; two groups are late since before."""
    if period == newest:
        return (
            "waiting",
            "approved",
            "approved",
            "waiting",
            "missing",
            "approved",
            "approved",
            "returned",
            "approved",
            "unusual",
            "approved",
            "resent",
        )[group.number % 12]
    if (
        group.number % 60 == 13
        and period >= newest.plus(-2)
        and period.fiscal_year == FiscalYear.of(as_of).year
    ):
        return "missing"
    if group.number % 37 == 3 and period == newest.plus(-2):
        return "amended"
    return "approved"


def _month(group: DemoGroup, period: Month, dice: random.Random) -> dict[str, dict[str, Any]]:
    """One period's answers, with the season, some rain, and an answer that nobody knows now and then."""
    months = group.cadence.length
    season = SEASON[period.month]
    if period.month == 8 and group.number % 9 == 2:
        return {
            "held": {"state": "not_held", "value": None},
            "attendance": {"state": "not_held", "value": None},
        }
    held = max(1, round(group.meetings * months * (0.85 + 0.3 * dice.random())))
    a_time = max(3, round(group.people * season * (0.85 + 0.3 * dice.random())))
    attendance = held * a_time
    people = min(attendance, round(a_time * (1.1 + 0.2 * dice.random())))
    answers: dict[str, dict[str, Any]] = {
        "held": number(held),
        "attendance": number(attendance),
        "helpers": number(held * max(1, a_time // 6)),
        "people": number(people),
        "newcomers": number(dice.choice((0, 0, 0, 1, 1, 2))),
        "activities": {"state": "chosen", "value": [code for code in OPTIONS if code in group.does]},
    }
    if group.number % 8 == 4:
        answers["people"] = {"state": "unknown", "value": None}
    if group.number % 3 == 1:
        del answers["newcomers"]
    return answers


def _times(values: dict[str, dict[str, Any]], factor: float) -> dict[str, dict[str, Any]]:
    changed = dict(values)
    if changed["attendance"].get("value"):
        changed["attendance"] = number(round(changed["attendance"]["value"] * factor))
    return changed


def _tenfold(values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A slip of the finger: one digit too many."""
    return _times(values, 10)


def _festival(values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A true but unusual month."""
    return _times(values, 3.4)


def office_months(as_of: date) -> list[Month]:
    """The months that the office has reported: last fiscal year and this one, up to last month."""
    running = FiscalYear.of(as_of)
    newest = Month.of(as_of).previous()
    return months_between(running.previous().first, newest) if newest >= running.previous().first else []


def share_of_year(yearly: int, month: Month, salt: str) -> int:
    """One month's share of a yearly count: the twelve shares of a year add up to it exactly."""
    weights = [SEASON[m.month] * (0.8 + 0.4 * _unit(salt, m)) for m in FiscalYear(month.fiscal_year).months()]
    total, given, place = sum(weights), 0, 0
    running = 0.0
    for index, weight in enumerate(weights):
        running += weight
        share = round(yearly * running / total) - given
        given += share
        if index == FiscalYear(month.fiscal_year).months().index(month):
            place = share
    return place


def _unit(salt: str, month: Month) -> float:
    return random.Random(f"{salt} {month.key}").random()  # noqa: S311
