"""Makers of rows that tests start from. Each gives the row itself, flushed and committed."""

from __future__ import annotations

import itertools
import uuid
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts.models import Card, User, UserGrant
from portal.accounts.secrets import digest, hash_secret
from portal.datasets.models import Assignment, DataSet
from portal.domain.permissions import Actor, Grant, Role
from portal.extensions import db
from portal.organisations.models import Contact, District, Organisation, OrganisationKind, Registration

PIN = "271828"
PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


class Factories:
    """On top of a loaded plan: groups, cards, staff."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def district(self, code: str = "d1") -> District:
        return db.session.scalars(select(District).where(District.code == code)).one()

    def data_set(self, code: str = "salon") -> DataSet:
        return db.session.scalars(select(DataSet).where(DataSet.code == code)).one()

    def office(self, code: str = "shakyo") -> Organisation:
        return db.session.scalars(select(Organisation).where(Organisation.code == code)).one()

    def group(
        self,
        name: str | None = None,
        *,
        district: str = "d1",
        kinds: tuple[str, ...] = ("salon", "kayoinoba"),
        cadence: str = "monthly",
        opened: date = date(2025, 4, 1),
        registers: dict[str, list[int]] | None = None,
        form: str = "salon",
    ) -> Organisation:
        """A group that files the salon form, or another."""
        group = Organisation(
            public_id=uuid.uuid4().hex,
            side="group",
            name=name or f"ためしサロン{next(_numbers)}",
            names={},
            district=self.district(district),
            opened_on=opened,
        )
        group.kinds = [OrganisationKind(kind=kind) for kind in kinds]
        db.session.add(group)
        db.session.flush()
        for register, years in (registers or {}).items():
            for year in years:
                db.session.add(Registration(organisation_id=group.id, register=register, fiscal_year=year))
        self._assign(group, form, cadence, opened)
        return group

    def area(
        self, *terms: tuple[date, date | None], district: str = "d1", name: str = "本町1区"
    ) -> tuple[Organisation, list[Contact]]:
        """A commissioner's area, and who held it: (first day, last day or None) of each term."""
        opened = date(2025, 4, 1)
        area = Organisation(
            public_id=uuid.uuid4().hex,
            side="commissioner",
            name=name,
            names={},
            district=self.district(district),
            opened_on=opened,
        )
        area.kinds = [OrganisationKind(kind="area")]
        db.session.add(area)
        db.session.flush()
        held = [
            Contact(
                organisation_id=area.id, role="commissioner", language="ja", starts_on=since, ends_on=until
            )
            for since, until in terms
        ]
        db.session.add_all(held)
        self._assign(area, "minsei", "monthly", opened)
        return area, held

    def _assign(self, organisation: Organisation, form: str, cadence: str, starts_on: date) -> None:
        data_set_id = self.data_set(form).id
        db.session.add(
            Assignment(
                organisation_id=organisation.id, data_set_id=data_set_id, cadence=cadence, starts_on=starts_on
            )
        )
        db.session.commit()

    def card(
        self, group: Organisation, *, pin: str = PIN, contact: Contact | None = None
    ) -> tuple[Card, str]:
        """A card and the token of its address; `contact`: the commissioner's term that it is for."""
        token = uuid.uuid4().hex
        card = Card(
            organisation_id=group.id,
            contact_role=contact.role if contact else "leader",
            contact_id=contact.id if contact else None,
            token_digest=digest(token),
            pin_hash=hash_secret(pin),
            issued_at=clock.now() - timedelta(days=1),
        )
        db.session.add(card)
        db.session.commit()
        return card, token

    def user(self, *grants: dict[str, Any], email: str | None = None, name: str = "見本 職員") -> User:
        """A member of staff; each grant is {"role": ..., "data_set"?, "district"?, "organisation_id"?}."""
        user = User(
            email=email or f"staff{next(_numbers)}@example.jp",
            name=name,
            password_hash=hash_secret(PASSWORD),
            created_at=clock.now(),
            active=True,
        )
        user.grants = [UserGrant(**grant) for grant in grants]
        db.session.add(user)
        db.session.commit()
        return user

    def reviewer(self, **scope: Any) -> User:
        return self.user({"role": "reviewer", **scope})

    def actor(self, user: User) -> Actor:
        return Actor(
            "staff",
            user.id,
            None,
            tuple(Grant(Role(g.role), g.data_set, g.district, g.organisation_id) for g in user.grants),
        )

    def card_actor(self, card: Card) -> Actor:
        return Actor("card", card.id, card.organisation_id, (Grant(Role.REPORTER),))
