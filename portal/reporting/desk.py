"""Where a report is written: the organisation, the form and the period, found and checked in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, url_for

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.definition import Form
from portal.datasets.models import DataSet, DataSetVersion
from portal.domain.errors import NotFound
from portal.domain.periods import Cadence, FiscalYear, Month
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.domain.workflow import State
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.plan import queries as plan
from portal.reporting import editions, queries
from portal.reporting.terms import Mine, everything, own_periods

DESKS = ("office", "section")  # the sides that file at a desk of their own
IMPORT = "import"  # no desk: a table that the city has kept is brought in (portal/intake)


@dataclass(frozen=True)
class Desk:
    """One report to write. `blueprint`: "reporting" (phones), "practice", "preview" (of an edition that is
    being written), "entry" (staff at a desk), or "import".
    """

    actor: Actor
    organisation: Organisation
    data_set: DataSet
    edition: DataSetVersion
    form: Form
    period: str
    blueprint: str
    mine: Mine = everything

    @property
    def month(self) -> Month:
        return Month.parse(self.period)

    @property
    def keying(self) -> bool:
        """Is this staff keying in what a group has told on paper or on the telephone?"""
        return self.blueprint == "entry" and self.organisation.side not in DESKS

    @property
    def imported(self) -> bool:
        """Does it come out of a table that staff bring in?"""
        return self.blueprint == IMPORT

    @property
    def practice(self) -> bool:
        """Is this somebody trying out how it goes? Nothing is kept and nothing is sent."""
        return self.blueprint in ("practice", "preview")

    @property
    def unsaved(self) -> bool:
        """No draft is kept: what is typed travels from page to page."""
        return self.keying or self.practice

    @property
    def phone(self) -> bool:
        """Is it shown as on a reporter's phone?"""
        return self.blueprint != "entry"

    @property
    def due_on(self) -> date:
        return periods.due_on(self.data_set, self.period, self.district)

    @property
    def district(self) -> str:
        return self.organisation.district.code if self.organisation.district else ""

    @property
    def refusal(self) -> str:
        """Why the report is not taken now: "closed_year", "locked_period", or "" where it is.

        Whoever is asked back may answer, locked or not: the question was ours.
        """
        why = periods.refusal(self.data_set, self.period, self.organisation.id, self.district)
        if why != periods.LOCKED:
            return why
        sent = queries.submission(self.organisation.id, self.data_set.id, self.period)
        return "" if sent is not None and sent.state == State.RETURNED else why

    @property
    def locked(self) -> bool:
        return bool(self.refusal)

    @property
    def closed(self) -> bool:
        """Is its fiscal year closed? Then nobody decides anything about it either."""
        return periods.is_closed(self.month.fiscal_year)

    @property
    def subject(self) -> Subject:
        return datasets.subject(self.data_set, self.organisation)

    @property
    def cadence(self) -> Cadence:
        return datasets.cadence_of(self.organisation.id, self.data_set)

    @property
    def before(self) -> str:
        """The period before this one, at this organisation's cadence."""
        return self.month.plus(-self.cadence.length).key

    @property
    def year_before(self) -> str:
        return self.month.year_before().key

    def earlier(self) -> queries.Values:
        """What was sent for the period before; empty where nothing was."""
        return self.values_of([self.before]).get(self.before, {})

    def values_of(self, periods: list[str]) -> dict[str, queries.Values]:
        """What was sent for some periods, as far as it is the actor's to see."""
        found = queries.values_of_periods(self.organisation.id, self.data_set.id, periods)
        return {period: values for period, values in found.items() if self.mine(period)}

    def url(self, step: str = "form", **values: Any) -> str:
        """The address of a step of this report: form, draft, not_held, check, send, report."""
        where: dict[str, Any] = {"data_set": self.data_set.code, **values}
        if not self.practice:
            where["period"] = self.period
        if self.blueprint == "entry":
            where["organisation"] = self.organisation.public_id
        return url_for(f"{self.blueprint}.{step}", **where)

    @property
    def report(self) -> str:
        """Which report this is, on this phone and in any language: see `report_name`."""
        return report_name(self.data_set.code, self.period)

    @property
    def home_url(self) -> str:
        if self.keying:
            return url_for(
                "paper.index", data_set=self.data_set.code, period=self.period, district=self.district
            )
        return url_for("entry.start" if self.blueprint == "entry" else "reporting.start")


def report_name(data_set_code: str, period: str) -> str:
    """ "salon/2026-10"; of a further group of a card with that group's name behind it, so that two groups'
    same months are two on the phone that keeps them.
    """
    named = g.get("named_group")
    return f"{data_set_code}/{period}" + (f"@{named}" if named else "")


def in_reach(month: Month) -> bool:
    """Not in the future, and not before the first month that any figure is drawn from."""
    base = plan.facts().get("base_year")
    earliest = month if base is None else FiscalYear(int(str(base)) + 1).first
    return earliest <= month <= Month.of(clock.today())


def sit_down(
    actor: Actor,
    organisation: Organisation,
    data_set_code: str,
    period: str,
    blueprint: str,
    written_on: str = "",
) -> Desk:
    """The desk for one report; NotFound unless it is this actor's, assigned, and not in the future.

    `written_on`: the edition of the form that the page was made of, where a page has been sent.
    """
    data_set = datasets.data_set(data_set_code)
    if data_set is None or not datasets.is_assigned(organisation.id, data_set, period):
        raise NotFound("report", data_set=data_set_code)
    try:
        month = Month.parse(period)
    except ValueError as error:
        raise NotFound("period", period=period) from error
    mine = own_periods(actor, organisation)
    if not in_reach(month) or not mine(month.key):
        raise NotFound("period", period=period)
    own_draft = blueprint != "entry" or organisation.side in DESKS
    edition = editions.of_report(data_set, organisation, month.key, written_on, drafts=own_draft)
    desk = Desk(
        actor=actor,
        organisation=organisation,
        data_set=data_set,
        edition=edition,
        form=datasets.form(edition, organisation),
        period=month.key,
        blueprint=blueprint,
        mine=mine,
    )
    if not may(actor, Permission.REPORT_FILL, desk.subject):
        raise NotFound("report", data_set=data_set_code)
    return desk
