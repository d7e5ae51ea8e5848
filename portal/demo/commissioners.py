"""The demo's 民生委員・児童委員 and volunteer groups: invented areas and records. Pure and deterministic."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.demo.city import SEASON, ZONE, number, stable_id
from portal.domain.periods import FiscalYear, Month, months_between

DISTRICTS = 6
AREAS = 6  # of each district; two posts of 主任児童委員 besides
TERM = date(2025, 12, 1)  # 一斉改選
# Means by section near the nationwide ones per member (全民児連, 平成28年度: 26.3, 114.6, 161.2 a year).
CONTENT = ("daily_support", "other_content", "health", "child_community", "home_welfare", "environment",
           "living_costs", "family", "care_insurance", "housing")  # fmt: skip
FIELDS = ("for_older", "for_older", "for_older", "for_children", "for_others", "for_disabled")
OTHERS = ("community", "community", "events", "events", "council", "survey", "certificates")

# Kind, ending of the name, meetings a month, people who act, people reached.
VOLUNTEERS = (
    ("kodomo_shokudo", "こども食堂", 2, 8, 45, "meal", "hall"),
    ("senior_club", "シニアクラブ", 4, 12, 30, "older", "hall"),
    ("neighbourhood", "自治会", 3, 10, 0, "watch", "outdoors"),
    ("volunteer", "朗読ボランティア", 3, 4, 12, "disability", "facility"),
)
FIRST = ("みなもと", "わかくさ", "ふじなみ", "はなみずき")


@dataclass(frozen=True)
class DemoPost:
    """An area or post: who files a record. `since`: the present term's first day; None: vacant."""

    number: int
    name: str
    kind: str
    district: int
    since: date | None

    @property
    def public_id(self) -> str:
        return stable_id("commissioner", self.number)


@dataclass(frozen=True)
class DemoVolunteer:
    """An invented group that files the light form."""

    number: int
    name: str
    kind: str
    district: int
    shape: tuple[int, int, int, str, str]

    @property
    def public_id(self) -> str:
        return stable_id("volunteer", self.number)


def posts() -> list[DemoPost]:
    """Six areas and two 主任児童委員 in each district; two areas are vacant."""
    made: list[DemoPost] = []
    for district in range(DISTRICTS):
        for place in range(AREAS + 2):
            child = place >= AREAS
            name = f"第{district + 1}地区 " + (
                f"主任児童委員{place - AREAS + 1}" if child else f"{place + 1}区"
            )
            vacant = not child and (district, place) in ((1, 4), (4, 2))
            number_ = len(made) + 1
            since = None if vacant else TERM
            made.append(DemoPost(number_, name, "child_welfare" if child else "area", district, since))
    return made


def volunteers() -> list[DemoVolunteer]:
    return [
        DemoVolunteer(
            number=place * len(FIRST) + index + 1,
            name=first + ending,
            kind=kind,
            district=(place + index) % DISTRICTS,
            shape=(meetings, acted, reached, field, where),
        )
        for place, (kind, ending, meetings, acted, reached, field, where) in enumerate(VOLUNTEERS)
        for index, first in enumerate(FIRST)
    ]


def months(as_of: date) -> list[Month]:
    """Last fiscal year and the running one, up to last month."""
    first, newest = FiscalYear.of(as_of).previous().first, Month.of(as_of).previous()
    return months_between(first, newest) if newest >= first else []


def record(post: DemoPost, month: Month) -> dict[str, dict[str, Any]]:
    """One month of the nationwide record; 内容別 and 分野別 agree, but for a slip now and then."""
    dice = random.Random(f"minsei {post.number} {month.key}")  # noqa: S311 - a demo, not a secret
    season = SEASON[month.month]
    counts = dict.fromkeys(CODES, 0)
    cases = round(dice.randint(0, 5) * season)
    for _case in range(cases):
        counts["child_education" if post.kind == "child_welfare" else dice.choice(CONTENT)] += 1
        counts["for_children" if post.kind == "child_welfare" else dice.choice(FIELDS)] += 1
    for _activity in range(round(dice.randint(5, 14) * season)):
        counts[dice.choice(OTHERS)] += 1
    counts["visits"] = round(dice.randint(6, 18) * season)
    counts["other_visits"] = dice.randint(0, 4)
    counts["between_members"] = dice.randint(1, 6)
    counts["with_agencies"] = dice.randint(0, 4)
    counts["days"] = min(month.days, dice.randint(6, 14))
    return {code: number(value) for code, value in counts.items()}


CODES = (
    "home_welfare", "care_insurance", "health", "child_rearing", "child_community", "child_education",
    "living_costs", "pension", "work", "family", "housing", "environment", "daily_support", "other_content",
    "for_older", "for_disabled", "for_children", "for_others", "survey", "events", "community", "council",
    "certificates", "child_protection", "visits", "other_visits", "between_members", "with_agencies", "days",
)  # fmt: skip


def activity(group: DemoVolunteer, month: Month) -> dict[str, dict[str, Any]]:
    """One month of a volunteer group."""
    dice = random.Random(f"volunteer {group.number} {month.key}")  # noqa: S311
    meetings, acted, reached, field, where = group.shape
    held = max(1, round(meetings * SEASON[month.month] * (0.8 + 0.4 * dice.random())))
    answers = {
        "held": number(held),
        "acted": number(held * max(2, acted + dice.randint(-2, 2))),
        "fields": {"state": "chosen", "value": [field]},
        "places": {"state": "chosen", "value": [where]},
    }
    if reached:
        answers["reached"] = number(held * (reached + dice.randint(-6, 6)))
    return answers


def sent_at(serial: int, month: Month, as_of: date) -> Iterator[datetime]:
    """When a month's report arrived: one moment, or none while it is still awaited."""
    day = month.next().first_day + timedelta(days=2 + serial % 8)
    newest = month == Month.of(as_of).previous()
    if day < as_of and not (newest and serial % 9 == 4):
        yield datetime.combine(day, time(9 + serial % 9, serial * 7 % 60), ZONE)
