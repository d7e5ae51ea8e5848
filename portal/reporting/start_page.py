"""Where writing begins: one thing to do, what became of the last one, earlier reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask import Response, url_for

from portal import clock
from portal.accounts import own_groups
from portal.datasets import queries as datasets
from portal.datasets.definition import Form
from portal.domain.measures import AnswerState
from portal.domain.periods import FiscalYear, Month, days_left
from portal.domain.permissions import Actor
from portal.organisations.models import Organisation
from portal.periods.queries import LOCKED
from portal.reporting import answers, calls, day_pages, editions, queries, services, words
from portal.reporting.desk import report_name
from portal.reporting.models import Submission
from portal.reporting.offline import may_be_kept
from portal.reporting.queries import Due
from portal.reporting.something_back import towards
from portal.reporting.terms import own_periods, yearly_totals
from portal.web.filters import amount, month, short_day
from portal.web.hypermedia import render_page
from portal.web.i18n import _, ngettext

OPEN = ("returned",)


@dataclass(frozen=True)
class Task:
    """A report to write or to look at again."""

    period: str
    url: str
    due_words: str
    late: str
    draft: bool
    report: str
    send_url: str
    not_held_url: str
    not_held_words: str
    not_held_fields: list[tuple[str, str]]
    form: dict[str, str]


def _address(blueprint: str, organisation: Organisation, step: str, row: Due | Submission) -> str:
    where: dict[str, Any] = {"data_set": row.data_set.code, "period": row.period}
    if blueprint == "entry":
        where["organisation"] = organisation.public_id
    return url_for(f"{blueprint}.{step}", **where)


def task_of(blueprint: str, organisation: Organisation, row: Due, step: str = "form") -> Task:
    left = days_left(row.due_on, clock.today())
    until = _("by %(day)s", day=short_day(row.due_on))
    if left > 0:
        until = ngettext("%(until)s: %(num)s more day", "%(until)s: %(num)s more days", left, until=until)
    elif left == 0:
        until = _("%(until)s: today", until=until)
    edition = row.data_set.edition_for(row.period)
    form = datasets.form(edition, organisation)
    untouched = row.submission is None and row.draft is None
    skips = form.long or (form.measures and AnswerState.NOT_HELD in form.measures[0].spec.states)
    can_skip = blueprint == "reporting" and skips and untouched
    met = any(measure.code == "attendance" for measure in form.measures)
    nothing = _("We did not meet in %(month)s") if met else _("There was no activity in %(month)s")
    return Task(
        period=row.period,
        url=_address(blueprint, organisation, step, row),
        due_words=until,
        late=words.past_due(short_day(row.due_on)) if left < 0 else "",
        draft=row.draft is not None,
        report=report_name(row.data_set.code, row.period),
        send_url=_address(blueprint, organisation, "send", row),
        not_held_url=_address(blueprint, organisation, "not_held", row) if can_skip else "",
        not_held_words=nothing % {"month": month(row.period)},
        not_held_fields=_not_held_fields(form, edition.version) if can_skip else [],
        form=row.data_set.names,
    )


def first_task(actor: Actor, blueprint: str, organisation: Organisation, row: Due) -> Task:
    """What is due. Where something was counted, "no activity" in one touch is not offered."""
    task = task_of(blueprint, organisation, row)
    return replace(task, not_held_url="") if day_pages.has_counted(actor, organisation, row) else task


def _not_held_fields(form: Form, edition: int) -> list[tuple[str, str]]:
    """What `not_held` would have sent by way of the check page: a phone without a signal sends it itself."""
    written = answers.to_fields(form, services.nothing_happened(form))
    return [("submission_key", services.new_key()), ("based_on", "0"), (editions.KEY, str(edition)), *written]


def to_keep(
    rows: Sequence[Due], blueprint: str, organisation: Organisation, counters: Sequence[day_pages.Card] = ()
) -> list[str]:
    """What a phone keeps: of each form the newest due one and the running month; day counters."""
    wanted: dict[tuple[str, bool], Due] = {}
    for row in rows:
        if row.submission is None:
            if row.locked:
                continue
            if row.over or (row.data_set.code, False) not in wanted:
                wanted[row.data_set.code, row.over] = row
        elif row.submission.state in OPEN:
            wanted[row.data_set.code, True] = row
    forms = [_address(blueprint, organisation, "form", row) for row in wanted.values()]
    return [*forms, *(path for one in counters for path in one.addresses)]


def show(actor: Actor, organisation: Organisation, blueprint: str, phones_url: str) -> Response:
    """A reporter's first page."""
    mine = own_periods(actor, organisation)
    rows = [row for row in queries.due(organisation) if mine(row.period)]
    asked = [row for row in rows if row.submission and row.submission.state in OPEN]
    open_rows = [row for row in rows if row.open]
    sent = [row for row in queries.sent(organisation.id) if mine(row.period)]
    newest = open_rows[-1] if open_rows else None
    others = [row for row in open_rows if row is not newest]
    counters = day_pages.cards(actor, organisation, rows)
    page = render_page(
        "reporting/start.html",
        layout="layouts/reporter.html",
        holder=organisation.names or organisation.name,
        organisation=organisation,
        counters=counters,
        counter=bool(counters),
        office=newest.data_set.reviewing_office if newest else None,
        forms=len({row.data_set.id for row in rows}),
        asked=[task_of(blueprint, organisation, row, "report") for row in asked],
        task=first_task(actor, blueprint, organisation, newest) if newest else None,
        others=[task_of(blueprint, organisation, row) for row in reversed(others)],
        locked=[row.period for row in rows if row.submission is None and row.locked],
        locked_words=words.refused(LOCKED),
        months_url=url_for("reporting.several", data_set=others[-1].data_set.code) if len(others) > 1 else "",
        latest=_latest(sent, blueprint, organisation),
        year=_year(sent),
        towards=towards(organisation, sent),
        next_words=_next_words(rows),
        year_url=url_for("year.newest"),
        thanks=_thanks(sent),
        past_url=url_for("reporting.past"),
        practice_url=url_for("practice.form", data_set=rows[-1].data_set.code) if rows else "",
        phones_url=phones_url,
        call_asked=calls.is_asked(organisation.id),
        keep=to_keep(rows, blueprint, organisation, counters),
        groups=own_groups.of_card(),
        cards_url=url_for("accounts.cards") if own_groups.other_cards() else "",
    )
    return may_be_kept(page)


