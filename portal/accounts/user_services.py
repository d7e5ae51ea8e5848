"""Staff who sign in with a password: adding, granting, deactivating. Each asks permission and is audited."""

from __future__ import annotations

import re

from sqlalchemy import delete, update
from sqlalchemy.orm import selectinload

from portal import clock
from portal.accounts import queries, second_factor
from portal.accounts.credentials import check_own_password
from portal.accounts.models import PasswordLink, User, UserGrant
from portal.accounts.secrets import (
    LONGEST_PASSWORD,
    NO_PASSWORD,
    PASSWORD_LENGTH,
    hash_secret,
    new_password,
    normal_email,
)
from portal.accounts.services import end_sessions
from portal.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from portal.domain.permissions import Actor, Grant, Permission, Role, require
from portal.extensions import db
from portal.ground import mail
from portal.ground.audit import record

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
STAFF_ROLES = tuple(role for role in Role if role is not Role.REPORTER)  # a reporter has a card


def add_user(
    actor: Actor, email: str, name: str, password: str | None = None, *, invited: bool = False
) -> tuple[User, str]:
    """A new member of staff, without any role yet; gives the password too (made up if not given).

    `invited`: without a password, until they choose one by the link that is mailed to them.
    Raises Conflict("email_taken"), Invalid("no_email" | "no_name" | "short_password").
    """
    require(actor, Permission.USERS_MANAGE)
    email, name = normal_email(email), name.strip()
    if not EMAIL.fullmatch(email):
        raise Invalid("no_email", field="email")
    if not name:
        raise Invalid("no_name", field="name")
    if queries.user_by_email(email) is not None:
        raise Conflict("email_taken", field="email")
    password = password or new_password()
    check_length(password)
    hashed = NO_PASSWORD if invited else hash_secret(password)
    user = User(email=email, name=name, password_hash=hashed, active=True, created_at=clock.now())
    db.session.add(user)
    db.session.flush()
    record("user", user.id, "added", actor)
    return user, password


def grant(actor: Actor, user: User, wanted: Grant) -> UserGrant:
    """Give a role with its scope. The same twice is one."""
    require(actor, Permission.USERS_MANAGE)
    if user.erased_at is not None:
        raise Invalid("erased", field="role")
    if wanted.role not in STAFF_ROLES:
        raise Invalid("unknown_role", field="role")
    if wanted.role is Role.CHAIR and not wanted.district:
        raise Invalid("needs_district", field="district")
    if wanted.role is Role.OFFICER and not wanted.organisation_id:
        raise Invalid("needs_organisation", field="organisation")
    row = UserGrant(
        role=wanted.role.value,
        data_set=wanted.data_set,
        district=wanted.district,
        organisation_id=wanted.organisation_id,
    )
    if had := next((had for had in user.grants if _told(had) == _told(row)), None):
        return had
    user.grants.append(row)
    db.session.flush()
    record("user", user.id, "granted", actor, **_told(row))
    return row


def take_back(actor: Actor, user: User, grant_id: int) -> None:
    """Take a role back. NotFound unless it is the user's; Conflict("last_administrator")."""
    require(actor, Permission.USERS_MANAGE)
    row = next((row for row in user.grants if row.id == grant_id), None)
    if row is None:
        raise NotFound("grant")
    told = _told(row)
    user.grants.remove(row)
    db.session.flush()
    if told["role"] == Role.ADMINISTRATOR:
        _somebody_is_left()
    record("user", user.id, "taken_back", actor, **told)


def set_active(actor: Actor, user: User, active: bool) -> None:
    """Let somebody in, or keep them out from this moment on (they are signed out everywhere)."""
    require(actor, Permission.USERS_MANAGE)
    if user.active == active:
        return
    if user.erased_at is not None:
        raise Conflict("erased")
    user.active = active
    db.session.flush()
    if not active and any(row.role == Role.ADMINISTRATOR for row in user.grants):
        _somebody_is_left()
    ended = 0 if active else end_sessions(user_id=user.id)
    record("user", user.id, "activated" if active else "deactivated", actor, sessions=ended)


def reset_password(actor: Actor, user: User) -> str:
    """A new password that somebody has forgotten: made up, given once, signed out everywhere."""
    require(actor, Permission.USERS_MANAGE)
    if user.erased_at is not None:
        raise Conflict("erased")
    password = new_password()
    user.password_hash = hash_secret(password)
    db.session.flush()
    end_links(user)
    record("user", user.id, "password_reset", actor, sessions=end_sessions(user_id=user.id))
    return password


def change_password(actor: Actor, current: str, new: str, session_id: int) -> None:
    """One's own. Other browsers are signed out. Invalid("wrong_password" | "short_password", field=…)."""
    if actor.kind != "staff":
        raise NotPermitted("password")
    user = queries.user(actor.id)
    check_own_password(user, current, "current")
    check_length(new)
    user.password_hash = hash_secret(new)
    db.session.flush()
    end_links(user)
    ended = end_sessions(user_id=user.id, but=[session_id])
    record("user", user.id, "password_changed", actor, sessions=ended)


def end_links(user: User) -> None:
    """No mailed link outlives a password that was chosen after it. Flush."""
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def end_browsers(actor: Actor, user: User, session_id: int | None = None) -> int:
    """Sign somebody out everywhere: oneself, but not here (`session_id`), or as administrator."""
    own = actor.key == f"staff:{user.id}"
    if not own:
        require(actor, Permission.USERS_MANAGE)
    ended = end_sessions(user_id=user.id, but=[session_id] if own and session_id else [])
    if ended:
        record("user", user.id, "sessions_ended", actor, sessions=ended)
    return ended


def erase(actor: Actor, user: User) -> None:
    """Somebody has left: name, address and every way in go, what they did stays, by number.

    Conflict("still_in") while they may sign in.
    """
    require(actor, Permission.USERS_MANAGE)
    if user.active:
        raise Conflict("still_in")
    if user.erased_at is not None:
        return
    user.name, user.email, user.erased_at = "", f"erased-{user.id}@invalid", clock.now()
    user.password_hash = NO_PASSWORD
    user.grants.clear()
    second_factor.clear(user)
    db.session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    mail.forget(f"user:{user.id}")
    record("user", user.id, "erased", actor)


def check_length(password: str) -> None:
    """Invalid("short_password", field="new"), which also says when it is too long."""
    if not PASSWORD_LENGTH <= len(password) <= LONGEST_PASSWORD:
        raise Invalid("short_password", field="new", length=PASSWORD_LENGTH)


def _told(row: UserGrant) -> dict[str, object]:
    return {
        "role": row.role,
        "data_set": row.data_set,
        "district": row.district,
        "organisation": row.organisation_id,
    }


def _somebody_is_left() -> None:
    """The portal must not lock its last administrator out; a failed unit of work is rolled back."""
    rows = db.session.query(User).options(selectinload(User.grants)).filter(User.active.is_(True))
    if not any(grant_.role == Role.ADMINISTRATOR for user in rows for grant_ in user.grants):
        raise Conflict("last_administrator")
