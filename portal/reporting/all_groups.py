"""The first page of a card that is for several groups: what is due over all of them, each with its name."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, url_for

from portal import clock
from portal.accounts import own_groups
from portal.domain.periods import days_left
from portal.organisations.models import Organisation
from portal.reporting import day_pages, queries
from portal.reporting.offline import may_be_kept
from portal.reporting.queries import Due
from portal.reporting.start_page import OPEN, Task, first_task, task_of, to_keep
from portal.web.hypermedia import render_page
from portal.web.i18n import ngettext


@dataclass(frozen=True)
class GroupTask:
    """A report to write, or to look at again, with its group and the days that are left."""

    organisation: Organisation
    task: Task
    days: int


@dataclass(frozen=True)
class GroupLine:
    """A group in the list: one touch to its own page; how many of its reports are not here yet."""

    organisation: Organisation
    url: str
    said: str


def show() -> Response:
    """Questions first, then what is due: the newest month of each group, the soonest first."""
    asked: list[GroupTask] = []
    due: list[GroupTask] = []
    lines: list[GroupLine] = []
    keep: list[str] = []
    groups = own_groups.of_card()
    for group in groups:
        with own_groups.about(group) as actor:
            rows = queries.due(group)
            open_rows = [row for row in rows if row.open]
            again = [row for row in rows if _is_open(row)]
            asked += [_with_days(group, row, task_of("reporting", group, row, "report")) for row in again]
            newest = open_rows[-1:]
            due += [_with_days(group, row, first_task(actor, "reporting", group, row)) for row in newest]
            keep += to_keep(rows, "reporting", group, day_pages.cards(actor, group, rows))
        lines.append(_line(group, len(open_rows)))
    page = render_page(
        "reporting/all_groups.html",
        groups=groups,
        asked=asked,
        due=sorted(due, key=lambda one: one.days),
        lines=lines,
        keep=keep,
        phones_url=url_for("accounts.phones"),
        cards_url=url_for("accounts.cards") if own_groups.other_cards() else "",
    )
    return may_be_kept(page)


def _is_open(row: Due) -> bool:
    return row.submission is not None and row.submission.state in OPEN


def _with_days(group: Organisation, row: Due, task: Task) -> GroupTask:
    return GroupTask(group, task, days_left(row.due_on, clock.today()))


def _line(group: Organisation, missing: int) -> GroupLine:
    said = ngettext("%(num)s month is not here yet", "%(num)s months are not here yet", missing)
    return GroupLine(group, url_for("reporting.start", group=group.public_id), said if missing else "")
