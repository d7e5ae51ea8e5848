"""The audit trail in words: searched, turned, exported; and who looked at what is confidential."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request, stream_with_context, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.accounts import queries as accounts
from portal.domain.permissions import Permission
from portal.ground.audit import record
from portal.home import audit_names, audit_trail
from portal.home import staff_audit_words as words
from portal.home.audit_names import Names
from portal.home.audit_trail import Event, Place, Wanted
from portal.publication.open_data import safe
from portal.web.access import audience, signed_in
from portal.web.filters import day
from portal.web.hypermedia import render_page

bp = Blueprint("audit", __name__, template_folder="templates", url_prefix="/staff/audit")
PAGE = 50
READ = Permission.AUDIT_READ
FIELDS = ("since", "until", "who", "kind", "organisation")
COLUMNS = (
    "at", "actor", "actor_name", "event", "subject", "subject_type", "subject_id", "action", "details", "seq",
    "previous", "hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the page shows it. `url`: the page of what it is about, where there is one."""

    event: Event
    at: str
    who: str
    who_key: str
    action: str
    subject: str
    url: str
    details: list[tuple[str, str]]


@bp.get("/")
@audience(READ)
def index() -> BaseResponse:
    """What was done: who, to what, when; narrowed by the form, turned by `after`."""
    wanted, after = _wanted(request.args), Place.read(request.args.get("after", ""))
    events = audit_trail.page(wanted, after, PAGE + 1)
    here: dict[str, Any] = {name: request.args[name] for name in FIELDS if request.args.get(name)}
    older = url_for("audit.index", **here, after=str(events[PAGE - 1].place)) if len(events) > PAGE else ""
    return render_page(
        "home/staff/audit/index.html",
        section="users",
        lines=_lines(events[:PAGE]),
        wanted=wanted,
        here=here,
        first=url_for("audit.index", **here) if after else "",
        older=older,
        kinds=list(words.KINDS.items()),
        people=_people(),
    )


@bp.post("/export")
@audience(READ)
def export() -> Response:
    """The same as a file for an inspection, streamed. That it was made is itself an event."""
    wanted = _wanted(request.form)
    told = {
        "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
    }
    found = audit_trail.organisation_ids(wanted.organisation)
    record(
        "audit",
        "export",
        "exported",
        signed_in(),
        **told,
        who=wanted.who,
        kind=wanted.kind,
        organisations=found,
    )
    name = f"audit-{clock.today().isoformat()}.csv"
    answer = Response(stream_with_context(_file(wanted)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/looks/<public_id>")
@audience(READ)
def looks_at(public_id: str) -> Response:
    """Who looked at one commissioner's record."""
    row = audit_trail.confidential_record(public_id) or abort(404)
    return _looks_page(audit_trail.looks(record=row, after=_after()), row=row)


@bp.get("/looks/staff/<int:user_id>")
@audience(READ)
def looks_of(user_id: int) -> Response:
    """Which commissioners' records one member of staff looked at."""
    user = accounts.user(user_id)
    return _looks_page(audit_trail.looks(actor=f"staff:{user.id}", after=_after()), user=user)


def _after() -> Place | None:
    return Place.read(request.args.get("after", ""))


def _looks_page(events: list[Event], **whose: Any) -> Response:
    row, user = whose.get("row"), whose.get("user")
    names = audit_names.of(events)
    if row is not None:
        names.submissions[str(row.id)] = row
    older = str(events[PAGE - 1].place) if len(events) > PAGE else ""
    return render_page(
        "home/staff/audit/looks.html",
        section="users",
        lines=[_line(event, names) for event in events[:PAGE]],
        title=words.called(user) if user else words.report(names, str(row.id)) if row else "",
        by_record=row is not None,
        user=user,
        older=url_for(str(request.endpoint), **(request.view_args or {}), after=older) if older else "",
    )


def _wanted(given: MultiDict[str, str]) -> Wanted:
    kind = given.get("kind", "")
    return Wanted(
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        who=given.get("who", "")[:40],
        kind=kind if kind in words.KINDS else "",
        organisation=given.get("organisation", "").strip()[:100],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _people() -> list[tuple[str, str]]:
    """Whom one may look for: everybody who signs in, all cards together, the portal."""
    staff = [(f"staff:{user.id}", words.called(user)) for user in accounts.users()]
    return [*staff, *((key, str(name)) for key, name in words.ACTORS.items())]


def _lines(events: list[Event]) -> list[Line]:
    names = audit_names.of(events)
    return [_line(event, names) for event in events]


def _line(event: Event, names: Names) -> Line:
    if names.is_confidential(event):
        event = audit_trail.without_confidence(event)
    subject = words.subject(event, names)
    return Line(
        event=event,
        at=f"{day(event.at)} {clock.local(event.at):%H:%M}",
        who=words.who(event, names),
        who_key=event.actor if event.actor.startswith("staff:") else event.actor.partition(":")[0],
        action=words.action(event),
        subject=subject,
        url=_page_of(event, names) if subject else "",
        details=words.details(event.data),
    )


def _page_of(event: Event, names: Names) -> str:
    """Where an administrator may go from here."""
    row = names.submissions.get(event.subject_id)
    if event.subject_type in ("report", "submission") and row is not None and row.data_set.confidential:
        return url_for("audit.looks_at", public_id=row.public_id)
    if event.subject_type == "user" and event.subject_id in names.users:
        return url_for("users.show", user_id=int(event.subject_id))
    group = names.organisations.get(event.subject_id) if event.subject_type == "organisation" else None
    if event.subject_type == "card" and event.subject_id in names.cards:
        group = names.cards[event.subject_id].organisation
    return url_for("organisations.show", public_id=group.public_id) if group else ""


def _file(wanted: Wanted) -> Iterator[bytes]:
    """UTF-8 with a byte order mark and CRLF; a text that a spreadsheet would calculate stays a text."""
    yield b"\xef\xbb\xbf" + _row(COLUMNS)
    for events in audit_trail.everything(wanted):
        names = audit_names.of(events)
        yield b"".join(_row(_cells(event, names)) for event in events)


def _cells(event: Event, names: Names) -> tuple[Any, ...]:
    if names.is_confidential(event):
        event = audit_trail.without_confidence(event)
    return (
        clock.local(event.at).isoformat(),
        event.actor,
        words.who(event, names),
        words.action(event),
        words.subject(event, names),
        event.subject_type,
        event.subject_id,
        event.action,
        json.dumps(event.data, ensure_ascii=False, sort_keys=True),
        event.seq,
        event.previous,
        event.hash,
    )


def _row(cells: tuple[Any, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return out.getvalue().encode()
