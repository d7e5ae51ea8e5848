"""Mail to staff, in Japanese with the English below it. Nobody's name is in it."""

from __future__ import annotations

from portal.web.i18n import _, speaking
from portal.web.locale import LOCALES, STAFF_SLUGS

RULE = "\n\n――――――――――\n\n"


def written(kind: str, address: str) -> tuple[str, str]:
    """(subject, text) of a "reset" or an "invitation", with the address that sets the password."""
    subjects, texts = [], []
    for slug in STAFF_SLUGS:
        with speaking(LOCALES[slug]):
            subject, lines = _invitation(address) if kind == "invitation" else _reset(address)
        subjects.append(subject)
        texts.append("\n\n".join(lines))
    return " / ".join(subjects), RULE.join(texts) + "\n"


def _reset(address: str) -> tuple[str, list[str]]:
    return _("Tsunagari Portal: a new password"), [
        _("Somebody, probably you, said at the portal that they forgot the password of this address."),
        _("Choose a new one on this page. It works once, within 30 minutes:") + f"\n{address}",
        _("Was it not you? Then do nothing: your password stays as it is."),
        _("Nobody from the office will ever ask you for this address, your password or a code."),
    ]


def _invitation(address: str) -> tuple[str, list[str]]:
    return _("Tsunagari Portal: your way in"), [
        _("You can now sign in to the Tsunagari Portal with this e-mail address."),
        _("Choose your password on this page. It works once, within 7 days:") + f"\n{address}",
        _("Were you not expecting this? Then do nothing, and tell the office."),
        _("Nobody from the office will ever ask you for this address, your password or a code."),
    ]
