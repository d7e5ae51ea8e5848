"""When everybody is reminded, and what became of it: one page for staff."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import queries as accounts
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid
from portal.domain.periods import Month
from portal.domain.permissions import Permission, may
from portal.organisations import queries as organisations
from portal.periods import queries as periods
from portal.reminders import intervals, queries, results, staff_words
from portal.reminders.intervals import Intervals
from portal.reminders.results import Line
from portal.web.access import audience, signed_in
from portal.web.csrf import shows_form_again, token_failed
from portal.web.hypermedia import leave_to, render_page
from portal.web.i18n import _
from portal.web.locale import LOCALES

bp = Blueprint("reminding", __name__, template_folder="templates", url_prefix="/staff/reminders")
PAGE = 50
NONE: Mapping[str, str] = MappingProxyType({})


@bp.get("/")
@audience(Permission.ORGANISATIONS_READ)
def index() -> Response:
    """The days, whom reminders reach, and what became of the last one."""
    return _page()


@bp.post("/days")
@audience(Permission.REMINDERS_SET)
@shows_form_again
def change() -> BaseResponse:
    """Set the days; `portal remind` goes by them from its next run on."""
    if token_failed():
        return _page(400, problem=_("This page was open for too long. Please press again."))
    try:
        for key, days in intervals.read(request.form).items():
            intervals.put(signed_in(), key, days)
    except Invalid as error:
        return _page(422, dict(error.params["fields"]))  # type: ignore[call-overload]
    return leave_to(url_for("reminding.index"))


def _page(status: int = 200, wrong: Mapping[str, str] = NONE, problem: str = "") -> Response:
    errors = {key: str(staff_words.WRONG[code]) for key, code in wrong.items()}
    links = [(_id(key), f"{staff_words.FIELDS[key][0]}: {text}") for key, text in errors.items()]
    now = intervals.intervals()
    return render_page(
        "reminders/staff/index.html",
        status=status,
        section="review",
        fields=_fields(now, errors),
        may_set=may(signed_in(), Permission.REMINDERS_SET),
        example=_example(now),
        today=len(queries.planned(now)),
        changes=_changes(),
        errors=[("days", problem)] if problem else links,
        **_list(),
    )


def _id(key: str) -> str:
    return key.partition(".")[2]


def _fields(now: Intervals, errors: Mapping[str, str]) -> list[dict[str, Any]]:
    held = dict(zip(intervals.DEFAULTS, (now.before, now.after, now.at_most), strict=True))
    return [
        {
            "id": _id(key),
            "name": key,
            "label": label,
            "hint": hint,
            "days": held[key],
            "typed": request.form.get(key, held[key]),
            "error": errors.get(key, ""),
        }
        for key, (label, hint) in staff_words.FIELDS.items()
    ]


def _example(now: Intervals) -> dict[str, Any] | None:
    """What the days mean for the next due day of the groups' first form."""
    forms = [row for row in datasets.all_data_sets() if row.filed_by == "group"]
    if not forms:
        return None
    month = Month.of(clock.today()).previous()
    while (due := periods.due_on(forms[0], month.key)) < clock.today():
        month = month.next()
    return {
        "month": month.key,
        "due": due,
        "before": now.begins(due),
        "after": now.late_from(due),
        "until": now.late_until(due),
    }


def _changes() -> list[dict[str, Any]]:
    names = accounts.names()
    return [
        {
            "at": event.at,
            "what": staff_words.FIELDS[event.subject_id][0],
            "days": event.data.get("value"),
            "who": names.get(event.actor, ""),
        }
        for event in results.changes()
    ]


def _list() -> dict[str, Any]:
    """The organisations, narrowed down as the address says, one page of them."""
    district, show = request.args.get("district", "")[:40], request.args.get("show", "")
    everybody = results.lines(signed_in(), district)
    chosen = [line for line in everybody if show not in results.GROUPS or results.GROUPS[show](line)]
    page = max(1, request.args.get("page", 1, type=int))
    where: dict[str, Any] = {"district": district or None, "show": show or None}
    return {
        "tallies": [_tally(name, everybody, show, district) for name in results.GROUPS],
        "show": show,
        "district": district,
        "districts": organisations.districts(),
        "total": len(chosen),
        "everybody_url": url_for("reminding.index", district=district or None),
        "lines": [_line(line) for line in chosen[(page - 1) * PAGE : page * PAGE]],
        "pages": [
            {"number": n, "url": url_for("reminding.index", page=n, **where), "current": n == page}
            for n in range(1, -(-len(chosen) // PAGE) + 1)
        ],
    }


def _tally(name: str, everybody: list[Line], show: str, district: str) -> dict[str, Any]:
    return {
        "url": url_for("reminding.index", show=name, district=district or None),
        "count": sum(map(results.GROUPS[name], everybody)),
        "words": staff_words.GROUPS[name],
        "current": name == show,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "organisation": line.organisation,
        "languages": [LOCALES[slug] for slug in dict.fromkeys(row.language for row in line.contacts)],
        "reach": staff_words.REACH[line.reach],
        "last": line.last,
        "became": staff_words.BECAME[line.became],
    }
