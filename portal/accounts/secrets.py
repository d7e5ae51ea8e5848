"""Tokens, PINs and passwords: how they are made, and the only forms in which they are kept.

A token has 128 random bits, so a plain digest hides it. A PIN and a password can be guessed, so they are
hashed slowly (Argon2id; cost as in the OWASP Password Storage Cheat Sheet: 19 MiB, two passes).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

PIN_DIGITS = 6
PASSWORD_LENGTH = 12  # characters at least; no rules about their kinds (NIST SP 800-63B 5.1.1.2)
LONGEST_PASSWORD = 256
NO_PASSWORD = "!"  # noqa: S105 - of somebody who was invited and has not chosen one yet: it fits nothing


def new_token() -> str:
    """128 random bits as 26 small letters and digits, without those that look alike (0 1 8 9)."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def new_pin() -> str:
    """Six random digits; all alike or in a row would be guessed first, so they are not given out."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
        if steps not in ({0}, {1}, {9}):
            return pin


def new_password() -> str:
    """A first password of 100 random bits in groups, to be read out or copied: "k3fa-…"."""
    letters = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]
    return "-".join(letters[i : i + 5] for i in range(0, 20, 5))


def digest(token: str) -> str:
    """How a token is kept: SHA-256, 64 hexadecimal digits. Case and gaps don't matter (it may be typed)."""
    return hashlib.sha256("".join(token.split()).lower().encode()).hexdigest()


def keyed_digest(text: str) -> str:
    """For what has too few possible values for a plain digest, such as an address: keyed by our secret."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=2)
def _hasher(cheap: bool) -> PasswordHasher:
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _current() -> PasswordHasher:
    return _hasher(current_app.config["SETTINGS"].environment == "test")


@lru_cache(maxsize=2)
def _hash_of_nothing(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe())


def hash_secret(secret: str) -> str:
    """The hash of a PIN or a password, with its parameters in it."""
    return _current().hash(secret)


def verify(kept: str | None, secret: str) -> bool:
    """Does `secret` fit the hash? With none it takes as long and is wrong: strangers learn nothing."""
    hasher, kept = _current(), None if kept == NO_PASSWORD else kept
    try:
        hasher.verify(kept or _hash_of_nothing(hasher), secret)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Was it hashed at another cost than today's?"""
    return _current().check_needs_rehash(kept)


def normal_pin(typed: str) -> str:
    """A PIN as people type it: full-width digits, spaces and hyphens are fine."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed) if not c.isspace() and c not in "-‐‑–—−ー")


def normal_email(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().casefold()
