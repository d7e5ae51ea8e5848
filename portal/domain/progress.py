"""How an indicator stands against its target: a proposal, which people confirm or change after 協議.

The plan itself says that figures are not to be judged alone (第5章: 数値だけに捉われない評価を該当課と
協議), and not all of its targets mean "more":

- reach     150 -> 210 groups. On a straight path from base to target; behind if below it.
- maintain  6 -> 6 districts, 82 -> 80 events. Kept at the target or above it; 81 and 90 are both kept.
- at_most   the target is a ceiling.
- monitor   受給率 1.34 -> 1.36 %. Watched, never good or bad.
- milestone 検討 -> 整備. A stage, never a percentage.

A base of "-" means that the thing did not exist: there is no path from it, only target and actual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import ceil, floor

from portal.domain.indicators import Value

Number = int | Decimal


class TargetKind(StrEnum):
    """What the target asks. Written in the plan file, never inferred from the numbers."""

    REACH = "reach"
    MAINTAIN = "maintain"
    AT_MOST = "at_most"
    MONITOR = "monitor"
    MILESTONE = "milestone"


class Better(StrEnum):
    """Which way is better. NEITHER only where nothing is judged."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Verdict(StrEnum):
    """What is said of a closed year."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    WORSE = "worse"
    MAINTAINED = "maintained"
    NOT_MAINTAINED = "not_maintained"
    MONITORED = "monitored"


@dataclass(frozen=True, slots=True)
class Aim:
    """What the plan says of an indicator. `whole`: counted in whole things (回, 団体), not in percent.

    `tolerance`: a fall from the base that is smaller is not called worse. For figures of surveys it may
    be 3 points (福岡市 保健福祉総合計画: under ±3 points is 現状維持); 0 otherwise. `stages` in their order.
    """

    target_kind: TargetKind
    better: Better
    base_year: int
    target_year: int
    base: Value = None
    target: Value = None
    whole: bool = True
    tolerance: Number = 0
    base_stage: str | None = None
    target_stage: str | None = None
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actual:
    """What a fiscal year brought. `reference`: a year that belongs to no plan (令和7年度). `broken`: it is
    counted in another way than the base was.
    """

    year: int
    value: Value = None
    stage: str | None = None
    provisional: bool = False
    reference: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed verdict (None: none can be proposed), why, and the figures for the sentence.

    `expected`: where the straight path stands that year, None where there is no path. `params`: actual,
    base, target; `progress` percent of the way from base to target (below 0 and above 100 too) where
    there is a way; `achievement` percent of the target where there is no base.
    """

    verdict: Verdict | None
    reason_code: str
    expected: Value = None
    params: Mapping[str, object] = field(default_factory=dict)


def position_on_path(
    base: Number, base_year: int, target: Number, target_year: int, year: int, *, whole: bool
) -> Number:
    """Where the straight path from base to target stands in a year; at its ends before and after.

    Whole things are rounded towards the base: from 1 to 2 events in six years, one is enough until the
    last year, since there is no third of an event. (For a target above the base that is: down.)
    """
    if year >= target_year:
        return target
    if year <= base_year:
        return base
    exact = Decimal(base) + (Decimal(target) - Decimal(base)) * (year - base_year) / (target_year - base_year)
    if whole:
        return floor(exact) if target >= base else ceil(exact)
    return exact


def progress_percent(base: Value, target: Value, actual: Value) -> int | None:
    """How much of the way from base to target is done, in percent, neither cut at 0 nor at 100.

    None where a figure is missing or there is no way to go (target = base).
    """
    if base is None or target is None or actual is None or target == base:
        return None
    return _percent(Decimal(actual) - Decimal(base), Decimal(target) - Decimal(base))


def achievement_percent(target: Value, actual: Value) -> int | None:
    """Actual as percent of the target: where the base is "-". None without a target, or with 0."""
    if actual is None or not target:
        return None
    return _percent(Decimal(actual), Decimal(target))


def _percent(part: Decimal, whole: Decimal) -> int:
    return int((part * 100 / whole).quantize(Decimal(1), ROUND_HALF_UP))


