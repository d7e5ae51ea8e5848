"""The one thing that staff decide about how an indicator is drawn."""

from __future__ import annotations

from portal.domain.errors import Invalid, NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.ground import settings
from portal.indicators.queries import COUNTINGS, counting_setting
from portal.plan import queries as plan


def choose_counting(actor: Actor, code: str, counting: str) -> None:
    """Which count of an indicator of two registers is published: "sum" or "distinct"; flush, audited.

    The plan does not print whether a group on both lists counts twice (地域福祉活動への参加団体数), so the
    city decides. Raises NotFound("indicator") where nothing is counted two ways, Invalid("counting").
    """
    require(actor, Permission.YEAR_CLOSE)
    row = plan.indicator(code)
    if row is None or row.aggregation != "registers":
        raise NotFound("indicator")
    if counting not in COUNTINGS:
        raise Invalid("counting", value=counting)
    settings.put(counting_setting(code), counting, actor)
