"""Words of the yearly sheet, of the mail around it, and of what becomes of each row. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from portal.web.i18n import _, _l

UNKNOWN = ("不明", "わからない", "分からない", "？", "?")  # in the place of a figure
TITLE = _l("Yearly inquiry")
HEADERS: dict[str, LazyString] = {
    "code": _l("No."),
    "name": _l("Indicator"),
    "definition": _l("What is counted"),
    "unit": _l("Unit"),
    "base": _l("Base (as printed in the plan)"),
    "before2": _l("Answer of %(year)s"),
    "before": _l("Answer of %(year)s"),
    "value": _l("Figure of %(year)s"),
    "numerator": _l("Numerator"),
    "denominator": _l("Denominator"),
    "evidence": _l("Evidence (document and page)"),
}
HOW = (
    _l("Please fill in the yellow cells only. What is not known yet: write 不明, never 0."),
    _l("A rate: give the numerator and the denominator. The rate itself only where they are not known."),
    _l("Each figure needs its evidence: the document and the page. Values only, no formulas."),
)
FILLED_BY = _l("Filled in by (name)")
RETURN_TO = _l("Please return this file to %(office)s by %(day)s.")
STAGES = _l("Choose from the list: %(stages)s")
WHOLE_ONLY = _l("A whole number from 0 up, or 不明.")
ANY_NUMBER = _l("A number from 0 up, such as 1.34, or 不明.")
PRINTED_SAMPLE = _l("Sample data")

FATES: dict[str, LazyString] = {
    "new": _l("new"),
    "changed": _l("changes"),
    "same": _l("as it is"),
    "empty": _l("left empty"),
    "refused": _l("refused"),
    "no_evidence": _l("evidence missing"),
}
# Why a row, or a whole file, is refused.
REASONS: dict[str, LazyString] = {
    "unreadable": _l("This is not an Excel file (.xlsx) that can be read."),
    "too_large": _l("The file is too large to be an answered sheet."),
    "not_ours": _l("This is not one of the portal's sheets, or its hidden first row was removed."),
    "not_yours": _l("This sheet is of a section, form or year that you don't load."),
    "twice": _l("This section's sheet is among the files twice."),
    "closed_year": _l("This fiscal year is closed."),
    "stale": _l("Somebody else has entered something for this section since. Please load the file again."),
    "no_rows": _l("No row of the sheet is left."),
    "row_missing": _l("The row was removed from the sheet."),
    "row_twice": _l("The row is in the sheet twice."),
    "row_unknown": _l("The portal does not know this row."),
    "not_asked": _l("This cell is not asked for. Please leave it empty."),
    "formula": _l("There is a formula. Please paste it as a value."),
    "error_cell": _l("Excel shows an error here."),
    "date_cell": _l("Excel has made a date of it."),
    "percent_cell": _l("The cell is set to percent, but a count is asked."),
    "required": _l("It is empty. Write 不明 if it is not known yet."),
    "half_ratio": _l("Numerator and denominator belong together."),
    "zero_denominator": _l("The denominator is 0."),
    "over_denominator": _l("The numerator is larger than the denominator."),
    "rate_too": _l("Give the two numbers or the rate, not both."),
    "unknown_option": _l("This is none of the stages of the list."),
    "negative": _l("It is below 0."),
    "not_whole": _l("It is not a whole number."),
    "not_a_number": _l("It can't be read as a number."),
    "too_precise": _l("It has too many decimal places."),
    "state_not_allowed": _l("This answer is not possible here."),
    "long": _l("The text is too long."),
}
FALLBACK = _l("It can't be taken as it is.")
NO_EVIDENCE = _l("Please name the document and the page.")


def reason(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Why something is refused, in words."""
    if code in ("too_large", "too_small") and params:
        return _("It is out of range (limit %(limit)s).", limit=params.get("limit", ""))
    if code == "no_evidence":
        return str(NO_EVIDENCE)
    return str(REASONS.get(code, FALLBACK))


def mail(office: str, year: str, by: str) -> str:
    """The text that goes with the sheets: to be copied into a mail."""
    return "\n".join(
        (
            _("Subject: Yearly inquiry on the welfare plan's indicators, %(year)s", year=year),
            "",
            _("To the section in charge"),
            "",
            _("Thank you for your work on the community welfare plan."),
            _("Please fill in the attached Excel sheet for %(year)s and return it as it is.", year=year),
            "",
            _("- By: %(day)s", day=by),
            _("- To: %(office)s", office=office),
            _("- Fill in the yellow cells only; don't change rows, columns or the file's first row."),
            _("- What is not known yet: write 不明, never 0."),
            _("- Each figure needs its evidence: the document and the page."),
            "",
            _("You may also enter the figures in the portal yourself instead."),
            _("Nothing is judged by these figures alone before the talks with your section."),
        )
    )
