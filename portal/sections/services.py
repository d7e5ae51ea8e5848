"""Keeping filled sheets until somebody says yes, and sending them through the one door, all or none."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select

from portal import clock
from portal.datasets import queries as datasets
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.organisations import queries as organisations
from portal.reporting import queries as reports
from portal.reporting import services as reporting
from portal.reporting.models import SheetAnswer, Submission, SubmissionVersion
from portal.reporting.services import Sending
from portal.sections import fates
from portal.sections.fates import SheetFate
from portal.sections.models import SheetLoad
from portal.sections.reading import Sheet

KEPT_FOR = timedelta(days=7)
MOST_FILES = 40


def keep(actor: Actor, sheets: list[Sheet]) -> SheetLoad:
    """Keep what was read, for its bringer alone; flush. What others left lying is thrown away."""
    require(actor, Permission.REPORT_FILL)
    if not sheets or len(sheets) > MOST_FILES:
        raise Invalid("files", field="files")
    db.session.execute(
        delete(SheetLoad).where(SheetLoad.loaded_at.is_(None), SheetLoad.made_at < clock.now() - KEPT_FOR)
    )
    seen = [replace(sheet, based_on=fates.based_on(sheet)) for sheet in sheets]
    row = SheetLoad(
        public_id=uuid.uuid4().hex,
        made_at=clock.now(),
        made_by=actor.key,
        content={"sheets": [sheet.to_json() for sheet in seen]},
    )
    db.session.add(row)
    db.session.flush()
    return row


def kept(actor: Actor, public_id: str) -> SheetLoad:
    """One's own load that is still to be decided; NotFound for all others."""
    row = db.session.scalars(select(SheetLoad).where(SheetLoad.public_id == public_id)).one_or_none()
    if row is None or row.made_by != actor.key or row.content is None:
        raise NotFound("sheet_load")
    return row


def sheets(row: SheetLoad) -> list[Sheet]:
    return [Sheet.from_json(one) for one in (row.content or {}).get("sheets", [])]


def load(actor: Actor, row: SheetLoad) -> list[Submission]:
    """Send every sheet, in this transaction; flush. Answers what was sent.

    Each is a submission of its section's yearly form like any other: somebody else confirms it. Raises
    Conflict("not_loadable") if, by now, anything stands in the way of any of them.
    """
    found = fates.of_all(actor, sheets(row))
    if not fates.loadable(found):
        raise Conflict("not_loadable")
    sent = [_send(row, one) for one in found if one.moves]
    record(
        "sheet_load",
        row.public_id,
        "loaded",
        actor,
        files=[one.sheet.sha256 for one in found],
        submissions=[submission.public_id for submission in sent],
    )
    row.content, row.loaded_at = None, clock.now()
    db.session.flush()
    return sent


def _send(row: SheetLoad, one: SheetFate) -> Submission:
    if one.desk is None or one.written is None:
        raise Conflict("not_loadable")
    key = f"{row.public_id}{one.desk.organisation.id}"
    sending = Sending(key, one.sheet.based_on, one.written, file=one.sheet.sha256)
    submission = reporting.send(one.desk, sending)
    version = reports.version(submission)
    db.session.add(
        SheetAnswer(version_id=version.id, sha256=one.sheet.sha256, filled_by=one.sheet.filled_by or None)
    )
    db.session.flush()
    return submission


def drop(row: SheetLoad) -> None:
    """Throw away what was read; flush."""
    db.session.delete(row)
    db.session.flush()


def name_one_person_offices(actor: Actor, codes: list[str]) -> None:
    """Say which offices and sections have one person only; flush, audited. Invalid for an unknown one."""
    require(actor, Permission.USERS_MANAGE)
    known = {row.code for row in organisations.sections_and_offices()}
    if not set(codes) <= known:
        raise Invalid("organisation", field="offices")
    settings.put(settings.ONE_PERSON_OFFICES, sorted(set(codes)), actor)


def version_of(actor: Actor, public_id: str, number: int) -> SubmissionVersion:
    """A sent version that the actor may see; NotFound for all others."""
    rows = select(SubmissionVersion).join(SubmissionVersion.submission)
    here = (Submission.public_id == public_id, SubmissionVersion.version == number)
    found = db.session.scalars(rows.where(*here)).one_or_none()
    if found is None:
        raise NotFound("submission")
    its = datasets.subject(found.submission.data_set, found.submission.organisation)
    if not may(actor, Permission.REVIEW_READ, its):
        raise NotFound("submission")
    return found


def forget_filler(actor: Actor, version: SubmissionVersion) -> None:
    """Erase who filled a sheet in; the file's digest stays. Flush."""
    submission = version.submission
    require(actor, Permission.REVIEW_READ, datasets.subject(submission.data_set, submission.organisation))
    row = db.session.get(SheetAnswer, version.id)
    if row is None or row.filled_by is None:
        raise NotFound("filled_by")
    row.filled_by = None
    record("submission", submission.id, "filler_erased", actor, version=version.version)
    db.session.flush()
