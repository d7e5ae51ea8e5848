"""Whose an indicator is: its section's, the office's, or (no section printed) nobody's."""

from __future__ import annotations

from sqlalchemy import or_, select

from portal.domain.permissions import Subject
from portal.extensions import db
from portal.organisations.models import BY_CARD, Organisation
from portal.plan.models import Indicator


def organisation_of(row: Indicator) -> Organisation | None:
    if row.side == "shakyo":
        its = Organisation.side == "office"
    elif row.department:
        its = or_(Organisation.code == row.department, Organisation.name == row.department)
    else:
        return None
    query = select(Organisation).where(its, Organisation.side.not_in(BY_CARD)).order_by(Organisation.id)
    return db.session.scalars(query.limit(1)).first()


def subject(row: Indicator) -> Subject:
    """An indicator as permissions see it."""
    office = organisation_of(row)
    return Subject(organisation_id=office.id) if office else Subject()
