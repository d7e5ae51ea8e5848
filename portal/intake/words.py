"""Codes of imports, in words (Japanese and English): why a file or a row can't be taken, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel.speaklater import LazyString

from portal.organisations.models import GROUP_KINDS
from portal.reporting import words as reporting
from portal.web.filters import NOTHING, day, fiscal_year, number
from portal.web.i18n import _, _l
from portal.web.locale import LOCALES

KINDS = {"groups": _l("Groups and whom to call"), "counts": _l("Past counts")}
GROUPS = {
    "salon": _l("Salon"),
    "kayoinoba": _l("Kayoi-no-ba"),
    "kodomo_shokudo": _l("Children's cafeteria"),
    "senior_club": _l("Senior club"),
    "volunteer": _l("Volunteer group"),
    "neighbourhood": _l("Neighbourhood association"),
}
FIELDS = {
    "name": _l("Group's name"),
    "kana": _l("Reading in kana"),
    "name_en": _l("Name in Latin letters"),
    "district": _l("District"),
    "kinds": _l("Kind"),
    "phone": _l("Telephone of the group"),
    "contact_name": _l("Leader's name"),
    "contact_phone": _l("Leader's telephone"),
    "contact_email": _l("Leader's e-mail"),
    "contact_language": _l("Leader's language"),
    "opened_on": _l("Began"),
    "subsidy": _l("Receives the subsidy"),
    "kayoinoba": _l("Known as kayoi-no-ba"),
    "month": _l("Month"),
    "item": _l("What is counted (a word in each row)"),
    "value": _l("The number of what is counted"),
}
STATES = {
    "reading": _l("The file is being read"),
    "refused": _l("Could not be taken"),
    "columns": _l("Say what the columns hold"),
    "checking": _l("The rows are being checked"),
    "ready": _l("Ready to look at; nothing is written yet"),
    "writing": _l("Is being written"),
    "done": _l("Brought in"),
    "undoing": _l("Is being taken back"),
    "undone": _l("Taken back"),
}
FATES = {
    "new": _l("New"),
    "change": _l("Changes"),
    "same": _l("The same already"),
    "decide": _l("Needs a decision"),
    "refused": _l("Can't be taken"),
    "left_out": _l("Left out"),
}
TAGS = {
    "new": ("confirmed", "ok"),
    "change": ("pencil", "info"),
    "same": ("circle", "line"),
    "decide": ("diamond", "ask"),
    "refused": ("warning", "err"),
    "left_out": ("dashed", "wait"),
}
QUESTIONS = {
    "same_name": _l("There are groups of this name. Which one is it?"),
    "leader": _l("Another leader's name stands in the file. Is it the same person?"),
    "approved": _l("These figures are approved already, and the file says otherwise."),
}
CHOICES = {
    "": _l("Not decided yet"),
    "leave": _l("Leave it as it is"),
    "new": _l("It is a new group"),
    "replace": _l("Take the file's figures"),
    "correct": _l("Yes: correct the name"),
}
DASHES = {
    "": _l("Not said"),
    "blank": _l("Nothing was written"),
    "zero": _l("0"),
    "not_held": _l("It was not held"),
}
_MEANWHILE = _l(
    "Something changed in the portal meanwhile, so nothing was written. The rows have been checked anew: "
    "please look at them again."
)
# Why the file as a whole can't be taken, or why a step was not carried out.
FAULTS: dict[str, LazyString] = {
    "no_file": _l("Choose a file."),
    "no_form": _l("Choose the form that the counts belong to."),
    "empty": _l("There is nothing in this file."),
    "too_large": _l("The file is larger than %(limit)s MB. Split it, or take pictures out of it."),
    "too_large_inside": _l(
        "Unpacked, this workbook is larger than %(limit)s MB. Save the table by itself in a new "
        "workbook."
    ),
    "too_many_rows": _l("The file has more than %(limit)s rows. Split it by year or by district."),
    "too_many_cells": _l(
        "The file has more than %(limit)s cells with something in them. Split it by year or by "
        "district."
    ),
    "too_slow": _l(
        "Reading the file took more than %(limit)s seconds. Save the table by itself in a new "
        "workbook."
    ),
    "old_excel": _l(
        "This is an old Excel file (.xls). Open it in Excel and save it as “Excel workbook "
        "(.xlsx)”."
    ),
    "password": _l("This file has a password. Take the password off in Excel, save it, and bring that file."),
    "not_a_workbook": _l("This is not an Excel workbook. Save it as .xlsx or as CSV."),
    "broken_workbook": _l(
        "This Excel file can't be read: it is damaged or not whole. Open it in Excel and save it "
        "anew as .xlsx."
    ),
    "not_a_table": _l("This is not a table. Bring an Excel workbook (.xlsx) or a CSV file."),
    "broken_csv": _l(
        "The CSV can't be read near line %(row)s: a quotation mark is not closed, or a cell is "
        "far too long."
    ),
    "mixed_encoding": _l(
        "Line %(row)s holds signs in another encoding than the rest. Save the file anew as “CSV "
        "UTF-8”."
    ),
    "too_old": _l("Nothing was written within a day, so the file's rows were deleted. Bring the file again."),
    "no_name_column": _l("Say which column holds the group's name."),
    "no_count_column": _l("Say which columns hold counts."),
    "no_item_column": _l("Say which column names what is counted."),
    "rows": _l("Give the row of the headings as a number, such as 3."),
    "unknown_choice": _l("Choose one of the answers."),
    "rows_left": _l("Say that the remaining rows stay out, or decide about them first."),
    "nothing_to_write": _l("There is nothing to write: no row is new or changes anything."),
    "changed_meanwhile": _MEANWHILE,
    "already_sent": _MEANWHILE,
    "stale": _MEANWHILE,
    "built_on": _l("“%(label)s” has been worked on since, so nothing was taken back."),
    "closed_year": _l("The year has been closed since, so nothing was done."),
    "locked_period": _l("A month has been locked since, so nothing was done."),
    "too_late": _l("It is too late to take this import back."),
    "unexpected": _l("Something went wrong on our side. Nothing was written."),
}  # fmt: skip
_OTHERWISE = _l("This could not be done. Nothing was written.")
# Why a row can't be taken, or what is to be known about it.
_REASONS: dict[str, LazyString] = {
    "blank": _l("Nothing in the row is to be taken."),
    "total": _l("A row of sums: the portal adds up by itself."),
    "no_name": _l("The group's name is missing."),
    "twice_in_file": _l("The same group stands in row %(row)s already."),
    "not_yours": _l("Groups of this district are not yours to change."),
    "opened_today": _l("No first day is given: it begins today."),
    "cell_error": _l("%(what)s: Excel itself shows an error here (%(text)s)."),
    "unknown_district": _l("There is no district “%(text)s”."),
    "unknown_kind": _l("There is no kind of group “%(text)s”."),
    "unknown_language": _l("The portal does not have the language “%(text)s”."),
    "not_a_day": _l("“%(text)s” is not a day, such as 2015-04-01 or H27.4.1."),
    "not_a_year": _l("%(what)s: “%(text)s” is neither ○ nor a fiscal year, such as R6."),
    "not_an_email": _l("“%(text)s” is not an e-mail address."),
    "not_a_telephone": _l("“%(text)s” is not a telephone number."),
    "lost_zero": _l("“%(text)s”: Excel seems to have dropped the first 0 of this telephone number."),
    "too_long": _l("%(what)s: more than %(limit)s signs."),
    "no_group": _l("There is no group of this name whose reports are yours to enter."),
    "not_a_month": _l("“%(text)s” is not a month, such as R6.10 or 2024/10."),
    "no_year": _l("The columns name months without a year. Say above which fiscal year it is."),
    "unknown_item": _l("“%(text)s” is nothing that this form counts."),
    "twice": _l("%(what)s stands there twice; the first time in row %(row)s."),
    "dash": _l("%(what)s: “－” can mean nothing, 0 or not held. Say above what it means in this table."),
    "out_of_reach": _l(
        "The portal counts from the plan's first year until this month; this month lies outside."
    ),
    "closed_year": _l("This fiscal year is closed: its figures are final."),
    "locked_period": _l("This month is locked. An exception lets the group send until a day."),
    "not_owed": _l(
        "The group does not report this form for this month (it was not open yet, was closed, or "
        "reports at other intervals)."
    ),
    "waits": _l("The group has sent other figures, which wait to be looked at. Look at that report first."),
    "missing": _l("“%(what)s” is missing, which the form needs."),
}  # fmt: skip


def dash_options() -> list[tuple[str, LazyString]]:
    return list(DASHES.items())


def fault(given: Mapping[str, Any]) -> str:
    """Why it stopped."""
    text = str(FAULTS.get(given["code"], _OTHERWISE))
    return text % _readable(given)


def reason(given: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Why a row is not taken. `labels`: what the form's counts are called."""
    what = labels.get(given.get("measure", ""), "") or str(FIELDS.get(given.get("field", ""), ""))
    code = given["code"]
    if code == "answer":
        if given["error"] == "required":
            code = "missing"
        else:
            return f"{what}: {reporting.error(given['error'], given['params'], labels)}"
    return str(_REASONS[code]) % (_readable(given) | {"what": what})


