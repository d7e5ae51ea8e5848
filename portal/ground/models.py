"""What every feature stands on: settings that a city decides, the audit trail, mail to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Json, Model


class Setting(Model):
    """One thing that the city decides, such as which count of an indicator is published."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(Json)


class AuditEvent(Model):
    """Who did what to which subject, hash-chained per subject. Ids, codes and numbers only: no names."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id", "seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class Mail(Model):
    """A mail to be sent, written in the same unit of work as its cause; sent by the jobs runner.

    Recipient, text and headers are wiped once it is settled: only what became of it is kept. `reference`
    says whom it is for in the words of the feature that wrote it, such as "contact:12".
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'bounced', 'failed', 'expired', 'unclear')", name="state"
        ),
        Index("ix_mails_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str | None]
    subject: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[dict[str, str]]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class TextEvent(Model):
    """What was done to one text that staff wrote, in one language. Append-only.

    `action`: written, kept (the Japanese is another, the translation still holds), checked (a second
    person read it back), native (a native speaker did). `source` is the Japanese and `text` the
    translation at that moment: the event speaks of these two and of nothing that came later.
    """

    __tablename__ = "text_events"
    __table_args__ = (
        CheckConstraint("action IN ('written', 'kept', 'checked', 'native')", name="action"),
        Index("ix_text_events_language_kind", "language", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    field: Mapped[str]
    language: Mapped[str]
    action: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    actor: Mapped[str]
    at: Mapped[datetime]