def _thanks(sent: Sequence[Submission]) -> int | None:
    """In April: the fiscal year that is over, if anything of it is confirmed; there is a page of it."""
    today = clock.today()
    over = FiscalYear.of(today).previous()
    if today.month != over.next().first.month:
        return None
    of_it = (Month.parse(row.period).fiscal_year == over.year for row in sent if row.approved_version)
    return over.year if any(of_it) else None


def _next_words(rows: list[Due]) -> str:
    ahead = [row for row in rows if row.submission is None and not row.over]
    if not ahead:
        return _("We look forward to your next report.")
    return _(
        "The next one is the report for %(month)s, from the first of the month after.",
        month=month(ahead[0].period),
    )


def _latest(sent: Sequence[Submission], blueprint: str, organisation: Organisation) -> dict[str, Any] | None:
    newest = next((row for row in sent if row.state != "returned"), None)
    if newest is None:
        return None
    keyed = queries.keyed(newest)
    unseen = _("The office entered it for you. Please take a look.")
    return {
        **_row(newest, blueprint, organisation),
        "keyed": unseen if keyed and keyed.confirmed_at is None else "",
    }


def _row(submission: Submission, blueprint: str, organisation: Organisation) -> dict[str, Any]:
    return {
        "period": submission.period,
        "tag": words.TAGS[submission.state],
        "words": _sentence(submission),
        "url": _address(blueprint, organisation, "report", submission),
        "form": submission.data_set.names,
    }


def _sentence(submission: Submission) -> str:
    """The state in a sentence, with the figure that matters most where there is one."""
    said = str(words.SUBMISSION[submission.state])
    values = queries.version(submission).values
    came = values.get("attendance", {})
    if came.get("state") == "number":
        return _("%(people)s came in all. %(said)s", people=_people(submission, came["value"]), said=said)
    if values.get("held", {}).get("state") == "not_held":
        return _("You did not meet. %(said)s", said=said)
    return said


def _people(submission: Submission, count: Any) -> str:
    """How many came, with the unit of the form that asked it."""
    units = next((m.units for m in submission.data_set.measures if m.code == "attendance"), None)
    return amount(count, units)


def _year(sent: Sequence[Submission]) -> str:
    """What this group did this fiscal year, for the group itself."""
    year = FiscalYear.of(clock.today()).year
    rows = [row for row in sent if Month.parse(row.period).fiscal_year == year]
    mine = [queries.version(row).values for row in rows]
    held = sum(int(v["held"]["value"]) for v in mine if v.get("held", {}).get("state") == "number")
    came = sum(
        int(v["attendance"]["value"]) for v in mine if v.get("attendance", {}).get("state") == "number"
    )
    if not held:
        return ""
    if not came:
        return ngettext("You were active %(num)s time.", "You were active %(num)s times.", held)
    return ngettext(
        "You met %(num)s time, and %(people)s came in all.",
        "You met %(num)s times, and %(people)s came in all.",
        held,
        people=_people(rows[0], came),
    )


def past(actor: Actor, organisation: Organisation, blueprint: str) -> Response:
    mine = own_periods(actor, organisation)
    sent = queries.sent(organisation.id)
    rows = [row for row in sent if mine(row.period)]
    years = [
        (year, [_row(row, blueprint, organisation) for row in group])
        for year, group in groupby(rows, key=lambda row: Month.parse(row.period).fiscal_year)
    ]
    return render_page(
        "reporting/past.html",
        layout="layouts/reporter.html",
        holder=organisation.names or organisation.name,
        years=years,
        totals=yearly_totals(sent) if len(rows) < len(sent) else [],
        home_url=url_for(f"{blueprint}.start"),
    )


def desk_list(own: list[Organisation]) -> Response:
    """What the office or a section has to enter: open periods first."""
    desks = []
    for organisation in own:
        rows = [row for row in reversed(queries.due(organisation)) if row.over or row.submission]
        desks.append(
            {
                "organisation": organisation,
                "open": [
                    task_of("entry", organisation, row)
                    for row in rows
                    if row.submission is None and not row.locked
                ],
                "sent": [_row(row.submission, "entry", organisation) for row in rows if row.submission],
            }
        )
    return render_page("reporting/staff/entry.html", section="entry", desks=desks)
