"""Events in words. Japanese and English; a code that is not here yet is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from portal.accounts.models import User
from portal.accounts.staff_words import ROLES
from portal.domain.periods import Month
from portal.home.audit_names import Names
from portal.home.audit_trail import Event
from portal.web.filters import fiscal_year, month_of_year
from portal.web.i18n import _, _l, tr_plain

KINDS: dict[str, LazyString] = {
    "reports": _l("Reports: sent, approved, asked back"),
    "looks": _l("Looks at commissioners' records"),
    "users": _l("Users and signing in"),
    "cards": _l("Cards and phones of groups"),
    "organisations": _l("Groups, contacts, forms"),
    "settings": _l("Settings of the city"),
    "periods": _l("Fiscal years and due days"),
    "events": _l("The same event twice"),
    "plan": _l("Plan and evaluation"),
    "releases": _l("Publishing"),
    "audit": _l("Imports, exports of this trail"),
    "other": _l("Everything else"),
}

ACTORS: dict[str, LazyString] = {"card": _l("Groups, by their cards"), "system": _l("The portal itself")}

WORDS: dict[tuple[str, str], LazyString] = {
    ("report", "sent"): _l("Sent a report"),
    ("report", "corrected"): _l("Corrected a report"),
    ("report", "amended"): _l("Changed an approved report"),
    ("report", "returned"): _l("Asked a report back"),
    ("report", "approved"): _l("Approved a report"),
    ("report", "approval_withdrawn"): _l("Took an approval back"),
    ("report", "checked"): _l("Signed a report off as the first of two"),
    ("report", "withdrawn"): _l("Took a report back"),
    ("report", "confirmed"): _l("Said that a keyed-in report is right"),
    ("submission", "looked_at"): _l("Looked at a commissioner's record"),
    ("submission", "filler_erased"): _l("Erased who filled a yearly sheet in"),
    ("sheet_load", "loaded"): _l("Entered filled yearly sheets"),
    ("statement", "stated"): _l("Made a statement on an indicator"),
    ("statement", "confirmed"): _l("Confirmed a statement on an indicator"),
    ("statement", "withdrawn"): _l("Took a statement on an indicator back"),
    ("text", "written"): _l("Translated words that staff wrote"),
    ("text", "read_back"): _l("Read translations back"),
    ("user", "added"): _l("Added a user"),
    ("user", "granted"): _l("Gave a role"),
    ("user", "taken_back"): _l("Took a role back"),
    ("user", "activated"): _l("Let a user in again"),
    ("user", "deactivated"): _l("Kept a user out"),
    ("user", "erased"): _l("Erased a user's name and address"),
    ("user", "password_reset"): _l("Made a new password for a user"),
    ("user", "password_changed"): _l("Changed their password"),
    ("user", "password_set_by_link"): _l("Chose a password by a mailed link"),
    ("user", "reset_sent"): _l("A link for a new password was mailed"),
    ("user", "invitation_sent"): _l("An invitation was mailed"),
    ("user", "signed_in"): _l("Signed in to the portal"),
    ("user", "signed_out"): _l("Signed out of the portal"),
    ("user", "sessions_ended"): _l("Signed out other browsers"),
    ("user", "second_factor_set"): _l("Put a code from a phone in force"),
    ("user", "second_factor_reset"): _l("Took the code from the phone away"),
    ("user", "recovery_code_used"): _l("Used a recovery code"),
    ("user", "recovery_codes_made"): _l("Made new recovery codes"),
    ("card", "issued"): _l("Issued a card"),
    ("card", "revoked"): _l("A card was made worthless"),
    ("card", "locked"): _l("A card was locked after wrong PINs"),
    ("card", "unlocked"): _l("Unlocked a card"),
    ("card", "phone_added"): _l("A phone signed in with a card"),
    ("card", "phone_ended"): _l("Signed a phone out"),
    ("card", "phone_came_back"): _l("Changed a phone back to a commissioner's card"),
    ("card", "group_added"): _l("Put a further group on a card"),
    ("card", "group_taken_off"): _l("Took a group off a card"),
    ("card", "signed_out"): _l("Signed out of the portal"),
    ("organisation", "created"): _l("Entered a group"),
    ("organisation", "removed"): _l("Took out a group that an import had made"),
    ("export", "exported"): _l("Made a file of a table"),
    ("due_day", "cleared"): _l("Took an exception to a due day back"),
    ("period_exception", "granted"): _l("Let an organisation send after the lock"),
    ("period_exception", "ended"): _l("Ended an organisation's exception"),
    ("event_pair", "linked"): _l("Said that two lines are the same event"),
    ("event_pair", "dismissed"): _l("Said that two lines are two events"),
    ("event_pair", "undone"): _l("Took back what was said about two events"),
    ("event_pair", "carried_out"): _l("Let figures follow the setting about one event in two indicators"),
    ("organisation", "merged"): _l("Merged a group into another"),
    ("organisation", "separated"): _l("Separated two merged groups again"),
    ("intake", "started"): _l("Brought a table in, to be looked at"),
    ("intake", "written"): _l("Wrote an import"),
    ("intake", "undone"): _l("Took an import back"),
    ("intake", "dropped"): _l("Dropped a table without writing it"),
    ("organisation", "late_marked"): _l("Marked a late report"),
    ("organisation", "edited"): _l("Changed a group's entry"),
    ("organisation", "closed"): _l("Wrote down a group's last day"),
    ("organisation", "opened_again"): _l("Opened a group again"),
    ("organisation", "registered"): _l("Changed a register"),
    ("organisation", "assigned"): _l("Assigned a form"),
    ("organisation", "assignment_ended"): _l("Ended a form's assignment"),
    ("organisation", "contact_began"): _l("Entered a contact"),
    ("organisation", "contact_ended"): _l("Ended a contact's role"),
    ("organisation", "contact_corrected"): _l("Corrected a contact"),
    ("organisation", "term_began"): _l("Entered a commissioner's new term"),
    ("organisation", "term_set"): _l("Set the end of a commissioner's term"),
    ("organisation", "term_taken_back"): _l("Took a commissioner's new term back"),
    ("organisation", "contact_email_refused"): _l("A mail server refused a contact's address"),
    ("organisation", "contact_unsubscribed"): _l("A contact wants no more reminders by mail"),
    ("organisation", "contact_subscribed_again"): _l("A contact wants reminders by mail again"),
    ("setting", "changed"): _l("Changed a setting"),
    ("fiscal_year", "closed"): _l("Closed a fiscal year"),
    ("fiscal_year", "reopened"): _l("Opened a fiscal year again"),
    ("due_day", "set"): _l("Set a due day"),
    ("plan", "loaded"): _l("Loaded a plan"),
    ("plan", "edited"): _l("Changed the plan in the portal"),
    ("form", "put_in_force"): _l("Put a new edition of a form into force"),
    ("verdict", "confirmed"): _l("Confirmed a verdict"),
    ("release", "published"): _l("Published a release"),
    ("audit", "exported"): _l("Exported the audit trail"),
}

# What the details of an event are called; one that is not here is shown by its code.
DETAILS: dict[str, LazyString] = {
    "version": _l("version"),
    "role": _l("role"),
    "data_set": _l("form"),
    "district": _l("district"),
    "organisation": _l("organisation no."),
    "sessions": _l("browsers signed out"),
    "phones": _l("phones signed out"),
    "second": _l("with"),
    "left": _l("codes left"),
    "source": _l("from"),
    "changed": _l("changed"),
    "value": _l("value"),
    "due_on": _l("due on"),
    "as_of": _l("as of"),
    "since": _l("from day"),
    "until": _l("until day"),
    "who": _l("who"),
    "kind": _l("kind"),
    "register": _l("register"),
    "fiscal_year": _l("fiscal year"),
    "day": _l("day"),
    "verdict": _l("verdict"),
    "proposed": _l("proposed"),
    "why": _l("why"),
    "key": _l("which"),
    "fields": _l("fields"),
    "edits": _l("edits no."),
    "edits_kept": _l("edits of the portal that stay"),
    "edits_dropped": _l("edits of the portal that the file overruled, no."),
}
HIDDEN = {"session", "link", "contact", "sha256", "document", "reason_sha256", "note_sha256", "content"}
COUNTS = {"sessions", "phones"}  # none is not worth a word
SECOND = {"code": _l("a code from the phone"), "recovery": _l("a recovery code")}


def action(event: Event) -> str:
    """What was done; the bare codes where there are no words for them yet."""
    words = WORDS.get((event.subject_type, event.action))
    return str(words) if words else f"{event.subject_type} {event.action}"


def who(event: Event, names: Names) -> str:
    """Who did it, as they are called now."""
    kind, _colon, number = event.actor.partition(":")
    if kind == "system":
        return _("The portal itself")
    if kind == "card":
        card = names.cards.get(number)
        return (
            _("%(name)s (card)", name=card.organisation.name)
            if card
            else _("card no. %(number)s", number=number)
        )
    user = names.users.get(number)
    return called(user) if user else _("Erased (%(number)s)", number=number)


def called(user: User) -> str:
    return user.name or _("Erased (%(number)s)", number=user.id)


def subject(event: Event, names: Names) -> str:
    """To what or whom, as it is called now."""
    number = event.subject_id
    if event.subject_type == "user" and event.actor == f"staff:{number}":
        return ""  # themselves
    if event.subject_type in ("report", "submission"):
        return report(names, number)
    if event.subject_type == "user":
        user = names.users.get(number)
        return called(user) if user else number
    if event.subject_type == "card":
        card = names.cards.get(number)
        return (
            _("%(name)s (card)", name=card.organisation.name)
            if card
            else _("card no. %(number)s", number=number)
        )
    if event.subject_type == "organisation":
        row = names.organisations.get(number)
        return row.name if row else number
    if event.subject_type == "fiscal_year" and number.isdecimal():
        return fiscal_year(int(number))
    return number


def report(names: Names, number: str) -> str:
    row = names.submissions.get(number)
    if row is None:
        return number
    month = month_of_year(Month.parse(row.period))
    return _(
        "%(name)s: %(form)s, %(month)s",
        name=row.organisation.name,
        form=tr_plain(row.data_set.names),
        month=month,
    )


def details(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, value) of an event, without what only machines compare."""
    told = []
    for name, value in data.items():
        if name in HIDDEN or value is None or value in ([], "", {}) or (name in COUNTS and not value):
            continue
        told.append((str(DETAILS.get(name, name)), _value(name, value)))
    return told


def _value(name: str, value: Any) -> str:
    if name == "role" and value in ROLES:
        return str(ROLES[value])
    if name == "second" and value in SECOND:
        return str(SECOND[value])
    if name == "kind" and value in KINDS:
        return str(KINDS[value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_value(name, held)}" for key, held in value.items())
    if isinstance(value, list):
        return ", ".join(_value(name, held) for held in value)
    return str(value)
