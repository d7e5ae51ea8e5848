"""Between the password and the code: who has shown the first, kept in this browser's signed cookie.

It opens the pages of the second factor and nothing else: there is no session yet.
"""

from __future__ import annotations

from flask import session

from portal import clock
from portal.accounts.models import User
from portal.accounts.secrets import keyed_digest
from portal.accounts.sign_in import end_session
from portal.extensions import db

KEY = "half_way"
MINUTES = 10


def begin(user: User) -> None:
    """The password was right: whatever this browser was before, it is that no longer."""
    end_session()
    session[KEY] = [user.id, clock.now().timestamp(), _mark(user)]


def holder() -> User | None:
    """Who is half way in, for ten minutes, while they may sign in and the password is still the same."""
    user_id, since, mark = session.get(KEY) or (0, 0.0, "")
    if clock.now().timestamp() - float(since) > MINUTES * 60:
        return None
    user = db.session.get(User, user_id)
    return user if user and user.active and mark == _mark(user) else None


def _mark(user: User) -> str:
    return keyed_digest(f"half-way:{user.password_hash}")[:32]
