"""The demo's sign-ins: one for each role, and a card whose address and PIN are printed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from portal import clock
from portal.accounts.models import Card, CardGroup, User, UserGrant
from portal.accounts.secrets import digest, hash_secret
from portal.demo.city import stable_id
from portal.extensions import db
from portal.organisations.models import Contact, Organisation

PASSWORD = "tsunagari-demo"  # noqa: S105 - printed for everybody; a demo refuses production
PIN = "246810"
SEVERAL = "demo-card-two"  # a card for two groups


@dataclass(frozen=True)
class Person:
    """A sign-in of the demo. `organisation`: the code of the office or section that an officer files for.

    `data_sets`: a grant for each of these forms alone; none: for all that are not confidential.
    """

    email: str
    name: str
    role: str
    organisation: str | None = None
    data_sets: tuple[str, ...] = ()


PEOPLE = (
    Person("reviewer@example.jp", "社協 見本一", "reviewer"),
    Person("office@example.jp", "社協 見本二", "officer", "office"),
    Person("section@example.jp", "福祉相談課 見本三", "officer", "section"),
    Person("committee@example.jp", "推進委員 見本四", "committee"),
    Person("admin@example.jp", "管理 見本五", "administrator"),
    Person("city@example.jp", "福祉相談課 見本六", "reviewer", data_sets=("minsei", "annual")),
)


def load() -> None:
    """Make the sign-ins, and a card for three groups: one to report, one asked back, one in Vietnamese."""
    for person in PEOPLE:
        user = User(
            email=person.email,
            name=person.name,
            password_hash=hash_secret(PASSWORD),
            created_at=clock.now(),
            active=True,
        )
        office = _office(person.organisation)
        only = office.id if office else None
        user.grants = [
            UserGrant(role=person.role, data_set=code, organisation_id=only)
            for code in person.data_sets or (None,)
        ]
        db.session.add(user)
    db.session.flush()
    for token, group in cards().items():
        holder = term(group)
        card = Card(
            organisation_id=group.id,
            contact_role="commissioner" if holder else "leader",
            contact_id=holder,
            token_digest=digest(token),
            pin_hash=hash_secret(PIN),
            issued_at=clock.now(),
        )
        card.further = [CardGroup(organisation=row) for row in _further(token)]
        db.session.add(card)
    db.session.flush()


def _further(token: str) -> list[Organisation]:
    """Whoever leads the tea-time group leads a children's cafeteria too: one card for both."""
    if token != SEVERAL:
        return []
    also = select(Organisation).where(Organisation.public_id == stable_id("volunteer", 4))
    return list(db.session.scalars(also))


def term(organisation: Organisation) -> int | None:
    """The present term of a commissioner's area; None for a group."""
    terms = select(Contact.id).where(
        Contact.organisation_id == organisation.id, Contact.role == "commissioner", Contact.ends_on.is_(None)
    )
    return db.session.scalars(terms).first()


def _office(side: str | None) -> Organisation | None:
    if side is None:
        return None
    rows = select(Organisation).where(Organisation.side == side).order_by(Organisation.id)
    found = db.session.scalars(rows).all()
    return next((row for row in found if row.name == "福祉相談課"), found[0] if found else None)


def cards() -> dict[str, Organisation]:
    """{address token: group}: the first groups of the demo whose newest month is missing and returned."""
    numbers = {"demo-card-report": 4, SEVERAL: 16, "demo-card-question": 7, "demo-card-arrived": 3}
    rows = db.session.scalars(
        select(Organisation).where(Organisation.side == "group").order_by(Organisation.id)
    ).all()
    found = {token: rows[(number - 1) % len(rows)] for token, number in numbers.items()} if rows else {}
    waiting = {
        "demo-card-volunteer": stable_id("volunteer", 4),
        "demo-card-minsei": stable_id("commissioner", 4),
    }
    for token, public_id in waiting.items():
        row = db.session.scalars(select(Organisation).where(Organisation.public_id == public_id)).first()
        if row is not None:
            found[token] = row
    return found


def show(base: str) -> list[str]:
    """What `make demo` prints."""
    lines = [f"Public pages       {base}/ja/   {base}/vi/   {base}/ne/"]
    for token, group in cards().items():
        lines.append(f"A group's card     {base}/ja/card/{token}   PIN {PIN}   ({group.name})")
    lines.append(f"Staff              {base}/ja/sign-in   password: {PASSWORD}")
    lines.extend(f"  {person.role:<16} {person.email}" for person in PEOPLE)
    lines.append("All groups, people and figures are invented.")
    return lines


def base_url() -> str:
    return str(current_app.config["SETTINGS"].public_url)
