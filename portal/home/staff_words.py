"""Codes of the organisations' pages, in words (Japanese and English)."""

from __future__ import annotations

from portal.domain.errors import DomainError
from portal.web.i18n import _l

KINDS = {
    "salon": _l("Salon"),
    "kayoinoba": _l("Kayoi-no-ba"),
    "kodomo_shokudo": _l("Children's cafeteria"),
    "senior_club": _l("Senior club"),
    "volunteer": _l("Volunteer group"),
    "neighbourhood": _l("Neighbourhood association"),
}
SIDES = {"group": _l("Groups"), "office": _l("Office"), "section": _l("Sections of the city")}
CONTACT_ROLES = {"leader": _l("Leader"), "deputy": _l("Deputy"), "secretary": _l("Secretary")}
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
    "closed_before_opened": _l("The last day can't be before the first."),
    "assigned_later": _l("This form is assigned from that day on already. Choose a later day."),
    "not_their_form": _l("This form is filed by others."),
    "ends_before_start": _l("The last day can't be before the first."),
    "began_today": _l("The present contact began today. Correct the entry instead."),
}


def sentence(error: DomainError) -> str:
    """What to put right. An unforeseen code is a fault of ours, and loud."""
    return str(ERRORS[error.code])
