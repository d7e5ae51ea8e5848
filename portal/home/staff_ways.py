"""The ways on from the start page, in the order of a month's and a year's work; each to whom it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask_babel import LazyString

from portal.domain.permissions import Actor, Permission, may
from portal.sections import desks
from portal.web.i18n import _l


class Way(NamedTuple):
    """A page by its endpoint, what its link says, and whose it is."""

    endpoint: str
    words: LazyString
    open_to: Callable[[Actor], bool]


def _with(permission: Permission) -> Callable[[Actor], bool]:
    return lambda actor: may(actor, permission)


def _anybody(actor: Actor) -> bool:
    return True


WAYS: tuple[tuple[LazyString, tuple[Way, ...]], ...] = (
    (
        _l("Every month"),
        (
            Way("review.arrived", _l("Whose report is in"), _with(Permission.REVIEW_READ)),
            Way("paper.index", _l("Reports on paper"), _with(Permission.REVIEW_DECIDE)),
            Way("events.index", _l("The same event twice"), _with(Permission.REVIEW_DECIDE)),
            Way("reminding.index", _l("Reminders"), _with(Permission.ORGANISATIONS_READ)),
            Way("completeness.index", _l("Completeness and punctuality"), _with(Permission.REVIEW_READ)),
            Way("cards.choose", _l("Make and print cards"), _with(Permission.CARDS_ISSUE)),
        ),
    ),
    (
        _l("Every year"),
        (
            Way("sections.index", _l("Yearly inquiry to the sections"), desks.somewhere),
            Way("subsidies.index", _l("Reports for grants"), _with(Permission.REVIEW_DECIDE)),
            Way("exports.index", _l("Returns and files"), _with(Permission.FIGURES_READ)),
            Way("periods.index", _l("Periods and fiscal years"), _with(Permission.YEAR_CLOSE)),
        ),
    ),
    (
        _l("Plan and publishing"),
        (
            Way("indicators.staff_index", _l("Indicators"), _with(Permission.FIGURES_READ)),
            Way("texts.board", _l("Words in other languages"), _with(Permission.TEXTS_TRANSLATE)),
            Way("plan.pending", _l("Waiting for an answer"), _with(Permission.PLAN_READ)),
            Way("releases.index", _l("Publish"), _with(Permission.PUBLISH)),
        ),
    ),
    (
        _l("The portal"),
        (
            Way("forms.index", _l("Report forms"), _with(Permission.FORMS_EDIT)),
            Way("intake.index", _l("Bring a table in"), _with(Permission.IMPORT)),
            Way("audit.index", _l("Audit trail"), _with(Permission.AUDIT_READ)),
            Way("accounts.account", _l("Your account"), _anybody),
        ),
    ),
)


def ways(actor: Actor) -> list[tuple[LazyString, list[Way]]]:
    """What this person may open, by kind of work; a kind without a page is left out."""
    found = [(kind, [way for way in of_kind if way.open_to(actor)]) for kind, of_kind in WAYS]
    return [(kind, of_kind) for kind, of_kind in found if of_kind]
