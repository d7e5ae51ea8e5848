"""Rules about organisations, their contacts, registers and forms; who may, and what is recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.datasets import services as datasets
from portal.datasets.models import Assignment
from portal.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from portal.domain.permissions import SYSTEM, Actor
from portal.extensions import db
from portal.ground.audit import first_broken
from portal.ground.models import AuditEvent
from portal.organisations import queries, services
from portal.organisations.models import Organisation
from portal.organisations.services import Details, Person
from tests.support.factories import Factories


@pytest.fixture
def group(make: Factories) -> Organisation:
    return make.group("ひだまりの会")


@pytest.fixture
def staff(make: Factories) -> Actor:
    return make.actor(make.reviewer())


def actions(organisation: Organisation) -> list[tuple[str, dict[str, Any]]]:
    query = select(AuditEvent).where(
        AuditEvent.subject_type == "organisation", AuditEvent.subject_id == str(organisation.id)
    )
    return [(event.action, event.data) for event in db.session.scalars(query.order_by(AuditEvent.seq))]


def test_created_with_several_kinds(make: Factories, staff: Actor) -> None:
    details = Details(
        " もみじ台サロン ", make.district("d2"), ("salon", "kayoinoba"), names={"en": "Momijidai"}
    )
    group = services.create(staff, details)
    assert (group.name, group.names) == ("もみじ台サロン", {"ja": "もみじ台サロン", "en": "Momijidai"})
    assert group.kind_codes == ["kayoinoba", "salon"]
    assert group.opened_on == clock.today()
    assert actions(group) == [("created", {"side": "group", "kinds": ["kayoinoba", "salon"]})]


def test_what_is_edited_is_recorded_by_name_only(make: Factories, staff: Actor, group: Organisation) -> None:
    details = Details("ひまわりの会", make.district("d1"), ("salon", "volunteer"), "048-111-2222")
    assert set(services.edit(staff, group, details)) == {"name", "names", "kinds", "phone"}
    assert group.kind_codes == ["salon", "volunteer"]
    assert services.edit(staff, group, details) == []
    assert actions(group) == [("edited", {"changed": ["kinds", "name", "names", "phone"]})]


def test_names_in_other_languages_survive_an_edit(make: Factories, staff: Actor, group: Organisation) -> None:
    group.names = {"ja": "ひだまりの会", "vi": "Hội Nắng ấm", "en": "Sunny"}
    services.edit(staff, group, Details("ひだまり会", make.district(), names={"en": ""}))
    assert group.names == {"ja": "ひだまり会", "vi": "Hội Nắng ấm"}


def test_offices_and_sections_stand_in_the_plan_file(make: Factories, staff: Actor) -> None:
    office = make.office()
    name = office.name
    services.edit(staff, office, Details("よそ", phone="048-999-9999"))
    assert (office.name, office.phone) == (name, "048-999-9999")
    with pytest.raises(Conflict):
        services.close(staff, office, clock.today())


@pytest.mark.parametrize(
    ("details", "code"),
    [(Details("  "), "no_name"), (Details("a", kinds=("pub",)), "unknown_kind")],
)
def test_details_that_can_t_be(staff: Actor, details: Details, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.create(staff, details)
    assert refused.value.code == code


def test_a_district_s_reviewer_stays_in_the_district(make: Factories, group: Organisation) -> None:
    of_d2 = make.actor(make.reviewer(district="d2"))
    with pytest.raises(NotFound):
        queries.by_public_id(of_d2, group.public_id)
    assert group not in queries.listed(of_d2, queries.Filters())
    for act in (
        lambda: services.create(of_d2, Details("新", make.district("d1"))),
        lambda: services.edit(of_d2, group, Details("新", make.district("d2"))),
        lambda: services.close(of_d2, group, clock.today()),
        lambda: services.begin_contact(of_d2, group, "leader", Person()),
        lambda: services.set_registrations(of_d2, group, "subsidy", [2026]),
        lambda: datasets.assign(of_d2, group, make.data_set(), "yearly", date(2026, 12, 1)),
    ):
        with pytest.raises(NotPermitted):
            act()
    of_d1 = make.actor(make.reviewer(district="d1"))
    with pytest.raises(NotPermitted):  # nor is a group pushed into somebody else's
        services.edit(of_d1, group, Details("新", make.district("d2")))


@pytest.mark.parametrize("role", ["committee", "officer", "chair"])
def test_other_roles_write_nothing(make: Factories, group: Organisation, role: str) -> None:
    actor = make.actor(make.user({"role": role, "district": "d1"}))
    with pytest.raises(NotPermitted):
        services.edit(actor, group, Details("新", make.district()))


def test_closing_and_opening_again(staff: Actor, group: Organisation) -> None:
    with pytest.raises(Invalid):
        services.close(staff, group, date(2025, 3, 31))
    services.close(staff, group, date(2026, 3, 31))
    assert group not in queries.listed(staff, queries.Filters(on=date(2026, 4, 1)))
    assert group in queries.listed(staff, queries.Filters(on=date(2026, 3, 31)))
    services.close(staff, group, None)
    assert [action for action, _data in actions(group)] == ["closed", "opened_again"]


def test_the_list_s_filters(make: Factories, staff: Actor) -> None:
    salon = make.group("もみじ", district="d1", kinds=("salon",))
    club = make.group("あおば", district="d2", kinds=("senior_club", "salon"))
    later = make.group("これから", opened=date(2027, 4, 1))

    def found(**filters: Any) -> set[str]:
        return {o.name for o in queries.listed(staff, queries.Filters(side="group", **filters))}

    assert found(district="d2") == {club.name}
    assert found(kind="senior_club") == {club.name}
    assert found(on=clock.today()) == {salon.name, club.name}
    assert found(text="れか") == {later.name}
    assert found(text="%") == set()
    assert "group" not in {o.side for o in queries.listed(staff, queries.Filters(side="office"))}


def test_registers_by_fiscal_year(staff: Actor, group: Organisation) -> None:
    services.set_registrations(staff, group, "subsidy", [2025, 2026])
    services.set_registrations(staff, group, "subsidy", [2026, 2027])
    services.set_registrations(staff, group, "subsidy", [2027, 2026])
    assert queries.registrations(group) == {"subsidy": [2026, 2027]}
    assert [data for _action, data in actions(group)] == [
        {"register": "subsidy", "added": [2025, 2026], "removed": []},
        {"register": "subsidy", "added": [2027], "removed": [2025]},
    ]
    with pytest.raises(Invalid):
        services.set_registrations(staff, group, "pub", [2026])


def test_a_contact_s_words_never_reach_the_audit_trail(staff: Actor, group: Organisation) -> None:
    row = services.begin_contact(staff, group, "leader", Person("佐藤", "090-1111", "s@example.jp", "vi"))
    services.correct_contact(staff, group, row, Person("佐藤", "090-2222", "s@example.jp", "vi"))
    with pytest.raises(Conflict):
        services.begin_contact(staff, group, "leader", Person("鈴木"))
    assert actions(group) == [
        ("contact_began", {"role": "leader", "contact": row.id, "ended": None}),
        ("contact_corrected", {"contact": row.id, "changed": ["phone"]}),
    ]


def test_forms_are_assigned_from_a_day_on(make: Factories, staff: Actor, group: Organisation) -> None:
    salon = make.data_set()
    new = datasets.assign(staff, group, salon, "quarterly", date(2027, 4, 1))
    rows = db.session.scalars(
        select(Assignment).where(Assignment.organisation_id == group.id).order_by(Assignment.starts_on)
    ).all()
    assert [(row.cadence, row.starts_on, row.ends_on) for row in rows] == [
        ("monthly", date(2025, 4, 1), date(2027, 3, 31)),
        ("quarterly", date(2027, 4, 1), None),
    ]
    with pytest.raises(Conflict):
        datasets.assign(staff, group, salon, "monthly", date(2027, 4, 1))
    with pytest.raises(Invalid):
        datasets.assign(staff, group, salon, "hourly", date(2028, 4, 1))
    with pytest.raises(Invalid):
        datasets.assign(staff, group, make.data_set("office"), "monthly", date(2028, 4, 1))
    with pytest.raises(Invalid):
        datasets.end_assignment(staff, new, date(2027, 3, 31))
    datasets.end_assignment(staff, new, date(2027, 6, 30))
    assert [action for action, _data in actions(group)] == ["assigned", "assignment_ended"]


def test_by_any_name(make: Factories, group: Organisation) -> None:
    assert queries.by_any_name(group.public_id) is group
    assert queries.by_any_name("ひだまりの会") is group
    assert queries.by_any_name("shakyo") is make.office()
    make.group("ひだまりの会")
    with pytest.raises(NotFound):
        queries.by_any_name("ひだまりの会")


def test_the_trail_holds_together(staff: Actor, group: Organisation) -> None:
    services.set_registrations(staff, group, "subsidy", [2026])
    services.close(SYSTEM, group, date(2026, 10, 31))
    db.session.commit()
    assert first_broken()[1] is None
