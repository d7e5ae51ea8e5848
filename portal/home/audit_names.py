"""The names beside events: looked up when a page is shown, so that erasing one erases it here too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Card, User
from portal.extensions import db
from portal.home.audit_trail import Event
from portal.organisations.models import Organisation
from portal.reporting.models import Submission


@dataclass
class Names:
    """What stands behind the numbers of some events; a number without a row is nobody any more."""

    users: dict[str, User] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)

    def is_confidential(self, event: Event) -> bool:
        """A commissioner's record: also one that is gone, for nobody can say that it was not."""
        if event.subject_type not in ("report", "submission"):
            return False
        row = self.submissions.get(event.subject_id)
        return row is None or row.data_set.confidential


def of(events: Iterable[Event]) -> Names:
    """The names of these events, in four questions whatever their number."""
    ids: dict[str, set[int]] = {"staff": set(), "card": set(), "organisation": set(), "submission": set()}
    kinds = {"user": "staff", "report": "submission"}
    for event in events:
        actor, _, number = event.actor.partition(":")
        for kind, found in ((actor, number), (event.subject_type, event.subject_id)):
            kind = kinds.get(kind, kind)
            if kind in ids and found.isdecimal():
                ids[kind].add(int(found))
    cards = select(Card).where(Card.id.in_(ids["card"])).options(joinedload(Card.organisation))
    groups = select(Organisation).where(Organisation.id.in_(ids["organisation"]))
    reports = (
        select(Submission)
        .where(Submission.id.in_(ids["submission"]))
        .options(joinedload(Submission.organisation), joinedload(Submission.data_set))
    )
    return Names(
        {str(row.id): row for row in db.session.scalars(select(User).where(User.id.in_(ids["staff"])))},
        {str(row.id): row for row in db.session.scalars(cards)},
        {str(row.id): row for row in db.session.scalars(groups)},
        {str(row.id): row for row in db.session.scalars(reports)},
    )
