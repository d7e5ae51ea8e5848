"""Report forms as data: data sets, their versions, their measures, and who files which."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Json, Model
from portal.organisations.models import Organisation


class DataSet(Model):
    """A report form: who files it, how often, who reviews it, and who answers for the data (controller).

    `confidential`: a single report is seen only by whom a grant names for this form, and each look is kept.
    """

    __tablename__ = "data_sets"
    __table_args__ = (
        CheckConstraint("filed_by IN ('group', 'commissioner', 'office', 'section')", name="filed_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, str]]
    filed_by: Mapped[str]
    cadence: Mapped[str]
    due_day: Mapped[int]
    reviewing_office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    controller_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    second_person: Mapped[bool]
    confidential: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]

    reviewing_office: Mapped[Organisation] = relationship(foreign_keys=[reviewing_office_id])
    controller: Mapped[Organisation] = relationship(foreign_keys=[controller_id])
    versions: Mapped[list[DataSetVersion]] = relationship(order_by="DataSetVersion.version")
    measures: Mapped[list[Measure]] = relationship(order_by="Measure.position")

    @property
    def current(self) -> DataSetVersion:
        return self.versions[-1]

    def edition_for(self, period: str) -> DataSetVersion:
        """The newest edition that holds for that period; the newest of all where none was ever dated."""
        dated = [edition for edition in self.versions if (edition.from_period or "") <= period]
        return (dated or self.versions)[-1]

    def edition(self, version: int) -> DataSetVersion | None:
        return next((edition for edition in self.versions if edition.version == version), None)


class DataSetVersion(Model):
    """One edition of a form. A submission names the edition that it was written on.

    `from_period`: the first month that it asks about; None for one that a plan file made, which holds for
    every report that is begun from then on. `made_at`: None for what was there before that was kept.
    """

    __tablename__ = "data_set_versions"
    __table_args__ = (UniqueConstraint("data_set_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), index=True)
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str]
    from_period: Mapped[str | None]
    made_at: Mapped[datetime | None]


class FormDraft(Model):
    """The next edition of a form while it is being written, over several sittings. One a form.

    `base`: the edition that it was begun on; `version` counts its changes, so that two editors notice each
    other.
    """

    __tablename__ = "form_drafts"

    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), primary_key=True)
    base: Mapped[int]
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    begun_by: Mapped[str]
    begun_at: Mapped[datetime]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class Measure(Model):
    """One asked number. `organisation_id` where only one section is asked (yearly figures)."""

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("data_set_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), index=True)
    code: Mapped[str]
    kind: Mapped[str]
    names: Mapped[dict[str, str]]
    units: Mapped[dict[str, str] | None] = mapped_column(Json)
    position: Mapped[int]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))


class Assignment(Model):
    """An organisation files a data set, at a cadence, from a day until another."""

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("organisation_id", "data_set_id", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), index=True)
    cadence: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship()
    data_set: Mapped[DataSet] = relationship()


class MergedMonth(Model):
    """A report of a group that was merged into another, for a period in which the two are one: the other does
    not owe it any more.
    """

    __tablename__ = "merged_months"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    data_set_id: Mapped[int] = mapped_column(ForeignKey("data_sets.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
