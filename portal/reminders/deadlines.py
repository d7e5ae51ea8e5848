"""The days by which a group's next reports are asked for, as a calendar file."""

from __future__ import annotations

from datetime import date

from flask import current_app

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import Assignment
from portal.domain.periods import Cadence, Month, expected_periods
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reminders import links
from portal.reporting import queries as reports
from portal.web.filters import month
from portal.web.i18n import _, in_language, plain
from portal.web.icalendar import Day, calendar
from portal.web.locale import current_locale

AHEAD = 11  # months: with the one that is due now, a year
BACK = 2  # yearly figures have two months


def file_of(organisation: Organisation) -> str:
    """Deadlines from today on, of reports that are not in; the year ahead."""
    locale = current_locale()
    name = plain(
        _("Reports of %(name)s", name=in_language(organisation.names, locale.slug)[0] or organisation.name)
    )
    return calendar(str(name), locale.html_lang, _days(organisation), clock.now())


def _days(organisation: Organisation) -> list[Day]:
    today = clock.today()
    months = Month.of(today).plus(-BACK), Month.of(today).plus(AHEAD)
    sent = {(row.data_set_id, row.period) for row in reports.sent(organisation.id)}
    dates = periods.Calendar()
    district = organisation.district.code if organisation.district else ""
    found = {}
    for assignment in datasets.assignments_of(organisation.id):
        for period in _periods(assignment, organisation, *months):
            due = dates.due_on(assignment.data_set, period.key, district)
            if due >= today and (assignment.data_set_id, period.key) not in sent:
                found[assignment.data_set.code, period.key] = _day(organisation, assignment, period, due)
    return sorted(found.values(), key=lambda one: (one.day, one.uid))


def _periods(assignment: Assignment, organisation: Organisation, first: Month, last: Month) -> list[Month]:
    closed = min((day for day in (assignment.ends_on, organisation.closed_on) if day), default=None)
    opened = max(assignment.starts_on, organisation.opened_on)
    if closed is not None and closed < opened:
        return []
    return expected_periods(Cadence(assignment.cadence), opened, closed, first, last)


def _day(organisation: Organisation, assignment: Assignment, period: Month, due: date) -> Day:
    data_set, locale = assignment.data_set, current_locale()
    office = data_set.reviewing_office
    told = [in_language(data_set.names, locale.slug)[0]]
    if office.phone:
        told.append(f"{in_language(office.names, locale.slug)[0] or office.name} {office.phone}")
    host = str(current_app.config["SETTINGS"].public_url).partition("://")[2]
    return Day(
        uid=f"{organisation.public_id}-{data_set.code}-{period.key}@{host}",
        day=due,
        summary=str(plain(_("Send the report for %(month)s by today", month=month(period)))),
        description=str(plain("\n".join(told))),
        url=links.way_in(organisation, locale.slug),
        alarm=True,
    )
