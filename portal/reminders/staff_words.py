"""Words of the staff pages about reminders. Japanese and English."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.reminders.intervals import AFTER, AT_MOST, BEFORE
from portal.web.i18n import _l

FIELDS: dict[str, tuple[LazyString, LazyString]] = {  # the setting's question and hint
    BEFORE: (_l("Before the due day"), _l("Working days. With 0 it goes out on the due day itself.")),
    AFTER: (_l("After the due day"), _l("Working days. Only if the report is not in yet.")),
    AT_MOST: (
        _l("No more e-mail after"),
        _l("Working days after the due day. From then on somebody calls instead."),
    ),
}
WRONG: dict[str, LazyString] = {
    "days": _l("Enter a number from 0 to 30."),
    "before_after": _l("This can't be earlier than the reminder after the due day."),
}
GROUPS: dict[str, LazyString] = {
    "doubtful": _l("may not have arrived"),
    "refused": _l("address refused"),
    "unsubscribed": _l("want no e-mail"),
    "none": _l("no e-mail address"),
    "mail": _l("reached by e-mail"),
}
REACH: dict[str, tuple[LazyString, str, str]] = {  # words, icon, colour
    "mail": (_l("Reached by e-mail"), "envelope", "ok"),
    "refused": (_l("Address refused"), "warning", "err"),
    "unsubscribed": (_l("Wants no e-mail"), "circle", "wait"),
    "no_address": (_l("No e-mail address"), "dashed", "wait"),
    "nobody": (_l("No contact"), "dashed", "wait"),
}
BECAME: dict[str, tuple[LazyString, str, str]] = {
    "waiting": (_l("Waits to be sent"), "clock", "info"),
    "sending": (_l("Is being sent"), "clock", "info"),
    "sent": (_l("Sent"), "check", "ok"),
    "bounced": (_l("Address refused"), "warning", "err"),
    "failed": (_l("Could not be sent"), "warning", "err"),
    "expired": (_l("Not sent: too late"), "clock", "wait"),
    "unclear": (_l("Unclear whether it was sent"), "diamond", "ask"),
    "": (_l("Not known"), "dashed", "wait"),
}
