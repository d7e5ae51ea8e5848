"""Who files which report form, how often, from when until when."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import or_, select

from portal.datasets.models import Assignment, DataSet
from portal.domain.errors import Conflict, Invalid
from portal.domain.periods import Cadence
from portal.domain.permissions import Actor, Permission, require
from portal.extensions import db
from portal.ground.audit import record
from portal.organisations import queries as organisations
from portal.organisations.models import Organisation


def assign(
    actor: Actor, organisation: Organisation, data_set: DataSet, cadence: str, starts_on: date
) -> Assignment:
    """The organisation files `data_set` from `starts_on`; an assignment in force ends the day before.

    Raises Invalid("unknown_cadence" | "not_their_form"), Conflict("assigned_later") where one in force begins
    on that day or after it: what was expected in the past does not change under people's feet.
    """
    require(actor, Permission.ORGANISATIONS_WRITE, organisations.subject(organisation))
    if cadence not in set(Cadence):
        raise Invalid("unknown_cadence", field="cadence")
    if data_set.filed_by != organisation.side:
        raise Invalid("not_their_form", field="data_set")
    before = in_force(organisation, data_set, starts_on)
    if before is not None:
        if before.starts_on >= starts_on:
            raise Conflict("assigned_later", field="starts_on")
        before.ends_on = starts_on - timedelta(days=1)
    row = Assignment(organisation=organisation, data_set=data_set, cadence=cadence, starts_on=starts_on)
    db.session.add(row)
    db.session.flush()
    told = {"data_set": data_set.code, "cadence": cadence, "starts_on": starts_on.isoformat()}
    record("organisation", organisation.id, "assigned", actor, **told)
    return row


def end_assignment(actor: Actor, assignment: Assignment, ends_on: date) -> None:
    """The last day on which the organisation files the form. Invalid("ends_before_start")."""
    require(actor, Permission.ORGANISATIONS_WRITE, organisations.subject(assignment.organisation))
    if ends_on < assignment.starts_on:
        raise Invalid("ends_before_start", field="ends_on")
    assignment.ends_on = ends_on
    db.session.flush()
    told = {"data_set": assignment.data_set.code, "ends_on": ends_on.isoformat()}
    record("organisation", assignment.organisation_id, "assignment_ended", actor, **told)


def in_force(organisation: Organisation, data_set: DataSet, on: date) -> Assignment | None:
    """The latest assignment that is not over by `on`, begun or yet to begin."""
    return db.session.scalars(
        select(Assignment)
        .where(
            Assignment.organisation_id == organisation.id,
            Assignment.data_set_id == data_set.id,
            or_(Assignment.ends_on.is_(None), Assignment.ends_on >= on),
        )
        .order_by(Assignment.starts_on.desc())
    ).first()
