"""Codes of the ways in, in words. Complete in all eight languages."""

from __future__ import annotations

from portal.domain.errors import DomainError
from portal.web.i18n import _, _l, ngettext

DEVICES = {
    "android": _l("Android phone"),
    "iphone": _l("iPhone"),
    "ipad": _l("iPad"),
    "windows": _l("Windows computer"),
    "mac": _l("Mac"),
    "linux": _l("Linux computer"),
    "other": _l("Another device"),
}


def device(code: str) -> str:
    return str(DEVICES.get(code, DEVICES["other"]))


def sentence(error: DomainError) -> str:
    """Why the way in stayed shut, and what helps."""
    if error.code == "wrong_pin":
        left = int(str(error.params["left"]))
        return ngettext(
            "That is not the PIN of this card. You can try once more.",
            "That is not the PIN of this card. You can try %(num)s more times.",
            left,
        )
    if error.code == "too_many_tries":
        minutes = int(str(error.params["minutes"]))
        return ngettext(
            "There were too many tries. Wait one minute, then try again.",
            "There were too many tries. Wait %(num)s minutes, then try again.",
            minutes,
        )
    return _("The e-mail address or the password is wrong.")


def stale() -> str:
    """After a failed token check: nothing was taken, and the fresh form will do."""
    return _("This page was open for too long. Nothing was sent. Please try once more.")
