"""公表する: one release, immutable and numbered."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.plan import queries as plan
from portal.publication import changes, content, queries, revisions
from portal.publication.changes import Change, Settled
from portal.publication.models import Release


def canonical(data: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, Japanese as itself. The same content, the same bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def publish(actor: Actor, as_of: date | None = None) -> tuple[Release, bool]:
    """Publish what stands in the ledger as of that day (today by default); flush.

    Answers (release, whether it is new). Where nothing but the day has changed since the last release
    there is nothing new to say, and the last one is returned: a nightly `portal publish` numbers changes,
    not nights. Raises NotPermitted; NotFound("no_plan"); Invalid("as_of") for a day to come or one before
    the last release's; Conflict("published_meanwhile") if somebody else was faster.
    """
    require(actor, Permission.PUBLISH)
    document = plan.document()
    if document is None:
        raise NotFound("no_plan")
    day = as_of or clock.today()
    last = queries.latest()
    if day > clock.today() or (last is not None and day < last.as_of):
        raise Invalid("as_of", value=day.isoformat())
    before = json.loads(last.content) if last else None
    data = _gathered(day, before)
    if last is not None and changes.undated(before) == changes.undated(data):
        return last, False
    text = canonical(data)
    release = Release(
        number=last.number + 1 if last else 1,
        as_of=day,
        published_at=clock.now(),
        published_by=actor.key,
        plan_document_id=document.id,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        content=text,
    )
    db.session.add(release)
    try:
        db.session.flush()
    except IntegrityError as error:  # two pressed at once: the number is taken
        raise Conflict("published_meanwhile", number=release.number) from error
    record("release", release.number, "published", actor, sha256=release.sha256, as_of=day.isoformat())
    return release, True


def _gathered(day: date, last: Any) -> Any:
    """What a release of that day would hold; `last`: the content of the release before it."""
    data = content.gather(day)
    revisions.mark(data, last)
    return data


def waiting() -> tuple[list[Change], Settled]:
    """The figures that would move, and what would become firm, if somebody published now. Writes nothing."""
    if plan.document() is None:
        return [], Settled([], [])
    last = queries.latest()
    before = json.loads(last.content) if last else None
    after = _gathered(clock.today(), before)
    return changes.moved(before, after), changes.settled(before, after)
