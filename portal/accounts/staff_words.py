"""Codes of staff's own pages, in words (Japanese and English)."""

from __future__ import annotations

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
    "last_administrator": _l("This is the last administrator. Make somebody else administrator first."),
}


def sentence(error: DomainError) -> str:
    if error.code == "short_password":
        return _("Use at least %(length)s characters.", length=error.params["length"])
    return str(ERRORS[error.code])
