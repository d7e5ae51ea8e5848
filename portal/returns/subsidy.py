"""Results of the groups with a grant, by fiscal year: group x what the condition counts x met or not.

The condition is the city's data, the setting `subsidy.rules` (reporting/something_back); only confirmed
figures count. A sample condition says that it is one: the real one is 確認待ち.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.datasets import queries as datasets
from portal.datasets.models import DataSet, Measure
from portal.datasets.queries import REPORTED
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.ground import settings
from portal.ledger.models import OrganisationYear
from portal.ledger.queries import Number
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation, Registration
from portal.reporting.something_back import RULES
from portal.returns.asked import asked
from portal.returns.tables import Column, Table
from portal.web.filters import fiscal_year
from portal.web.i18n import _, tr_plain


@dataclass(frozen=True)
class Rule:
    """One condition: at least so many of a measure in the year."""

    data_set: DataSet
    measure: Measure
    register: str
    at_least: int
    sample: bool

    @property
    def labels(self) -> dict[str, str]:
        """The short name of what it counts, per language."""
        labels: dict[str, str] = asked(self.data_set)[self.measure.code]["labels"]
        return labels


@dataclass(frozen=True)
class Line:
    """One group. `done` is None where nothing of the year is confirmed. `reports` of `owed` are confirmed."""

    organisation: Organisation
    done: Number | None
    reports: int
    owed: int
    at_least: int
    over: bool

    @property
    def verdict(self) -> str:
        """ "met", "not_met" (the year is over and all of it is in), "open" or "nothing"."""
        if self.done is not None and self.done >= self.at_least:
            return "met"
        if self.over and self.reports >= self.owed:
            return "not_met"
        return "open" if self.done is not None else "nothing"

    @property
    def left(self) -> Number:
        return max(0, self.at_least - (self.done or 0))


@dataclass(frozen=True)
class Results:
    """One rule over one fiscal year."""

    rule: Rule
    year: int
    lines: list[Line]

    def count(self, verdict: str) -> int:
        return sum(line.verdict == verdict for line in self.lines)


def rules() -> list[Rule]:
    """The city's conditions, as far as its forms have what they count."""
    found = []
    for row in settings.get(RULES, []):
        form = datasets.data_set(row["data_set"])
        measure = next((m for m in form.measures if m.code == row["measure"]), None) if form else None
        if form and measure:
            found.append(Rule(form, measure, row["register"], int(row["at_least"]), bool(row.get("sample"))))
    return found


def results(actor: Actor, year: int) -> list[Results]:
    """Each condition with the groups that received the grant in that year, within the actor's reach."""
    return [Results(rule, year, _lines(actor, rule, year)) for rule in rules()]


def _lines(actor: Actor, rule: Rule, year: int) -> list[Line]:
    query = (
        select(Organisation)
        .join(Registration, Registration.organisation_id == Organisation.id)
        .where(Registration.register == rule.register, Registration.fiscal_year == year)
        .options(joinedload(Organisation.district))
    )
    groups = [row for row in db.session.scalars(query) if _reaches(actor, rule, row)]
    reported = next(m for m in rule.data_set.measures if m.code == REPORTED)
    done = _sums(rule.measure.id, year)
    reports = _sums(reported.id, year)
    owed = _owed(rule.data_set, year)
    over = FiscalYear(year).is_over(clock.today())
    return [
        Line(
            organisation=row,
            done=done.get(row.id, 0 if reports.get(row.id) else None),
            reports=int(reports.get(row.id, 0)),
            owed=owed.get(row.id, 0),
            at_least=rule.at_least,
            over=over,
        )
        for row in sorted(groups, key=organisations.place)
    ]


def _reaches(actor: Actor, rule: Rule, organisation: Organisation) -> bool:
    return may(actor, Permission.RETURNS_READ, datasets.subject(rule.data_set, organisation))


def _sums(measure_id: int, year: int) -> dict[int, Number]:
    table = OrganisationYear
    query = select(table.organisation_id, table.total).where(
        table.measure_id == measure_id, table.fiscal_year == year, table.option == "", table.reports > 0
    )
    return dict(db.session.execute(query).all())


def _owed(data_set: DataSet, year: int) -> dict[int, int]:
    """How many reports each group owes for the months of the year that are over."""
    months = FiscalYear(year).months_ended(clock.today())
    counts: dict[int, int] = {}
    if months:
        for ids in datasets.expected(data_set, months[0], months[-1]).values():
            for organisation in ids:
                counts[organisation] = counts.get(organisation, 0) + 1
    return counts


def said(verdict: str) -> str:
    """A verdict in words."""
    words = {
        "met": _("Condition met"),
        "not_met": _("Condition not met"),
        "open": _("Not yet"),
        "nothing": _("Nothing confirmed yet"),
    }
    return words[verdict]


def table(found: Results) -> Table:
    """One condition's list as a sheet."""
    label = tr_plain(found.rule.labels)
    columns = [
        Column(_("Group")),
        Column(_("District")),
        Column(label, "number"),
        Column(_("Asked for"), "number"),
        Column(_("Still to go"), "number"),
        Column(_("Result")),
        Column(_("Confirmed reports"), "number"),
        Column(_("Reports owed"), "number"),
    ]
    rows = [
        [
            line.organisation.name,
            tr_plain(line.organisation.district.names) if line.organisation.district else "",
            int(Decimal(line.done)) if line.done is not None else None,
            line.at_least,
            int(Decimal(line.left)),
            said(line.verdict),
            line.reports,
            line.owed,
        ]
        for line in found.lines
    ]
    notes = [
        _("Results of the groups with a grant, %(year)s", year=fiscal_year(found.year)),
        _("Only confirmed reports are counted."),
    ]
    if found.rule.sample:
        notes.append(_("The condition is a sample: the city's own is not entered yet."))
    return Table("助成の実績", columns, rows, notes)
