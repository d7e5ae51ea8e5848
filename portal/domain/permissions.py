"""Who may do what: one table, read aloud as "this may be done by that role, if ...".

A role is granted with a scope (data set, district, organisation; None means all of them). A subject is
the thing acted on. Without a subject the question is "at all?", which opens a page; the service that
does the deed asks again with the subject in hand.

Sources: docs/glossary.md for the roles; the duty of confidence of 民生委員法 15条 is why a chair sees
whose record is in but no figures, and why committees see drawn figures but nobody's report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from portal.domain.errors import NotFound, NotPermitted


class Role(StrEnum):
    """What somebody is to the portal. One person may hold several."""

    REPORTER = "reporter"  # a group's, salon's or commissioner's access card
    CHAIR = "chair"  # 地区民児協会長: sees whose record is in
    REVIEWER = "reviewer"  # 社協 or city staff who review, within a scope
    OFFICER = "officer"  # a city section's officer: yearly figures, evaluation
    COMMITTEE = "committee"  # a member of a plan promotion committee
    ADMINISTRATOR = "administrator"  # runs the portal; no reviewer by that alone


class Permission(StrEnum):
    """What can be permitted."""

    REPORT_FILL = "report_fill"
    REPORT_READ_OWN = "report_read_own"
    REVIEW_READ = "review_read"
    REVIEW_DECIDE = "review_decide"
    ORGANISATIONS_READ = "organisations_read"
    ORGANISATIONS_WRITE = "organisations_write"
    IMPORT = "import"
    CARDS_ISSUE = "cards_issue"
    CARDS_UNLOCK = "cards_unlock"
    FIGURES_READ = "figures_read"
    YEAR_CLOSE = "year_close"
    REMINDERS_SET = "reminders_set"
    VERDICT_CONFIRM = "verdict_confirm"
    FIGURE_STATE = "figure_state"
    FIGURE_CONFIRM = "figure_confirm"
    PUBLISH = "publish"
    USERS_MANAGE = "users_manage"
    AUDIT_READ = "audit_read"
    PLAN_READ = "plan_read"
    PLAN_WRITE = "plan_write"
    RETURNS_READ = "returns_read"
    CONTACTS_EXPORT = "contacts_export"
    HANDOVER_READ = "handover_read"
    TEXTS_TRANSLATE = "texts_translate"
    FORMS_EDIT = "forms_edit"


ActorKind = Literal["card", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and how far it reaches. None = no limit in that respect."""

    role: Role
    data_set: str | None = None
    district: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: an access card (for its organisation), a member of staff, or the machine itself.

    A card may be for several groups (`organisations`, its own first). It acts for one of them at a time
    (`organisation_id`), so that nothing written for one can land at another.
    """

    kind: ActorKind
    id: int
    organisation_id: int | None = None
    grants: tuple[Grant, ...] = ()
    organisations: tuple[int, ...] = ()

    def about(self, organisation_id: int) -> Actor:
        """The same card acting for another of its groups; NotFound for a group that it is not for."""
        if organisation_id not in self.organisations:
            raise NotFound("organisation")
        return replace(self, organisation_id=organisation_id)

    @property
    def key(self) -> str:
        """Such as staff:5. Cards and staff are numbered apart: a bare number does not tell them apart."""
        return f"{self.kind}:{self.id}"

    def has_role(self, *roles: Role) -> bool:
        """Whether any grant is of one of these roles, whatever its scope."""
        return any(grant.role in roles for grant in self.grants)


SYSTEM = Actor("system", 0)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on, as far as permissions care.

    `entered_by` is the `Actor.key` of whoever entered the version at hand. `second_person` says whether
    its data set asks for two pairs of eyes; the default is the careful one. `confidential`: a 民生委員's
    record, or what opens the way to one; only who is entrusted with it by name may see it.
    """

    data_set: str | None = None
    district: str | None = None
    organisation_id: int | None = None
    entered_by: str | None = None
    second_person: bool = True
    confidential: bool = False


# --- predicates: (who, by which grant, on what) -> holds ------------------------------------------------

Predicate = Callable[[Actor, Grant, Subject], bool]


