"""The words for what the domain answers in codes: states, errors, questions, reasons. All languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from portal.web.filters import NOTHING, amount, number
from portal.web.i18n import _, _l, in_language
from portal.web.locale import current_locale

STATES: dict[str, LazyString] = {
    "zero": _l("0"),
    "not_held": _l("We did not meet"),
    "unknown": _l("We don't know"),
}

# Reason codes of a return: what the reporter reads about one number, and what to do.
RETURN_REASONS: dict[str, LazyString] = {
    "digits": _l("Is there a digit too many or too few? Please look at it again."),
    "wrong_month": _l("Is this perhaps the number of another month? Please look at it again."),
    "duplicate": _l(
        "Is this perhaps the same gathering that somebody else has already sent? Please tell us."
    ),
    "mismatch": _l("This number does not fit together with another one. Please look at both."),
    "blank": _l("This is still empty. Please write it if you know it."),
    "other": _l("We would like to ask you about this number. Please read the note, or call us."),
}

# Why a month was unusual: chips under a gentle question.
UNUSUAL_REASONS: dict[str, LazyString] = {
    "festival": _l("There was a festival"),
    "joint": _l("Together with another group"),
    "moved": _l("The place changed"),
    "weather": _l("Because of the weather"),
    "other": _l("Something else"),
}

_ERRORS: dict[str, LazyString] = {
    "required": _l("Please write a number, or choose one of the answers below."),
    "required_choice": _l("Please choose at least one."),
    "negative": _l("Please write 0 or more."),
    "not_whole": _l("Please write a whole number, such as 12."),
    "not_a_number": _l("We can't read this as a number. Please write it like 12."),
    "too_large": _l("This is more than we can take (%(limit)s at most). Please look at it again."),
    "too_small": _l("Please write %(limit)s or more."),
    "too_many_places": _l("Please write fewer decimal places."),
    "state_not_allowed": _l("Please choose one of the answers below, or write a number."),
    "unknown_option": _l("Please choose from the list."),
    "one_option": _l("Please choose only one."),
    "both_given": _l("Please write a number or choose an answer, not both."),
    "evidence": _l("Please write which document the figures come from."),
    "line_day": _l("Event %(line)s: please write the day."),
    "line_outside": _l("Event %(line)s: that day is not in this month."),
    "line_name": _l("Event %(line)s: please write the name of the event."),
    "line_people": _l("Event %(line)s: please write how many people came."),
    "lines_differ": _l(
        "The number is not what the events come to. Empty the number, or put the events right."
    ),
}

_RULES: dict[str, LazyString] = {
    "<=": _l("“%(left)s” can't be more than “%(right)s”. Please look at both."),
    ">=": _l("“%(left)s” can't be less than “%(right)s”. Please look at both."),
    "=": _l("“%(left)s” and “%(right)s” should be the same. Please look at both."),
    "needs": _l("Where there is “%(left)s”, there should be “%(right)s” too. Please look at both."),
}

_QUESTIONS: dict[str, LazyString] = {
    "zero_for_once": _l("“%(label)s” is 0 this time. Is that right?"),
    "unusual": _l("“%(label)s” was %(before)s last time. This time it is %(now)s. Is that right?"),
    "usually": _l("“%(label)s” is usually about %(usual)s. This time it is %(now)s. Is that right?"),
    "<=": _l("“%(left)s” is more than “%(right)s”. Is that right?"),
    ">=": _l("“%(left)s” is less than “%(right)s”. Is that right?"),
    "=": _l("“%(left)s” and “%(right)s” differ. Is that right?"),
    "needs": _l("There is “%(left)s” but no “%(right)s”. Is that right?"),
}

# A touch of the reporter's own thanks: what each state of a submission means to them.
SUBMISSION: dict[str, LazyString] = {
    "waiting": _l("It has arrived. Thank you."),
    "resent": _l("Your correction has arrived. Thank you."),
    "amended": _l("Your correction has arrived. Thank you."),
    "returned": _l("We would like to ask you about one thing."),
    "approved": _l("We have confirmed it. Thank you."),
    "withdrawn": _l("This report was taken back."),
}
NEXT: dict[str, LazyString] = {
    "waiting": _l("The office looks at it within a few days. If there is a question, you will see it here."),
    "resent": _l("The office looks at it within a few days. If there is a question, you will see it here."),
    "amended": _l("The office looks at it within a few days. Until then your earlier figures count."),
    "returned": _l("Please look at the number, correct it if it is wrong, and send it again."),
    "approved": _l("Your figures are counted. The public pages show them once the office has published."),
    "withdrawn": _l("Nothing of it is counted."),
}
# What staff had before them when they keyed a report in for a group, in the group's words.
_KEYED: dict[str, LazyString] = {
    "paper": _l("%(office)s entered this for you from your paper, on %(day)s."),
    "telephone": _l("%(office)s entered this for you from your telephone call, on %(day)s."),
}
TAGS = {
    "waiting": "arrived",
    "resent": "arrived",
    "amended": "arrived",
    "returned": "asked",
    "approved": "confirmed",
    "withdrawn": "not_yet",
}


def _sides(params: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, str]:
    """The two sides of a rule by their labels; a sum's terms are joined, unless the sum has a name."""
    return {
        side: params.get(f"{side}_said")
        or joined(
            [labels.get(term.strip(), term.strip()) for term in str(params.get(f"{side}_of", "")).split("+")]
        )
        for side in ("left", "right")
    }


