"""The nationwide 通いの場 survey: who is asked, the sheet by place, and its totals.

The survey's month is the last of the fiscal year (例年は3月): the form is a yearly one, so it opens by itself
on the groups' phones in that month. What is here asks the groups, once, and draws the sheet from confirmed
answers; beside them stands what the group's monthly report of that month says, for whoever telephones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets import services as duties
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, FiscalYear, Month
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.ledger.queries import Number
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation, OrganisationKind
from portal.returns import reports
from portal.returns.asked import Asked, asked
from portal.returns.tables import Cell, Column, Table
from portal.returns.words import STATES
from portal.web.filters import month_of_year
from portal.web.i18n import _, tr_plain

FORM, MONTHLY, KIND = "kayoinoba", "salon", "kayoinoba"
PEOPLE = ("people", "women", "men", "aged_65", "aged_75")
SORTS = ("content", "run_by", "place", "frequency")
Values = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """One 通いの場. `state`: of its answer; "not_owed" where it has not been asked."""

    organisation: Organisation
    state: str
    values: Values = field(default_factory=dict)
    monthly: Values = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        """Confirmed, and it met that month: only such a place is one of the survey's."""
        people = self.values.get("people")
        return self.state in ("approved", "amended") and people is not None and people["state"] != "not_held"


@dataclass(frozen=True)
class Survey:
    """A fiscal year's survey within the actor's reach."""

    data_set: DataSet
    year: int
    places: list[Place]

    @property
    def month(self) -> Month:
        return survey_month(self.year)

    @property
    def unasked(self) -> list[Place]:
        return [place for place in self.places if place.state == "not_owed"]

    @property
    def counted(self) -> list[Place]:
        return [place for place in self.places if place.counted]

    def people(self, code: str) -> tuple[Number, int]:
        """(sum, how many places know it) of one of the counts."""
        known = [reports.amount(place.values.get(code)) for place in self.counted]
        told = [value for value in known if value is not None]
        return sum(told, 0), len(told)

    def sorted_by(self, code: str) -> list[tuple[str, int]]:
        """(option in words, places) of one of the questions with options; what nobody chose too."""
        question = self.questions[code]
        chosen = [
            option for place in self.counted for option in place.values.get(code, {}).get("value") or ()
        ]
        return [(tr_plain(row["names"]), chosen.count(row["code"])) for row in question["options"]]

    @property
    def questions(self) -> Asked:
        return asked(self.data_set)


def survey_month(year: int) -> Month:
    """The month that the answers are about: the fiscal year's last, as in the yearly cadence."""
    return Cadence.YEARLY.period_of(FiscalYear(year).first)


def survey(actor: Actor, year: int) -> Survey | None:
    """The survey of a year; None where the city's plan file does not use the form."""
    form = datasets.data_set(FORM)
    if form is None:
        return None
    month = survey_month(year)
    answers = {
        line.organisation.id: line for line in reports.lines(actor, form, [month]) if line.version is not None
    }
    owed = datasets.expected(form, month, month).get(month.key, set())
    groups = [row for row in _groups(month) if _reaches(actor, form, row)]
    monthly = _monthly(month, groups)
    places = []
    for row in groups:
        line = answers.get(row.id)
        state = line.state if line else "not_in" if row.id in owed else "not_owed"
        values = line.version.values if line and line.version else {}
        places.append(Place(row, state, values, monthly.get(row.id, {})))
    return Survey(form, year, places)


def _groups(month: Month) -> list[Organisation]:
    """The 通いの場 that are open in the survey's month, as far as is known today."""
    query = (
        select(Organisation)
        .where(Organisation.kinds.any(OrganisationKind.kind == KIND), Organisation.side == "group")
        .where(Organisation.opened_on <= month.last_day)
        .options(joinedload(Organisation.district))
    )
    still = [
        row for row in db.session.scalars(query) if row.closed_on is None or row.closed_on >= month.first_day
    ]
    return sorted(still, key=organisations.place)


def _reaches(actor: Actor, form: DataSet, organisation: Organisation) -> bool:
    return may(actor, Permission.RETURNS_READ, datasets.subject(form, organisation))


def _monthly(month: Month, groups: Iterable[Organisation]) -> dict[int, Values]:
    """What the month's own reports say, of groups that are in reach already. Sent or confirmed."""
    form = datasets.data_set(MONTHLY)
    if form is None:
        return {}
    wanted = [row.id for row in groups]
    return reports.newest(form, month, wanted)


def ask(actor: Actor, year: int) -> int:
    """Ask every 通いの場 in reach that has not been asked yet; flush. How many were."""
    found = survey(actor, year)
    if found is None:
        return 0
    first, last = found.month.first_day, found.month.last_day
    asked_now = 0
    for place in found.unasked:
        subject = datasets.subject(found.data_set, place.organisation)
        require(actor, Permission.RETURNS_READ, subject)
        if duties.in_force(place.organisation, found.data_set, first) is not None:
            continue
        row = duties.assign(actor, place.organisation, found.data_set, Cadence.YEARLY.value, first)
        duties.end_assignment(actor, row, last)
        asked_now += 1
    return asked_now


def years(today: date | None = None) -> list[int]:
    """The years to choose from: the running one and the two before."""
    running = FiscalYear.of(today or clock.today()).year
    return [running, running - 1, running - 2]


def table(found: Survey) -> Table:
    """The sheet: a row a place. Numbers are numbers; an answer in their place stands beside them."""
    questions = found.questions
    columns = [Column(_("Place")), Column(_("District")), Column(_("State"))]
    for code in PEOPLE:
        label = tr_plain(questions[code]["labels"])
        columns += [Column(label, "number"), Column(_("%(what)s: answer", what=label))]
    columns += [Column(tr_plain(questions[code]["labels"])) for code in SORTS]
    columns += [
        Column(_("Monthly report: meetings"), "number"),
        Column(_("Monthly report: different people"), "number"),
    ]
    rows = [_row(place, questions) for place in found.places]
    notes = [
        _("Kayoi-no-ba survey, %(month)s", month=month_of_year(found.month)),
        _("Places that count: %(num)s (confirmed, and met in that month).", num=len(found.counted)),
        _("The nationwide sheet's own divisions are to be confirmed; these follow the published results."),
        *_totals(found),
    ]
    return Table("通いの場調査", columns, rows, notes)


def _row(place: Place, questions: Asked) -> list[Cell]:
    row: list[Cell] = [
        place.organisation.name,
        tr_plain(place.organisation.district.names) if place.organisation.district else "",
        str(STATES[place.state]),
    ]
    for code in PEOPLE:
        row += reports.cells(questions[code], place.values.get(code))
    row += ["、".join(reports.chosen(questions[code], place.values.get(code))) for code in SORTS]
    return [*row, reports.amount(place.monthly.get("held")), reports.amount(place.monthly.get("people"))]


def _totals(found: Survey) -> list[str]:
    said = []
    for code in PEOPLE:
        total, known = found.people(code)
        label = tr_plain(found.questions[code]["labels"])
        said.append(_("%(what)s: %(total)s (known of %(num)s places)", what=label, total=total, num=known))
    for code in SORTS:
        label = tr_plain(found.questions[code]["labels"])
        said.append(f"{label}: " + "、".join(f"{words} {count}" for words, count in found.sorted_by(code)))
    return said
