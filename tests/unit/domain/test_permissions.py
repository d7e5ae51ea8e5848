from __future__ import annotations

import pytest

from portal.domain.errors import NotPermitted
from portal.domain.permissions import (
    PERMISSIONS,
    SYSTEM,
    Actor,
    Grant,
    Permission,
    Role,
    Subject,
    may,
    require,
)

SALON, MINSEI = "salon", "minsei"


def staff(*grants: Grant, number: int = 1) -> Actor:
    return Actor("staff", number, None, grants)


def card(organisation_id: int | None = 7, *grants: Grant) -> Actor:
    return Actor("card", 1, organisation_id, grants or (Grant(Role.REPORTER),))


ANYBODY = {
    Role.REPORTER: {Permission.REPORT_FILL, Permission.REPORT_READ_OWN},
    Role.CHAIR: {Permission.REVIEW_READ},
    Role.REVIEWER: set(Permission)
    - {
        Permission.REPORT_READ_OWN,
        Permission.USERS_MANAGE,
        Permission.AUDIT_READ,
        Permission.PLAN_WRITE,
    },
    Role.OFFICER: {
        Permission.REPORT_FILL,
        Permission.REPORT_READ_OWN,
        Permission.FIGURES_READ,
        Permission.VERDICT_CONFIRM,
        Permission.FIGURE_STATE,
        Permission.FIGURE_CONFIRM,
        Permission.PLAN_READ,
    },
    Role.COMMITTEE: {Permission.FIGURES_READ, Permission.PLAN_READ},
    Role.ADMINISTRATOR: {
        Permission.ORGANISATIONS_READ,
        Permission.ORGANISATIONS_WRITE,
        Permission.CARDS_ISSUE,
        Permission.IMPORT,
        Permission.CARDS_UNLOCK,
        Permission.FIGURES_READ,
        Permission.YEAR_CLOSE,
        Permission.REMINDERS_SET,
        Permission.PUBLISH,
        Permission.USERS_MANAGE,
        Permission.AUDIT_READ,
        Permission.PLAN_READ,
        Permission.PLAN_WRITE,
        Permission.TEXTS_TRANSLATE,
        Permission.CONTACTS_EXPORT,
        Permission.HANDOVER_READ,
        Permission.FORMS_EDIT,
    },
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_what_a_role_may_do_at_all(role: Role, permission: Permission) -> None:
    assert may(staff(Grant(role)), permission) == (permission in ANYBODY[role])


def test_the_table_has_every_permission_and_grants_none_to_nobody() -> None:
    assert set(PERMISSIONS) == set(Permission)
    assert not any(may(staff(), permission) for permission in Permission)
    assert all(may(SYSTEM, permission, Subject()) for permission in Permission)


@pytest.mark.parametrize(
    ("grant", "subject", "expected"),
    [
        (Grant(Role.REVIEWER), Subject(SALON, "d1", 7), True),
        (Grant(Role.REVIEWER, SALON), Subject(SALON, "d1", 7), True),
        (Grant(Role.REVIEWER, SALON), Subject(MINSEI, "d1", 7), False),
        (Grant(Role.REVIEWER, None, "d1"), Subject(SALON, "d1", 7), True),
        (Grant(Role.REVIEWER, None, "d1"), Subject(SALON, "d2", 7), False),
        (Grant(Role.REVIEWER, None, "d1"), Subject(SALON, None, 7), False),
        (Grant(Role.REVIEWER, SALON, "d1"), Subject(SALON, "d2", 7), False),
        (Grant(Role.REVIEWER, organisation_id=7), Subject(SALON, "d1", 7), True),
        (Grant(Role.REVIEWER, organisation_id=7), Subject(SALON, "d1", 8), False),
        (Grant(Role.ADMINISTRATOR), Subject(SALON, "d1", 7), False),
        (Grant(Role.OFFICER), Subject(SALON, "d1", 7), False),
        (Grant(Role.CHAIR, None, "d1"), Subject(SALON, "d1", 7), False),
    ],
)
def test_a_reviewers_scope_is_data_set_and_district(grant: Grant, subject: Subject, expected: bool) -> None:
    assert may(staff(grant), Permission.REVIEW_DECIDE, subject) is expected


def test_two_half_fitting_grants_do_not_make_a_whole_one() -> None:
    actor = staff(Grant(Role.REVIEWER, SALON, "d1"), Grant(Role.REVIEWER, MINSEI, "d2"))
    assert not may(actor, Permission.REVIEW_READ, Subject(SALON, "d2", 7))
    assert may(actor, Permission.REVIEW_READ, Subject(MINSEI, "d2", 7))


def test_two_pairs_of_eyes() -> None:
    one, other = staff(Grant(Role.REVIEWER), number=5), staff(Grant(Role.REVIEWER), number=6)
    entered = Subject("office", None, 1, entered_by=one.key)
    assert one.key == "staff:5"
    assert not may(one, Permission.REVIEW_DECIDE, entered)
    assert may(one, Permission.REVIEW_READ, entered)
    assert may(other, Permission.REVIEW_DECIDE, entered)
    assert may(one, Permission.REVIEW_DECIDE, Subject("office", None, 1, one.key, second_person=False))


def test_a_card_and_a_member_of_staff_with_one_number_are_two() -> None:
    assert may(
        staff(Grant(Role.REVIEWER), number=5), Permission.REVIEW_DECIDE, Subject(SALON, "d1", 7, "card:5")
    )


def test_a_card_acts_for_its_organisation_only() -> None:
    mine, theirs = Subject(SALON, "d1", 7), Subject(SALON, "d1", 8)
    for permission in (Permission.REPORT_FILL, Permission.REPORT_READ_OWN):
        assert may(card(7), permission, mine)
        assert not may(card(7), permission, theirs)
        assert not may(card(7, Grant(Role.REPORTER, organisation_id=8)), permission, theirs)
        assert not may(card(None), permission, Subject(SALON, "d1", None))


def test_a_card_never_carries_a_staff_role() -> None:
    greedy = card(7, Grant(Role.ADMINISTRATOR), Grant(Role.REVIEWER), Grant(Role.OFFICER, organisation_id=7))
    assert not any(may(greedy, permission) for permission in Permission)


def test_a_chair_sees_whose_record_is_in_but_no_figures() -> None:
    chair = card(7, Grant(Role.CHAIR, MINSEI, "d1"))
    assert may(chair, Permission.REVIEW_READ, Subject(MINSEI, "d1", 12))
    assert not may(chair, Permission.REVIEW_READ, Subject(MINSEI, "d2", 12))
    assert not may(chair, Permission.REVIEW_READ, Subject(SALON, "d1", 12))
    assert not may(chair, Permission.FIGURES_READ, Subject(MINSEI, "d1", 12))
    assert not may(staff(Grant(Role.CHAIR)), Permission.REVIEW_READ, Subject(MINSEI, None, 12))


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.ADMINISTRATOR, Role.OFFICER])
def test_drawn_figures_yes_one_groups_no(role: Role) -> None:
    assert may(staff(Grant(role)), Permission.FIGURES_READ, Subject())
    assert not may(staff(Grant(role)), Permission.FIGURES_READ, Subject(MINSEI, "d1", 12))


