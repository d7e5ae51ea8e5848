"""The form editor's pages: from a definition to what a page shows. What they post: staff_form_posts.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, abort, request, url_for

from portal.accounts import queries as accounts
from portal.accounts.words import stale
from portal.datasets import changes, drafting, editing, wording
from portal.datasets.editing import Around
from portal.datasets.models import DataSet, DataSetVersion
from portal.datasets.wording import Definition
from portal.domain.permissions import Permission, may
from portal.home import form_editions
from portal.home import staff_form_words as words
from portal.home.staff_form_posts import NEW_PARTS, Errors, field_name, heading_paths, part_of, question_paths
from portal.home.staff_words import CADENCES
from portal.web.access import signed_in
from portal.web.csrf import token_failed
from portal.web.filters import day, moment, month_of_year
from portal.web.hypermedia import render_page
from portal.web.i18n import _, tr_plain
from portal.web.locale import LOCALES

FOLDER = "home/staff/forms"


def _text(part: str, text: wording.Text, wrong: Errors, title: str, again: bool) -> dict[str, Any]:
    """One text with a row a language. On the page that is shown again stands what was typed."""
    rows = []
    for slug in wording.LANGUAGES:
        name = field_name(part, slug)
        value = request.form.get(name, text.names.get(slug, "")) if again else text.names.get(slug, "")
        rows.append(
            {
                "name": name,
                "slug": slug,
                "lang": LOCALES[slug].html_lang,
                "language": LOCALES[slug].own_name,
                "value": value,
                "missing": slug in text.missing,
                "outdated": slug in text.outdated,
                "right": again and slug in request.form.getlist(f"right.{part}"),
                "error": wrong.get(name, ""),
            }
        )
    return {"part": part, "title": title, "fixed": part == "units" and bool(text.names), "rows": rows}


def _title(part: str) -> str:
    kind, _dot, code = part.partition("/")
    return f"{words.PARTS[kind]} ({code})" if code else str(words.PARTS[kind])


def common(data_set: DataSet, wrong: Errors | None) -> dict[str, Any]:
    draft = drafting.draft(data_set)
    return {
        "section": "forms",
        "data_set": data_set,
        "draft": draft,
        "seen": drafting.token(draft),
        "who": accounts.names().get(draft.saved_by, "") if draft else "",
        "saved_at": moment(draft.saved_at) if draft else "",
        "wrong": wrong or {},
        "form_errors": list((wrong or {}).items()),
        "stale": stale() if token_failed() else "",
    }


def index(mine: list[DataSet]) -> Response:
    rows = [
        {
            "data_set": row,
            "filed_by": words.FILED_BY[row.filed_by],
            "cadence": CADENCES[row.cadence],
            "standing": form_editions.standing(row),
            "draft": drafting.draft(row) is not None,
            "lines": [_edition_line(edition) for edition in reversed(row.versions)],
        }
        for row in mine
    ]
    return render_page(f"{FOLDER}/index.html", section="forms", rows=rows)


def _edition_line(edition: DataSetVersion) -> dict[str, Any]:
    """Since when: the first month that it asks about, else the day on which a plan file made it."""
    since = month_of_year(edition.from_period) if edition.from_period else ""
    return {"edition": edition, "since": since or (day(edition.made_at) if edition.made_at else "")}


def overview(data_set: DataSet, *, status: int = 200, wrong: Errors | None = None) -> Response:
    definition, base = drafting.standing(data_set), data_set.current.definition
    around = form_editions.around(data_set)
    asked = {m["code"] for m in definition["measures"]}
    return render_page(
        f"{FOLDER}/show.html",
        status=status,
        **common(data_set, wrong),
        groups=_groups(definition, base, around),
        gone=[m for m in base["measures"] if m["code"] not in asked],
        untranslated=_untranslated(data_set, definition),
        changed=len(changes.compare(base, definition)),
        editions=[_edition_line(edition) for edition in reversed(data_set.versions)],
        standing=form_editions.standing(data_set),
    )


def _groups(definition: Definition, base: Mapping[str, Any], around: Around) -> list[dict[str, Any]]:
    """The questions by section, with what may be done with each."""
    old = {m["code"] for m in base["measures"]}
    sections = {None: None, **{row["code"]: row["names"] for row in definition.get("sections") or []}}
    found = []
    for code, names in sections.items():
        rows = [
            _row(m, definition, old, around) for m in definition["measures"] if (m["section"] or None) == code
        ]
        if rows:
            found.append({"names": names, "rows": rows})
    return found


def _row(measure: Mapping[str, Any], definition: Definition, old: set[str], around: Around) -> dict[str, Any]:
    code = measure["code"]
    texts = [wording.text(definition, path) for path in wording.paths_of(measure)]
    return {
        "measure": measure,
        "states": [str(words.STATES[state]) for state in measure.get("states") or () if state != "number"],
        "new": code not in old,
        "up": editing.may_move(definition, code, True),
        "down": editing.may_move(definition, code, False),
        "drawn": [name for name in around.drawn.get(code, ()) if name != "subsidy"],
        "locks": words.why(editing.locks(definition, code, around)),
        "missing": sorted({slug for text in texts for slug in text.missing}, key=wording.LANGUAGES.index),
        "outdated": sorted({slug for text in texts for slug in text.outdated}, key=wording.LANGUAGES.index),
    }


def _untranslated(data_set: DataSet, definition: Definition) -> list[dict[str, Any]]:
    return [
        {
            "language": words.language(slug),
            "lang": LOCALES[slug].html_lang,
            "missing": missing,
            "outdated": old,
        }
        for slug, (missing, old) in form_editions.untranslated(data_set, definition).items()
    ]


def question(data_set: DataSet, measure: str, *, status: int = 200, wrong: Errors | None = None) -> Response:
    definition = drafting.standing(data_set)
    if status == 409 and not any(m["code"] == measure for m in definition["measures"]):
        definition = data_set.current.definition  # a colleague took it out: what was typed is still shown
    found = next((m for m in definition["measures"] if m["code"] == measure), None) or abort(404)
    around = form_editions.around(data_set)
    again = status != 200
    texts = [
        _text(part_of(path), wording.text(definition, path), wrong or {}, _title(part_of(path)), again)
        for path in question_paths(found)
    ]
    states = request.form.getlist("states") if again else found.get("states") or []
    required = request.form.get("required") == "1" if again else bool(found.get("required"))
    return render_page(
        f"{FOLDER}/question.html",
        status=status,
        **common(data_set, wrong),
        measure=found,
        kind=words.KINDS.get(found["kind"], found["kind"]),
        texts=texts,
        states=[(code, str(text)) for code, text in words.STATES.items()],
        allowed=states,
        required=required,
        picked=found["kind"] in editing.PICKED,
        locks=words.why(editing.locks(definition, measure, around)),
        drawn=[name for name in around.drawn.get(measure, ()) if name != "subsidy"],
    )


def headings(data_set: DataSet, *, status: int = 200, wrong: Errors | None = None) -> Response:
    definition, again = drafting.standing(data_set), status != 200
    texts = []
    for path in heading_paths(definition):
        text = wording.text(definition, path)
        title = _("The form's name") if path == "names" else _("Part: %(name)s", name=tr_plain(text.names))
        texts.append(_text(path, text, wrong or {}, title, again))
    return render_page(f"{FOLDER}/headings.html", status=status, **common(data_set, wrong), texts=texts)


def new(data_set: DataSet, *, status: int = 200, wrong: Errors | None = None) -> Response:
    definition, again = drafting.standing(data_set), status != 200
    blank = wording.Text("", {}, frozenset())
    sections = definition.get("sections") or []
    return render_page(
        f"{FOLDER}/new.html",
        status=status,
        **common(data_set, wrong),
        texts=[_text(part, blank, wrong or {}, _title(part), again) for part in NEW_PARTS],
        kinds=[(code, str(text)) for code, text in words.NEW_KINDS.items()],
        sections=[(row["code"], tr_plain(row["names"])) for row in sections],
        states=[(code, str(words.STATES[code])) for code in _new_states(definition)],
        allowed=request.form.getlist("states") if again else ["zero", "unknown"],
        typed=request.form,
    )


def _new_states(definition: Definition) -> Iterable[str]:
    return [state for state in editing.STATES[1:] if state != editing.NOT_HELD or editing.opening(definition)]


def force(data_set: DataSet, *, status: int = 200, wrong: Errors | None = None) -> Response:
    definition, base = drafting.standing(data_set), data_set.current.definition
    typed = request.form
    options = form_editions.periods(data_set)
    standing = form_editions.standing(data_set)
    return render_page(
        f"{FOLDER}/force.html",
        status=status,
        **common(data_set, wrong),
        lines=change_lines(base, definition),
        may_put=may(signed_in(), Permission.PLAN_WRITE),
        pending=sum(one.pending for one in standing.values()),
        drafts=sum(one.drafts for one in standing.values()),
        untranslated=_untranslated(data_set, definition),
        options=[(key, month_of_year(key)) for key in options],
        from_period=typed.get("from_period") or options[0],
        reason=typed.get("reason", ""),
        agreed=typed.get("agreed") == "1",
        url=url_for("forms.put_in_force", code=data_set.code),
    )


def change_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each change in words, with the texts of each language that differ beside each other."""
    return [
        {
            "said": words.change(one),
            "texts": [
                {
                    "language": words.language(slug),
                    "lang": LOCALES[slug].html_lang,
                    "was": one.was[slug],
                    "now": one.now[slug],
                }
                for slug in one.now
            ],
        }
        for one in changes.compare(old, new)
    ]


def edition(data_set: DataSet, found: DataSetVersion, other: DataSetVersion | None) -> Response:
    """An edition; by default beside the one before it."""
    beside = other or data_set.edition(found.version - 1)
    old, new = sorted([found, beside], key=lambda one: one.version) if beside else (found, found)
    return render_page(
        f"{FOLDER}/edition.html",
        **common(data_set, None),
        edition=found,
        line=_edition_line(found),
        groups=_groups(found.definition, found.definition, Around()),
        beside=beside if beside is not found else None,
        others=[one for one in data_set.versions if one is not found],
        between=(old.version, new.version),
        lines=change_lines(old.definition, new.definition),
        here=form_editions.standing(data_set)[found.version],
        current=data_set.current is found,
    )
