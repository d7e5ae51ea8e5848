"""Files that were read and wait for a yes. What came of them stands in the submissions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Json, Model


class SheetLoad(Model):
    """Filled sheets as one person has brought them: shown row by row first, then loaded together.

    `content`: what was read of them, until they are loaded or dropped; it is kept a week at most.
    """

    __tablename__ = "sheet_loads"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    content: Mapped[dict[str, Any] | None] = mapped_column(Json)
    loaded_at: Mapped[datetime | None]
