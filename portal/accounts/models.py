"""Ways in: access cards for reporters, passwords for staff; sessions kept on the server."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.organisations.models import Organisation

SHARED = "group"  # the side whose organisations may share a card


class User(Model):
    """A member of staff or of a committee.

    `totp_secret`: the second factor's, sealed (portal.accounts.sealing); in force since `totp_since`. The
    code of a 30-second step is taken once: `totp_step` is the last that was. Name and address can be erased.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None]
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    grants: Mapped[list[UserGrant]] = relationship(
        order_by="UserGrant.id", cascade="all, delete-orphan", lazy="selectin"
    )


class UserGrant(Model):
    """A role with its scope: data set x district (none: all), or one organisation (an officer)."""

    __tablename__ = "user_grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str]
    data_set: Mapped[str | None]
    district: Mapped[str | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))


class Card(Model):
    """An access card: a QR address and a PIN. It belongs to a role of an organisation, not to a person.

    But a commissioner's card is that of one term (`contact_id`): it opens the months of that term only.
    """

    __tablename__ = "cards"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    contact_role: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    token_digest: Mapped[str] = mapped_column(unique=True)
    pin_hash: Mapped[str]
    failures: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    further: Mapped[list[CardGroup]] = relationship(
        order_by="CardGroup.organisation_id", cascade="all, delete-orphan", back_populates="card"
    )

    @property
    def groups(self) -> list[Organisation]:
        """All that this card is for, its own first. Only groups share a card: never a commissioner's area."""
        if self.organisation.side != SHARED:
            return [self.organisation]
        return [
            self.organisation,
            *(row.organisation for row in self.further if row.organisation.side == SHARED),
        ]


class CardGroup(Model):
    """A further group of a card: one person often leads two."""

    __tablename__ = "card_groups"

    card_id: Mapped[int] = mapped_column(ForeignKey("cards.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)

    card: Mapped[Card] = relationship(back_populates="further")
    organisation: Mapped[Organisation] = relationship()


class SignedInSession(Model):
    """One browser that is signed in. Ending the row cuts off a lost phone at once.

    `resting_at`: another card of the same phone is in use; this one opens nothing until it is chosen again.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (card_id IS NULL)", name="one_holder"),
        Index("ix_sessions_card_open", "card_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    device: Mapped[str]
    started_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    resting_at: Mapped[datetime | None]

    card: Mapped[Card | None] = relationship()
    user: Mapped[User | None] = relationship()


class RecoveryCode(Model):
    """A way in without the phone, once. 80 random bits: a plain digest hides them, whatever the keys are."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordLink(Model):
    """A mailed address that sets a password, once. `kind`: "reset" (asked for), "invitation" (by staff)."""

    __tablename__ = "password_links"
    __table_args__ = (CheckConstraint("kind IN ('reset', 'invitation')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class SignInAttempt(Model):
    """Failed tries per key (an e-mail's or an address's digest) and time window."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    failures: Mapped[int]