def propose(aim: Aim, actual: Actual) -> Proposal:
    """The verdict that the figures suggest for a closed year.

    None with reason `reference_year`, `before_plan` (the base year itself or earlier), `year_open`
    (provisional), `series_break` (counted in another way than the base) or `no_value`; otherwise by
    target kind.
    """
    if waiting := _not_yet(aim, actual):
        return Proposal(None, waiting)
    if aim.target_kind is TargetKind.MILESTONE:
        return _milestone(aim, actual)
    if aim.target_kind is TargetKind.MONITOR:
        return Proposal(Verdict.MONITORED, "watched_only", params=_params(aim, actual))
    if aim.target is None or actual.value is None:
        return Proposal(None, "no_target", params=_params(aim, actual))
    if aim.target_kind is TargetKind.MAINTAIN:
        return _maintain(aim, actual, actual.value, aim.target)
    if aim.base is None:
        return _without_base(aim, actual, actual.value, aim.target)
    return _reach(aim, actual, actual.value, aim.base, aim.target)


def _not_yet(aim: Aim, actual: Actual) -> str | None:
    if actual.reference:
        return "reference_year"
    if actual.year <= aim.base_year:
        return "before_plan"
    if actual.provisional:
        return "year_open"
    if actual.broken:
        return "series_break"
    given = actual.stage if aim.target_kind is TargetKind.MILESTONE else actual.value
    return "no_value" if given is None else None


def _params(aim: Aim, actual: Actual, **more: object) -> dict[str, object]:
    return {"actual": actual.value, "base": aim.base, "target": aim.target, **more}


def _falling(aim: Aim) -> bool:
    return aim.target_kind is TargetKind.AT_MOST or aim.better is Better.DOWN


def _as_good(aim: Aim, value: Number, other: Number) -> bool:
    """Whether value is as good as other or better, in the direction of this aim."""
    return value <= other if _falling(aim) else value >= other


def _maintain(aim: Aim, actual: Actual, value: Number, target: Number) -> Proposal:
    if _as_good(aim, value, target):
        return Proposal(Verdict.MAINTAINED, "kept", target, _params(aim, actual))
    return Proposal(Verdict.NOT_MAINTAINED, "not_kept", target, _params(aim, actual))


def _reach(aim: Aim, actual: Actual, value: Number, base: Number, target: Number) -> Proposal:
    """Reach, and at_most: the same with less being better."""
    path = position_on_path(base, aim.base_year, target, aim.target_year, actual.year, whole=aim.whole)
    params = _params(aim, actual, progress=progress_percent(base, target, value))
    fall = value - base if _falling(aim) else base - value
    if _as_good(aim, value, target):
        return Proposal(Verdict.ACHIEVED, "target_reached", path, params)
    if fall > 0 and fall >= aim.tolerance:
        return Proposal(Verdict.WORSE, "worse_than_base", path, params)
    if _as_good(aim, value, path):
        return Proposal(Verdict.ON_TRACK, "on_path", path, params)
    return Proposal(Verdict.BEHIND, "below_path", path, params)


def _without_base(aim: Aim, actual: Actual, value: Number, target: Number) -> Proposal:
    """Base "-": before the target year there is nothing to be behind of."""
    params = _params(aim, actual, achievement=achievement_percent(target, value))
    if _as_good(aim, value, target):
        return Proposal(Verdict.ACHIEVED, "target_reached", None, params)
    if actual.year >= aim.target_year:
        return Proposal(Verdict.BEHIND, "target_missed", None, params)
    return Proposal(None, "no_base", None, params)


def _milestone(aim: Aim, actual: Actual) -> Proposal:
    """By stages: reached, moved on, not yet moved. Only the target year can find it behind."""
    params = {"actual": actual.stage, "base": aim.base_stage, "target": aim.target_stage}
    if actual.stage == aim.target_stage:
        return Proposal(Verdict.ACHIEVED, "stage_reached", params=params)
    if actual.year >= aim.target_year:
        return Proposal(Verdict.BEHIND, "stage_missed", params=params)
    place = {stage: number for number, stage in enumerate(aim.stages)}
    now, before = place.get(actual.stage or ""), place.get(aim.base_stage or "")
    if now is not None and before is not None and now < before:
        return Proposal(Verdict.WORSE, "stage_lost", params=params)
    if actual.stage != aim.base_stage:
        return Proposal(Verdict.ON_TRACK, "stage_moved", params=params)
    return Proposal(None, "stage_unchanged", params=params)
