"""Words of the desk where staff key reports in for groups. Japanese and English."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.web.i18n import _l

KEYED_FROM: dict[str, LazyString] = {"paper": _l("Paper"), "telephone": _l("Telephone")}
KEYING: dict[str, LazyString] = {
    "question": _l("What do you have before you?"),
    "choose": _l("Please choose one."),
    "not_kept": _l("Nothing is kept before you send it."),
    "group": _l("Group"),
    "from": _l("Keyed in from"),
    "done": _l("Keyed in for this group."),
    "after": _l(
        "It is in the queue of reports. The group sees it with its card, and can confirm or correct it."
    ),
    "next": _l("To the next group"),
}
AMEND_REASONS: dict[str, LazyString] = {
    "slip": _l("a slip in keying in"),
    "told_later": _l("the group told us later"),
    "counted_twice": _l("something was counted twice"),
    "other": _l("something else (see the note)"),
}
AMEND_ERRORS: dict[str, LazyString] = {
    "amend_reason_missing": _l("Please choose why the approved report is changed."),
    "note_missing": _l("Please write in the note what the reason is."),
}
# Why a file is not taken as a picture of the sheet; %(number)s is its place among those chosen.
PICTURES: dict[str, LazyString] = {
    "picture_empty": _l("Picture %(number)s: the file is empty. Please choose it again."),
    "picture_large": _l(
        "Picture %(number)s: the file is larger than %(size)s MB. Please choose a smaller one."
    ),
    "picture_heic": _l(
        "Picture %(number)s: this kind of file (HEIC) can't be read here. Please save it as JPEG, or on "
        "the iPhone set the camera's formats to “Most Compatible”."
    ),
    "picture_pdf": _l("Picture %(number)s: this is a PDF. Please choose a photo, or scan it as JPEG or PNG."),
    "picture_unknown": _l(
        "Picture %(number)s: this is not a picture. Please choose a JPEG, PNG or WebP file."
    ),
    "picture_broken": _l("Picture %(number)s: the file is damaged. Please take the photo again."),
    "picture_moving": _l("Picture %(number)s: this picture moves. Please choose a photo."),
    "picture_huge": _l("Picture %(number)s has too many pixels. Please choose a smaller one."),
    "picture_small": _l("Picture %(number)s is too small to be read. Please choose a larger one."),
    "picture_too_many": _l("There is room for %(most)s pictures. Please choose fewer."),
    "picture_again": _l("Please choose the pictures again."),
}
# The foot of a paper form, always in Japanese.
OFFICE_USE = (_l("Office use"), _l("Received on"), _l("Keyed in on"), _l("Keyed in by"))
STATE_TAGS = {
    "waiting": "waiting",
    "resent": "resubmitted",
    "amended": "resubmitted",
    "returned": "returned",
    "approved": "approved",
    "withdrawn": "not_arrived",
}
