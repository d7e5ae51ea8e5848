"""Words of the returns' pages and files, for staff: Japanese and English. Files are always in Japanese."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.web.i18n import _l

STATES: dict[str, LazyString] = {
    "approved": _l("Confirmed"),
    "amended": _l("Confirmed; a correction is waiting"),
    "waiting": _l("Waiting to be confirmed"),
    "resent": _l("Corrected, waiting to be confirmed"),
    "returned": _l("Asked back"),
    "withdrawn": _l("Withdrawn"),
    "not_in": _l("Not reported"),
    "not_owed": _l("Not asked"),
}
ANSWERS: dict[str, LazyString] = {
    "number": _l("Number"),
    "zero": _l("0"),
    "not_held": _l("Not held"),
    "unknown": _l("Unknown"),
    "chosen": _l("Chosen"),
}
SOURCES: dict[str, LazyString] = {
    "group": _l("The group itself"),
    "paper": _l("Paper"),
    "telephone": _l("Telephone"),
    "office": _l("Office"),
    "department": _l("Section"),
    "survey": _l("Survey"),
    "import": _l("Import"),
}
KINDS: dict[str, LazyString] = {
    "salon": _l("Salon"),
    "kayoinoba": _l("Kayoi-no-ba"),
    "kodomo_shokudo": _l("Children's cafeteria"),
    "senior_club": _l("Senior club"),
    "volunteer": _l("Volunteer group"),
    "neighbourhood": _l("Neighbourhood association"),
    "area": _l("Minsei-iin of an area"),
    "child_welfare": _l("Child welfare commissioner"),
}
ROLES: dict[str, LazyString] = {
    "leader": _l("Leader"),
    "deputy": _l("Deputy"),
    "secretary": _l("Secretary"),
    "commissioner": _l("Minsei-iin"),
}
