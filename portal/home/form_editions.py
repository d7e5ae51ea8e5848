"""Editions of a form: what is fixed, how many reports stand on each, and putting a new one into force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from portal import clock
from portal.datasets import drafting, wording
from portal.datasets.editing import Around
from portal.datasets.models import DataSet, DataSetVersion
from portal.domain.errors import Invalid, StaleVersion
from portal.domain.periods import Cadence, Month
from portal.domain.permissions import Actor, Permission, require
from portal.domain.workflow import State
from portal.extensions import db
from portal.ground import settings
from portal.ground.audit import record
from portal.organisations.models import BY_CARD, COMMISSIONER_FORM
from portal.plan import edits
from portal.plan import queries as plan
from portal.reporting import editions as reporting
from portal.reporting.models import Draft, Submission, SubmissionVersion

AHEAD, BEHIND = 3, 1  # periods around the running one from which an edition may hold
LONGEST_REASON = 500
# Whose questions others' tables ask for (portal/returns): all of the form, or those named.
TABLES: Mapping[str, frozenset[str] | None] = {
    COMMISSIONER_FORM: None,
    "kayoinoba": None,
    "salon": frozenset({"held", "attendance", "people"}),
}


@dataclass(frozen=True)
class Standing:
    """What stands on an edition: reports, those of them that wait for somebody, and drafts of the form."""

    reports: int = 0
    pending: int = 0
    drafts: int = 0


def around(data_set: DataSet) -> Around:
    """What a definition does not say itself."""
    first = {m["code"] for m in data_set.versions[0].definition["measures"]}
    table = TABLES.get(data_set.code, frozenset())
    return Around(
        drawn=drawn(data_set),
        taken=frozenset(
            {m.code for m in data_set.measures}
            | {m["code"] for edition in data_set.versions for m in edition.definition["measures"]}
        ),
        fixed=frozenset(first if table is None else first & table),
    )


def drawn(data_set: DataSet) -> dict[str, tuple[str, ...]]:
    """{measure: the indicators, and rules for grants, that draw on it}."""
    found: dict[str, tuple[str, ...]] = {}
    for indicator in plan.indicators():
        for source in indicator.sources:
            if source.measure is not None and source.measure.data_set_id == data_set.id:
                code = source.measure.code
                found[code] = (*found.get(code, ()), indicator.code)
    for rule in settings.get("subsidy.rules") or []:
        if rule["data_set"] == data_set.code:
            found[rule["measure"]] = (*found.get(rule["measure"], ()), "subsidy")
    return found


def standing(data_set: DataSet) -> dict[int, Standing]:
    """What stands on each edition, by its version."""
    here = and_(
        SubmissionVersion.submission_id == Submission.id, SubmissionVersion.version == Submission.version
    )
    rows = db.session.execute(
        select(DataSetVersion.version, Submission.state, func.count())
        .join(SubmissionVersion, SubmissionVersion.data_set_version_id == DataSetVersion.id)
        .join(Submission, here)
        .where(DataSetVersion.data_set_id == data_set.id, Submission.state != State.WITHDRAWN)
        .group_by(DataSetVersion.version, Submission.state)
    )
    reports: dict[int, int] = {}
    pending: dict[int, int] = {}
    for version, state, number in rows:
        reports[version] = reports.get(version, 0) + number
        if state != State.APPROVED:
            pending[version] = pending.get(version, 0) + number
    drafts = _drafts(data_set)
    return {
        edition.version: Standing(
            reports.get(edition.version, 0), pending.get(edition.version, 0), drafts.get(edition.version, 0)
        )
        for edition in data_set.versions
    }


def _drafts(data_set: DataSet) -> dict[int, int]:
    """Drafts by edition. One that does not say was begun before drafts said so: on the newest."""
    found: dict[int, int] = {}
    for raw in db.session.scalars(select(Draft.raw).where(Draft.data_set_id == data_set.id)):
        version = int(raw.get(reporting.KEY) or data_set.current.version)
        found[version] = found.get(version, 0) + 1
    return found


def periods(data_set: DataSet) -> list[str]:
    """From which an edition may hold: the running period first, then those to come, then the one before."""
    cadence = Cadence(data_set.cadence)
    running = cadence.period_of(Month.of(clock.today()))
    ahead = [running.plus(cadence.length * step).key for step in range(AHEAD + 1)]
    return [*ahead, *(running.plus(-cadence.length * step).key for step in range(1, BEHIND + 1))]


def languages(data_set: DataSet) -> tuple[str, ...]:
    """Those that the form needs: all for who files it by card, Japanese and English for staff."""
    return wording.LANGUAGES if data_set.filed_by in BY_CARD else (wording.JAPANESE, "en")


def untranslated(data_set: DataSet, definition: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """{language: (texts that are missing, texts made of an older Japanese)} where there are any."""
    texts = [wording.text(definition, path) for path in wording.paths(definition)]
    found = {
        slug: (sum(slug in one.missing for one in texts), sum(slug in one.outdated for one in texts))
        for slug in languages(data_set)
    }
    return {slug: counts for slug, counts in found.items() if any(counts)}


def put_in_force(
    actor: Actor, data_set: DataSet, seen: str, period: str, reason: str, agreed: bool
) -> DataSetVersion:
    """The draft becomes the newest edition, for reports of `period` and later; flush.

    What is sent or begun on an earlier edition stays on it. `agreed`: it was seen which words are not
    translated. Raises StaleVersion, Invalid("reason_missing" | "too_long" | "unknown_period" | "not_agreed").
    """
    require(actor, Permission.PLAN_WRITE)
    draft = drafting.draft(data_set)
    if draft is None or drafting.token(draft) != seen:
        raise StaleVersion("draft_changed")
    if not reason.strip():
        raise Invalid("reason_missing", field="reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid("too_long", field="reason", limit=LONGEST_REASON)
    if period not in periods(data_set):
        raise Invalid("unknown_period", field="from_period")
    if untranslated(data_set, draft.definition) and not agreed:
        raise Invalid("not_agreed", field="agreed")
    before = data_set.current.version
    _stamp_drafts(data_set, before)
    values: dict[str, Any] = {"definition": draft.definition}
    if draft.definition["names"] != data_set.names:
        values["names"] = draft.definition["names"]
    edits.put("data_set", data_set.code, values, actor, reason.strip())
    db.session.expire(data_set)
    made = data_set.current
    made.from_period, made.made_at = period, clock.now()
    db.session.delete(draft)
    db.session.flush()
    told = {"version": made.version, "since": period}
    record("form", data_set.code, "put_in_force", actor, **told)
    return made


def _stamp_drafts(data_set: DataSet, version: int) -> None:
    """What people have begun stays on the form that they saw, also where their draft does not say which."""
    for row in db.session.scalars(select(Draft).where(Draft.data_set_id == data_set.id)):
        if reporting.KEY not in row.raw:
            row.raw = {**row.raw, reporting.KEY: version}
    db.session.flush()
