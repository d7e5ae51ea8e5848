"""Imports as their pages make them: a file in, the jobs runner's steps, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.datasets import queries as datasets
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.intake import services, work
from portal.intake.headings import Mapping
from portal.intake.models import Intake, IntakeItem
from portal.organisations.models import Organisation
from tests.support.factories import Factories


@dataclass
class Desk:
    """One reviewer who brings files in."""

    make: Factories
    user: User
    actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.actor = self.make.actor(self.user)

    def bring(
        self, content: bytes, kind: str = "groups", name: str = "台帳", form: str = "salon", **said: Any
    ) -> Intake:
        """Read, columns as guessed (with `said` of the mapping changed), rows checked."""
        data_set = datasets.data_set(form) if kind == "counts" else None
        intake = services.start(self.actor, kind, data_set, name, content)
        db.session.commit()
        intake = self.run(intake)
        if intake.state == "columns":
            assert intake.fault is None, intake.fault
            mapping = Mapping.from_json(intake.mapping | said)
            services.set_columns(self.actor, intake, mapping)
            db.session.commit()
            intake = self.run(intake)
        return intake

    def run(self, intake: Intake) -> Intake:
        public_id = intake.public_id
        db.session.rollback()
        work.run()
        return db.session.scalars(select(Intake).where(Intake.public_id == public_id)).one()

    def write(self, intake: Intake, *, approve: bool = False) -> Intake:
        services.carry_out(self.actor, intake, approve=approve, without=True)
        db.session.commit()
        return self.run(intake)

    def undo(self, intake: Intake) -> Intake:
        query = select(Intake).where(Intake.public_id == intake.public_id)
        intake = db.session.scalars(query).one()  # `portal verify` lets go of everything it has read
        services.undo(self.actor, intake)
        db.session.commit()
        return self.run(intake)

    def decide(self, intake: Intake, choice: str) -> None:
        """The same answer to everything that asks."""
        asked = [item.id for item in items(intake) if item.fate == "decide"]
        services.decide(self.actor, intake, dict.fromkeys(asked, choice))
        db.session.commit()


def items(intake: Intake) -> list[IntakeItem]:
    query = select(IntakeItem).where(IntakeItem.intake_id == intake.id).order_by(IntakeItem.position)
    return list(db.session.scalars(query))


def fates(intake: Intake) -> list[tuple[str, str]]:
    return [(item.label, item.fate) for item in items(intake)]


def codes(intake: Intake) -> list[str]:
    """Why: one code a reason, in order."""
    return [reason.get("error", reason["code"]) for item in items(intake) for reason in item.reasons]


def group(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


@pytest.fixture
def desk(make: Factories) -> Desk:
    return Desk(make, make.reviewer())


@pytest.fixture
def momiji(make: Factories) -> Organisation:
    """A group that reports monthly since April 2025."""
    return make.group("もみじサロン", opened=date(2025, 4, 1))
