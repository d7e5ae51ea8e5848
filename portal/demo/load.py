"""Putting the synthetic city into the database: the same rows that real use would make, in bulk.

Events, chains, versions and postings are made by the same pure functions, so `portal verify` agrees; only
the inserting is done in bulk, since two thousand reports sent one by one would take a minute.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.datasets.models import Assignment, DataSet, DataSetVersion, Measure
from portal.demo import city, contacts, more
from portal.demo.city import DemoGroup, DemoReport, reading
from portal.demo.rows import Answers, Story, insert_all
from portal.domain.errors import Conflict
from portal.domain.periods import FiscalYear, Month
from portal.domain.permissions import SYSTEM
from portal.domain.workflow import Action
from portal.extensions import db
from portal.ground import settings
from portal.organisations.models import BY_CARD, District, Organisation, OrganisationKind, Registration
from portal.plan.models import Indicator


def load(as_of: date) -> dict[str, int]:
    """Load the city as it would stand on `as_of`; the plan must be loaded. Returns what was made.

    Raises Conflict if the database has groups already: a demo is never mixed with real data.
    """
    if db.session.scalar(select(Organisation.id).where(Organisation.side == "group").limit(1)) is not None:
        raise Conflict("not_empty")
    settings.put("demo", True, SYSTEM)
    groups = _groups(city.groups(as_of))
    contacts.of_groups(groups, as_of)
    contacts.offices()
    stories = [*_group_stories(groups, as_of), *_office_stories(as_of), *more.stories(as_of)]
    stories += [
        *_yearly_stories(as_of, "annual", "department"),
        *_yearly_stories(as_of, "shakyo_annual", "office"),
    ]
    made = insert_all(stories)
    rows = db.session.scalars(select(Organisation.side).where(Organisation.side.in_(BY_CARD))).all()
    return {"groups": rows.count("group"), "commissioners": rows.count("commissioner"), **made}


def _groups(made: list[DemoGroup]) -> list[tuple[DemoGroup, Organisation]]:
    districts = list(db.session.scalars(select(District).order_by(District.position)))
    salon = db.session.scalars(select(DataSet).where(DataSet.code == "salon")).one()
    pairs = []
    for group in made:
        row = Organisation(
            public_id=group.public_id,
            side="group",
            name=group.name,
            kana=reading(group.name),
            names={"ja": group.name},
            district=districts[group.district % len(districts)],
            opened_on=group.opened_on,
            closed_on=group.closed_on,
        )
        row.kinds = [OrganisationKind(kind=kind) for kind in sorted(group.kinds)]
        db.session.add(row)
        pairs.append((group, row))
    db.session.flush()
    for group, row in pairs:
        db.session.add(
            Assignment(
                organisation_id=row.id,
                data_set_id=salon.id,
                cadence=group.cadence.value,
                starts_on=group.opened_on,
            )
        )
        for register, years in sorted(group.registers.items()):
            for year in years:
                db.session.add(Registration(organisation_id=row.id, register=register, fiscal_year=year))
    db.session.flush()
    return pairs


def _edition(code: str) -> tuple[DataSet, DataSetVersion] | None:
    data_set = db.session.scalars(select(DataSet).where(DataSet.code == code)).one_or_none()
    return (data_set, data_set.current) if data_set else None


def _group_stories(groups: list[tuple[DemoGroup, Organisation]], as_of: date) -> Iterator[Story]:
    found = _edition("salon")
    assert found is not None  # noqa: S101 - the standard form comes with every plan
    rows = {group.number: row for group, row in groups}
    for report in city.reports([group for group, _row in groups], as_of):
        story = Story(rows[report.group.number], *found, report.period, unusual=report.unusual)
        _live(story, report, as_of)
        yield story


def _live(story: Story, report: DemoReport, as_of: date) -> None:
    """What happened to a group's report, step by step; never later than the day before `as_of`."""
    card, reviewer = f"card:{report.group.number}", "staff:1"
    latest = datetime.combine(as_of, time(0, 0), city.ZONE) - timedelta(hours=1)

    def later(days: int, hour: int) -> datetime:
        return min(
            datetime.combine(report.sent_at.date() + timedelta(days=days), time(hour), city.ZONE), latest
        )

    first = report.earlier or report.values
    story.versions.append((first, card))
    story.steps.append((Action.SEND, card, report.sent_at, {}))
    if report.fate in ("returned", "resent"):
        story.steps.append((Action.RETURN, reviewer, later(1, 10), {"attendance": "digits"}))
    if report.fate == "resent":
        story.versions.append((report.values, card))
        story.steps.append((Action.CORRECT, card, later(2, 19), {}))
    if report.fate in ("approved", "amended"):
        story.steps.append((Action.APPROVE, reviewer, later(1, 10), {}))
    if report.fate == "amended":
        story.versions.append((report.values, card))
        story.steps.append((Action.AMEND, card, later(6, 20), {}))
        story.steps.append((Action.APPROVE, reviewer, later(7, 10), {}))


def _figure_year(indicator: Indicator, year: int) -> Decimal | None:
    """A plausible figure of one indicator's year: a little way from the base to the target."""
    base, target = indicator.base.get("value"), indicator.target.get("value")
    if target is None:
        return None
    start = Decimal(str(base)) if base is not None else Decimal(str(target)) * Decimal("0.7")
    way = (Decimal(str(target)) - start) * Decimal("0.14") * (year - 2024)
    noise = Decimal(random.Random(f"{indicator.code} {year}").randint(-3, 3)) / 100  # noqa: S311
    return start + way + start * noise


