"""The phone in the form editor: the page that people will get, made of the draft, in each language.

The frame is the reporter's own template on a desk of nobody's, as practice is. Its policy lets no form be
sent and no script run, and only this portal put it into a frame; the page around it may hold such a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from sqlalchemy import select

from portal import clock
from portal.datasets import definition, drafting
from portal.datasets.models import DataSet
from portal.domain.periods import Cadence, Month
from portal.extensions import db
from portal.home.staff_form_pages import FOLDER, common
from portal.organisations.models import Organisation
from portal.reporting import pages
from portal.reporting.desk import Desk
from portal.reporting.queries import Values
from portal.web import headers
from portal.web.access import signed_in
from portal.web.hypermedia import render_page
from portal.web.i18n import speaking
from portal.web.locale import LOCALES, current_locale, enabled_slugs

HOST_POLICY = f"{headers.APP_POLICY}; frame-src 'self'"
FRAME_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class Preview(Desk):
    """A desk of nobody's: no report, no month before it, and each of its addresses is the page itself."""

    address: str = ""

    def values_of(self, periods: list[str]) -> dict[str, Values]:
        return {}

    def url(self, step: str = "form", **values: Any) -> str:
        return self.address

    @property
    def home_url(self) -> str:
        return self.address


def host(data_set: DataSet) -> Response:
    """The page around the frame."""
    slug = _language(request.args.get("language", current_locale().slug))
    parts = _parts(data_set)
    part = request.args.get("part", "")
    part = part if part in dict(parts) else next(iter(dict(parts)), "")
    response = render_page(
        f"{FOLDER}/preview.html",
        **common(data_set, None),
        languages=[LOCALES[one] for one in enabled_slugs()],
        chosen=LOCALES[slug],
        parts=parts,
        chosen_part=part or None,
        # the Japanese that it was made of stands beside it
        frames=[
            (LOCALES[one], url_for("forms.frame", code=data_set.code, language=one, part=part or None))
            for one in dict.fromkeys((slug, "ja"))
            if one in enabled_slugs()
        ],
    )
    response.headers["Content-Security-Policy"] = HOST_POLICY
    return response


def page(data_set: DataSet, slug: str) -> Response:
    """What is in the frame."""
    if slug not in enabled_slugs():
        abort(404)
    with speaking(LOCALES[slug]):
        response = pages.show_form(_desk(data_set, slug))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


def _language(slug: str) -> str:
    return slug if slug in enabled_slugs() else current_locale().slug


def _parts(data_set: DataSet) -> list[tuple[str, str]]:
    """The sections that are asked questions of their own: each sees another form."""
    asked = {m.get("asked") for m in drafting.standing(data_set)["measures"]} - {None}
    query = select(Organisation).where(Organisation.code.in_(asked)).order_by(Organisation.id)
    return [(str(found.code), found.name) for found in db.session.scalars(query)] if asked else []


def _desk(data_set: DataSet, slug: str) -> Desk:
    part = request.args.get("part", "")
    cadence = Cadence(data_set.cadence)
    over = cadence.period_of(Month.of(clock.today())).plus(-cadence.length)
    office = data_set.reviewing_office
    return Preview(
        actor=signed_in(),
        # of no table: whoever looks at the preview looks at nobody's report
        organisation=Organisation(
            code=part or None, name=office.name, names=office.names, side=data_set.filed_by
        ),
        data_set=data_set,
        edition=data_set.current,
        form=definition.form(drafting.standing(data_set), asked=part or None),
        period=over.key,
        blueprint="preview",
        address=url_for("forms.frame", code=data_set.code, language=slug, part=part or None),
    )
