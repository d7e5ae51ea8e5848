"""Reports on paper: who owes which form for a month, as far as this member of staff may key it in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Month
from portal.domain.permissions import Actor, Grant, Permission, Subject, may
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting.desk import DESKS
from portal.reporting.models import Submission

BACK, AHEAD = 12, 6  # months that can be chosen: sheets are handed out before the month begins


@dataclass(frozen=True)
class Owed:
    """One group's report for a month; `submission` is None until it is here."""

    organisation: Organisation
    submission: Submission | None


def forms(actor: Actor) -> list[DataSet]:
    """The groups' forms that this actor may key in somewhere: each grant is asked with its own scope."""
    return [
        data_set
        for data_set in datasets.all_data_sets()
        if data_set.filed_by not in DESKS
        and any(may(actor, Permission.REPORT_FILL, _somewhere(data_set, grant)) for grant in actor.grants)
    ]


def _somewhere(data_set: DataSet, grant: Grant) -> Subject:
    """A report on this form wherever the grant reaches."""
    return Subject(data_set.code, grant.district, grant.organisation_id, confidential=data_set.confidential)


def months() -> list[Month]:
    """The months to choose from, the newest first."""
    now = Month.of(clock.today())
    return [now.plus(step) for step in range(AHEAD, -BACK - 1, -1)]


def owed(actor: Actor, data_set: DataSet, month: Month, district: str = "") -> list[Owed]:
    """Who owes this form for this month, by district and name: of those whom the actor may key in for."""
    ids = datasets.expected(data_set, month, month, district or None).get(month.key, set())
    query = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.district))
    mine = [row for row in db.session.scalars(query) if _may_key(actor, data_set, row)]
    here = select(Submission).where(
        Submission.data_set_id == data_set.id,
        Submission.period == month.key,
        Submission.state != State.WITHDRAWN,
    )
    sent = {row.organisation_id: row for row in db.session.scalars(here)}
    return [Owed(row, sent.get(row.id)) for row in sorted(mine, key=organisations.place)]


def _may_key(actor: Actor, data_set: DataSet, organisation: Organisation) -> bool:
    subject = datasets.subject(data_set, organisation)
    return actor.kind == "staff" and may(actor, Permission.REPORT_FILL, subject)
