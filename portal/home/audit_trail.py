"""Both kinds of events as one trail, the newest first: what was done in the portal, and to reports.

Page by page from a place in it (its moment, kind and id), so that a page stays the same while more is
added at its head, and the ten-thousandth costs what the first does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, or_, select

from portal import clock
from portal.accounts.models import Card
from portal.datasets.models import DataSet
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.organisations.models import Organisation
from portal.reporting.models import Submission, SubmissionEvent

# What somebody looks for -> the subjects of its events. Reports' own events stand in a table of their own.
KINDS: dict[str, tuple[str, ...]] = {
    "reports": (),
    "looks": ("submission",),
    "users": ("user",),
    "cards": ("card",),
    "organisations": ("organisation",),
    "settings": ("setting",),
    "periods": ("fiscal_year", "due_day", "period_exception"),
    "events": ("event_pair",),
    "plan": ("plan", "verdict", "statement", "text", "form"),
    "releases": ("release",),
    "audit": ("audit", "export", "intake", "sheet_load"),
}
KNOWN = {subject for subjects in KINDS.values() for subject in subjects}
OTHER = "other"  # subjects of features that this list does not know yet
REPORT, AUDIT = "r", "a"  # at the same moment reports' events stand before the others
BATCH = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `who`: an actor's key, or a kind of actor such as "card"; `organisation`: words."""

    since: date | None = None
    until: date | None = None
    who: str = ""
    kind: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the trail: the event after which the page begins."""

    at: datetime
    source: str
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """From an address; None for anything that we did not write."""
        at, _, rest = text.replace(" ", "+").partition("~")
        source, _, number = rest.partition("~")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        good = moment.tzinfo is not None and source in (REPORT, AUDIT) and number.isdecimal()
        return cls(moment, source, int(number)) if good and len(number) < 18 else None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the trail, whichever table it stands in."""

    source: str
    id: int
    at: datetime
    actor: str
    subject_type: str
    subject_id: str
    action: str
    data: dict[str, Any]
    seq: int
    previous: str
    hash: str

    @property
    def place(self) -> Place:
        return Place(self.at, self.source, self.id)

    @property
    def is_look(self) -> bool:
        return self.action == "looked_at"


def page(wanted: Wanted, after: Place | None = None, limit: int = 50) -> list[Event]:
    """At most `limit` events after a place, the newest first."""
    ids = organisation_ids(wanted.organisation)
    found: list[Event] = []
    if wanted.kind in ("", "reports"):
        rows = db.session.scalars(_reports(wanted, ids, after).limit(limit))
        found += [_of_report(row) for row in rows]
    if wanted.kind != "reports":
        events = db.session.scalars(_others(wanted, ids, after).limit(limit))
        found += [_of_other(row) for row in events]
    return sorted(found, key=_newest_first)[:limit]


def _newest_first(event: Event) -> tuple[float, bool, int]:
    return -event.at.timestamp(), event.source != REPORT, -event.id


def everything(wanted: Wanted) -> Iterator[list[Event]]:
    """The whole of it in pages, each read by itself: nothing is held open meanwhile."""
    after: Place | None = None
    while events := page(wanted, after, BATCH):
        yield events
        after = events[-1].place
        db.session.expunge_all()


def looks(record: Submission | None = None, actor: str = "", after: Place | None = None) -> list[Event]:
    """Who opened this confidential record, or which ones this person opened: the newest first, fifty."""
    wanted = Wanted(kind="looks", who=actor)
    query = _others(wanted, None, after).limit(51)
    if record is not None:
        query = query.where(AuditEvent.subject_id == str(record.id))
    return [_of_other(row) for row in db.session.scalars(query)]


def confidential_record(public_id: str) -> Submission | None:
    return db.session.scalars(
        select(Submission)
        .join(Submission.data_set)
        .where(Submission.public_id == public_id, DataSet.confidential.is_(True))
    ).first()


def organisation_ids(words: str) -> list[int] | None:
    """Ids of the organisations that are meant: by public id or a part of the name; None for all."""
    if not words:
        return None
    named = or_(Organisation.public_id == words, Organisation.name.icontains(words, autoescape=True))
    return list(db.session.scalars(select(Organisation.id).where(named)))


def _reports(wanted: Wanted, ids: list[int] | None, after: Place | None) -> Select[SubmissionEvent]:
    table = SubmissionEvent
    query = select(table).where(*_common(table, REPORT, wanted, after))
    if ids is not None:
        query = query.join(Submission, Submission.id == table.submission_id)
        query = query.where(Submission.organisation_id.in_(ids))
    return query.order_by(table.at.desc(), table.id.desc())


def _others(wanted: Wanted, ids: list[int] | None, after: Place | None) -> Select[AuditEvent]:
    table = AuditEvent
    query = select(table).where(*_common(table, AUDIT, wanted, after))
    if wanted.kind == OTHER:
        query = query.where(table.subject_type.not_in(KNOWN))
    elif wanted.kind:
        query = query.where(table.subject_type.in_(KINDS.get(wanted.kind, ())))
    if ids is not None:
        query = query.where(_about(ids))
    return query.order_by(table.at.desc(), table.id.desc())


def _about(ids: list[int]) -> ColumnElement[bool]:
    """What concerns these organisations: themselves, their cards, looks at their reports."""
    if not ids:
        return false()
    own = {
        "organisation": select(cast(Organisation.id, String)).where(Organisation.id.in_(ids)),
        "card": select(cast(Card.id, String)).where(Card.organisation_id.in_(ids)),
        "submission": select(cast(Submission.id, String)).where(Submission.organisation_id.in_(ids)),
    }
    return or_(
        *(
            and_(AuditEvent.subject_type == subject, AuditEvent.subject_id.in_(numbers))
            for subject, numbers in own.items()
        )
    )


def _common(table: Any, source: str, wanted: Wanted, after: Place | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(table.at >= _midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        conditions.append(table.at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.who:
        kind = wanted.who in ("card", "system")
        conditions.append(table.actor.startswith(f"{wanted.who}:") if kind else table.actor == wanted.who)
    if after is not None:
        same = {
            (source == after.source): table.id < after.id,
            (source == AUDIT and after.source == REPORT): table.at == after.at,
        }.get(True, false())
        conditions.append(or_(table.at < after.at, and_(table.at == after.at, same)))
    return conditions


def _midnight(day: date) -> datetime:
    """The first moment of a day in the city, in UTC."""
    zone = clock.local(datetime.combine(day, time(12), UTC)).tzinfo
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _of_report(row: SubmissionEvent) -> Event:
    data = {"version": row.version, **row.data}
    return Event(
        REPORT, row.id, row.at, row.actor, "report", str(row.submission_id), row.kind, data, row.seq,
        row.previous, row.hash,
    )  # fmt: skip


def _of_other(row: AuditEvent) -> Event:
    return Event(
        AUDIT, row.id, row.at, row.actor, row.subject_type, row.subject_id, row.action, dict(row.data),
        row.seq, row.previous, row.hash,
    )  # fmt: skip


def without_confidence(event: Event) -> Event:
    """A commissioner's record as an administrator may know of it: what happened, not to which answer."""
    return replace(event, data={name: event.data[name] for name in ("version",) if name in event.data})
