"""Staff's words for how indicators are drawn and judged. Japanese and English."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from portal.web.i18n import _l

KINDS: dict[str, LazyString] = {
    "flow": _l("flow: months add up"),
    "stock": _l("stock: the last month's end"),
    "distinct": _l("distinct: each counts once"),
    "ratio": _l("ratio: from its two numbers"),
    "money": _l("money: the year's accounts"),
    "stage": _l("stage"),
}
TARGET_KINDS: dict[str, LazyString] = {
    "reach": _l("reach the target"),
    "maintain": _l("keep at least the target"),
    "at_most": _l("stay at or below the target"),
    "monitor": _l("follow, don't judge"),
    "milestone": _l("reach the stage"),
}
REASONS: dict[str, LazyString] = {
    "reference_year": _l("a reference year is not judged"),
    "before_plan": _l("before the plan began"),
    "year_open": _l("the year is still open"),
    "series_break": _l("counted in another way than the base"),
    "no_value": _l("no value"),
    "no_target": _l("no target"),
    "no_base": _l("no base: only the share of the target can be said"),
    "stage_unchanged": _l("the stage has not moved yet"),
    "target_reached": _l("the target is reached"),
    "on_path": _l("on or above the straight path"),
    "below_path": _l("below the straight path"),
    "worse_than_base": _l("worse than the base"),
    "target_missed": _l("the target year has come, the target is missed"),
    "kept": _l("kept at the target or above"),
    "not_kept": _l("fell below the target"),
    "watched_only": _l("followed only"),
    "stage_reached": _l("the stage is reached"),
    "stage_moved": _l("the stage has moved"),
    "stage_missed": _l("the stage is missed"),
    "stage_lost": _l("the stage went back"),
}
SOURCES: dict[str, LazyString] = {
    "computed": _l("counted from approved reports"),
    "entered": _l("entered once a year with evidence"),
    "survey": _l("from a survey"),
}
# How a year's value comes about.
AGGREGATIONS: dict[str, LazyString] = {
    "sum": _l("The year's months are added up."),
    "last": _l("The newest month's end of the year counts. Months are never added up."),
    "distinct_options": _l("Each one that was chosen in the year counts once."),
    "distinct_organisations": _l("Each group that met at least once in the year counts once."),
    "registers": _l("The groups on the two lists. A Kayoi-no-ba counts once it has met in the year."),
    "value": _l("As the section entered it for the year."),
    "ratio": _l("The numerator over the denominator, in percent. Rates are never averaged."),
    "parts": _l("The parts added up. As long as one is missing, there is no sum."),
    "stage": _l("The stage that was entered last."),
}
ROLES: dict[str, LazyString] = {
    "value": _l("counted"),
    "numerator": _l("numerator"),
    "denominator": _l("denominator"),
    "rate": _l("rate, where its two numbers are not known"),
    "part": _l("part"),
    "stage": _l("stage"),
    "activity": _l("shows that the group has met"),
    "register": _l("list"),
}
REGISTERS: dict[str, LazyString] = {
    "subsidy": _l("Groups with a grant"),
    "kayoinoba": _l("Known Kayoi-no-ba"),
}
STATEMENTS: dict[str, LazyString] = {
    "adopted": _l("Another official figure is taken over"),
    "break": _l("From this year on it is counted in another way"),
    "stage": _l("A stage is reached"),
}
STATEMENT_STATES: dict[str, LazyString] = {
    "proposed": _l("waits for a second person"),
    "confirmed": _l("in force"),
    "withdrawn": _l("taken back"),
}
STATEMENT_PROBLEMS: dict[str, LazyString] = {
    "kind": _l("This has been decided meanwhile. Please look again."),
    "year": _l("Please choose one of the years."),
    "day": _l("Please write a day in the years of the plan, not one to come."),
    "value": _l("Please write the figure as a number, such as 120."),
    "stage": _l("Please choose a stage."),
    "reason": _l("Please write the reason."),
    "evidence": _l("Please name the document and the page."),
    "closed": _l("This fiscal year is closed: its figures are final. Open it again first."),
}
