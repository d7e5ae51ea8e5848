"""The hand-over sheet: where things stand, when what is due, who reviews what, and where to look.

Drawn from the data of the moment, each part within the reader's own scope. It holds no telephone numbers and
nothing of any report: it will lie on desks.
"""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select

from portal import clock
from portal.accounts import queries as accounts
from portal.accounts.models import User, UserGrant
from portal.accounts.staff_words import ROLES
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, FiscalYear, Month
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.ground import settings
from portal.home.staff_words import CADENCES
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.periods.models import DueDay
from portal.plan import queries as plan
from portal.publication import current
from portal.returns import scope
from portal.review import calls, late
from portal.review import queries as review
from portal.web.filters import month_of_year
from portal.web.i18n import _, tr_plain

Data = dict[str, Any]
SHOWN_ROLES = ("reviewer", "officer", "administrator")


def sheet(actor: Actor) -> Data:
    """Everything on the sheet."""
    decides = may(actor, Permission.REVIEW_DECIDE)
    missing = late.late(actor) if decides else []
    return {
        "day": clock.today(),
        "release": current.release(),
        "counts": {**review.counts(actor), "late": len(missing)} if decides else None,
        "calls": len(calls.to_make(actor)) if decides else 0,
        "forms": _forms(actor, missing),
        "exceptions": _exceptions(),
        "people": _people(),
        "years": _years(),
        "questions": len(plan.pending()),
        "rules": _rules(),
        "pages": _pages(actor),
    }


def _forms(actor: Actor, missing: list[late.Late]) -> list[Data]:
    """Each form: how often, by when, who reviews it, and what of the newest period is not in."""
    calendar, newest = periods.Calendar(), Month.of(clock.today()).previous()
    found = []
    for form in datasets.all_data_sets():
        period = _last_period(form, newest)
        late_here = [row for row in missing if row.data_set.id == form.id]
        found.append(
            {
                "names": form.names,
                "cadence": CADENCES[form.cadence],
                "period": month_of_year(period),
                "due": calendar.due_on(form, period.key),
                "office": form.reviewing_office.name,
                "two": form.second_person,
                "confidential": form.confidential,
                "late": len(late_here) if scope.reviews(actor, form) else None,
            }
        )
    return found


def _last_period(form: DataSet, newest: Month) -> Month:
    """The period that is being reported now: the last one that is over, by the form's own cadence."""
    cadence = Cadence(form.cadence)
    period = cadence.period_of(newest)
    return period if period <= newest else period.plus(-cadence.length)


def _exceptions() -> list[Data]:
    """Due days that differ from the rule and are still to come."""
    names = {row.code: row.names for row in datasets.all_data_sets()}
    districts = {row.code: row.names for row in organisations.districts()}
    rows = db.session.scalars(
        select(DueDay).where(DueDay.due_on >= clock.today()).order_by(DueDay.due_on, DueDay.data_set)
    )
    return [
        {
            "form": tr_plain(names.get(row.data_set, {"ja": row.data_set})),
            "period": month_of_year(row.period),
            "district": tr_plain(districts[row.district])
            if row.district in districts
            else _("All districts"),
            "due": row.due_on,
        }
        for row in rows
    ]


def _people() -> list[Data]:
    """Who may do what, by name and scope. Only those who may sign in."""
    forms = {row.code: row.names for row in datasets.all_data_sets()}
    districts = {row.code: row.names for row in organisations.districts()}
    places = {row.id: row for row in organisations.sections_and_offices()}

    def reach(grant: UserGrant) -> str:
        parts = []
        if grant.data_set in forms:
            parts.append(tr_plain(forms[grant.data_set]))
        if grant.district in districts:
            parts.append(tr_plain(districts[grant.district]))
        if grant.organisation_id in places:
            parts.append(_name(places[grant.organisation_id]))
        return "、".join(parts) or _("everywhere")

    return [
        {"name": user.name, "role": ROLES[grant.role], "reach": reach(grant)}
        for user in accounts.users()
        if user.active
        for grant in _shown(user)
    ]


def _shown(user: User) -> list[UserGrant]:
    return [grant for grant in user.grants if grant.role in SHOWN_ROLES]


def _name(organisation: Organisation) -> str:
    return tr_plain(organisation.names or {"ja": organisation.name})


def _years() -> list[Data]:
    """The fiscal years that are over and open, and the running one."""
    running, closed = FiscalYear.of(clock.today()).year, periods.closed_years()
    return [
        {"year": year, "closed": year in closed, "running": year == running}
        for year in (running, running - 1)
    ]


def _rules() -> list[str]:
    """What this city has decided about reviewing."""
    two = settings.get(settings.SECOND_SIGN_OFF, False)
    keyer = settings.get(settings.KEYER_MAY_APPROVE, False)
    return [
        _("Two people sign each report off.") if two else _("One person approves a report."),
        _("Whoever keyed a report in may approve it.")
        if keyer
        else _("Whoever keyed a report in does not approve it: somebody else does."),
        _("An approval can be taken back for ten minutes; later the report is changed with a reason."),
    ]


def _pages(actor: Actor) -> list[tuple[str, str]]:
    """The pages to open, as far as this actor may: (words, address)."""
    rows = (
        (Permission.REVIEW_DECIDE, _("Reports to review"), "review.queue"),
        (Permission.REPORT_FILL, _("Reports on paper"), "paper.index"),
        (Permission.ORGANISATIONS_READ, _("Groups"), "organisations.index"),
        (Permission.FIGURES_READ, _("Indicators"), "indicators.staff_index"),
        (Permission.FIGURES_READ, _("Returns and files"), "exports.index"),
        (Permission.YEAR_CLOSE, _("Fiscal years"), "periods.index"),
        (Permission.PLAN_READ, _("Waiting for an answer"), "plan.pending"),
        (Permission.PUBLISH, _("Publish"), "releases.index"),
        (Permission.USERS_MANAGE, _("Users"), "accounts.users"),
    )
    return [(words, url_for(endpoint)) for permission, words, endpoint in rows if may(actor, permission)]
