"""Typed reads of the plan: its tree, its indicators with their sources, what waits for an answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal.extensions import db
from portal.plan.models import Direction, Goal, Indicator, PendingQuestion, Placement, PlanDocument


def document() -> PlanDocument | None:
    """The plan document in force."""
    return db.session.scalars(select(PlanDocument).order_by(PlanDocument.id.desc()).limit(1)).first()


def facts() -> dict[str, object]:
    """Name, vision, years and offices of the plan in force; {} before any."""
    found = document()
    return dict(found.facts) if found else {}


def tree() -> list[Goal]:
    """Goals with directions, programmes and placed indicators, all in printed order, in a few queries."""
    return list(
        db.session.scalars(
            select(Goal)
            .order_by(Goal.number)
            .options(
                selectinload(Goal.directions).options(
                    selectinload(Direction.programmes),
                    selectinload(Direction.placements).joinedload(Placement.indicator),
                )
            )
        )
    )


def indicators() -> list[Indicator]:
    """The plan's indicators in printed order, then the city's participation indicators."""
    return list(
        db.session.scalars(
            select(Indicator)
            .order_by(Indicator.position)
            .options(
                selectinload(Indicator.placements).options(
                    joinedload(Placement.direction).joinedload(Direction.goal)
                )
            )
        )
    )


def indicator(code: str) -> Indicator | None:
    return db.session.scalars(select(Indicator).where(Indicator.code == code)).one_or_none()


def pending(code: str | None = None) -> list[PendingQuestion]:
    """確認待ち, of everything or of one indicator."""
    query = select(PendingQuestion).order_by(PendingQuestion.position)
    if code is not None:
        query = query.where(PendingQuestion.indicator_code == code)
    return list(db.session.scalars(query))
