"""The words of a reminder, in the reader's language and in Japanese. Nobody's name is in them.

A letter is pieces of HTML, with furigana as ruby and Japanese names marked as such. As text the readings
stand in brackets, which is how easy Japanese is written where there is no ruby.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import clock
from portal.organisations.models import Contact, Organisation
from portal.reminders import links
from portal.reminders.queries import Owed
from portal.web.filters import day, month, short_day
from portal.web.i18n import _, ruby, speaking, tr
from portal.web.locale import LOCALES, PortalLocale, enabled_slugs


@dataclass(frozen=True, slots=True)
class Words:
    """One language's letter. `items`: the reports by name, where there is more than one."""

    locale: PortalLocale
    day: str
    heading: Markup
    greeting: Markup
    lines: tuple[Markup, ...]
    items: tuple[Markup, ...]
    closing: tuple[Markup, ...]
    link_words: Markup
    link: str
    stuck: Markup
    office: Markup
    phone: str

    @property
    def rows(self) -> int:
        """How high a box shows the whole text: long lines take two rows."""
        return sum(1 + len(line.encode()) // 100 for line in self.text.splitlines()) + 2

    @property
    def text(self) -> str:
        """For LINE, FAX and mail."""
        parts = [*map(as_text, (self.greeting, *self.lines))]
        if self.items:
            parts.append("\n".join(f"・{as_text(item)}" for item in self.items))
        parts += [*map(as_text, self.closing), f"{as_text(self.link_words)}\n{self.link}"]
        if self.phone:
            parts.append(f"{as_text(self.stuck)}\n{as_text(self.office)} {self.phone}")
        return "\n\n".join(parts)


def as_text(html: Markup) -> str:
    """Without tags: 漢字(かんじ) of ruby, since the brackets are in it for browsers that can't show it."""
    return html.striptags()


def language(contact: Contact | None) -> PortalLocale:
    """The contact's language, if this city has it switched on; else Japanese."""
    slug = contact.language if contact else "ja"
    return LOCALES[slug] if slug in enabled_slugs() else LOCALES["ja"]


def both(rows: Sequence[Owed], contact: Contact | None, office: Organisation | None) -> list[Words]:
    """The letter in the contact's language, and in Japanese below it where that is another language."""
    first = language(contact)
    locales = [first] if first.japanese else [first, LOCALES["ja"]]
    return [words(rows, locale, office) for locale in locales]


def words(rows: Sequence[Owed], locale: PortalLocale, office: Organisation | None) -> Words:
    """One language's letter about one organisation's reports."""
    organisation, several = rows[0].organisation, len(rows) > 1
    with speaking(locale):
        return Words(
            locale=locale,
            day=day(clock.today()),
            heading=ruby(_("The reports of each month")) if several else _report(rows[0]),
            greeting=_with(_("To everybody at %(name)s"), name=_name(organisation)),
            lines=(ruby(_("Thank you for all that you do.")), _asked(rows)),
            items=_items(rows) if several else (),
            closing=tuple(_closing(rows)),
            link_words=ruby(_("Write it on this page:")),
            link=links.way_in(organisation, locale.slug),
            stuck=ruby(_("If you are stuck, please call us.")),
            office=_name(office) if office else Markup(),
            phone=(office.phone or "") if office else "",
        )


def _with(message: str, **values: object) -> Markup:
    """A translated message as HTML, its furigana as ruby and its variables filled in afterwards."""
    return ruby(message) % values


def _name(organisation: Organisation) -> Markup:
    return tr(organisation.names or {"ja": organisation.name})


def _report(row: Owed) -> Markup:
    return _with(_("Report for %(month)s"), month=month(row.period))


def _asked(rows: Sequence[Owed]) -> Markup:
    row = rows[0]
    values = {"month": month(row.period), "day": short_day(row.due_on)}
    if len(rows) > 1:
        return ruby(_("These reports are not with us yet. Please send them when it suits you."))
    if row.kind == "soon":
        return _with(_("Please send us the report for %(month)s by %(day)s."), **values)
    told = _(
        "The report for %(month)s is not with us yet (we had asked for it by %(day)s). "
        "Please send it when it suits you."
    )
    return _with(told, **values)


def _items(rows: Sequence[Owed]) -> tuple[Markup, ...]:
    """The reports with their days; the form's name where there are several forms."""
    several = len({row.data_set.id for row in rows}) > 1
    found = []
    for row in rows:
        until = _with(_("by %(day)s"), day=short_day(row.due_on))
        form = Markup(" ({})").format(tr(row.data_set.names)) if several else Markup()
        found.append(Markup("{}{}: {}").format(_report(row), form, until))
    return tuple(found)


def _closing(rows: Sequence[Owed]) -> list[Markup]:
    told = [ruby(_("If you have sent it already, nothing more is needed."))]
    if rows[0].organisation.side != "group":
        return told
    quick = ruby(_("One month takes about a minute. If nothing took place, please tell us that."))
    card = ruby(_("If you are asked for your card, hold your phone's camera over the square on it."))
    return [quick, *told, card]


def subject(row: Owed, locale: PortalLocale) -> str:
    """Of the mail: the month and the group, so that it is known in a full inbox."""
    with speaking(locale):
        values = {"month": month(row.period), "day": short_day(row.due_on)}
        if row.kind == "soon":
            told = _with(_("Report for %(month)s: by %(day)s"), **values)
        else:
            told = _with(_("Report for %(month)s: not with us yet"), **values)
        return f"{as_text(told)} ({as_text(_name(row.organisation))})"


def mail_text(row: Owed, contact: Contact, office: Organisation | None) -> str:
    """The mail, unsubscribe link and all."""
    parts = []
    for letter in both([row], contact, office):
        with speaking(letter.locale):
            stop = ruby(
                _("You get this e-mail because your group reports here. If you want no more of them:")
            )
        link = links.unsubscribe(contact, letter.locale.slug)
        parts.append(f"{letter.text}\n\n{as_text(stop)}\n{link}\n")
    return "\n----------\n\n".join(parts)
