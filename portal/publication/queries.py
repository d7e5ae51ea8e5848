"""Reads of releases, and their check."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sqlalchemy import select

from portal.extensions import db
from portal.ground.models import Setting
from portal.plan.models import PlanDocument
from portal.publication.models import Release


class Head(NamedTuple):
    """What decides what the public sees: the last release, the plan in force, whether it is a demo."""

    number: int | None
    sha256: str | None
    plan_sha256: str | None
    demo: bool


def head() -> Head:
    """In one small query: it is asked once a second."""
    last = select(Release).order_by(Release.number.desc()).limit(1).subquery()
    document = select(PlanDocument.sha256).order_by(PlanDocument.id.desc()).limit(1).scalar_subquery()
    demo = select(Setting.value).where(Setting.key == "demo").scalar_subquery()
    row = db.session.execute(
        select(
            select(last.c.number).scalar_subquery(),
            select(last.c.sha256).scalar_subquery(),
            document,
            demo,
        )
    ).one()
    return Head(row[0], row[1], row[2], bool(row[3]))


def latest() -> Release | None:
    return db.session.scalars(select(Release).order_by(Release.number.desc()).limit(1)).first()


def by_number(number: int) -> Release | None:
    return db.session.get(Release, number)


def listed(limit: int = 50) -> list[Release]:
    """The newest releases first."""
    return list(db.session.scalars(select(Release).order_by(Release.number.desc()).limit(limit)))


def verify() -> tuple[dict[str, int], str | None]:
    """Every release's digest again, and no gap in their numbers."""
    counted = 0
    for release in db.session.scalars(
        select(Release).order_by(Release.number).execution_options(yield_per=20)
    ):
        counted += 1
        if release.number != counted:
            return {"releases": counted}, f"release {counted} is missing"
        if hashlib.sha256(release.content.encode()).hexdigest() != release.sha256:
            return {"releases": counted}, f"release {release.number} is not what was published"
    return {"releases": counted}, None
