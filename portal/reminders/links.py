"""Addresses that go into mails and onto paper. None of them is a secret that lets anybody in."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal.organisations import reachability
from portal.organisations.models import Contact, Organisation

SALT = "reminders.unsubscribe"


def way_in(organisation: Organisation, slug: str) -> str:
    """Where to write the report: a phone that is signed in goes on from there, others are told how."""
    page = "report/" if organisation.side == "group" else "sign-in"
    return f"{current_app.config['SETTINGS'].public_url}/{slug}/{page}"


def unsubscribe(contact: Contact, slug: str) -> str:
    """Ends the reminders of one contact, without signing in; it works as long as the contact is known."""
    token = _signer().dumps(reachability.reference(contact))
    return f"{current_app.config['SETTINGS'].public_url}/{slug}/reminders/{token}"


def contact_of(token: str) -> Contact | None:
    """Whose link it is; None for one that we did not make."""
    try:
        return reachability.by_reference(str(_signer().loads(token)))
    except BadSignature:
        return None


def _signer() -> URLSafeSerializer:
    """Signs with today's key and reads earlier ones too: a mail may be opened a year later."""
    config = current_app.config
    return URLSafeSerializer([*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]], salt=SALT)
