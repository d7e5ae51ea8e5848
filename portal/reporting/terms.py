"""Whose month is it? A group's phone sees all of the group's; a commissioner's card its own term's only.

民生委員法 15条: the duty of confidence is personal. Whoever takes an area over sees what the area did in a
year, not what the predecessor wrote for a month. A month belongs to whoever held the area last in it, so
November still comes from the one whose term ends on the 30th.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from portal.accounts import queries as accounts
from portal.domain.errors import Invalid
from portal.domain.measures import Answer
from portal.domain.periods import Month
from portal.domain.permissions import Actor
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import queries
from portal.reporting.models import Submission

Mine = Callable[[str], bool]  # is this period one that the actor may write and read?


def everything(_period: str) -> bool:
    return True


def own_periods(actor: Actor, organisation: Organisation) -> Mine:
    """The periods that the actor may open: all, except on a commissioner's card."""
    if organisation.side != "commissioner" or actor.kind != "card":
        return everything
    card = accounts.card(actor.id)
    contacts = organisations.contacts(organisation)

    def mine(period: str) -> bool:
        found = organisations.holder(contacts, Month.parse(period))
        return found is not None and found.id == card.contact_id

    return mine


def yearly_totals(sent: Iterable[Submission]) -> list[tuple[int, list[tuple[dict[str, str], int | Decimal]]]]:
    """What an area did, by fiscal year: [(year, [(measure's names, sum)])], the newest first, no 0."""
    years: dict[int, dict[str, int | Decimal]] = {}
    names: dict[str, dict[str, str]] = {}
    for submission in sent:
        newest = queries.version(submission)
        names |= {measure.code: measure.names for measure in submission.data_set.measures}
        sums = years.setdefault(Month.parse(submission.period).fiscal_year, {})
        for code, value in newest.values.items():
            try:
                amount = Answer.from_json(value).amount
            except Invalid:
                continue
            if amount:
                sums[code] = sums.get(code, 0) + amount
    return [
        (year, [(named, sums[code]) for code, named in names.items() if code in sums])
        for year, sums in sorted(years.items(), reverse=True)
    ]
