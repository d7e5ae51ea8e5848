"""How far an actor's review reaches over one form: which districts a table may be drawn of."""

from __future__ import annotations

from dataclasses import dataclass

from portal.datasets.models import DataSet
from portal.domain.errors import NotFound
from portal.domain.permissions import Actor, Permission, Role, Subject, may
from portal.organisations import queries as organisations
from portal.organisations.models import District, Organisation


@dataclass(frozen=True)
class Scope:
    """The districts in reach. `whole`: the city, what lies in no district included."""

    districts: tuple[District, ...]
    whole: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """District codes as the ledger keeps them; "" for none."""
        found = tuple(district.code for district in self.districts)
        return (*found, "") if self.whole else found

    def covers(self, organisation: Organisation) -> bool:
        return (organisation.district.code if organisation.district else "") in self.codes


def of(actor: Actor, data_set: DataSet) -> Scope:
    """NotFound("returns") where nothing is in reach: a confidential form needs a grant that names it."""

    def reaches(district: str | None) -> bool:
        subject = Subject(data_set.code, district, confidential=data_set.confidential)
        return may(actor, Permission.RETURNS_READ, subject)

    districts = tuple(row for row in organisations.districts() if reaches(row.code))
    whole = reaches(None)
    if not districts and not whole:
        raise NotFound("returns")
    return Scope(districts, whole)


def reaches_any(actor: Actor, data_set: DataSet | None) -> bool:
    """Whether the table is worth a link."""
    if data_set is None:
        return False
    try:
        of(actor, data_set)
    except NotFound:
        return False
    return True


def reviews(actor: Actor, data_set: DataSet) -> bool:
    """Whether the actor reviews this form of anybody: what a list of forms offers. Each row asks again."""
    if actor.kind == "system":
        return True
    return any(
        grant.role is Role.REVIEWER
        and (grant.data_set == data_set.code or (grant.data_set is None and not data_set.confidential))
        for grant in actor.grants
    )