def _readable(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number(value) if name in ("limit", "num") else value for name, value in given.items()}


def value(field: str, given: Any) -> str:
    """A value of a list of groups, as people read it."""
    if given in (None, "", []):
        return NOTHING
    if field == "kinds":
        return "、".join(str(GROUPS.get(kind, kind)) for kind in given)
    if field in ("subsidy", "kayoinoba"):
        return " ".join(fiscal_year(year) for year in given)
    if field == "opened_on":
        return day(date.fromisoformat(given))
    if field == "contact_language":
        return LOCALES[given].own_name if given in LOCALES else str(given)
    return str(given)


def effect(done: Mapping[str, int]) -> list[str]:
    """What was written, in numbers."""
    told = {
        "created": _("New groups: %(num)s", num=done.get("created", 0)),
        "changed": _("Groups changed: %(num)s", num=done.get("changed", 0)),
        "sent": _("Reports brought in: %(num)s", num=done.get("sent", 0)),
        "approved": _("Of these approved: %(num)s", num=done.get("approved", 0)),
        "checked": _("Of these signed off by the first of two: %(num)s", num=done.get("checked", 0)),
    }
    return [text for code, text in told.items() if done.get(code)]


assert set(GROUPS) == set(GROUP_KINDS)  # noqa: S101 - a new kind needs its words here too
