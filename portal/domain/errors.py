"""What can go wrong, as types with codes. The web layer turns them into a status and a sentence."""

from __future__ import annotations


class DomainError(Exception):
    """A rule said no.

    `code` names the rule ("not_a_number"); `params` are the figures and codes that a sentence about it
    needs. Never a sentence, a person's name or a free text: errors end up in logs.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, object] = params

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code} ({told})" if told else self.code


class NotPermitted(DomainError):
    """The actor may not do this. For somebody else's object raise NotFound: its existence is news too."""


class NotFound(DomainError):
    """There is no such thing, or not for this actor."""


class Invalid(DomainError, ValueError):
    """What was given can't be used as it is; also a ValueError, as Python calls that."""


class Conflict(DomainError):
    """It could be done in another state of things, but not in this one."""


class StaleVersion(Conflict):
    """Somebody else acted since the actor looked (`expected`, `actual`: sequence numbers)."""


class PeriodLocked(Conflict):
    """The period is closed, and this organisation has no exception."""
