"""Codes of the organisations' pages, in words (Japanese and English)."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.domain.errors import DomainError
from portal.organisations.models import COMMISSIONER_KINDS, GROUP_KINDS
from portal.web.i18n import _l

KINDS = {
    "salon": _l("Salon"),
    "kayoinoba": _l("Kayoi-no-ba"),
    "kodomo_shokudo": _l("Children's cafeteria"),
    "senior_club": _l("Senior club"),
    "volunteer": _l("Volunteer group"),
    "neighbourhood": _l("Neighbourhood association"),
    "area": _l("Minsei-iin of an area"),
    "child_welfare": _l("Child welfare commissioner"),
}
SIDES = {
    "group": _l("Groups"),
    "commissioner": _l("Minsei-iin"),
    "office": _l("Office"),
    "section": _l("Sections of the city"),
}
CONTACT_ROLES = {"leader": _l("Leader"), "deputy": _l("Deputy"), "secretary": _l("Secretary")}
COMMISSIONER_ROLES = {"commissioner": _l("Minsei-iin")}
ROLES = CONTACT_ROLES | COMMISSIONER_ROLES
REGISTERS = {"subsidy": _l("Receives the subsidy"), "kayoinoba": _l("Known as kayoi-no-ba")}
CADENCES = {
    "monthly": _l("Every month"),
    "bimonthly": _l("Every two months"),
    "quarterly": _l("Every three months"),
    "half_yearly": _l("Twice a year"),
    "yearly": _l("Once a year"),
}
CARD_STATES = {
    "none": _l("No card"),
    "unused": _l("Issued, not used yet"),
    "in_use": _l("In use"),
    "locked": _l("Locked"),
}

ERRORS = {
    "no_name": _l("Enter a name."),
    "unknown_kind": _l("An area of a Minsei-iin can't be a group as well."),
    "unknown_role": _l("This organisation has no such role."),
    "closed_before_opened": _l("The last day can't be before the first."),
    "assigned_later": _l("This form is assigned from that day on already. Choose a later day."),
    "not_their_form": _l("This form is filed by others."),
    "ends_before_start": _l("The last day can't be before the first."),
    "not_a_group": _l("Only groups can share a card. A Minsei-iin's card stands alone."),
    "too_many_groups": _l("This card has as many groups as one card can have."),
    "card_revoked": _l("This card no longer works."),
    "covered_by_nobody": _l("Choose whose person covers the area: one that somebody holds afterwards."),
    "too_many_cards": _l("That is more cards than can be made at once. Do one district after the other."),
    "unknown_choice": _l("This area can't be decided in that way."),
    "began_today": _l("The present contact began today. Correct the entry instead."),
}

CHOICES = {
    "open": _l("Not decided yet"),
    "stay": _l("Reappointed"),
    "change": _l("Somebody new"),
    "cover": _l("A neighbour covers it"),
    "vacant": _l("Vacant"),
    "take_back": _l("Take it back"),
}


PERIOD_ERRORS = {
    "year_not_over": _l("The year is still running. It can be closed after 31 March."),
    "already_closed": _l("Somebody has closed this year meanwhile."),
    "not_closed": _l("Somebody has opened this year again meanwhile."),
    "not_agreed": _l("Please tick that you have looked through it."),
    "reason_missing": _l("Please write why."),
    "due_missing": _l("Enter a day, such as 2026-04-01."),
    "due_before_end": _l("The due day comes after the period's last day."),
    "lock_days": _l("Enter a whole number of days, 366 at most, or nothing."),
}


def kinds_of(side: str) -> dict[str, LazyString]:
    """The kinds that an organisation of that side may be."""
    fitting = COMMISSIONER_KINDS if side == "commissioner" else GROUP_KINDS
    return {kind: KINDS[kind] for kind in fitting}


def roles_of(side: str) -> dict[str, LazyString]:
    return COMMISSIONER_ROLES if side == "commissioner" else CONTACT_ROLES


def sentence(error: DomainError) -> str:
    """What to put right. An unforeseen code is a fault of ours, and loud."""
    return str(ERRORS[error.code])


MERGE_REASONS = {
    "twice": _l("The same group was entered twice"),
    "one": _l("Two groups have become one"),
}
MERGE_ERRORS = {
    "merge_reason_missing": _l("Please choose why."),
    "keep_missing": _l("Please choose which report stays, for each month that both have reported."),
    "changed_meanwhile": _l("Something has changed meanwhile. Nothing was done. Please look again."),
    "not_two_groups": _l("Only two different groups can be merged. A Minsei-iin's area never is."),
    "merged_already": _l("One of the two has been closed or merged already."),
    "has_merged": _l("Other groups were merged into this one. Please merge the other way round."),
    "not_merged": _l("This group is not merged with another."),
    "year_closed_since": _l(
        "A fiscal year in which the two counted as one is closed: its figures stay as they are."
    ),
    "began_today": _l("The present contact began today. Correct the entry instead."),
}
