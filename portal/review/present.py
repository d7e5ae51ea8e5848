"""From a report to what its page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.accounts import queries as accounts
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid
from portal.domain.event_lines import EventLine
from portal.domain.measures import Checked, answers_from_json
from portal.domain.permissions import Actor, Permission, may
from portal.reporting import amending, staff_original, unusual
from portal.reporting import present as reporting
from portal.reporting import queries as reports
from portal.reporting import words as reporting_words
from portal.reporting.desk import DESKS, Desk
from portal.reporting.models import Submission, SubmissionVersion
from portal.reporting.staff_words import AMEND_REASONS, STATE_TAGS
from portal.review import exceptions, queries, same_again, services, words
from portal.review.filters import STATES
from portal.review.models import ReviewNote
from portal.web.filters import moment, month_of_year, number, short_day
from portal.web.i18n import _, tr_plain


def _desk(actor: Actor, submission: Submission, version: SubmissionVersion) -> Desk:
    """The report's own desk, for reading: the form of the edition that it was written on."""
    return Desk(
        actor=actor,
        organisation=submission.organisation,
        data_set=submission.data_set,
        edition=version.form,
        form=datasets.form(version.form, submission.organisation),
        period=submission.period,
        blueprint="reporting",
    )


def report(actor: Actor, submission: Submission) -> dict[str, Any]:
    """Everything of one report's page."""
    version = reports.version(submission)
    desk = _desk(actor, submission, version)
    history = queries.history(submission)
    earlier = reports.version(submission, version.version - 1).values if version.version > 1 else None
    pending = submission.state in STATES["waiting"]
    allowed = services.may_decide(actor, submission)
    names = accounts.names()
    return {
        "section": "review",
        "submission": submission,
        "state_tag": STATE_TAGS[submission.state],
        "arrived": _(
            "arrived %(moment)s, version %(version)s",
            moment=moment(submission.sent_at),
            version=version.version,
        ),
        "lines": _lines(desk, version, earlier, history),
        "remarks": [*_remarks(desk, version), *same_again.remarks(desk, version, history)],
        "evidence": version.evidence,
        "sheet": reports.sheet(version),
        "version": version,
        "may_decide": pending and allowed and not desk.closed,
        "may_undo": allowed and bool(services.undoable_until(submission)),
        "amend_url": _amend_url(desk, submission),
        "blocked": _blocked(submission, pending, allowed, desk.closed),
        "first_of_two": services.wants_two() and services.signed_off_by(submission) is None,
        "notes": [_note(row, names) for row in queries.notes(submission)],
        "moves": reporting.moves(desk, amending.moves(submission, version.values)),
        "plan_words": _plan_words(submission, version),
        "reasons": [(code, str(text)) for code, text in words.REASONS.items()],
        "bars": _bars(desk, submission, history) if queries.headline(submission.data_set) else None,
        "events": [_event(event, names) for event in reversed(submission.events)],
        "keyed": _keyed(submission, names),
        "originals": staff_original.of(submission),
        "lock": exceptions.lock_of(desk, names),
    }


def _blocked(submission: Submission, pending: bool, allowed: bool, closed: bool) -> str:
    if not pending:
        return ""
    if closed:
        return _("This fiscal year is closed.")
    if allowed:
        return ""
    if services.wants_two() and services.signed_off_by(submission):
        return _("You have signed this report off. A second person approves it.")
    return _("Somebody else than who entered it looks at this report.")


def _amend_url(desk: Desk, submission: Submission) -> str:
    """Where this actor can change the figures for its group, with a reason; "" where not."""
    theirs = submission.organisation.side not in DESKS
    if not theirs or desk.locked or not may(desk.actor, Permission.REPORT_FILL, desk.subject):
        return ""
    return replace(desk, blueprint="entry").url()


def _note(row: ReviewNote, names: dict[str, str]) -> dict[str, str]:
    return {"at": moment(row.at), "by": names.get(row.author, row.author), "text": row.text}


def _lines(
    desk: Desk, version: SubmissionVersion, earlier: dict[str, Any] | None, history: dict[str, Any]
) -> list[dict[str, Any]]:
    before, year_before = history.get(desk.before, {}), history.get(desk.year_before, {})
    asked = {q.field for q in unusual.questions(desk, Checked(answers_from_json(version.values)))}
    found = []
    for measure in desk.form.measures:
        options = reporting.options_of(measure)
        answer = version.values.get(measure.code)
        was = earlier.get(measure.code) if earlier else None
        found.append(
            {
                "code": measure.code,
                "label": measure.labels,
                "text": reporting_words.answer(answer, measure.units, options),
                "before": reporting_words.answer(before.get(measure.code), measure.units, options),
                "year_before": reporting_words.answer(year_before.get(measure.code), measure.units, options),
                "changed": earlier is not None and was != answer,
                "was": reporting_words.answer(was, measure.units, options),
                "unusual": measure.code in asked,
                "events": reporting.written_events(answer),
                "gone": _gone(was, answer),
            }
        )
    return found


