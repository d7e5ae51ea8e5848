"""Staff's words for states, events, reasons. Japanese and English."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.web.i18n import _l

TABS: dict[str, LazyString] = {
    "late": _l("Not here, and late"),
    "waiting": _l("To review"),
    "unusual": _l("Unusual"),
    "returned": _l("Asked back"),
    "resent": _l("Corrected and back"),
    "approved": _l("Approved"),
}
MARKS: dict[str, LazyString] = {
    "called": _l("called on"),
    "will_send": _l("will send"),
    "not_meeting": _l("not meeting"),
}
REASONS: dict[str, LazyString] = {
    "digits": _l("number of digits"),
    "wrong_month": _l("another month's number"),
    "duplicate": _l("same gathering reported twice"),
    "mismatch": _l("two numbers don't fit"),
    "blank": _l("left blank"),
    "other": _l("see the note"),
}
EVENTS: dict[str, LazyString] = {
    "sent": _l("sent, version %(version)s"),
    "corrected": _l("corrected, version %(version)s"),
    "amended": _l("changed after approval, version %(version)s"),
    "returned": _l("asked back"),
    "approved": _l("approved, version %(version)s"),
    "approval_withdrawn": _l("approval taken back"),
    "withdrawn": _l("taken back"),
    "confirmed": _l("version %(version)s is right, says the group"),
    "checked": _l("version %(version)s signed off by the first of two"),
}
# What is added to an event that brought a version which staff keyed in for a group.
KEYED: dict[str, LazyString] = {
    "paper": _l("keyed in from paper by %(name)s"),
    "telephone": _l("keyed in from a telephone call by %(name)s"),
}
EVENT_TAGS = {
    "sent": "waiting",
    "corrected": "resubmitted",
    "amended": "resubmitted",
    "returned": "returned",
    "approved": "approved",
    "approval_withdrawn": "waiting",
    "withdrawn": "not_arrived",
    "confirmed": "waiting",
    "checked": "waiting",
}
SORTS: dict[str, LazyString] = {
    "unusual": _l("Unusual first"),
    "oldest": _l("Oldest first"),
    "newest": _l("Newest first"),
    "name": _l("By name"),
}
KINDS: dict[str, LazyString] = {
    "salon": _l("Salon"),
    "kayoinoba": _l("Kayoi-no-ba"),
    "kodomo_shokudo": _l("Children's canteen"),
    "senior_club": _l("Senior club"),
    "volunteer": _l("Volunteer group"),
    "neighbourhood": _l("Neighbourhood association"),
    "area": _l("Minsei-iin of an area"),
    "child_welfare": _l("Child welfare commissioner"),
}
ANSWERS: dict[str, LazyString] = {
    "yes": _l("The reporter says: yes, that is right."),
}

# Where a report that is not in stands. Past due, locked and closed are three things.
STANDINGS: dict[str, LazyString] = {
    "running": _l("still running: can be written ahead"),
    "open": _l("being taken"),
    "past_due": _l("past due, still taken"),
    "locked": _l("locked: taken with an exception only"),
    "closed": _l("year closed: figures are final"),
}
GRANT_ERRORS: dict[str, LazyString] = {
    "report_missing": _l("Choose the report."),
    "until_missing": _l("Enter a day, such as 2026-04-01."),
    "until_past": _l("Choose today or a later day."),
    "reason_missing": _l("Please write why."),
}

EVENT_STATES = {
    "open": _l("Not decided yet"),
    "linked": _l("The same event"),
    "dismissed": _l("Two different events"),
}
EVENT_DECISIONS = {
    "linked": _l("Said: the same event"),
    "dismissed": _l("Said: two different events"),
    "undone": _l("Took the decision back"),
}
EVENT_ERRORS = {
    "reason_missing": _l("Please write why."),
    "keeps_missing": _l("Please choose where the event goes on counting."),
    "unknown_action": _l("Please choose from the list."),
    "stale": _l("Somebody else has decided about these two meanwhile. Please look again."),
    "decided": _l("Somebody else has decided about these two meanwhile. Please look again."),
    "closed_year": _l("This fiscal year is closed: its figures stay as they are."),
    "year_closed": _l("This fiscal year is closed: its figures stay as they are."),
}