def _computed(code: str) -> list[tuple[Indicator, Measure]]:
    """The plan's indicators that a form's measures feed one to one."""
    found = []
    for indicator in db.session.scalars(select(Indicator).order_by(Indicator.position)):
        sources = [s for s in indicator.sources if s.measure is not None and s.role != "activity"]
        if not indicator.participation and sources and sources[0].measure:
            data_set = db.session.get(DataSet, sources[0].measure.data_set_id)
            if data_set is not None and data_set.code == code:
                found.append((indicator, sources[0].measure))
    return found


def _office_stories(as_of: date) -> Iterator[Story]:
    """The office's months: their sums come near the plan's base, stocks move slowly."""
    found = _edition("office")
    office = db.session.scalars(
        select(Organisation).where(Organisation.side == "office").order_by(Organisation.id)
    ).first()
    if found is None or office is None:
        return
    pairs = _computed("office")
    definitions = {m["code"]: m for m in found[1].definition["measures"]}
    months = city.office_months(as_of)
    for month in months:
        answers = {
            measure.code: _office_answer(indicator, measure, definitions[measure.code], month)
            for indicator, measure in pairs
        }
        story = Story(office, *found, month, source="office")
        sent = datetime.combine(month.next().first_day + timedelta(days=4), time(15, 30), city.ZONE)
        if sent.date() >= as_of:
            continue
        story.versions.append((answers, "staff:2"))
        story.steps.append((Action.SEND, "staff:2", sent, {}))
        if month != months[-1]:
            story.steps.append((Action.APPROVE, "staff:1", sent + timedelta(days=1), {}))
        yield story


def _office_answer(
    indicator: Indicator, measure: Measure, definition: dict[str, Any], month: Month
) -> dict[str, Any]:
    yearly = _figure_year(indicator, month.fiscal_year) or Decimal(0)
    if definition.get("options"):
        codes = [option["code"] for option in definition["options"]]
        place = FiscalYear(month.fiscal_year).months().index(month)
        chosen = [codes[place // 2 % len(codes)]]
        return {"state": "chosen", "value": chosen}
    if measure.kind == "stock":
        start = _figure_year(indicator, month.fiscal_year - 1) or yearly
        place = FiscalYear(month.fiscal_year).months().index(month) + 1
        return city.number(round(start + (yearly - start) * place / 12))
    if indicator.base.get("value") is None and month < Month(2025, 7):
        return city.number(0)
    return city.number(city.share_of_year(max(0, round(yearly)), month, indicator.code))


def _yearly_stories(as_of: date, code: str, origin: str) -> Iterator[Story]:
    """Each section's figures of last fiscal year, with the document that they come from."""
    found = _edition(code)
    if found is None:
        return
    data_set, edition = found
    year = FiscalYear.of(as_of).previous()
    sent = datetime.combine(date(year.year + 1, 4, 24), time(11, 0), city.ZONE)
    answers: dict[int, Answers] = {}
    for indicator in db.session.scalars(select(Indicator).order_by(Indicator.position)):
        for source in indicator.sources:
            measure = source.measure
            if measure is None or measure.data_set_id != data_set.id or measure.organisation_id is None:
                continue
            answer = _section_answer(
                indicator, source.role, len(indicator.sources), source.position, year.year, edition, measure
            )
            if answer is not None:
                answers.setdefault(measure.organisation_id, {})[measure.code] = answer
    for organisation_id, given in sorted(answers.items()):
        organisation = db.session.get(Organisation, organisation_id)
        if organisation is None or sent.date() >= as_of:
            continue
        story = Story(
            organisation,
            data_set,
            edition,
            year.last,
            source=origin,
            evidence="見本資料 令和7年度実績 1ページ",
        )
        story.versions.append((given, "staff:3"))
        story.steps.append((Action.SEND, "staff:3", sent, {}))
        story.steps.append((Action.APPROVE, "staff:1", sent + timedelta(days=3), {}))
        yield story


def _section_answer(
    indicator: Indicator,
    role: str,
    parts: int,
    position: int,
    year: int,
    edition: DataSetVersion,
    measure: Measure,
) -> dict[str, Any] | None:
    if role == "stage":
        return {"state": "chosen", "value": [_first_option(edition, measure)]}
    figure = _figure_year(indicator, year)
    if figure is None or role == "rate":
        return None
    if role == "denominator":
        return city.number(_people_behind(indicator))
    if role == "numerator":
        return city.number(round(figure * _people_behind(indicator) / 100))
    if role == "part":
        whole = round(figure)
        share = whole // parts
        return city.number(whole - share * (parts - 1) if position == 0 else share)
    return city.number(round(figure))


def _people_behind(indicator: Indicator) -> int:
    """An invented denominator: some tens of answers to a survey, or a population."""
    return 145_000 if indicator.target_kind == "monitor" else 50


def _first_option(edition: DataSetVersion, measure: Measure) -> str:
    item = next(m for m in edition.definition["measures"] if m["code"] == measure.code)
    return str(item["options"][0]["code"])
