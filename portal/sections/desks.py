"""Which sections are asked for which year, as far as it is this actor's to send and to load."""

from __future__ import annotations

from dataclasses import dataclass

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.errors import NotFound
from portal.domain.periods import Cadence, FiscalYear, Month
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.plan import queries as plan
from portal.reporting import queries as reports
from portal.reporting.desk import DESKS, Desk, sit_down
from portal.reporting.models import Submission


@dataclass(frozen=True)
class Asked:
    """One section's sheet of a year, and what has come back so far."""

    desk: Desk
    submission: Submission | None

    @property
    def organisation(self) -> Organisation:
        return self.desk.organisation


def forms() -> list[DataSet]:
    """The yearly forms with evidence: 照会票."""
    return [
        row
        for row in datasets.all_data_sets()
        if row.filed_by in DESKS
        and row.cadence == Cadence.YEARLY
        and row.versions
        and row.current.definition.get("evidence")
    ]


def years() -> list[int]:
    """The fiscal years that can be asked for, the newest first: from March of the year itself on."""
    now = Month.of(clock.today())
    newest = now.fiscal_year if FiscalYear(now.fiscal_year).last <= now else now.fiscal_year - 1
    base = plan.facts().get("base_year")
    first = newest if base is None else int(str(base)) + 1
    return list(range(newest, first - 1, -1))


def asked(actor: Actor, year: int) -> list[Asked]:
    """The sheets of a year that this actor may send and load, in the forms' and sections' order."""
    month = FiscalYear(year).last
    found = []
    for data_set in forms():
        owing = datasets.expected(data_set, month, month).get(month.key, set())
        for organisation in filter(None, map(organisations.by_id, sorted(owing))):
            desk = desk_of(actor, organisation, data_set.code, month.key)
            if desk is not None and desk.form.measures:
                sent = reports.submission(organisation.id, data_set.id, month.key)
                found.append(Asked(desk, sent))
    return found


def desk_of(actor: Actor, organisation: Organisation, data_set: str, period: str) -> Desk | None:
    """The desk of that report, if it is this actor's; None in all other cases."""
    if actor.kind == "card":
        return None
    try:
        return sit_down(actor, organisation, data_set, period, "entry")
    except NotFound:
        return None


def somewhere(actor: Actor) -> bool:
    """Is any yearly sheet this actor's, whatever the year? Each grant is asked with its own scope."""
    return any(
        may(actor, Permission.REPORT_FILL, Subject(form.code, grant.district, grant.organisation_id))
        for form in forms()
        for grant in actor.grants
    )
