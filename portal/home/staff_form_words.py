"""Codes of the form editor, in words (Japanese and English)."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from portal.datasets.changes import Change
from portal.domain.errors import DomainError
from portal.web.i18n import _, _l, tr_plain
from portal.web.locale import LOCALES

PARTS: dict[str, LazyString] = {
    "names": _l("The question, as it is asked"),
    "labels": _l("Its short name, in tables and on the check page"),
    "hints": _l("Help under the question"),
    "units": _l("Unit, after the number"),
    "options": _l("An answer to choose"),
}
STATES: dict[str, LazyString] = {
    "number": _l("A number"),
    "zero": _l("0"),
    "not_held": _l("We did not meet"),
    "unknown": _l("We don't know"),
}
NEW_KINDS: dict[str, LazyString] = {
    "flow": _l("What happened in the month (months add up)"),
    "stock": _l("What there was at the end of the month (months never add up)"),
}
KINDS: dict[str, LazyString] = {
    **NEW_KINDS,
    "choices": _l("Any of several answers"),
    "stage": _l("One of several answers"),
    "value": _l("A yearly figure"),
    "numerator": _l("The upper part of a rate"),
    "denominator": _l("The lower part of a rate"),
    "rate": _l("A rate, in percent"),
    "part": _l("One section's part of a sum"),
}
FILED_BY: dict[str, LazyString] = {
    "group": _l("Groups"),
    "commissioner": _l("Minsei-iin"),
    "office": _l("Office"),
    "section": _l("Sections of the city"),
}

# Why something of a question is fixed.
LOCKS: dict[str, LazyString] = {
    "is_a_number": _l("It asks for a number, so a number is always an answer."),
    "long_record": _l(
        "This is a long record: what is left blank may be set to 0 in one touch, so each question takes 0."
    ),
    "opens_the_form": _l("It opens the form: “we did not meet” here answers all the others."),
    "no_opening": _l("This form has no first question that “we did not meet” could answer."),
    "indicator": _l("An indicator of the plan draws on it."),
    "counts_days": _l("The day counter works it out by itself."),
    "in_a_total": _l("It is one of several numbers that are added up and compared."),
    "last_one": _l("Without it the form would be too short, or would be shown in another way."),
    "fixed_form": _l("A nationwide table asks for it."),
    "is_picked": _l("It is answered by choosing, so there is nothing else to allow."),
}

ERRORS: dict[str, LazyString] = {
    "japanese_missing": _l("Write it in Japanese. The other languages are made of that."),
    "too_long": _l("Write %(limit)s characters or fewer."),
    "reading": _l("A reading is written in curly brackets: kanji, bar, kana; in easy Japanese only."),
    "unit_fixed": _l("The unit says what the number means. It stays; add a new question instead."),
    "no_nothing": _l("Allow 0 or “we did not meet”: people must be able to say that there was nothing."),
    "no_code": _l("Write a plain name in Latin letters, such as “Young visitors”."),
    "unknown_kind": _l("Choose what the number is."),
    "unknown_section": _l("Choose the part of the form."),
    "too_many": _l("With one more question this form would become a long record. Take one out first."),
    "reason_missing": _l("Write why the form changes. Whoever looks at it in a year will want to know."),
    "unknown_period": _l("Choose the month."),
    "not_agreed": _l("Tick that you have seen which words are not translated."),
    "draft_changed": _l(
        "A colleague has changed this form since you opened the page. What you wrote is still here: "
        "look at what stands there now, then save again."
    ),
    "locked": _l("This can't be changed."),
}  # fmt: skip


def sentence(error: DomainError) -> str:
    """What must be put right; of what is fixed, why."""
    if error.code == "locked":
        return str(LOCKS[str(error.params["why"])])
    said = ERRORS[error.code]
    return str(said) % error.params if "limit" in error.params else str(said)


def why(locks: Mapping[str, str]) -> dict[str, str]:
    return {what: str(LOCKS[code]) for what, code in locks.items()}


def language(slug: str) -> str:
    return LOCALES[slug].own_name


def change(one: Change) -> str:
    """One change in a sentence; changed words are shown beside each other by the page."""
    name = tr_plain(one.names)
    if one.kind == "states":
        return _states(one, name)
    if one.kind == "words":
        part = PARTS[one.part] if one.code else _l("Heading")
        return _("“%(name)s”: other words (%(part)s)", name=name, part=part)
    if one.kind == "order":
        order = _list(one.order)
        return _("“%(name)s”: another order: %(order)s", name=name, order=order)
    if one.kind in ("rule_gone", "rule_new"):
        said = _RULES[one.kind]
        return str(said) % {"what": _list(one.order)}
    return str(_CHANGES[one.kind]) % {"name": name}


_CHANGES: dict[str, LazyString] = {
    "new": _l("“%(name)s” is new. It feeds no indicator until one names it as its source."),
    "gone": _l("“%(name)s” is no longer asked. What was reported stays in the ledger."),
    "required": _l("“%(name)s” must now be answered."),
    "optional": _l("“%(name)s” may now be left blank."),
}
_RULES: dict[str, LazyString] = {
    "rule_gone": _l("No longer compared: %(what)s"),
    "rule_new": _l("Compared again: %(what)s"),
}


def _list(names: tuple[Mapping[str, str], ...]) -> str:
    return " · ".join(tr_plain(one) for one in names)


def _states(one: Change, name: str) -> str:
    added = " · ".join(str(STATES[state]) for state in one.added)
    removed = " · ".join(str(STATES[state]) for state in one.removed)
    if added and removed:
        return _(
            "“%(name)s” now takes: %(added)s; no longer: %(removed)s", name=name, added=added, removed=removed
        )
    if added:
        return _("“%(name)s” now takes: %(added)s", name=name, added=added)
    return _("“%(name)s” no longer takes: %(removed)s", name=name, removed=removed)
