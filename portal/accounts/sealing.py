"""Secrets that must be read again, such as a second factor's, are sealed before they are stored.

Fernet (AES-128-CBC with HMAC-SHA256), under a key derived from the portal's secret key; earlier secret keys
(`PORTAL_SECRET_KEY_FALLBACKS`) still open what they sealed, so changing the key locks nobody out.
"""

from __future__ import annotations

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from portal import clock
from portal.domain.errors import Invalid


def seal(purpose: str, text: str) -> str:
    """The text, readable with our keys only, and for this purpose only."""
    return _sealer(purpose).encrypt_at_time(text.encode(), _seconds()).decode()


def unseal(purpose: str, sealed: str, *, minutes: int | None = None) -> str:
    """The text again. Invalid("unreadable") if it is not ours, for something else, or too old."""
    try:
        if minutes is None:
            return _sealer(purpose).decrypt(sealed).decode()
        return _sealer(purpose).decrypt_at_time(sealed, minutes * 60, _seconds()).decode()
    except InvalidToken:
        raise Invalid("unreadable") from None


def reseal(purpose: str, sealed: str) -> str:
    """Under today's key; unchanged if it is already."""
    keys = _keys(purpose)
    try:
        keys[0].decrypt(sealed)
    except InvalidToken:
        return seal(purpose, unseal(purpose, sealed))
    return sealed


def _sealer(purpose: str) -> MultiFernet:
    return MultiFernet(_keys(purpose))


def _keys(purpose: str) -> list[Fernet]:
    config = current_app.config
    return [_key(purpose, secret) for secret in (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"])]


def _key(purpose: str, secret: str) -> Fernet:
    """The secret key has 128 random bits or more, so one HMAC derives from it."""
    derived = hmac.digest(secret.encode(), f"portal.accounts.sealing:{purpose}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(derived))


def _seconds() -> int:
    return int(clock.now().timestamp())
