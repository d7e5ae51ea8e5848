"""Confirmed verdicts, and which verdicts there are to choose from."""

from __future__ import annotations

from sqlalchemy import select

from portal.domain.progress import TargetKind
from portal.domain.progress import Verdict as Word
from portal.evaluation.models import Verdict
from portal.extensions import db
from portal.periods.models import ClosedYear

_TOWARDS = (Word.ACHIEVED, Word.ON_TRACK, Word.BEHIND, Word.WORSE)

# What can be said of an indicator depends on what its target asks: what is only followed is never good
# or bad, and what was to be kept is kept or not.
FITTING: dict[TargetKind, tuple[Word, ...]] = {
    TargetKind.REACH: _TOWARDS,
    TargetKind.AT_MOST: _TOWARDS,
    TargetKind.MILESTONE: _TOWARDS,
    TargetKind.MAINTAIN: (Word.MAINTAINED, Word.NOT_MAINTAINED),
    TargetKind.MONITOR: (Word.MONITORED,),
}


def confirmed() -> dict[tuple[str, int], Verdict]:
    """(indicator, fiscal year) -> its confirmed verdict, of closed years only.

    A year that is opened again takes its verdicts out of sight until it is closed once more.
    """
    rows = db.session.scalars(
        select(Verdict)
        .join(ClosedYear, ClosedYear.fiscal_year == Verdict.fiscal_year)
        .order_by(Verdict.indicator_code, Verdict.fiscal_year)
    )
    return {(row.indicator_code, row.fiscal_year): row for row in rows}


def verdict(code: str, year: int) -> Verdict | None:
    """The verdict confirmed last on an indicator and year, whether the year is closed or not."""
    return db.session.get(Verdict, (code, year))