def error(code: str, params: Mapping[str, Any], labels: Mapping[str, str], picked: bool = False) -> str:
    """The sentence for one field's error: what is wrong, and what to do."""
    if "op" in params:
        return str(_RULES[params["op"]]) % _sides(params, labels)
    if code == "required" and picked:
        code = "required_choice"
    text = str(_ERRORS.get(code, _ERRORS["not_a_number"]))
    if "line" in params:
        return text % {"line": params["line"]}
    return text % {"limit": number(params["limit"])} if "%(limit)s" in text else text


def answer(value: Mapping[str, Any] | None, units: dict[str, str] | None, options: Mapping[str, str]) -> str:
    """An answer in words: "40人", 開催しなかった, わからない, or the chosen options."""
    if not value:
        return NOTHING
    state = value.get("state")
    if state == "zero":
        return amount(0, units)
    if state in STATES:
        return str(STATES[str(state)])
    if state == "chosen":
        return joined([options.get(code, code) for code in value.get("value") or ()]) or NOTHING
    return amount(value.get("value"), units)


def joined(parts: list[str]) -> str:
    """A list in this language's manner: 体操、お茶 / exercise, tea."""
    return ("、" if current_locale().slug in ("ja", "ja-easy", "zh-hans") else ", ").join(parts)


def question(
    code: str, params: Mapping[str, Any], label: str, units: dict[str, str] | None, labels: Mapping[str, str]
) -> str:
    """A gentle question about an unusual number."""
    if "op" in params:
        return str(_QUESTIONS[params["op"]]) % _sides(params, labels)
    now, before, usual = (float(params[name]) for name in ("value", "before", "usual"))
    if code not in _QUESTIONS:
        # "24 last time, 24 this time: is that right?" would ask about nothing that anybody sees
        code = "usually" if 2 * abs(now - before) < abs(now - usual) else "unusual"
    words = {
        "label": label,
        "before": amount(params["before"], units),
        "usual": amount(int(usual + 0.5), units),
        "now": amount(params["value"], units),
    }
    return str(_QUESTIONS[code]) % words


def unusual_reasons() -> list[tuple[str, str]]:
    """The chips under a gentle question, in this page's language."""
    return [(code, str(text)) for code, text in UNUSUAL_REASONS.items()]


def question_patterns() -> dict[str, str]:
    """The same sentences with their %(places)s left open: a phone without a signal fills them in."""
    return {code: str(text) for code, text in _QUESTIONS.items()}


def keyed(source: str, office: object, on: str) -> str:
    """In the reporter's words: the office has entered this for you, from what, and when."""
    return str(_KEYED[source]) % {"office": office, "day": on}


# Three different things: late and still taken, no longer taken, and final. The first is `past_due`.
_REFUSED: dict[str, LazyString] = {
    "closed_year": _l(
        "This fiscal year is closed. Please call the office if something needs to be put right."
    ),
    "locked_period": _l(
        "The time for sending this month is over. Please call the office: it can let you send it after all."
    ),
}
_SETTLED: dict[str, LazyString] = {
    "closed_year": _l(
        "This report is confirmed, and the figures of its fiscal year are final. "
        "Please call the office if something needs to be put right."
    ),
    "locked_period": _l(
        "This report is confirmed, and the time for changing it here is over. "
        "Please call the office if something needs to be put right."
    ),
}


def refused(code: str) -> str:
    """Why a report is not taken: its year is closed, or its month is locked."""
    return str(_REFUSED[code])


def settled(code: str, state: str) -> str:
    """Why a report that is here can't be changed any more, and who helps; "" where it can."""
    if not code:
        return ""
    return str(_SETTLED[code]) if state == "approved" else refused(code)


def past_due(day: str) -> str:
    """Late, and still welcome."""
    return _("The day to send it was %(day)s. You can still send it.", day=day)


def form_changed() -> str:
    """Why a report that waited on a phone comes back: it was written on an earlier edition of the form."""
    return _(
        "The questions have changed since you wrote this. What still fits is filled in. "
        "Please look at it and go on."
    )


def returned(reasons: Mapping[str, str], labels: Mapping[str, str]) -> list[str]:
    """The office's questions, one a field, in the reader's language."""
    return [
        _("%(label)s: %(question)s", label=labels[field], question=RETURN_REASONS[reason])
        if field in labels
        else str(RETURN_REASONS[reason])
        for field, reason in reasons.items()
        if reason in RETURN_REASONS
    ]


def label_in(names: dict[str, str] | None) -> str:
    return in_language(names, current_locale().slug)[0]