def test_a_limited_reviewer_reads_indicators_and_the_reports_in_scope() -> None:
    reviewer = staff(Grant(Role.REVIEWER, SALON, "d1"))
    assert may(reviewer, Permission.FIGURES_READ, Subject())
    assert may(reviewer, Permission.FIGURES_READ, Subject(SALON, "d1", 7))
    assert not may(reviewer, Permission.FIGURES_READ, Subject(MINSEI, "d1", 7))


def test_an_officer_fills_in_and_confirms_for_the_own_section() -> None:
    officer = staff(Grant(Role.OFFICER, organisation_id=3))
    own, other = Subject("annual", None, 3), Subject("annual", None, 4)
    for permission in (Permission.REPORT_FILL, Permission.REPORT_READ_OWN, Permission.VERDICT_CONFIRM):
        assert may(officer, permission, own)
        assert not may(officer, permission, other)
    assert may(staff(Grant(Role.OFFICER)), Permission.VERDICT_CONFIRM, other)  # who coordinates the plan
    assert not may(staff(Grant(Role.OFFICER)), Permission.REPORT_FILL, other)


@pytest.mark.parametrize("permission", [Permission.PUBLISH, Permission.YEAR_CLOSE, Permission.REMINDERS_SET])
@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (Grant(Role.REVIEWER), True),
        (Grant(Role.REVIEWER, SALON), False),
        (Grant(Role.REVIEWER, None, "d1"), False),
        (Grant(Role.REVIEWER, organisation_id=7), False),
        (Grant(Role.ADMINISTRATOR), True),
        (Grant(Role.OFFICER), False),
        (Grant(Role.COMMITTEE), False),
    ],
)
def test_the_whole_citys_doors_need_the_whole_scope(
    permission: Permission, grant: Grant, expected: bool
) -> None:
    assert may(staff(grant), permission) is expected