def in_data_set(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The grant covers the subject's data set."""
    return grant.data_set is None or grant.data_set == subject.data_set


def entrusted(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """What is confidential needs a grant that names its data set: "all of them" is not enough."""
    return not subject.confidential or grant.data_set == subject.data_set


def not_confidential(_actor: Actor, _grant: Grant, subject: Subject) -> bool:
    """Nothing that would open a commissioner's record."""
    return not subject.confidential


def in_district(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The grant covers the subject's district; a limited grant never covers what lies in none."""
    return grant.district is None or grant.district == subject.district


def own_district(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The subject lies in the one district that the grant names."""
    return grant.district is not None and grant.district == subject.district


def own_organisation(actor: Actor, grant: Grant, subject: Subject) -> bool:
    """It is the actor's own organisation: for a card the one it was issued to, whatever it was granted."""
    own = actor.organisation_id if actor.kind == "card" else grant.organisation_id
    return own is not None and own == subject.organisation_id


def in_organisation(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The grant covers the subject's organisation: that of a named section, or all of them."""
    return grant.organisation_id is None or grant.organisation_id == subject.organisation_id


def everywhere(_actor: Actor, grant: Grant, _subject: Subject) -> bool:
    """The grant is limited to no district and no organisation: what is done holds for all of them."""
    return grant.district is None and grant.organisation_id is None


def drawn_figures(_actor: Actor, _grant: Grant, subject: Subject) -> bool:
    """Indicators, drawn over everybody: not one organisation's own figures."""
    return subject.organisation_id is None


def second_person(actor: Actor, _grant: Grant, subject: Subject) -> bool:
    """Two pairs of eyes: where the data set asks for it, not whoever entered the version."""
    return not subject.second_person or subject.entered_by != actor.key


# --- the table ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class By:
    """By this role, if every predicate holds; `unlimited`: only where the grant has no scope at all."""

    role: Role
    predicates: tuple[Predicate, ...] = ()
    unlimited: bool = False


def by(role: Role, *predicates: Predicate, unlimited: bool = False) -> By:
    """One entry of the table."""
    return By(role, predicates, unlimited)


IN_SCOPE: tuple[Predicate, ...] = (in_data_set, entrusted, in_district, in_organisation)

PERMISSIONS: Mapping[Permission, tuple[By, ...]] = {
    # Fill in and send a report; for a reviewer this is 代行入力.
    Permission.REPORT_FILL: (
        by(Role.REPORTER, own_organisation, in_data_set),
        by(Role.REVIEWER, *IN_SCOPE),
        by(Role.OFFICER, own_organisation, in_data_set),
    ),
    Permission.REPORT_READ_OWN: (
        by(Role.REPORTER, own_organisation),
        by(Role.OFFICER, own_organisation),
    ),
    # See that a report is in, and its state. Its figures are FIGURES_READ.
    Permission.REVIEW_READ: (
        by(Role.REVIEWER, *IN_SCOPE),
        by(Role.CHAIR, own_district, in_data_set),
    ),
    # Return, approve, amend, undo.
    Permission.REVIEW_DECIDE: (by(Role.REVIEWER, *IN_SCOPE, second_person),),
    Permission.ORGANISATIONS_READ: (by(Role.REVIEWER, in_district, in_organisation), by(Role.ADMINISTRATOR)),
    Permission.ORGANISATIONS_WRITE: (by(Role.REVIEWER, in_district, in_organisation), by(Role.ADMINISTRATOR)),
    # Bring a table in. What each of its rows writes is asked for again, row by row.
    Permission.IMPORT: (by(Role.REVIEWER), by(Role.ADMINISTRATOR)),
    # Whoever can make a card can sign in with it, so for a commissioner's it is as close as the record.
    Permission.CARDS_ISSUE: (
        by(Role.REVIEWER, entrusted, in_district, in_organisation),
        by(Role.ADMINISTRATOR, not_confidential),
    ),
    Permission.CARDS_UNLOCK: (
        by(Role.REVIEWER, entrusted, in_district, in_organisation),
        by(Role.ADMINISTRATOR, not_confidential),
    ),
    # Figures before they are published: indicators for all staff, one organisation's for its reviewer only.
    Permission.FIGURES_READ: (
        by(Role.REVIEWER, *IN_SCOPE),
        by(Role.REVIEWER, drawn_figures),
        by(Role.OFFICER, drawn_figures),
        by(Role.OFFICER, own_organisation),
        by(Role.COMMITTEE, drawn_figures),
        by(Role.ADMINISTRATOR, drawn_figures),
    ),
    Permission.YEAR_CLOSE: (by(Role.REVIEWER, unlimited=True), by(Role.ADMINISTRATOR)),
    # On which days everybody is reminded.
    Permission.REMINDERS_SET: (by(Role.REVIEWER, unlimited=True), by(Role.ADMINISTRATOR)),
    # After 協議: the section whose indicator it is, or those who see the whole plan.
    Permission.VERDICT_CONFIRM: (by(Role.OFFICER, in_organisation), by(Role.REVIEWER, unlimited=True)),
    # State another official figure, a break in a series, a stage; and confirm what somebody else stated.
    Permission.FIGURE_STATE: (by(Role.OFFICER, in_organisation), by(Role.REVIEWER, unlimited=True)),
    Permission.FIGURE_CONFIRM: (
        by(Role.OFFICER, in_organisation, second_person),
        by(Role.REVIEWER, second_person, unlimited=True),
    ),
    Permission.PUBLISH: (by(Role.REVIEWER, unlimited=True), by(Role.ADMINISTRATOR)),
    Permission.USERS_MANAGE: (by(Role.ADMINISTRATOR),),
    Permission.AUDIT_READ: (by(Role.ADMINISTRATOR),),
    Permission.PLAN_READ: (
        by(Role.REVIEWER),
        by(Role.OFFICER),
        by(Role.COMMITTEE),
        by(Role.ADMINISTRATOR),
    ),
    # What holds for everybody: the plan, its sources and forms, the settings of the portal.
    Permission.PLAN_WRITE: (by(Role.ADMINISTRATOR),),
    # Tables that others ask for, and reports as files: as far as one's review reaches.
    Permission.RETURNS_READ: (by(Role.REVIEWER, *IN_SCOPE),),
    # Many telephone numbers at once. A commissioner's are as close as the card, which opens the record.
    Permission.CONTACTS_EXPORT: (
        by(Role.REVIEWER, entrusted, in_district, in_organisation),
        by(Role.ADMINISTRATOR, not_confidential),
    ),
    # Write the next edition of a report form: whoever reviews that form for the whole city. It opens nobody's
    # report, so a confidential form needs no trust of its own. Putting it into force is PLAN_WRITE.
    Permission.FORMS_EDIT: (by(Role.REVIEWER, in_data_set, everywhere), by(Role.ADMINISTRATOR)),
    # Where things stand, for a new colleague: each part within the reader's own scope.
    Permission.HANDOVER_READ: (by(Role.REVIEWER), by(Role.ADMINISTRATOR)),
    # Other languages of what staff write; the Japanese stays with whoever may write it. A limited grant
    # reaches the words of its own form, district or organisation, and the plan's words not at all.
    Permission.TEXTS_TRANSLATE: (
        by(Role.REVIEWER, in_data_set, in_district, in_organisation),
        by(Role.ADMINISTRATOR),
    ),
}

# A card is a piece of paper with a PIN: it never carries more than these, whatever was granted to it.
CARD_ROLES = frozenset({Role.REPORTER, Role.CHAIR, Role.COMMITTEE})


def needs_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether a password alone is too little: for every role that a card may not carry."""
    return any(grant.role not in CARD_ROLES for grant in grants)


def may(actor: Actor, permission: Permission, subject: Subject | None = None) -> bool:
    """Whether the actor may do this to the subject; without a subject, to anything at all."""
    if actor.kind == "system":
        return True  # whoever runs commands on the machine holds the database anyway; acts are recorded
    entries = PERMISSIONS[permission]
    return any(_admits(entry, actor, grant, subject) for entry in entries for grant in actor.grants)


def _admits(entry: By, actor: Actor, grant: Grant, subject: Subject | None) -> bool:
    if grant.role is not entry.role or (actor.kind == "card" and grant.role not in CARD_ROLES):
        return False
    if entry.unlimited and (grant.data_set, grant.district, grant.organisation_id) != (None, None, None):
        return False
    return subject is None or all(holds(actor, grant, subject) for holds in entry.predicates)


def require(actor: Actor, permission: Permission, subject: Subject | None = None) -> None:
    """Raise NotPermitted (code: the permission) unless the actor may."""
    if not may(actor, permission, subject):
        raise NotPermitted(permission.value)
