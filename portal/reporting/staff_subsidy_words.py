"""Words of the report form for a grant (助成金の実績報告). The sheet itself is always in Japanese."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.web.i18n import _l

SHEET: dict[str, LazyString] = {
    "sample": _l("Sample of a form"),
    "demo": _l("Sample data"),
    "handed_in": _l("Handed in on"),
    "group": _l("Name of the group"),
    "district": _l("District"),
    "head": _l("Head of the group (name, signature)"),
    "did": _l("What was done"),
    "month": _l("Month"),
    "remark": _l("Remarks"),
    "sum": _l("Total"),
    "accounts": _l("Accounts (please write)"),
    "income": _l("Income"),
    "expenditure": _l("Expenditure"),
    "amount": _l("Amount (yen)"),
    "balance": _l("Carried over (income less expenditure)"),
    "condition": _l("Condition of the grant"),
    "sample_condition": _l("(a sample of a condition)"),
    "not_in": _l("Not in the total yet"),
    "running": _l("The fiscal year is not over. Please print this again at its end."),
}
SENTENCES: dict[str, LazyString] = {
    "not_in": _l("%(month)s (%(why)s)"),
    "as_of": _l("Made from the reports that the office has confirmed by %(day)s."),
    "condition": _l("%(wanted)s or more a year; confirmed: %(done)s"),
}
REMARKS: dict[str, LazyString] = {
    "confirmed": _l("not held"),  # said only where there is no figure
    "changing": _l("a correction waits to be confirmed"),
    "waiting": _l("waits to be confirmed"),
    "asked": _l("the office has asked about it"),
    "missing": _l("not handed in"),
    "ahead": _l("still to come"),
}
