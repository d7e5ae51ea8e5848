"""The day counter as pages show it: today and yesterday, what was counted, and the same for the script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.datasets.definition import FormMeasure
from portal.domain import tallies
from portal.domain.errors import Invalid, NotFound
from portal.domain.periods import Month
from portal.domain.permissions import Actor
from portal.organisations.models import Organisation
from portal.reporting import days, queries, services
from portal.reporting.desk import Desk, sit_down
from portal.reporting.offline import may_be_kept
from portal.web.csrf import token_failed
from portal.web.filters import month
from portal.web.hypermedia import is_htmx, leave_to, render_page
from portal.web.i18n import _

MOST = 200  # presses in one sending; a phone sends more in several
TEMPLATE = "reporting/days.html"


@dataclass(frozen=True)
class Item:
    """One thing to count, with the key that a press without a script would carry."""

    code: str
    names: Mapping[str, str]
    today: int
    month: int
    counts_days: bool
    tap: str


@dataclass(frozen=True)
class Part:
    """A section of the form. `used`: something in it was counted on that day, so it stands open."""

    names: Mapping[str, str] | None
    items: list[Item] = field(default_factory=list)
    used: bool = False


@dataclass(frozen=True)
class Sheet:
    """One day of one record: what has been counted on it, and since the month before."""

    desk: Desk
    day: date
    taps: list[tallies.Tap]

    @property
    def on_day(self) -> list[tallies.Tap]:
        return [tap for tap in self.taps if tap.day == self.day]

    @property
    def in_month(self) -> list[tallies.Tap]:
        return [tap for tap in self.taps if Month.of(tap.day) == self.desk.month]

    @property
    def last(self) -> tallies.Tap | None:
        """The press that would be taken back."""
        standing = tallies.standing(self.on_day)
        return standing[-1] if standing else None


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


def open_sheet(actor: Actor, organisation: Organisation, data_set: str, day: date) -> Sheet:
    """NotFound unless that day is this card's to count."""
    desk = days.desk_on(actor, organisation, data_set, day)
    return Sheet(desk, day, days.taps(desk, desk.month.previous().first_day, desk.month.last_day))


def address(data_set: str, day: date, at: str | None = None) -> str:
    """The page of a day: today's and yesterday's have addresses that stay, so that a phone can keep them."""
    return url_for("days.yesterday" if day == yesterday() else "days.today", data_set=data_set, at=at)


def show(actor: Actor, organisation: Organisation, data_set: str, day: date) -> Response:
    return may_be_kept(_page(open_sheet(actor, organisation, data_set, day)))


def take(actor: Actor, organisation: Organisation, data_set: str) -> BaseResponse:
    """One press of a button, without our script: the page again, with the number one higher."""
    try:
        tap = tallies.Tap.parse(request.form.get("tap", ""))
    except Invalid:
        return leave_to(address(data_set, clock.today()))
    if token_failed():
        problem = _("This page was open for a long time. Please press the button again.")
        return _page(open_sheet(actor, organisation, data_set, _shown(tap)), status=400, problem=problem)
    _taken, refused = days.take(actor, organisation, data_set, [tap])
    sheet = open_sheet(actor, organisation, data_set, _shown(tap))
    if refused or is_htmx():
        return _page(sheet, status=409 if refused else 200, at=tap.measure, problem=_refused(refused))
    place = "often" if tap.measure in _favourites(sheet) else "tap"
    return leave_to(f"{address(data_set, tap.day, at=tap.measure)}#{place}-{tap.measure}")


def take_many(actor: Actor, organisation: Organisation, data_set: str) -> dict[str, Any]:
    """What waited on a phone, in its order; gives what has become of each, and the numbers from now on."""
    pressed, refused = [], []
    for text in request.form.getlist("tap")[:MOST]:
        try:
            pressed.append(tallies.Tap.parse(text))
        except Invalid:
            refused.append(text.split(" ")[0])
    taken, late = days.take(actor, organisation, data_set, pressed)
    return {"taken": taken, "refused": [*refused, *late], "state": _newest(actor, organisation, data_set)}


def _newest(actor: Actor, organisation: Organisation, data_set: str) -> dict[str, Any] | None:
    """The numbers from now on; none for a term that has ended while its last presses waited."""
    for day in (clock.today(), yesterday()):
        try:
            return state(open_sheet(actor, organisation, data_set, day))
        except NotFound:
            continue
    return None


def _refused(keys: list[str]) -> str:
    return _("That was not counted: the report of that month is already finished.") if keys else ""


def _shown(tap: tallies.Tap) -> date:
    """The day to show after a press: the one that was pressed on, where it still has a page."""
    return tap.day if tap.day == yesterday() else clock.today()


def _page(sheet: Sheet, *, status: int = 200, at: str = "", problem: str = "") -> Response:
    desk, items = sheet.desk, _items(sheet)
    submission = queries.submission(desk.organisation.id, desk.data_set.id, desk.period)
    return render_page(
        TEMPLATE,
        fragment="counting",
        status=status,
        layout="layouts/reporter.html",
        holder=desk.organisation.names or desk.organisation.name,
        office=desk.data_set.reviewing_office,
        desk=desk,
        sheet=sheet,
        open=days.is_open(desk),
        sent=submission is not None,
        problem=problem,
        parts=_parts(sheet, items, at or request.args.get("at", "")),
        often=[items[code] for code in _favourites(sheet) if code in items],
        last=items.get(sheet.last.measure) if sheet.last else None,
        undo=_undo(sheet),
        tabs=_tabs(desk, sheet.day),
        ago=int(sheet.day == yesterday()),
        phone_state=state(sheet),
        timezone=current_app.config["SETTINGS"].timezone,
        counter=True,
    )


