"""What a year comes to, in words of thanks. Never of blame: fewer is not worse, and nothing is judged."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.datasets.models import Measure
from portal.domain.measures import Number
from portal.reporting.year import Year
from portal.web.filters import amount
from portal.web.i18n import _, _l, ngettext, tr_plain

TAGS = {
    "confirmed": "confirmed",
    "changing": "arrived",
    "waiting": "arrived",
    "asked": "asked",
    "missing": "not_yet",
}
STATES: dict[str, LazyString] = {
    "changing": _l("Your correction has arrived; until it is confirmed, the figure before it stands here."),
    "waiting": _l("It has arrived. Its figures are added when they are confirmed."),
    "asked": _l("We asked you about something. Its figures are added after that."),
}


def total(year: Year, measure: Measure | None) -> str:
    return amount(year.total(measure.code) if measure else None, measure.units if measure else None)


def lead(year: Year, main: Measure | None) -> str:
    """The year in one sentence, from what is confirmed; "" where there is nothing to say yet."""
    held = year.total("held")
    if main is None or not year.total(main.code):
        return (
            ngettext("You were active %(num)s time.", "You were active %(num)s times.", int(held))
            if held
            else ""
        )
    if held and main.code == "attendance":
        return ngettext(
            "You met %(num)s time, and %(people)s came in all.",
            "You met %(num)s times, and %(people)s came in all.",
            int(held),
            people=total(year, main),
        )
    if held:
        return ngettext(
            "You were active %(num)s time, with %(people)s taking part in all.",
            "You were active %(num)s times, with %(people)s taking part in all.",
            int(held),
            people=total(year, main),
        )
    return _("%(label)s: %(figure)s", label=tr_plain(main.names), figure=total(year, main))


def changes(year: Year, before: Year, main: Measure | None) -> list[str]:
    """What changed against last year, in the months that both years have."""
    found = [_against(year, before, main)] if main else []
    for code, said in (("newcomers", _CAME_FIRST), ("helpers", _HELPED)):
        measure = next((m for m in year.data_set.measures if m.code == code), None)
        if measure is not None and year.total(code):
            found.append(str(said) % {"people": total(year, measure)})
    return [words for words in found if words]


_CAME_FIRST = _l("%(people)s came for the first time. Thank you for making them welcome.")
_HELPED = _l("%(people)s helped, counting each time. Thank you to everybody who lent a hand.")


def _against(year: Year, before: Year, main: Measure) -> str:
    now, then = same_periods(year, before, main.code)
    if now is None or then is None:
        return ""
    words = {"before": amount(then, main.units), "more": amount(now - then, main.units)}
    if year.data_set.confidential:
        return _(
            "In the same months last year: %(before)s. More or fewer is neither good nor bad. "
            "Thank you for being there for people.",
            **words,
        )
    if now > then:
        return _(
            "That is %(more)s more than in the same months last year (%(before)s). "
            "Thank you for such a warm place.",
            **words,
        )
    if now == then:
        return _(
            "As many as in the same months last year (%(before)s). Thank you for keeping it going.", **words
        )
    return _(
        "In the same months last year: %(before)s. Thank you for opening the door again and again.", **words
    )


def same_periods(year: Year, before: Year, code: str) -> tuple[Number | None, Number | None]:
    """A measure over the periods that are confirmed with a figure in both years: (this year, last year)."""
    last = {f"{int(row.key[:4]) + 1}{row.key[4:]}": row for row in before.periods if code in row.figures}
    both = {row.key for row in year.periods if code in row.figures} & set(last)
    return year.total(code, both), before.total(code, {last[key].key for key in both})
