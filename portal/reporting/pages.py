"""The steps of writing a report, shared by phones (`reporting`) and desks (`entry`).

What staff key in for a group never touches the group's draft: from the form it goes to the check page in
one answer, and back by a button.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import clock
from portal.domain.errors import Invalid, PeriodLocked
from portal.domain.measures import Checked, answers_to_json
from portal.reporting import (
    amend_page,
    answers,
    asking,
    buttons,
    calls,
    days,
    one_by_one,
    present,
    queries,
    receipt_square,
    receipts,
    refused_page,
    services,
    staff_original,
    staff_words,
    words,
)
from portal.reporting.answers import Written
from portal.reporting.desk import Desk
from portal.reporting.models import Submission
from portal.reporting.offline import may_be_kept
from portal.reporting.services import AlreadySent, Sending
from portal.web.csrf import token_failed
from portal.web.filters import month
from portal.web.hypermedia import is_htmx, leave_to, render_page
from portal.web.i18n import _, ngettext, tr

LAYOUTS = {
    "reporting": "layouts/reporter.html",
    "practice": "layouts/reporter.html",
    "preview": "layouts/preview.html",
    "entry": "layouts/staff.html",
}


def _frame(desk: Desk) -> dict[str, Any]:
    return {
        "desk": desk,
        "layout": LAYOUTS[desk.blueprint],
        "holder": desk.organisation.names or desk.organisation.name,
        "section": "entry",
        "office": desk.data_set.reviewing_office,
        "heading": _heading(desk),
        "keying": staff_words.KEYING if desk.keying else None,
        "original": staff_original.shown(desk),
    }


def _heading(desk: Desk) -> str:
    return _("Report for %(month)s", month=month(desk.period))


def _submission(desk: Desk) -> Submission | None:
    """What stands there already; practice begins as if there were nothing."""
    if desk.practice:
        return None
    return queries.submission(desk.organisation.id, desk.data_set.id, desk.period)


def _start(desk: Desk) -> tuple[Written, str, int, Any]:
    """What to begin with: the draft, else what was sent, else nothing; its key, version, and when kept."""
    submission = _submission(desk)
    based_on = submission.version if submission else 0
    draft = None if desk.unsaved else queries.draft(desk.organisation.id, desk.data_set.id, desk.period)
    if draft is not None:
        return Written.from_json(draft.raw), draft.submission_key, based_on, draft.saved_at
    if submission is not None:
        sent = queries.version(submission)
        return answers.of_version(sent.values, sent.evidence), services.new_key(), based_on, None
    return days.counted(desk), services.new_key(), based_on, None


def show_form(desk: Desk) -> Response:
    """The form; where the report is not taken any more, that is said before anything is typed."""
    if not desk.practice and (refused := desk.refusal):
        return refused_page.show(desk, refused, _submission(desk), _frame(desk))
    written, key, based_on, saved_at = _start(desk)
    page = _form_page(desk, written, key, based_on, saved_at=saved_at)
    return page if desk.unsaved else may_be_kept(page)


def _form_page(
    desk: Desk,
    written: Written,
    key: str,
    based_on: int,
    *,
    status: int = 200,
    checked: Checked | None = None,
    problem: str = "",
    saved_at: Any = None,
    at: str = "",
) -> Response:
    found = present.errors_in_words(desk, checked) if checked else {}
    blank = present.blank(desk, checked) if checked else set()
    found = {code: text for code, text in found.items() if code not in blank}
    if checked and _keyed_from_missing(desk):
        found["keyed_from"] = str(staff_words.KEYING["choose"])
    if pictures := staff_original.problem():
        found["original"] = pictures
    summary = [(_anchor(code), text) for code, text in found.items()]
    submission = _submission(desk)
    returned, note = present.returned(desk, submission)
    sections = present.sections(desk, written, found)
    return render_page(
        "reporting/form.html",
        status=status,
        **_frame(desk),
        sections=sections,
        turns=one_by_one.turns(desk, sections, at, present.asked(submission)),
        evidence=written.evidence,
        wants_evidence=desk.form.evidence,
        errors=(errors := _summary(problem, summary, len(blank))),
        found=found,
        form_errors=bool(errors),
        key=key,
        based_on=based_on,
        returned=returned,
        note=note,
        saved_at=clock.local(saved_at).strftime("%H:%M") if saved_at else "",
        can_copy=_can_copy(desk),
        counted=days.notice(desk, written),
        keyed_from=_keyed_from(),
        keyed_options=[(code, str(text)) for code, text in staff_words.KEYED_FROM.items()],
        keyed=present.keyed(desk, submission),
        paper_url=url_for("reporting.paper", data_set=desk.data_set.code, period=desk.period)
        if desk.blueprint == "reporting"
        else "",
        call_asked=calls.is_asked(desk.organisation.id),
        asks=asking.of(desk),
    )


def _summary(problem: str, found: list[tuple[str, str]], blank: int) -> list[tuple[str, str]]:
    """What must be put right. In a long record many blank fields are one thing to say, not twenty."""
    if blank:
        said = ngettext("%(num)s field is still blank.", "%(num)s fields are still blank.", blank)
        todo = _("If they are all 0, press “The rest is 0”.")
        found = [*found, ("zeros", f"{said} {todo}")]
    return [("report-form", problem), *found] if problem else found


def _anchor(code: str) -> str:
    return code if code in ("evidence", "keyed_from", "original") else answers.field_name(code)


def _keyed_from() -> str:
    """What staff say they have before them: "paper", "telephone", or nothing yet."""
    return request.form.get("keyed_from", "")


def _keyed_from_missing(desk: Desk) -> bool:
    return desk.keying and _keyed_from() not in services.KEYED_FROM


def _can_copy(desk: Desk) -> bool:
    if desk.keying:
        return False  # what stands on the paper is keyed in, and nothing else
    picked = {m.code for m in desk.form.measures if m.spec.kind in answers.PICKED}
    return bool(picked & set(desk.earlier()))


def _posted(desk: Desk) -> tuple[Written, str, int]:
    written = answers.from_form(desk.form, request.form)
    key = request.form.get("submission_key", "")[:64]
    return written, key or services.new_key(), request.form.get("based_on", 0, type=int)


def _stale_form(desk: Desk) -> Response:
    """The token was too old: the same form, everything typed still in it, and a fresh token."""
    written, key, based_on = _posted(desk)
    problem = _(
        "This page was open for a long time. What you wrote is still here. Please press the button again."
    )
    return _form_page(desk, written, key, based_on, status=400, problem=problem)


def take_form(desk: Desk) -> BaseResponse:
    """Keep, fill in, show otherwise, ask to be called, or go on to check."""
    if token_failed():
        return _stale_form(desk)
    written, key, based_on = _posted(desk)
    action = request.form.get("action", "check")
    staff_original.take(desk)
    if (press := buttons.pressed(desk, written)) is not None:
        answer = buttons.answer(desk, press, key)
        answer = answer or _form_page(desk, press.written, key, based_on, at=press.at)
        buttons.remember(answer, press)
        return answer
    if desk.unsaved:
        return _take_unsaved(desk)
    if action == "counted":
        services.save_draft(desk, days.fill(desk, written), key)
        return leave_to(desk.url())
    if action == "call" and desk.blueprint == "reporting":
        return _ask_for_a_call(desk, written, key)
    if action == "check":
        checked = answers.read(desk.form, written, desk.period)
        if not checked.ok:
            return _form_page(desk, written, key, based_on, status=422, checked=checked)
    services.save_draft(desk, written, key)
    return leave_to(desk.url("check") if action == "check" else desk.home_url)


def _take_unsaved(desk: Desk) -> BaseResponse:
    """From the form to the check page with everything in it: no draft is touched."""
    written, key, based_on = _posted(desk)
    checked = answers.read(desk.form, written, desk.period)
    if not checked.ok or _keyed_from_missing(desk) or staff_original.problem():
        return _form_page(desk, written, key, based_on, status=422, checked=checked)
    return _check_page(desk, written, checked, key, based_on)


def _ask_for_a_call(desk: Desk, written: Written, key: str) -> BaseResponse:
    """What was typed is kept; of an untouched form nothing is."""
    if not written.blank:
        services.save_draft(desk, written, key)
    calls.ask(desk.actor, desk.organisation)
    return leave_to(f"{desk.url()}#call")


def keep_draft(desk: Desk) -> BaseResponse:
    """Called by htmx as things are typed: keeps the raw text, valid or not, and says when."""
    if token_failed():
        return _stale_form(desk)
    if desk.unsaved:
        abort(404)
    written, key, _based_on = _posted(desk)
    services.save_draft(desk, written, key)
    if not is_htmx():
        return leave_to(desk.url())
    return render_page(
        "reporting/form.html", fragment="saved", saved_at=clock.local(clock.now()).strftime("%H:%M")
    )


def take_not_held(desk: Desk) -> BaseResponse:
    """One touch: we did not meet. Where something has been typed, that is shown first and kept."""
    answer = services.nothing_happened(desk.form)
    draft = queries.draft(desk.organisation.id, desk.data_set.id, desk.period)
    typed = Written.from_json(draft.raw) if draft else days.counted(desk)
    if not typed.blank and typed != answer:
        return leave_to(desk.url())
    services.save_draft(desk, answer, "")
    return leave_to(desk.url("check"))


def show_check(desk: Desk) -> BaseResponse:
    if desk.unsaved:
        return leave_to(desk.url())
    written, key, based_on, _saved_at = _start(desk)
    checked = answers.read(desk.form, written, desk.period)
    if not checked.ok:
        return leave_to(desk.url())
    return _check_page(desk, written, checked, key, based_on)


def _check_page(
    desk: Desk,
    written: Written,
    checked: Checked,
    key: str,
    based_on: int,
    *,
    conflict: Submission | None = None,
    problem: str = "",
) -> Response:
    standing = conflict or _keyed_in(desk)
    arrived = queries.version(standing).values if standing else None
    return render_page(
        "reporting/check.html",
        status=409 if conflict else 422 if problem else 200,
        **_frame(desk),
        lines=present.lines(desk, answers_to_json(checked.values), arrived),
        evidence=written.evidence,
        questions=present.questions(desk, checked, written),
        reasons=words.unusual_reasons(),
        hidden=answers.to_fields(desk.form, written),
        key=key,
        based_on=based_on,
        conflict=conflict,
        amending=amend_page.asked(desk, _submission(desk), checked, problem),
        purpose=_purpose(desk),
        keyed_from=_keyed_from(),
        keyed_word=staff_words.KEYED_FROM.get(_keyed_from(), ""),
    )


def _keyed_in(desk: Desk) -> Submission | None:
    """What staff keyed in for this group: its writer sees it beside each answer that differs."""
    submission = _submission(desk)
    return submission if submission and not desk.keying and queries.keyed(submission) else None


def _purpose(desk: Desk) -> str:
    return _(
        "%(office)s receives this and uses it for looking after the plan. No names are collected.",
        office=tr(desk.data_set.controller.names or {"ja": desk.data_set.controller.name}),
    )


def take_send(desk: Desk) -> BaseResponse:
    """Send. Repeating it gives the same receipt; other content is shown beside what has arrived."""
    if token_failed():
        return _stale_form(desk)
    written, key, based_on = _posted(desk)
    checked = answers.read(desk.form, written, desk.period)
    problem = words.form_changed() if answers.left_over(desk.form, request.form) else ""
    if problem or not checked.ok or _keyed_from_missing(desk):
        return _form_page(desk, written, key, based_on, status=422, checked=checked, problem=problem)
    try:
        submission = services.send(desk, Sending(key, based_on, written, _keyed_from(), *amend_page.why()))
    except AlreadySent as error:
        newest = error.submission
        return _check_page(desk, written, checked, services.new_key(), newest.version, conflict=newest)
    except PeriodLocked as error:
        said = words.refused(error.code)
        return _form_page(desk, written, key, based_on, status=409, problem=said)
    except Invalid as error:
        said = str(staff_words.AMEND_ERRORS[error.code])
        return _check_page(desk, written, checked, key, based_on, problem=said)
    staff_original.attach(desk, submission)
    session["sent"] = submission.public_id
    return leave_to(desk.url("report"))


def take_practised(desk: Desk) -> Response:
    """The end of a try: the same checks, and nothing is written anywhere."""
    if token_failed():
        return _stale_form(desk)
    written, key, based_on = _posted(desk)
    checked = answers.read(desk.form, written, desk.period)
    if not checked.ok:
        return _form_page(desk, written, key, based_on, status=422, checked=checked)
    return render_page("reporting/practised.html", **_frame(desk))


def show_report(desk: Desk) -> Response:
    """The receipt, and from then on what became of the report."""
    submission = _submission(desk)
    if submission is None:
        abort(404)
    fresh = session.get("sent") == submission.public_id and submission.state in (
        "waiting",
        "resent",
        "amended",
    )
    sent = queries.version(submission)
    returned, note = present.returned(desk, submission)
    code = receipts.code_of(submission.public_id, submission.receipt_digest)
    return render_page(
        "reporting/report.html",
        **{**_frame(desk), "heading": _("It has arrived") if fresh else _heading(desk)},
        submission=submission,
        fresh=fresh,
        state_tag=words.TAGS[submission.state],
        thanks=str(staff_words.KEYING["done"] if desk.keying else words.SUBMISSION[submission.state]),
        next_step=str(staff_words.KEYING["after"] if desk.keying else words.NEXT[submission.state]),
        keyed=present.keyed(desk, submission),
        code=receipts.grouped(code) if code else "",
        qr=receipt_square.draw(code) if code else "",
        lines=present.lines(desk, sent.values),
        entered=[(i.names, i.placements[0].direction.names) for i in queries.entered(submission)],
        returned=returned,
        note=note,
        may_correct=not (refused := desk.refusal),
        settled=words.settled(refused, submission.state),
    )


def take_confirm(desk: Desk) -> BaseResponse:
    """By card: what staff keyed in for us is right. Of a version that is no longer the newest: nothing."""
    submission = _submission(desk)
    if submission is None:
        abort(404)
    if request.form.get("version", 0, type=int) == submission.version:
        services.confirm(desk, submission)
    return leave_to(desk.url("report"))
