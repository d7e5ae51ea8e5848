"""Codes of staff's own pages, in words (Japanese and English)."""

from __future__ import annotations

from portal.accounts import words as ways_in
from portal.domain.errors import DomainError
from portal.web.i18n import _, _l

ROLES = {
    "chair": _l("Chair of a district's commissioners"),
    "reviewer": _l("Reviewer"),
    "officer": _l("Officer of a section"),
    "committee": _l("Committee member"),
    "administrator": _l("Administrator"),
}

ERRORS = {
    "email_taken": _l("Somebody with this e-mail address is here already."),
    "no_email": _l("Enter an e-mail address, such as tanaka@example.jp."),
    "no_name": _l("Enter a name."),
    "wrong_password": _l("That is not your present password."),
    "unknown_role": _l("Choose a role."),
    "needs_district": _l("This role is for one district: choose it."),
    "needs_organisation": _l("This role is for one section: choose it."),
    "wrong_code": _l(
        "That code does not fit. Wait for the next one in the app, and see that the phone's clock is right."
    ),
    "wrong_recovery": _l("That is none of your unused recovery codes."),
    "unreadable": _l("This page was open for too long. Scan the new square, and enter its code."),
    "own_second_factor": _l("Somebody else with this right has to do it for you."),
    "no_mail": _l("This portal sends no mail yet. Make a password instead."),
    "kept_out": _l("This person is kept out. Let them in first."),
    "still_in": _l("This person may sign in. Keep them out first."),
    "erased": _l("This person's name and address are erased. Add them anew."),
    "last_administrator": _l("This is the last administrator. Make somebody else administrator first."),
}


def sentence(error: DomainError) -> str:
    if error.code == "short_password":
        return _("Use at least %(length)s characters.", length=error.params["length"])
    if error.code in ERRORS:
        return str(ERRORS[error.code])
    return ways_in.sentence(error)
