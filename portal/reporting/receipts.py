"""Receipt codes: 60 bits that whoever holds them may look up, derived and never stored.

A code is worked out from the submission's id and the portal's secret, so that the same receipt can be
shown again, while the database holds its digest only.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 12  # 12 x 5 bits
_SLIPS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "ー": None})


def _code(secret: str, public_id: str) -> str:
    mac = hmac.new(secret.encode(), f"receipt:{public_id}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac[:8], "big") >> 4
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(LENGTH)))


def digest(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def new_code(public_id: str) -> str:
    """The code of a new submission, by the newest secret."""
    return _code(str(current_app.config["SECRET_KEY"]), public_id)


def code_of(public_id: str, stored: str) -> str | None:
    """The code of an earlier submission; None once the secret it was made with has been retired."""
    keys = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    return next((c for c in (_code(str(key), public_id) for key in keys) if digest(c) == stored), None)


def read(typed: str) -> str:
    """A code as people type it: small letters, spaces, O for 0, I for 1."""
    return typed.upper().translate(_SLIPS)


def grouped(code: str) -> str:
    """For the eye: K7M4-Q2XX-9PRT."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