def _gone(was: dict[str, Any] | None, answer: dict[str, Any] | None) -> list[EventLine]:
    """The events of the version before that this one no longer has."""
    now = reporting.written_events(answer)
    return [line for line in reporting.written_events(was) if line not in now]


def _remarks(desk: Desk, version: SubmissionVersion) -> list[dict[str, str]]:
    """What is unusual, in the words that the reporter read, with the reporter's own answer."""
    asked = reporting.questions(desk, Checked(answers_from_json(version.values)))
    found = []
    for question in asked:
        given = version.answers.get(question.field, {})
        reason = reporting_words.UNUSUAL_REASONS.get(given.get("reason", ""), "")
        said = str(words.ANSWERS["yes"]) if given.get("answer") == "yes" else ""
        found.append({"words": question.text, "answer": f"{said} {reason}".strip()})
    return found


def _plan_words(submission: Submission, version: SubmissionVersion) -> str:
    moved = [
        i
        for i, _code in reports.fed_by(submission.data_set_id, reports.answered(version.values))
        if not i.participation
    ]
    if moved:
        return ""
    return _("The plan's own indicators don't move, except for the number of groups that take part.")


def _bars(desk: Desk, submission: Submission, history: dict[str, Any]) -> dict[str, Any] | None:
    """The headline of the form over twelve periods; a section is asked only its part of a yearly form."""
    code = queries.headline(submission.data_set)
    asked = [*(m for m in desk.form.measures if m.code == code), *desk.form.measures]
    if not asked:
        return None
    measure = asked[0]
    length = desk.cadence.length
    months = [desk.month.plus(-back * length) for back in range(11, -1, -1)]
    values = [queries.number(history.get(m.key, {}).get(measure.code)) for m in months]
    before = [queries.number(history.get(m.year_before().key, {}).get(measure.code)) for m in months]
    if values == before == [None] * len(months):
        return None
    known = sorted(v for v in values[:-1] if v is not None)
    usual = (
        _(
            "Usually %(low)s to %(high)s.",
            low=number(known[len(known) // 5]),
            high=number(known[-1 - len(known) // 5]),
        )
        if len(known) > 4
        else ""
    )
    return {
        "title": tr_plain(measure.labels),
        "this": values,
        "before": before,
        "labels": [str(m.month) for m in months],
        "names": [month_of_year(m) for m in months],
        "newest": 11,
        "words": usual,
    }


def _keyed(submission: Submission, names: dict[str, str]) -> dict[str, str] | None:
    """Who keyed the newest version in, when, from what; and whether the group has said that it is right."""
    found = reports.keyed(submission)
    if found is None:
        return None
    by = str(words.KEYED[found.source]) % {"name": names.get(found.by, found.by)}
    confirmed = (
        _("The group confirmed it by card on %(day)s.", day=short_day(found.confirmed_at))
        if found.confirmed_at
        else _("The group has not confirmed it by card yet; it need not.")
    )
    return {"title": f"{moment(found.at)} {by}", "text": confirmed}


def _event(event: Any, names: dict[str, str]) -> dict[str, Any]:
    reasons = event.data.get("reasons", {})
    said = str(words.EVENTS[event.kind]) % {"version": event.version}
    if event.data.get("source") in words.KEYED:
        keyed = str(words.KEYED[event.data["source"]]) % {"name": names.get(event.actor, event.actor)}
        said = reporting_words.joined([said, keyed])
    if event.data.get("reason") in AMEND_REASONS:
        said = reporting_words.joined([said, str(AMEND_REASONS[event.data["reason"]])])
    if reasons:
        said += ": " + reporting_words.joined(sorted({str(words.REASONS[r]) for r in reasons.values()}))
    return {
        "tag": words.EVENT_TAGS[event.kind],
        "at": event.at,
        "words": said,
        "note": event.note.text if event.note else "",
        "by": names.get(event.actor, ""),
    }


def problem(error: Invalid) -> str:
    """What must be put right before a report can be asked back."""
    if error.code == "note_missing":
        return _("Please write in the note what you would like to know.")
    return _("Please choose what to ask about, for at least one item.")
