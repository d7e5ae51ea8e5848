"""Districts; groups, the 社協 office and the city's sections; what a group is, and whom to call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.organisations.readings import search_text

SIDES = ("group", "commissioner", "office", "section")
BY_CARD = ("group", "commissioner")  # who reports with an access card, not with a password
COMMISSIONER_FORM = "minsei"  # the code of the nationwide record (plan/form_checks)
GROUP_KINDS = ("salon", "kayoinoba", "kodomo_shokudo", "senior_club", "volunteer", "neighbourhood")
COMMISSIONER_KINDS = ("area", "child_welfare")  # 区域担当, 主任児童委員
KINDS = (*GROUP_KINDS, *COMMISSIONER_KINDS)
REGISTERS = ("subsidy", "kayoinoba")


class District(Model):
    """One of the city's districts (朝霞市: six)."""

    __tablename__ = "districts"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, str]]
    position: Mapped[int]


class Organisation(Model):
    """Who files reports: a group (salon, 通いの場 …), a commissioner's area or post, the 社協 office, or a
    section of the city.

    An area (区域) stays when its 民生委員 changes: who holds it, and since when, stands in its contacts.
    `code` is set for offices and sections, which the plan file names; groups are known by `public_id`.
    `merged_into_id`: it is one group with another since the period `merged_from`; what it reported before
    stays its own. `kana`: how the name is read. `search` follows the names by itself (see readings).
    """

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("side IN ('group', 'commissioner', 'office', 'section')", name="side"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    side: Mapped[str] = mapped_column(index=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    kana: Mapped[str | None]
    names: Mapped[dict[str, str]]
    search: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str | None]
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"), index=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    merged_from: Mapped[str | None]

    district: Mapped[District | None] = relationship()
    kinds: Mapped[list[OrganisationKind]] = relationship(
        order_by="OrganisationKind.kind", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def kind_codes(self) -> list[str]:
        return [row.kind for row in self.kinds]


@event.listens_for(Organisation, "before_insert")
@event.listens_for(Organisation, "before_update")
def _keep_search(_mapper: Any, _connection: Any, organisation: Organisation) -> None:
    """No writer of names can forget what they are found by."""
    organisation.search = search_text(organisation.name, organisation.kana, organisation.names.values())


class OrganisationKind(Model):
    """A group is often several things at once: a salon is also 通いの場."""

    __tablename__ = "organisation_kinds"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)


class Registration(Model):
    """A group's entry in a register for one fiscal year: subsidy granted, or a known 通いの場."""

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint("register IN ('subsidy', 'kayoinoba')", name="register"),
        Index("ix_registrations_year_register", "fiscal_year", "register"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    register: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)


class Contact(Model):
    """Whom to call, by role. A handover ends one row and begins the next; the history stays.

    `email_refused_at`: a mail server said that there is no such address. `unsubscribed_at`: wants no
    reminders by e-mail.
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("organisation_id", "role", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    email_refused_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]


class OrganisationMerge(Model):
    """A group merged into another, and perhaps separated again. `moved`: what went over, as far as separating
    needs it: ids only.
    """

    __tablename__ = "organisation_merges"
    __table_args__ = (CheckConstraint("reason IN ('twice', 'one')", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str]
    merged_from: Mapped[str]
    moved: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    actor: Mapped[str]
    separated_at: Mapped[datetime | None]
    separated_by: Mapped[str | None]
