"""A report's form as a sheet of paper: A4, one page a group, drawn from the form's definition.

In the language in which the group reads, with the Japanese beside it where it differs: whoever keys the
sheet in reads that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import Response, current_app, url_for
from markupsafe import Markup

from portal.accounts.sign_in import GROUP
from portal.datasets import queries as datasets
from portal.datasets.definition import FormMeasure
from portal.datasets.models import DataSet
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.reporting import staff_words, words
from portal.reporting.answers import PICKED
from portal.reporting.desk import Desk
from portal.web import qr
from portal.web.filters import month_of_year, short_day
from portal.web.hypermedia import render_page
from portal.web.i18n import _, _l, in_language, ruby, speaking
from portal.web.locale import LOCALES, current_locale, enabled_slugs

# How much room a question gets, by how much there is to say: all of it stands on one page.
ROOMY, CLOSE = 8, 14
INSTEAD = ("not_held", "unknown")  # answers in place of a number; a 0 is written into the box

_FIXED = {
    "how": _l(
        "Please write numbers in the boxes. If it was none, write 0. Tick the small boxes that are true."
    ),
    "no_names": _l("Please do not write the names of people who came."),
    "required": _l("(required)"),
    "phone": _l("You can also send it from a phone. Hold the camera over the square."),
    "sample": _l("Sample data"),
    "hand_in": _l("Please bring or send this sheet to:"),
}


@dataclass(frozen=True)
class Both:
    """Words in the reader's language, and in Japanese where that says something else."""

    own: Markup
    japanese: Markup | None = None


@dataclass(frozen=True)
class Asked:
    """One question: a box to write in with its unit, or ticks; and ticks in place of a number."""

    number: int
    text: Both
    hint: Markup
    unit: Both
    required: bool
    ticks: tuple[Both, ...]
    picked: bool


@dataclass(frozen=True)
class Part:
    title: Both | None
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Face:
    """What the sheets of one language have in common."""

    slug: str
    title: Both
    month: Both
    fixed: Mapping[str, Both]
    parts: tuple[Part, ...]
    density: str

    @property
    def html_lang(self) -> str:
        return LOCALES[self.slug].html_lang


@dataclass(frozen=True)
class Sheet:
    """One group's page."""

    face: Face
    organisation: Organisation
    name: str
    due: Both
    qr: Markup


def show_own(desk: Desk) -> Response:
    """A group's own sheet, in this page's language."""
    slug = current_locale().slug
    made = draw([desk.organisation], desk.data_set, desk.period, {desk.organisation.id: slug})
    return page(made, desk.data_set, "layouts/reporter.html", desk.url())


def page(sheets: list[Sheet], data_set: DataSet, layout: str, back_url: str) -> Response:
    own = sheets[0].organisation
    return render_page(
        "reporting/paper.html",
        layout=layout,
        holder=own.names or own.name,
        section="review",
        sheets=sheets,
        office=data_set.reviewing_office,
        office_use=[_japanese(partial(str, text)) for text in staff_words.OFFICE_USE],
        back_url=back_url,
    )


def draw(
    rows: Iterable[Organisation], data_set: DataSet, period: str, languages: Mapping[int, str]
) -> list[Sheet]:
    """A sheet for each organisation, in its language; Japanese where that is switched off."""
    on, calendar = enabled_slugs(), periods.Calendar()
    faces: dict[str, Face] = {}
    found = []
    for row in rows:
        slug = languages.get(row.id, "ja")
        slug = slug if slug in on else "ja"
        face = faces.setdefault(slug, faces.get(slug) or _face(row, data_set, period, slug))
        due = calendar.due_on(data_set, period, row.district.code if row.district else "")
        found.append(
            Sheet(
                face=face,
                organisation=row,
                name=row.names.get(slug, ""),
                due=spoken(slug, partial(_by, due)),
                qr=qr.svg(_address(row, data_set, period, slug)),
            )
        )
    return found


def _by(day: date) -> str:
    return _("by %(day)s", day=short_day(day))


def _address(row: Organisation, data_set: DataSet, period: str, slug: str) -> str:
    """It names the group: whoever leads two and scans the one's sheet must not get the other's form."""
    where: dict[str, Any] = {"data_set": data_set.code, "period": period, GROUP: row.public_id}
    path = url_for("reporting.form", slug=slug, **where)
    return f"{current_app.config['SETTINGS'].public_url}{path}"


def _face(organisation: Organisation, data_set: DataSet, period: str, slug: str) -> Face:
    form = datasets.form(data_set.edition_for(period), organisation)
    parts, number = [], 0
    for section in form.sections:
        asked = [_asked(number + n, measure, slug) for n, measure in enumerate(section.measures, 1)]
        number += len(asked)
        parts.append(Part(named(section.names, slug) if section.names else None, tuple(asked)))
    return Face(
        slug=slug,
        title=named(data_set.names, slug),
        month=spoken(slug, partial(month_of_year, period)),
        fixed={key: spoken(slug, partial(str, text)) for key, text in _FIXED.items()},
        parts=tuple(parts),
        density=_density(parts),
    )


def _density(parts: list[Part]) -> str:
    """By the questions, one language counting less than two, and eight ticks like another question."""
    asked = [question for part in parts for question in part.questions]
    weight = sum(1.35 if question.text.japanese else 1 for question in asked)
    weight += sum(len(question.ticks) for question in asked if question.picked) / 8 + len(parts) / 2
    return "roomy" if weight <= ROOMY else "close" if weight <= CLOSE else "dense"


def _asked(number: int, measure: FormMeasure, slug: str) -> Asked:
    picked = measure.spec.kind in PICKED
    states = [code for code in INSTEAD if code in measure.spec.states and (number == 1 or code != "not_held")]
    instead = tuple(spoken(slug, partial(str, words.STATES[code])) for code in states)
    return Asked(
        number=number,
        text=named(measure.names, slug),
        hint=named(measure.hints, slug).own,
        unit=named(measure.units, slug),
        required=measure.spec.required,
        ticks=tuple(named(names, slug) for _code, names in measure.options) if picked else instead,
        picked=picked,
    )


def named(names: Mapping[str, str] | None, slug: str) -> Both:
    """Words out of a definition. Where a translation is missing, the Japanese stands alone and says so."""
    text, fallback = in_language(names, slug)
    if fallback and text:
        return Both(Markup('<span lang="ja">{}</span>').format(ruby(text)))
    return _both(slug, ruby(text), ruby(in_language(names, "ja")[0]))


def spoken(slug: str, say: Callable[[], str]) -> Both:
    """Words out of a catalogue, said in the reader's language and in Japanese."""
    with speaking(LOCALES[slug]):
        own = ruby(say())
    return _both(slug, own, _japanese(say))


def _japanese(say: Callable[[], str]) -> Markup:
    with speaking(LOCALES["ja"]):
        return ruby(say())


def _both(slug: str, own: Markup, japanese: Markup) -> Both:
    """Easy Japanese needs no plain one beside it."""
    return Both(own, None if LOCALES[slug].japanese or own == japanese else japanese)