def test_require_names_the_permission() -> None:
    require(staff(Grant(Role.ADMINISTRATOR)), Permission.PUBLISH)
    with pytest.raises(NotPermitted) as refused:
        require(card(), Permission.PUBLISH)
    assert refused.value.code == "publish"


def test_roles_are_asked_for_by_name() -> None:
    assert card().has_role(Role.REPORTER, Role.CHAIR)
    assert not card().has_role(Role.CHAIR)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.OFFICER])
def test_a_grant_for_one_form_fills_in_no_other(role: Role) -> None:
    actor = Actor("staff", 1, None, (Grant(role, SALON, organisation_id=7),))
    assert may(actor, Permission.REPORT_FILL, Subject(SALON, None, 7))
    assert not may(actor, Permission.REPORT_FILL, Subject(MINSEI, None, 7))


CONFIDENTIAL = Subject(MINSEI, "d1", 7, confidential=True)


@pytest.mark.parametrize(
    "permission",
    [
        Permission.REVIEW_DECIDE,
        Permission.REVIEW_READ,
        Permission.FIGURES_READ,
        Permission.RETURNS_READ,
    ],
)
def test_a_confidential_record_needs_a_grant_that_names_it(permission: Permission) -> None:
    assert not may(staff(Grant(Role.REVIEWER)), permission, CONFIDENTIAL)
    assert not may(staff(Grant(Role.REVIEWER, SALON)), permission, CONFIDENTIAL)
    assert may(staff(Grant(Role.REVIEWER, MINSEI)), permission, CONFIDENTIAL)
    assert not may(staff(Grant(Role.REVIEWER, MINSEI, "d2")), permission, CONFIDENTIAL)


@pytest.mark.parametrize(
    "permission", [Permission.CARDS_ISSUE, Permission.CARDS_UNLOCK, Permission.CONTACTS_EXPORT]
)
def test_who_cannot_see_a_record_cannot_make_the_card_that_opens_it(permission: Permission) -> None:
    assert not may(staff(Grant(Role.REVIEWER)), permission, CONFIDENTIAL)
    assert not may(staff(Grant(Role.ADMINISTRATOR)), permission, CONFIDENTIAL)
    assert may(staff(Grant(Role.REVIEWER, MINSEI)), permission, CONFIDENTIAL)


def test_a_commissioner_writes_the_own_record() -> None:
    assert may(card(7), Permission.REPORT_FILL, CONFIDENTIAL)
    assert not may(card(8), Permission.REPORT_FILL, CONFIDENTIAL)
