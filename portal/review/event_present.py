"""Pairs of events as their pages show them, and which figures move before anybody presses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from portal import clock
from portal.accounts import queries as accounts
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import Actor, Permission, may
from portal.indicators import queries as indicators
from portal.ledger import services as ledger
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.review import event_ledger, event_pairs
from portal.review.event_pairs import Entry, Pair
from portal.review.models import EventPair

Shown = dict[str, Any]
Change = tuple[str, int, int]  # an indicator's code, a fiscal year, by how much


def years() -> list[int]:
    """The newest first: this year and the two before."""
    now = FiscalYear.of(clock.today()).year
    return [now, now - 1, now - 2]


def listing(actor: Actor, year: int, state: str) -> Shown:
    """The pairs of a year in one state, and how many there are in each."""
    found = event_pairs.pairs(actor, year)
    counts = {name: sum(pair.state == name for pair in found) for name in ("open", "linked", "dismissed")}
    names = accounts.names()
    return {
        "pairs": [_pair(pair, names) for pair in found if pair.state == state],
        "counts": counts,
        "state": state,
        "year": year,
        "years": years(),
        "in_two": event_ledger.counts_in_two(),
        "unsettled": unsettled() if may(actor, Permission.YEAR_CLOSE) else [],
    }


def one(pair: Pair) -> Shown:
    """A pair's own page."""
    names = accounts.names()
    return {
        "pair": _pair(pair, names),
        "in_two": event_ledger.counts_in_two(),
        "closed": periods.is_closed(Month.parse(pair.one.submission.period).fiscal_year),
        "chooses": pair.counts_twice,
        "choices": [
            {"key": keep.key, "entry": keep, "moves": _taken_out(gone, pair)}
            for keep, gone in ((pair.one, pair.other), (pair.other, pair.one))
        ],
        "undoing": moves(_put_back(pair.row)) if pair.row else [],
        "decisions": [
            {"row": row, "by": names.get(row.actor, row.actor)}
            for row in reversed(pair.row.decisions if pair.row else [])
        ],
    }


def _pair(pair: Pair, names: dict[str, str]) -> Shown:
    last = pair.row.decisions[-1] if pair.row and pair.row.decisions else None
    return {
        "key": pair.key,
        "state": pair.state,
        "seq": pair.seq,
        "keeps": pair.row.keeps if pair.row else "",
        "same_indicator": bool(pair.one.codes & pair.other.codes),
        "sides": [_side(entry, names) for entry in (pair.one, pair.other)],
        "reason": last.reason if last else "",
        "by": names.get(last.actor, last.actor) if last else "",
        "at": last.at if last else None,
    }


def _side(entry: Entry, names: dict[str, str]) -> Shown:
    return {
        "entry": entry,
        "line": entry.line,
        "submission": entry.submission,
        "measure": entry.measure,
        "indicators": entry.indicators,
        "by": names.get(entry.entered_by, entry.entered_by),
        "approved": entry.approved,
    }


def _taken_out(gone: Entry, pair: Pair) -> list[Shown]:
    """What moves if the other one goes on counting; nothing while a report is not approved."""
    if event_ledger.counts_in_two() or not (pair.one.approved and pair.other.approved):
        return []
    year = Month.parse(gone.submission.period).fiscal_year
    return moves([(code, year, -gone.snapshot()["amount"]) for code in gone.codes])


def _put_back(row: EventPair) -> list[Change]:
    if not row.keeps or not ledger.in_force(event_ledger.document(row)):
        return []
    return _changes(row, 1)


def _changes(row: EventPair, sign: int) -> list[Change]:
    side = event_ledger.second(row)
    return [(code, row.fiscal_year, sign * side["amount"]) for code in side["counts_in"]]


def unsettled() -> list[Shown]:
    """The figures that move once the ledger follows the city's setting."""
    rows = event_ledger.unsettled()
    changes = (_changes(row, -1 if event_ledger.wanted(row) else 1) for row in rows)
    return moves([change for found in changes for change in found])


def moves(changes: Iterable[Change]) -> list[Shown]:
    """Each indicator's year before and after; both from the ledger as it stands."""
    by: dict[tuple[str, int], int] = defaultdict(int)
    for code, year, amount in changes:
        by[code, year] += amount
    if not by:
        return []
    names = {row.code: row for row in plan.indicators()}
    values = {
        (row.code, value.fiscal_year): value.value
        for row in indicators.figures(clock.today())
        for value in row.values
    }
    return [
        {
            "code": code,
            "names": names[code].names,
            "units": names[code].units,
            "year": year,
            "before": values.get((code, year)),
            "after": (values.get((code, year)) or 0) + amount,
        }
        for (code, year), amount in sorted(by.items())
        if code in names
    ]