def _tabs(desk: Desk, shown: date) -> list[tuple[str, str, date, bool]]:
    """Today and, where it is this card's too, yesterday: which, address, day, shown now?"""
    found = [("today", clock.today()), ("yesterday", yesterday())]
    return [
        (which, address(desk.data_set.code, day), day, day == shown)
        for which, day in found
        if day == shown or desk.mine(Month.of(day).key)
    ]


def _items(sheet: Sheet) -> dict[str, Item]:
    """Every measure that is counted or follows from the counting, in the form's order."""
    page, on_day = services.new_key()[:16], tallies.sums(sheet.on_day)
    in_month = days.add_up(sheet.desk, sheet.in_month)
    return {
        measure.code: Item(
            measure.code,
            measure.labels,
            on_day.get(measure.code, 0),
            in_month.get(measure.code, 0),
            measure.counts_days,
            f"{page}-{place} {sheet.day.isoformat()} {measure.code}",
        )
        for place, measure in enumerate(sheet.desk.form.measures)
        if _shows(measure)
    }


def _shows(measure: FormMeasure) -> bool:
    return measure.countable or measure.counts_days


def _parts(sheet: Sheet, items: Mapping[str, Item], at: str) -> list[Part]:
    often = _favourites(sheet)
    used = {code for code in (at, *tallies.sums(sheet.on_day)) if code not in often}
    return [
        Part(
            section.names,
            [items[m.code] for m in section.measures if m.code in items],
            any(m.code in used for m in section.measures),
        )
        for section in sheet.desk.form.sections
        if any(_shows(m) for m in section.measures)
    ]


def _favourites(sheet: Sheet) -> list[str]:
    """What is counted most, so that it need not be looked for. By the days before: it stays put all day."""
    return tallies.favourites(tap for tap in sheet.taps if tap.day < sheet.day)


def _undo(sheet: Sheet) -> str:
    """What the button that takes the last press back carries."""
    if sheet.last is None:
        return ""
    key = services.new_key()[:16]
    return f"{key} {sheet.day.isoformat()} {sheet.last.measure} {sheet.last.key}"


# --- for the phone ----------------------------------------------------------------------------------


def state(sheet: Sheet) -> dict[str, Any]:
    """What the server knows by now, for static/js/days.js, which adds what waits on the phone.

    `days`: what stands, press by press, of today and yesterday; `months`: sums and days; `known`: keys that
    have arrived, so that a press whose answer was lost is not shown twice.
    """
    shown = [day for day in (clock.today(), yesterday()) if sheet.desk.mine(Month.of(day).key)]
    months = sorted({Month.of(day) for day in shown})
    taps = _taps_of(sheet, months)
    near = [tap for tap in taps if tap.day in shown]
    return {
        "at": int(clock.now().timestamp() * 1000),
        "days": {
            day.isoformat(): [[tap.key, tap.measure] for tap in tallies.standing(near) if tap.day == day]
            for day in shown
        },
        "known": [tap.key for tap in near],
        "months": {m.key: _month([tap for tap in taps if Month.of(tap.day) == m]) for m in months},
    }


def _taps_of(sheet: Sheet, months: list[Month]) -> list[tallies.Tap]:
    if {sheet.desk.month, sheet.desk.month.previous()} >= set(months):
        return sheet.taps
    return days.taps(sheet.desk, months[0].first_day, months[-1].last_day)


def _month(taps: list[tallies.Tap]) -> dict[str, Any]:
    return {"sums": tallies.sums(taps), "days": [day.isoformat() for day in tallies.days(taps)]}


# --- on the first page ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """The day counter on the first page: how far this month has come."""

    data_set: str
    form: Mapping[str, str]
    day: str
    month: str
    today: int
    total: int
    url: str
    phone_state: dict[str, Any]
    timezone: str
    addresses: tuple[str, ...]


def cards(actor: Actor, organisation: Organisation, rows: list[queries.Due]) -> list[Card]:
    """One for each form of this month that may be counted day by day."""
    this_month = Month.of(clock.today()).key
    found = []
    for row in rows:
        if row.period != this_month or not _may_have(row):
            continue
        try:
            sheet = open_sheet(actor, organisation, row.data_set.code, clock.today())
        except NotFound:
            continue
        if days.is_open(sheet.desk):
            found.append(_card(sheet))
    return found


def _may_have(row: queries.Due) -> bool:
    """Asked of the definition, so that the other forms' first page costs nothing more."""
    return bool(row.data_set.current.definition.get("day_counter"))


def has_counted(actor: Actor, organisation: Organisation, row: queries.Due) -> bool:
    """Has anything been counted for this report?"""
    if not _may_have(row):
        return False
    return bool(days.month_of(sit_down(actor, organisation, row.data_set.code, row.period, "reporting")))


def _card(sheet: Sheet) -> Card:
    on_day, in_month = (Counter(tallies.sums(taps)).total() for taps in (sheet.on_day, sheet.in_month))
    code = sheet.desk.data_set.code
    return Card(
        code,
        sheet.desk.data_set.names,
        sheet.day.isoformat(),
        month(sheet.desk.period),
        on_day,
        in_month,
        address(code, sheet.day),
        state(sheet),
        current_app.config["SETTINGS"].timezone,
        tuple(tab[1] for tab in _tabs(sheet.desk, sheet.day)),
    )
