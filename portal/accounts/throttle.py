"""Guessing is slowed down: tries are counted before they are checked, in a transaction of their own.

A refused sign-in answers 4xx and is rolled back; the count must stay. So this is one of the two places
that commit by themselves (docs/architecture.md). The try is spent first and given back when it was right:
a hundred guesses at once are a hundred tries, not one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import delete, update

from portal import clock
from portal.accounts.models import SignInAttempt
from portal.accounts.secrets import keyed_digest
from portal.domain.errors import DomainError
from portal.extensions import db, insert_into

KEPT_MINUTES = 24 * 60


class Throttled(DomainError):
    """Too many tries; `minutes` until the next are taken."""


@dataclass(frozen=True, slots=True)
class Try:
    """A counted key: at most `limit` wrong tries in `minutes`."""

    key: str
    limit: int
    minutes: int

    @property
    def window(self) -> int:
        """The first minute (since 1970) of the running window."""
        minute = _minute()
        return minute - minute % self.minutes


def by_email(email: str) -> Try:
    return Try(keyed_digest(f"email:{email}"), 5, 15)


def by_account(what: str, user_id: int) -> Try:
    """Of somebody whose password was right: codes, or their own password once more."""
    return Try(keyed_digest(f"{what}:{user_id}"), 5, 15)


def by_address(what: str, address: str, minutes: int) -> Try:
    """An order looser than the others: a community centre, or a mobile carrier, is one address."""
    return Try(keyed_digest(f"{what}:{_network(address)}"), 50, minutes)


def _network(address: str) -> str:
    """One household has a whole IPv6 /64: count that as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else address


def _minute() -> int:
    return int(clock.now().timestamp()) // 60


@contextmanager
def own_transaction() -> Iterator[None]:
    """Commit what happens inside, and only that: the request must not have written anything before."""
    session = db.session()
    held = session.in_transaction() and session.connection().connection.info.get("writer_lock")
    if held or session.new or session.dirty or session.deleted:
        raise RuntimeError("the request has already written something; it would be committed too early")
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def spend(*tries: Try) -> None:
    """Take one try of each, or raise Throttled and take none. Inside `own_transaction`."""
    for one in tries:
        statement: Any = insert_into(SignInAttempt).values(key=one.key, window=one.window, failures=1)
        statement = statement.on_conflict_do_update(
            index_elements=["key", "window"],
            set_={"failures": SignInAttempt.failures + 1},
            where=SignInAttempt.failures < one.limit,
        ).returning(SignInAttempt.failures)
        if db.session.scalar(statement) is None:
            raise Throttled("too_many_tries", minutes=one.window + one.minutes - _minute())


def give_back(one: Try) -> None:
    """It was no guess: this try does not count."""
    db.session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.key == one.key, SignInAttempt.window == one.window, SignInAttempt.failures > 0)
        .values(failures=SignInAttempt.failures - 1)
    )


def forget(one: Try) -> None:
    """Whoever it is has shown who they are: start over, and clear away what is long past."""
    db.session.execute(
        delete(SignInAttempt).where(
            (SignInAttempt.key == one.key) | (SignInAttempt.window < _minute() - KEPT_MINUTES)
        )
    )
