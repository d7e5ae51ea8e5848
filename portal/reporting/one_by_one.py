"""One question a screen, or the whole form on one page: the writer's choice, kept by this phone.

The page holds the whole form either way, and each button posts all of it, so that drafts, faults, practice
and the phone's outbox know nothing of screens. Which screen is shown is a matter of `hidden`: the server's
by the address, static/js/comfort.js's where there is a script (docs/adr/0024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response

from portal.reporting.answers import field_name
from portal.reporting.desk import Desk
from portal.reporting.present import Field, Section
from portal.web.language import A_YEAR

COOKIE = "form_view"
VIEWS = ("page", "steps")


@dataclass(frozen=True)
class Turn:
    """One screen: a question, or a section of a long record. `before`, `after`: its neighbours' names."""

    name: str
    title: Mapping[str, str] | None
    fields: Sequence[Field]
    number: int
    total: int
    before: str = ""
    after: str = ""
    here: bool = False

    @property
    def picked(self) -> bool:
        return any(field.picked for field in self.fields)

    @property
    def waits(self) -> bool:
        """Is there something that must be answered, and is not?"""
        return any(field.required and not field.answered for field in self.fields)

    def has(self, name: str) -> bool:
        return name == self.name or any(field.name == name for field in self.fields)


def view(desk: Desk) -> str:
    """ "steps" or "page". A desk has the whole form before it, as the paper has."""
    if not desk.phone:
        return VIEWS[0]
    wanted = request.form.get("view") or request.cookies.get(COOKIE, "")
    return wanted if wanted in VIEWS else VIEWS[0]


def remember(response: Response, wanted: str) -> None:
    response.set_cookie(
        COOKIE,
        wanted if wanted in VIEWS else VIEWS[0],
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def turns(desk: Desk, sections: Sequence[Section], at: str = "", asked: Sequence[str] = ()) -> list[Turn]:
    """The form's screens, one of them `here`; none where the form is on one page.

    `at`: the field that the writer wants to see, where the address does not say it. `asked`: the measures
    that the office asks about, where it has sent the report back.
    """
    if view(desk) == VIEWS[0]:
        return []
    parts: list[tuple[Any, Sequence[Field]]]
    if desk.form.long:
        parts = [(section.title, section.fields) for section in sections]
    else:
        parts = [(None, [field]) for section in sections for field in section.fields]
    names = ["", *(fields[0].name for _title, fields in parts), ""]
    found = [
        Turn(names[n], title, fields, n, len(parts), names[n - 1], names[n + 1])
        for n, (title, fields) in enumerate(parts, 1)
    ]
    here = _here(found, at or request.args.get("at", ""), [field_name(code) for code in asked])
    return [replace(turn, here=turn is here) for turn in found]


def _here(found: Sequence[Turn], wanted: str, asked: Sequence[str]) -> Turn:
    """Where something is wrong; else where the writer wants to be; else where there is something to do."""
    for wish in (
        lambda turn: any(field.error for field in turn.fields),
        lambda turn: turn.has(wanted),
        lambda turn: any(turn.has(name) for name in asked),
        lambda turn: turn.waits,
    ):
        if turn := next(filter(wish, found), None):
            return turn
    return found[0]
