"""What the board of translations calls things. Japanese and English."""

from __future__ import annotations

from portal.ground.texts import State
from portal.web.i18n import _l

KINDS = {
    "plan": _l("The plan's name and sentence"),
    "goals": _l("Goals and directions"),
    "indicators": _l("Indicators, units, notes"),
    "programmes": _l("Programmes"),
    "forms": _l("Report forms"),
    "districts": _l("Districts"),
    "offices": _l("Offices and sections"),
    "groups": _l("Names of groups and areas"),
}
READERS = {"public": _l("everybody reads it"), "reporters": _l("reporters read it")}
STATES = {
    State.OUTDATED: _l("Outdated"),
    State.MISSING: _l("Not translated"),
    State.DRAFT: _l("To be read back"),
    State.CHECKED: _l("Read back"),
    State.NATIVE: _l("Read by a native speaker"),
}
PROBLEMS = {
    "markup": _l("Write it without HTML marks."),
    "placeholders": _l("Keep the parts in braces exactly as they are in the Japanese."),
    "readings": _l("Write it without braces. Only easy Japanese has readings in them."),
    "too_long": _l("This is too long. Make it shorter."),
    "own_text": _l("You wrote this yourself. Somebody else reads it back."),
    "changed": _l("Somebody changed this meanwhile. Compare it with what you typed, then save again."),
}
