"""Mailed addresses that set a password: asked for by whoever forgot theirs, or sent to somebody new.

128 random bits, kept as a digest, used once. Opening one spends nothing, since mail programs and scanners
open addresses too. Neither says whether an address is known, nor touches the second factor.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts import staff_letters, throttle
from portal.accounts.models import PasswordLink, User
from portal.accounts.queries import user_by_email
from portal.accounts.secrets import NO_PASSWORD, digest, hash_secret, keyed_digest, new_token, normal_email
from portal.accounts.services import end_sessions
from portal.accounts.sign_in import actor_of_user
from portal.accounts.user_services import check_length, end_links
from portal.domain.errors import Conflict, NotFound
from portal.domain.permissions import SYSTEM, Actor, Permission, require
from portal.extensions import db
from portal.ground import mail
from portal.ground.audit import record

RESET_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=7)  # over a holiday; somebody who has never signed in has nothing to lose
ASKED_AT_MOST = 3  # times an hour for one address, so that nobody's mailbox is filled
WINDOW = 60  # minutes


def mail_goes_out() -> bool:
    """Without a mail server there are no such links: an administrator makes a password instead."""
    return bool(current_app.config["SETTINGS"].smtp_url)


def ask(email: str, address: str) -> None:
    """Somebody says that they forgot their password. The same whether the address is known or not.

    Throttled after three in an hour for one e-mail address, known or not, and fifty for a network's.
    """
    email = normal_email(email)
    own = throttle.Try(keyed_digest(f"forgotten:{email}"), ASKED_AT_MOST, WINDOW)
    with throttle.own_transaction():
        throttle.spend(own, throttle.by_address("forgotten", address, WINDOW))
    user = user_by_email(email)
    if user is not None and user.active:
        _send(user, SYSTEM, new=user.password_hash == NO_PASSWORD)


def send(actor: Actor, user: User) -> None:
    """By an administrator: an invitation to somebody new, else a link for a new password.

    Conflict("no_mail" | "kept_out").
    """
    require(actor, Permission.USERS_MANAGE)
    if not mail_goes_out():
        raise Conflict("no_mail")
    if not user.active:
        raise Conflict("kept_out")
    _send(user, actor, new=user.password_hash == NO_PASSWORD)


def _send(user: User, actor: Actor, *, new: bool) -> None:
    kind, lasts = ("invitation", INVITATION_LASTS) if new else ("reset", RESET_LASTS)
    token, now = new_token(), clock.now()
    link = PasswordLink(user=user, kind=kind, token_digest=digest(token), made_at=now, expires_at=now + lasts)
    db.session.add(link)
    db.session.flush()
    address = f"{current_app.config['SETTINGS'].public_url}/staff/new-password/{token}"
    subject, text = staff_letters.written(kind, address)
    mail.queue(
        mail.Letter(
            reference=f"user:{user.id}",
            recipient=user.email,
            subject=subject,
            text=text,
            headers={},
            expires_at=link.expires_at,
        )
    )
    record("user", user.id, f"{kind}_sent", actor, link=link.id)


def by_token(token: str) -> PasswordLink | None:
    """A link that still works, of somebody who may sign in."""
    link = db.session.scalars(
        select(PasswordLink)
        .where(
            PasswordLink.token_digest == digest(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > clock.now(),
        )
        .options(joinedload(PasswordLink.user))
    ).first()
    return link if link is not None and link.user.active else None


def set_password(link: PasswordLink, new: str) -> User:
    """Spend the link: a new password, signed out everywhere, every other link of theirs dead.

    Invalid("short_password") spends nothing; NotFound("link") where it was used a moment ago.
    """
    check_length(new)
    user, hashed = link.user, hash_secret(new)  # slow on purpose: before the first write
    spent = db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.id == link.id, PasswordLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(PasswordLink.id)
    )
    if spent.first() is None:
        raise NotFound("link")
    end_links(user)
    user.password_hash = hashed
    db.session.flush()
    throttle.forget(throttle.by_email(user.email))  # five wrong tries may be why they asked
    actor = actor_of_user(user)
    assert actor is not None  # noqa: S101 - only None has none
    ended = end_sessions(user_id=user.id)
    record("user", user.id, "password_set_by_link", actor, kind=link.kind, sessions=ended)
    return user
