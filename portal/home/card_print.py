"""New cards as they are printed: eight to an A4 page, each with the slip that its PIN is torn off on.

In the language of whoever will hold the card. Address and PIN exist in plain in this one answer only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Response
from markupsafe import Markup, escape

from portal import clock
from portal.accounts.services import IssuedCard, card_address
from portal.home.staff_organisation_rows import assignments
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation
from portal.web import qr
from portal.web.context import portal_name
from portal.web.hypermedia import render_page
from portal.web.i18n import _l, ruby, speaking
from portal.web.locale import LOCALES, enabled_slugs

TO_A_PAGE = 8
WORDS = {
    "scan": _l("Hold your phone's camera over the square, and tap the address."),
    "pin": _l("Enter the PIN on the slip. It is asked for only once."),
    "stuck": _l("Lost it, or stuck? Please call us:"),
    "slip": _l("PIN of the access card"),
    "apart": _l("Keep it apart from the card."),
    "sample": _l("Sample data"),
    "leader": _l("Leader"),
    "deputy": _l("Deputy"),
    "secretary": _l("Secretary"),
    "commissioner": _l("Minsei-iin"),
}


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """`where` and `token`: the address as somebody types it, without its scheme, the token by fours."""

    id: int
    organisation: Organisation
    role: str
    html_lang: str
    words: dict[str, Markup]
    qr: Markup
    where: str
    token: tuple[str, ...]
    pin: str
    office: Organisation | None


def show(made: Sequence[IssuedCard], back_url: str) -> Response:
    """The answer to making cards: the one page on which they can be seen."""
    cards = printed(made)
    return render_page(
        "home/staff/organisations/cards_to_print.html",
        pages=[cards[at : at + TO_A_PAGE] for at in range(0, len(cards), TO_A_PAGE)],
        count=len(cards),
        back_url=back_url,
    )


def printed(made: Sequence[IssuedCard]) -> list[PrintedCard]:
    """Queries: the same few for one card and for a district's."""
    ids = [issued.card.organisation_id for issued in made]
    offices, usual = reviewing_offices(ids), organisations.office()
    spoken = {
        role: organisations.languages(ids, role) for role in {issued.card.contact_role for issued in made}
    }
    words = {slug: _words(slug) for slug in enabled_slugs()}
    return [
        _printed(
            issued,
            _enabled(spoken[issued.card.contact_role].get(issued.card.organisation_id)),
            words,
            offices.get(issued.card.organisation_id, usual),
        )
        for issued in made
    ]


def _enabled(slug: str | None) -> str:
    """The language of whoever will hold the card, if the city has it on."""
    return slug if slug in enabled_slugs() else "ja"


def _printed(
    issued: IssuedCard, slug: str, words: dict[str, dict[str, Markup]], office: Organisation | None
) -> PrintedCard:
    card = issued.card
    address = card_address(issued.token, slug)
    parts = urlsplit(address)
    return PrintedCard(
        id=card.id,
        organisation=card.organisation,
        role=card.contact_role,
        html_lang=LOCALES[slug].html_lang,
        words=words[slug],
        qr=qr.svg(address),
        where=f"{parts.netloc}{parts.path.removesuffix(issued.token)}",
        token=tuple(issued.token[at : at + 4] for at in range(0, len(issued.token), 4)),
        pin=f"{issued.pin[:3]} {issued.pin[3:]}",
        office=office,
    )


def _words(slug: str) -> dict[str, Markup]:
    with speaking(LOCALES[slug]):
        return {name: ruby(str(text)) for name, text in WORDS.items()} | {"portal": escape(portal_name())}


def reviewing_offices(organisation_ids: Sequence[int]) -> dict[int, Organisation]:
    """organisation id -> the office that looks at what it reports: whom to call when stuck."""
    rows = assignments(organisation_ids, clock.today())
    return {row.organisation_id: row.data_set.reviewing_office for row in reversed(rows)}
