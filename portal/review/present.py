"""From rows to what the review pages show."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.datasets import queries as datasets
from portal.domain.errors import Invalid
from portal.domain.measures import Checked, answers_from_json
from portal.domain.permissions import Actor, Permission, may
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import KINDS
from portal.reporting import present as reporting
from portal.reporting import queries as reports
from portal.reporting import staff_original, unusual
from portal.reporting import words as reporting_words
from portal.reporting.desk import Desk
from portal.reporting.models import Submission, SubmissionVersion
from portal.reporting.staff_words import STATE_TAGS
from portal.review import queries, services, words
from portal.review.queries import Filters, Queue
from portal.web.filters import moment, month_of_year, number, short_day
from portal.web.i18n import _, ngettext, tr_plain


def _url(filters: Filters, **changes: Any) -> str:
    values = {**filters.__dict__, **changes}
    return url_for("review.queue", **{k: v for k, v in values.items() if v not in ("", 1) or k in changes})


def queue(actor: Actor, filters: Filters, found: Queue) -> dict[str, Any]:
    counts = queries.counts(actor)
    tabs = [
        {
            "url": _url(Filters(), tab=tab),
            "name": str(name),
            "count": counts[tab],
            "current": filters.tab == tab,
            "detail": ngettext("%(num)s unusual", "%(num)s unusual", counts["unusual"])
            if tab == "waiting" and counts["unusual"]
            else "",
        }
        for tab, name in words.TABS.items()
    ]
    return {
        "section": "review",
        "filters": filters,
        "queue": found,
        "tabs": tabs,
        "selects": _selects(filters),
        "rows": [_queue_row(row) for row in found.rows],
        "pages": [
            {"number": n, "url": _url(filters, page=n), "current": n == filters.page}
            for n in range(1, found.pages + 1)
        ],
        "here": request.full_path,
    }


def _selects(filters: Filters) -> list[dict[str, Any]]:
    everything = ("", _("All"))
    periods = db.session.scalars(
        select(Submission.period).distinct().order_by(Submission.period.desc())
    ).all()
    return [
        {
            "name": "district",
            "label": _("District"),
            "chosen": filters.district,
            "options": [everything, *((d.code, tr_plain(d.names)) for d in organisations.districts())],
        },
        {
            "name": "kind",
            "label": _("Kind"),
            "chosen": filters.kind,
            "options": [everything, *((kind, str(words.KINDS[kind])) for kind in KINDS)],
        },
        {
            "name": "data_set",
            "label": _("Form"),
            "chosen": filters.data_set,
            "options": [everything, *((d.code, tr_plain(d.names)) for d in datasets.all_data_sets())],
        },
        {
            "name": "period",
            "label": _("Period"),
            "chosen": filters.period,
            "options": [everything, *((p, month_of_year(p)) for p in periods)],
        },
        {
            "name": "sort",
            "label": _("Order"),
            "chosen": filters.sort,
            "options": [(code, str(text)) for code, text in words.SORTS.items()],
        },
    ]


def _queue_row(row: queries.Row) -> dict[str, Any]:
    submission = row.submission
    return {
        "public_id": submission.public_id,
        "seq": submission.last_seq,
        "url": url_for("review.report", public_id=submission.public_id),
        "name": submission.organisation.name,
        "district": submission.organisation.district.names if submission.organisation.district else None,
        "form": submission.data_set.names,
        "form_code": submission.data_set.code,
        "period": submission.period,
        "sent_at": submission.sent_at,
        "figure": _short(row.figure),
        "before": _short(row.before),
        "bars": row.bars,
        "unusual": submission.unusual,
        "tag": "unusual"
        if submission.unusual and submission.state != "approved"
        else STATE_TAGS[submission.state],
        "remark": _remark(row),
    }


def _short(answer: dict[str, Any] | None) -> str:
    return reporting_words.answer(answer, None, {})


def _remark(row: queries.Row) -> str:
    """In words what the bars show, where there is something to say."""
    if not row.submission.unusual or not row.figure or not row.before:
        return ""
    now, before = row.figure.get("value"), row.before.get("value")
    if now and before:
        return _("%(before)s before, %(now)s now", before=number(before), now=number(now))
    return ""


def chosen(submissions: list[Submission]) -> list[dict[str, Any]]:
    return [
        {
            "public_id": s.public_id,
            "seq": s.last_seq,
            "name": s.organisation.name,
            "period": s.period,
            "figure": _short(reports.version(s).values.get(queries.headline(s.data_set))),
        }
        for s in submissions
    ]


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
    pending = submission.state in queries.STATES["waiting"]
    allowed = may(actor, Permission.REVIEW_DECIDE, services.subject(submission))
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
        "remarks": _remarks(desk, version),
        "evidence": version.evidence,
        "may_decide": pending and allowed and not desk.locked,
        "blocked": _blocked(pending, allowed, desk.locked),
        "moves": _moves(submission, version),
        "plan_words": _plan_words(submission, version),
        "reasons": [(code, str(text)) for code, text in words.REASONS.items()],
        "bars": _bars(desk, submission, history) if queries.headline(submission.data_set) else None,
        "events": [_event(event, names) for event in reversed(submission.events)],
        "keyed": _keyed(submission, names),
        "originals": staff_original.of(submission),
    }


def _blocked(pending: bool, allowed: bool, locked: bool) -> str:
    if not pending:
        return ""
    if locked:
        return _("This fiscal year is closed.")
    return "" if allowed else _("Somebody else than who entered it looks at this report.")


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
            }
        )
    return found


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


def _moves(submission: Submission, version: SubmissionVersion) -> list[dict[str, Any]]:
    """Which indicators approval moves, and with what."""
    codes = reports.answered(version.values)
    measures = {m.code: m for m in submission.data_set.measures}
    return [
        {
            "names": indicator.names,
            "code": indicator.code,
            "text": reporting_words.answer(version.values[code], measures[code].units, {}),
        }
        for indicator, code in reports.fed_by(submission.data_set_id, codes)
        if version.values[code].get("state") != "chosen"
    ]


def _plan_words(submission: Submission, version: SubmissionVersion) -> str:
    moved = [
        i
        for i, _code in reports.fed_by(submission.data_set_id, reports.answered(version.values))
        if not i.participation
    ]
    if moved:
        return ""
    return _("The plan's own indicators don't move, except for the number of groups that take part.")


def _bars(desk: Desk, submission: Submission, history: dict[str, Any]) -> dict[str, Any]:
    code = queries.headline(submission.data_set)
    measure = next((m for m in desk.form.measures if m.code == code), None)
    length = desk.cadence.length
    months = [desk.month.plus(-back * length) for back in range(11, -1, -1)]
    values = [queries._number(history.get(m.key, {}).get(code)) for m in months]
    before = [queries._number(history.get(m.year_before().key, {}).get(code)) for m in months]
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
        "title": tr_plain(measure.labels) if measure else "",
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
    if reasons:
        said += ": " + reporting_words.joined(sorted({str(words.REASONS[r]) for r in reasons.values()}))
    return {
        "tag": words.EVENT_TAGS[event.kind],
        "at": event.at,
        "words": said,
        "note": event.note.text if event.note else "",
    }


def problem(error: Invalid) -> str:
    """What must be put right before a report can be asked back."""
    if error.code == "note_missing":
        return _("Please write in the note what you would like to know.")
    return _("Please choose what to ask about, for at least one item.")
