"""Buttons inside the form that fill something in, or change how it is shown. They check and send nothing.

Each carries the whole form with it, so that nothing typed is lost without JavaScript either.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request
from werkzeug.wrappers import Response

from portal.reporting import answers, one_by_one, queries, services
from portal.reporting.answers import Written
from portal.reporting.desk import Desk
from portal.web import language
from portal.web.hypermedia import leave_to
from portal.web.locale import current_locale, enabled_slugs


@dataclass(frozen=True)
class Pressed:
    """What stands in the form now, and which field (`at`), view or language the writer wants to see."""

    written: Written
    at: str = ""
    view: str = ""
    slug: str = ""
    taken: bool = False


def pressed(desk: Desk, written: Written) -> Pressed | None:
    """None: it was another button."""
    form = request.form
    action, numbers = form.get("action", ""), desk.form.measures
    if action == "zeros":
        last = answers.field_name(numbers[-1].code)
        return Pressed(services.rest_is_zero(desk.form, written), at=last)
    if action == "copy" and not desk.keying:
        picked = next((m.code for m in numbers if m.spec.kind in answers.PICKED), numbers[0].code)
        return Pressed(services.copy_choices(desk, written), at=answers.field_name(picked))
    if action.startswith(answers.ANOTHER_LINE):  # the page shows empty lines below those that are written
        name = answers.field_name(action.removeprefix(answers.ANOTHER_LINE))
        return Pressed(written, at=name, taken=True)
    if (name := form.get("take", "")) and not desk.keying:
        code = name.removeprefix(answers.field_name(""))
        return Pressed(services.take_number(desk, written, code), at=answers.field_name(code), taken=True)
    at = form.get("at") or request.args.get("at", "")
    if at or "view" in form or (action == "change" and desk.unsaved):
        return Pressed(written, at=at, view=form.get("view", ""))
    if (slug := form.get("language", "")) in enabled_slugs():
        return Pressed(written, slug=slug)
    return None


def answer(desk: Desk, press: Pressed, key: str) -> Response | None:
    """Keep what is written, and go on to where it is shown; None where no draft is kept: show it at once."""
    if desk.unsaved:
        other = press.slug and press.slug != current_locale().slug
        response = redirect(_address(desk, press), 307) if other else None  # 307: with all that was typed
    else:
        if not press.written.blank or queries.draft(desk.organisation.id, desk.data_set.id, desk.period):
            services.save_draft(desk, press.written, key)
        response = leave_to(_address(desk, press))
    return response


def remember(response: Response, press: Pressed) -> None:
    """The phone keeps the choice."""
    if press.view:
        one_by_one.remember(response, press.view)
    if press.slug:
        language.remember(response, press.slug)


def _address(desk: Desk, press: Pressed) -> str:
    """The form again, at the field that was touched."""
    where = {"slug": press.slug} if press.slug else {}
    if press.view or one_by_one.view(desk) == "steps":
        return desk.url("form", **where, **({"at": press.at} if press.at else {}))
    return desk.url("form", **where) + (f"#{press.at}" if press.taken else "")
