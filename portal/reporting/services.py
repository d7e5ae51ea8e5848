"""Writes of the reporting desk: drafts, and sending once however often it is tried."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select

from portal import clock
from portal.datasets.definition import Form
from portal.domain.errors import Conflict, Invalid, NotPermitted, PeriodLocked
from portal.domain.measures import AnswerState, Checked, RawAnswer, answers_to_json, content_digest
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import Action, State
from portal.extensions import db, insert_into
from portal.ground.audit import record
from portal.reporting import amending, answers, editions, events, queries, receipts, unusual
from portal.reporting.answers import Written
from portal.reporting.desk import Desk
from portal.reporting.models import Draft, Submission, SubmissionVersion

SOURCES = {"group": "group", "commissioner": "group", "office": "office", "section": "department"}
KEYED_FROM = queries.KEYED_FROM


class AlreadySent(Conflict):
    """Another content has arrived for this period (or under this key). `submission` holds it."""

    def __init__(self, submission: Submission) -> None:
        super().__init__("already_sent", version=submission.version)
        self.submission = submission


@dataclass(frozen=True)
class Sending:
    """One press of 送る. `based_on`: the version that the writer had seen, 0 for none.

    `keyed_from`: what staff had before them, where they key a report in for somebody; `amend_reason`
    (amending.REASONS) and a note: why they change one that is approved. `file`: the digest of the filled
    sheet that it was read from.
    """

    key: str
    based_on: int
    written: Written
    keyed_from: str = ""
    amend_reason: str = ""
    amend_note: str = ""
    file: str = ""


def new_key() -> str:
    return secrets.token_hex(16)


def save_draft(desk: Desk, written: Written, key: str) -> None:
    """Keep what was typed, as typed. The first key of a draft stays its key."""
    require(desk.actor, Permission.REPORT_FILL, desk.subject)
    row = {
        "organisation_id": desk.organisation.id,
        "data_set_id": desk.data_set.id,
        "period": desk.period,
        "raw": {**written.to_json(), editions.KEY: desk.edition.version},
        "submission_key": key or new_key(),
        "saved_at": clock.now(),
    }
    insert = insert_into(Draft).values(**row)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["organisation_id", "data_set_id", "period"],
            set_={"raw": insert.excluded.raw, "saved_at": insert.excluded.saved_at},
        )
    )


def drop_draft(desk: Desk) -> None:
    """What was typed has been sent. What a group typed stays when staff bring something in for it."""
    if desk.keying or desk.imported:
        return
    db.session.execute(
        delete(Draft).where(
            Draft.organisation_id == desk.organisation.id,
            Draft.data_set_id == desk.data_set.id,
            Draft.period == desk.period,
        )
    )


def send(desk: Desk, sending: Sending) -> Submission:
    """Send a report, or its correction; flush. Idempotent by the key.

    The same content again (same key, or another phone) is the stored submission. Raises Invalid with
    `checked` if something must be put right, PeriodLocked in a closed year or a locked month, AlreadySent
    where other content has arrived that the writer had not seen, Invalid("amend_reason_missing" |
    "note_missing") where staff change an approved report without saying why.
    """
    require(desk.actor, Permission.REPORT_FILL, desk.subject)
    if desk.keying:
        _check_keying(desk, sending)
    checked = answers.read(desk.form, sending.written, desk.period)
    if not checked.ok:
        raise Invalid("report", fields=[error.field for error in checked.errors])
    digest = content_digest(checked.values)
    repeated = _repeated(desk, sending, digest)
    if repeated is not None:
        return repeated
    if refused := desk.refusal:
        raise PeriodLocked(refused, fiscal_year=desk.month.fiscal_year)
    submission, created = _submission(desk)
    if not created:
        same = queries.version(submission).content_digest == digest
        if same and submission.state not in (State.RETURNED, State.WITHDRAWN):
            drop_draft(desk)
            confirm(desk, submission)
            return submission
        if submission.state != State.WITHDRAWN and sending.based_on != submission.version:
            raise AlreadySent(submission)
        amending.check(desk, submission, sending.amend_reason, sending.amend_note)
    _append_version(desk, submission, sending, checked, digest, created)
    drop_draft(desk)
    return submission


def _check_keying(desk: Desk, sending: Sending) -> None:
    """Only staff key in, and they say from what."""
    if desk.actor.kind == "card":
        raise NotPermitted(Permission.REPORT_FILL.value)
    if sending.keyed_from not in KEYED_FROM:
        raise Invalid("keyed_from_missing", field="keyed_from")


def confirm(desk: Desk, submission: Submission) -> None:
    """The group says by card that what staff keyed in for it is right; flush. Once a version."""
    require(desk.actor, Permission.REPORT_FILL, desk.subject)
    keyed = queries.keyed(submission)
    if desk.actor.kind != "card" or keyed is None or keyed.confirmed_at is not None:
        return
    events.append(submission, Action.CONFIRM, submission.last_seq, desk.actor)
    db.session.expire(submission, ["events"])


def _repeated(desk: Desk, sending: Sending, digest: str) -> Submission | None:
    """The submission that this key has already sent; AlreadySent if it sent something else."""
    known = db.session.scalars(
        select(SubmissionVersion).where(SubmissionVersion.submission_key == sending.key)
    ).one_or_none()
    if known is None:
        return None
    same_place = (
        known.submission.organisation_id == desk.organisation.id
        and known.submission.data_set_id == desk.data_set.id
        and known.submission.period == desk.period
    )
    if not same_place:
        raise Conflict("foreign_key")
    if known.content_digest != digest:
        raise AlreadySent(known.submission)
    return known.submission


def _submission(desk: Desk) -> tuple[Submission, bool]:
    """The submission of this desk, and whether it was made just now."""
    public_id = uuid.uuid4().hex
    made = db.session.execute(
        insert_into(Submission)
        .values(
            public_id=public_id,
            organisation_id=desk.organisation.id,
            data_set_id=desk.data_set.id,
            period=desk.period,
            receipt_digest=receipts.digest(receipts.new_code(public_id)),
            state=State.WAITING.value,
            version=1,
            last_seq=0,
            unusual=0,
            sent_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["organisation_id", "data_set_id", "period"])
        .returning(Submission.id)
    ).scalar()
    found = queries.submission(desk.organisation.id, desk.data_set.id, desk.period, withdrawn=True)
    assert found is not None  # noqa: S101 - it was there, or has just been made
    return found, made is not None


def _append_version(
    desk: Desk, submission: Submission, sending: Sending, checked: Checked, digest: str, created: bool
) -> None:
    number = 1 if created else submission.version + 1
    made = db.session.execute(
        insert_into(SubmissionVersion)
        .values(
            submission_id=submission.id,
            version=number,
            submission_key=sending.key,
            content_digest=digest,
            data_set_version_id=desk.edition.id,
            values=answers_to_json(checked.values),
            answers=dict(sending.written.answers),
            evidence=sending.written.evidence.strip() or None,
            source="import" if desk.imported else SOURCES[desk.data_set.filed_by],
            entered_by=desk.actor.key,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(SubmissionVersion.id)
    ).scalar()
    if made is None:  # somebody else's correction came in between
        db.session.expire(submission)
        raise AlreadySent(submission)
    if created or submission.state == State.WITHDRAWN:  # what was taken back is as if it had never come
        action = Action.SEND
    else:
        action = Action.AMEND if submission.state == State.APPROVED else Action.CORRECT
    told = {"content": digest, "source": sending.keyed_from if desk.keying else desk.blueprint}
    note = ""
    if sending.file:
        told["file"] = sending.file
    if not created and amending.is_amending(desk, submission):
        told["reason"], note = sending.amend_reason, sending.amend_note.strip()
    events.append(submission, action, submission.last_seq, desk.actor, data=told, note=note)
    db.session.expire(submission, ["versions", "events"])
    submission.sent_at = clock.now()
    submission.unusual = unusual.signs(desk, checked)
    db.session.flush()


def copy_choices(desk: Desk, written: Written) -> Written:
    """What was done, as last time: choices only, never a number."""
    earlier = desk.earlier()
    raw = dict(written.raw)
    for measure in desk.form.measures:
        if measure.spec.kind in answers.PICKED and (last := earlier.get(measure.code)):
            raw[measure.code] = answers.of_version({measure.code: last}, None).raw[measure.code]
    return Written(raw, written.evidence, written.answers)


def take_number(desk: Desk, written: Written, code: str) -> Written:
    """One number as last time, because its writer has said so of this one number."""
    last = answers.number_of(desk.earlier().get(code, {}))
    if not last:
        return written
    return Written({**written.raw, code: RawAnswer(text=last)}, written.evidence, written.answers)


def rest_is_zero(form: Form, written: Written) -> Written:
    """A long record in which only what is not 0 has been typed: every number left blank becomes 0."""
    raw = dict(written.raw)
    for measure in form.measures:
        blank = raw.get(measure.code, RawAnswer()).blank
        if blank and AnswerState.ZERO in measure.spec.states and measure.spec.kind not in answers.PICKED:
            raw[measure.code] = RawAnswer(text="0")
    return Written(raw, written.evidence, written.answers)


def nothing_happened(form: Form) -> Written:
    """A period without a meeting, in one touch: the form's opening measure says so, the rest follows.

    In a long record a month without activity is 0 everywhere, which is a report and not a missing one.
    """
    if form.long:
        return rest_is_zero(form, Written({}))
    return Written({form.measures[0].code: RawAnswer(state="not_held")})


def looked_at(actor: Actor, submission: Submission) -> None:
    """Keep that somebody of the staff opened a confidential report (民生委員法 15条); flush."""
    record("submission", submission.id, "looked_at", actor, version=submission.version)
    db.session.flush()
