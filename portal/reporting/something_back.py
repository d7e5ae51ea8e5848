"""What a report gives back to its group: how far it has come towards the condition of its subsidy.

The conditions are a city's data, the setting `subsidy.rules`: {register, data_set, measure, at_least,
sample}. A sample is said to be one: the real condition stands in the city's or 社協's own rules (要綱).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.measures import Answer
from portal.domain.periods import FiscalYear, Month
from portal.ground import settings
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.reporting import queries
from portal.reporting.models import Submission
from portal.web.filters import amount
from portal.web.i18n import _

RULES = "subsidy.rules"


@dataclass(frozen=True)
class Towards:
    """One condition in words. `sample`: the city has not said its own yet."""

    words: str
    sample: bool


def towards(organisation: Organisation, sent: Iterable[Submission]) -> list[Towards]:
    """This fiscal year's conditions of the subsidies that the group receives; what has been sent counts."""
    year = FiscalYear.of(clock.today()).year
    registered = organisations.registrations(organisation)
    reports = [row for row in sent if Month.parse(row.period).fiscal_year == year]
    return [
        Towards(_said(rule, reports), bool(rule.get("sample")))
        for rule in settings.get(RULES, [])
        if year in registered.get(rule["register"], ()) and any(_of(rule, row) for row in reports)
    ]


def _of(rule: dict[str, Any], report: Submission) -> bool:
    return bool(report.data_set.code == rule["data_set"])


def _said(rule: dict[str, Any], reports: list[Submission]) -> str:
    found = [report for report in reports if _of(rule, report)]
    units = next((m.units for m in found[0].data_set.measures if m.code == rule["measure"]), None)
    done = sum((_counted(rule["measure"], report) for report in found), Decimal(0))
    wanted = Decimal(rule["at_least"])
    values = {"done": amount(int(done), units), "wanted": amount(int(wanted), units)}
    if done >= wanted:
        return _(
            "This fiscal year: %(done)s. That meets the condition of the grant (%(wanted)s a year).", **values
        )
    return _(
        "This fiscal year: %(done)s. The grant asks for %(wanted)s a year. %(left)s more.",
        left=amount(int(wanted - done), units),
        **values,
    )


def _counted(measure: str, report: Submission) -> Decimal:
    try:
        return Decimal(Answer.from_json(queries.version(report).values[measure]).amount or 0)
    except (KeyError, Invalid):
        return Decimal(0)
