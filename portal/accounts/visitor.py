"""What a way in knows of the browser before it, and the status with which it stays shut."""

from __future__ import annotations

from flask import request

from portal.accounts.sign_in import device_of
from portal.accounts.throttle import Throttled
from portal.domain.errors import DomainError, Invalid


def address() -> str:
    return request.remote_addr or "unknown"


def device() -> str:
    return device_of(request.user_agent.string)


def refusal(error: DomainError) -> int:
    """429 too many, 422 wrong, 403 locked."""
    if isinstance(error, Throttled):
        return 429
    return 422 if isinstance(error, Invalid) else 403
