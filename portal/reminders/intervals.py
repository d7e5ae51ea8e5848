"""How long before and after the due day a reminder goes out, in working days: the city's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from portal.domain.errors import Invalid
from portal.domain.numerals import read_count
from portal.domain.periods import working_day
from portal.domain.permissions import Actor, Permission, require
from portal.ground import settings
from portal.periods.queries import is_holiday

BEFORE, AFTER, AT_MOST = "remind.days_before", "remind.days_after", "remind.days_late_at_most"
DEFAULTS = {BEFORE: 3, AFTER: 2, AT_MOST: 10}
LONGEST = 30


@dataclass(frozen=True, slots=True)
class Intervals:
    """`at_most`: after so many working days staff call instead; nobody is mailed about months long past."""

    before: int
    after: int
    at_most: int

    def begins(self, due: date) -> date:
        """The first day of the reminder before the due day."""
        return working_day(due, -self.before, is_holiday)

    def late_from(self, due: date) -> date:
        return working_day(due, self.after, is_holiday)

    def late_until(self, due: date) -> date:
        return working_day(due, max(self.after, self.at_most), is_holiday)

    def kind(self, due: date, today: date) -> str:
        """Which reminder is due today: "soon", "late" or "". A day that the timer missed is made up for."""
        if today <= due:
            return "soon" if self.begins(due) <= today else ""
        return "late" if self.late_from(due) <= today <= self.late_until(due) else ""


def intervals(instead: Mapping[str, int] = MappingProxyType({})) -> Intervals:
    """As the city has set them; `instead`: to try others."""
    held = (instead.get(key, settings.get(key, default)) for key, default in DEFAULTS.items())
    return Intervals(*(int(days) for days in held))


def read(typed: Mapping[str, str]) -> Mapping[str, int]:
    """The days as typed in the form, by setting. Invalid with `fields`: setting -> what is wrong there."""
    found = {key: read_count(typed.get(key, "")).value for key in DEFAULTS}
    wrong = {key: "days" for key, days in found.items() if not isinstance(days, int) or days > LONGEST}
    days = {key: int(value) for key, value in found.items() if value is not None}
    if not wrong and days[AT_MOST] < days[AFTER]:
        wrong = {AT_MOST: "before_after"}
    if wrong:
        raise Invalid("intervals", fields=wrong)
    return days


def put(actor: Actor, key: str, days: int) -> None:
    """Change one interval; flush. Invalid("days") unless it is 0 to 30."""
    require(actor, Permission.REMINDERS_SET)
    if key not in DEFAULTS or not 0 <= days <= LONGEST:
        raise Invalid("days", field=key, value=days)
    settings.put(key, days, actor)
