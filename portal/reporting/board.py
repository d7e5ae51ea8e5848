"""A card for the notice board: the group's year in one picture, with thanks to whoever came and helped.

In Japanese and in the language of the page. No personal names; no commissioner's record, which is nobody's to
hang up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Response, current_app, url_for
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.datasets.models import Measure
from portal.organisations.models import Organisation
from portal.plan import queries as plan
from portal.reporting import moved, year_page
from portal.reporting.sheets import Both, named, spoken
from portal.reporting.year import Year, of, summed
from portal.web import qr
from portal.web.filters import fiscal_year, month_of_year, number
from portal.web.hypermedia import render_page
from portal.web.i18n import _, _l, in_language
from portal.web.locale import current_locale

PAPERS = ("a4", "a5")
FIGURES = ("attendance", "held", "helpers", "acted", "reached")  # in this order, as far as a form asks them
DIRECTIONS = 2  # as many as one reads in passing

WORDS: dict[str, LazyString] = {
    "thanks": _l("Thank you to everybody who came, and to everybody who helped."),
    "plan": _l("Part of our town's community welfare plan"),
    "look": _l("How the plan stands: look here."),
    "sample": _l("Sample data"),
}


@dataclass(frozen=True)
class Told:
    """One large figure with what it is."""

    value: str
    unit: Both
    what: Both


@dataclass(frozen=True)
class Board:
    """All that stands on the card."""

    html_lang: str
    organisation: Organisation
    name: str
    year: Both
    figures: list[Told]
    chart: year_page.Chart
    chart_title: Both
    counted: Both
    directions: list[Both]
    vision: Both
    words: dict[str, Both]
    qr: Markup


def show(organisation: Organisation, number_: int, paper: str, back_url: str) -> Response:
    """Each form of the group with something confirmed makes a card."""
    parts = [of(organisation, data_set, number_) for data_set in year_page.forms(organisation)]
    made = [board for year in parts if (board := _board(year)) is not None]
    return render_page(
        "reporting/board.html",
        layout="layouts/reporter.html",
        holder=organisation.names or organisation.name,
        boards=made,
        paper=paper if paper in PAPERS else PAPERS[0],
        year=number_,
        back_url=back_url,
    )


def _board(year: Year) -> Board | None:
    slug, main = current_locale().slug, year_page.main_measure(year.data_set)
    if main is None or not year.total(main.code):
        return None
    known = [row for row in year.periods if main.code in row.figures]
    facts = plan.facts().get("vision")
    directions = [direction for direction, _rows in moved.by_direction(moved.moved(year))]
    return Board(
        html_lang=current_locale().html_lang,
        organisation=year.organisation,
        name=year.organisation.names.get(slug, ""),
        year=spoken(slug, partial(fiscal_year, year.year)),
        figures=[_told(year, measure, slug) for measure in _figures(year)],
        chart=year_page.chart(year, of(year.organisation, year.data_set, year.year - 1), main),
        chart_title=spoken(slug, partial(_by_month, main)),
        counted=spoken(slug, partial(_counted, known[0].months[0].key, known[-1].key)),
        directions=[named(row.names, slug) for row in directions[:DIRECTIONS]],
        vision=named(facts if isinstance(facts, dict) else {}, slug),
        words={key: spoken(slug, partial(str, text)) for key, text in WORDS.items()},
        qr=qr.svg(f"{current_app.config['SETTINGS'].public_url}{url_for('publication.summary')}"),
    )


def _figures(year: Year) -> list[Measure]:
    rows = {row.code: row for row in summed(year.data_set) if year.total(row.code)}
    usual = [rows[code] for code in FIGURES if code in rows]
    return (usual or list(rows.values()))[:3]


def _told(year: Year, measure: Measure, slug: str) -> Told:
    return Told(number(year.total(measure.code)), named(measure.units, slug), named(measure.names, slug))


def _by_month(measure: Measure) -> str:
    return _("%(what)s, month by month", what=in_language(measure.names, current_locale().slug)[0])


def _counted(first: str, last: str) -> str:
    return _(
        "Counted from confirmed reports, %(first)s to %(last)s",
        first=month_of_year(first),
        last=month_of_year(last),
    )
