"""Releases: what the public sees, immutable and numbered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model


class Release(Model):
    """One publication. `content` is canonical JSON; `sha256` is of its bytes. Triggers forbid changes."""

    __tablename__ = "releases"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    as_of: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    plan_document_id: Mapped[int] = mapped_column(ForeignKey("plan_documents.id"))
    sha256: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
