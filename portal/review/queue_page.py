"""From the queue's rows to what its page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.accounts import queries as accounts
from portal.datasets import queries as datasets
from portal.domain.permissions import Actor
from portal.extensions import db
from portal.organisations import queries as organisations
from portal.organisations.models import KINDS
from portal.organisations.reachability import present_contacts
from portal.periods import queries as periods
from portal.reporting import queries as reports
from portal.reporting import words as reporting_words
from portal.reporting.models import Submission
from portal.reporting.staff_words import STATE_TAGS
from portal.review import exceptions, late, queries, saved_views, services, undo, words
from portal.review.filters import MORE, TABS, Filters
from portal.review.queries import Queue
from portal.web.filters import month_of_year, number
from portal.web.i18n import _, ngettext, tr_plain

LENGTHS = {"tab": 10, "district": 40, "kind": 40, "data_set": 40, "period": 10, "q": 60, "sort": 10}


def read(args: MultiDict[str, str]) -> Filters:
    """The filters that an address names; what is unknown in it counts as nothing."""
    asked = {name: args.get(name, "").strip()[:most] for name, most in LENGTHS.items()}
    asked["tab"] = asked["tab"] if asked["tab"] in (*TABS, *MORE) else "waiting"
    asked["sort"] = asked["sort"] if asked["sort"] in queries.ORDERS else "unusual"
    return Filters(**asked, after=args.get("after", "")[:400], before=args.get("before", "")[:400])


def came_from(text: str) -> Filters:
    """The queue that somebody came from, as its page wrote it down."""
    return read(MultiDict(parse_qsl(text[:600])))


def query_of(filters: Filters) -> str:
    """The part of the address behind the "?" that brings these filters back."""
    plain = Filters()
    changed = {k: v for k, v in filters.__dict__.items() if v != getattr(plain, k)}
    return urlencode(changed)


def url(filters: Filters) -> str:
    query = query_of(filters)
    return url_for("review.queue") + (f"?{query}" if query else "")


def page(actor: Actor, filters: Filters) -> dict[str, Any]:
    """Everything of the queue's page."""
    two = services.wants_two()
    on_late = filters.tab == "late"
    granted = periods.granted()
    found = Queue([], 0) if on_late else queries.queue(actor, filters)
    everybody = late.late(actor)  # for the number above as well as for the list
    missing = late.narrowed(everybody, filters) if on_late else []
    return {
        "section": "review",
        "filters": filters,
        "late": late_rows(missing) if on_late else [],
        "tabs": tabs(actor, filters, len(everybody)),
        "selects": _selects(filters),
        "rows": [row(actor, one, filters, two, granted) for one in found.rows],
        "total": len(missing) if on_late else found.total,
        "before": url(replace(filters, before=found.before, after="")) if found.before else "",
        "after": url(replace(filters, after=found.after, before="")) if found.after else "",
        "views": [
            (view.id, view.name, f"{url_for('review.queue')}?{view.query}") for view in saved_views.of(actor)
        ],
        "here": query_of(replace(filters, after="", before="")),
        "undoable": undo.of(actor),
        "marks": marks(),
    }


def marks() -> list[tuple[str, str]]:
    """What can be found out about a late report, in words."""
    return [(code, str(word)) for code, word in words.MARKS.items()]


def tabs(actor: Actor, filters: Filters, missing: int) -> list[dict[str, Any]]:
    """The four numbers (`missing`: how many are late), then the two that are looked up now and then."""
    counts = {**queries.counts(actor), "late": missing}
    return [
        {
            "url": url(Filters(tab=tab)),
            "name": str(words.TABS[tab]),
            "count": counts[tab],
            "current": filters.tab == tab,
            "main": tab in TABS,
        }
        for tab in (*TABS, *MORE)
    ]


def _selects(filters: Filters) -> list[dict[str, Any]]:
    everything = ("", _("All"))
    periods = db.session.scalars(
        select(Submission.period).distinct().order_by(Submission.period.desc())
    ).all()
    named = {
        "district": (_("District"), [(d.code, tr_plain(d.names)) for d in organisations.districts()]),
        "kind": (_("Kind"), [(kind, str(words.KINDS[kind])) for kind in KINDS]),
        "data_set": (_("Form"), [(d.code, tr_plain(d.names)) for d in datasets.all_data_sets()]),
        "period": (_("Period"), [(p, month_of_year(p)) for p in periods]),
    }
    found = [
        {"name": name, "label": label, "chosen": getattr(filters, name), "options": [everything, *options]}
        for name, (label, options) in named.items()
    ]
    sorts = [(code, str(text)) for code, text in words.SORTS.items()]
    return [*found, {"name": "sort", "label": _("Order"), "chosen": filters.sort, "options": sorts}]


def row(
    actor: Actor, found: queries.Row, filters: Filters, two: bool, granted: periods.Granted | None = None
) -> dict[str, Any]:
    """One line, with what this actor may do with it; `two`: the city wants two people to sign off.

    `granted`: the exceptions to a lock that hold today.
    """
    submission = found.submission
    pending = submission.state in ("waiting", "resent", "amended")
    mine = services.may_decide(actor, submission, two)
    where = query_of(filters)
    return {
        "public_id": submission.public_id,
        "seq": submission.last_seq,
        "url": url_for("review.report", public_id=submission.public_id, back=where or None),
        "name": submission.organisation.name,
        "district": submission.organisation.district.names if submission.organisation.district else None,
        "form": submission.data_set.names,
        "form_code": submission.data_set.code,
        "period": submission.period,
        "sent_at": submission.sent_at,
        "figure": _short(found.figure),
        "before": _short(found.before),
        "bars": found.bars,
        "unusual": submission.unusual,
        "tag": "unusual" if submission.unusual and pending else STATE_TAGS[submission.state],
        "remark": _remark(found),
        "exception": (granted or {}).get(
            (submission.organisation_id, submission.data_set.code, submission.period)
        ),
        "signed": pending and services.signed_off_by(submission) is not None,
        "may_approve": pending and mine,
        "may_choose": pending and mine and not submission.unusual,
        "may_return": pending and mine,
        "may_undo": bool(services.undoable_until(submission)) and mine,
    }


def _short(answer: dict[str, Any] | None) -> str:
    return reporting_words.answer(answer, None, {})


def _remark(found: queries.Row) -> str:
    """In words what the bars show, where there is something to say."""
    if found.same_again:
        return found.same_again
    if not found.submission.unusual or not found.figure or not found.before:
        return ""
    now, before = found.figure.get("value"), found.before.get("value")
    if now and before:
        return _("%(before)s before, %(now)s now", before=number(before), now=number(now))
    return ""


def late_rows(missing: Sequence[late.Late]) -> list[dict[str, Any]]:
    """Who is late, with telephone numbers and what was found out: two queries for all of them."""
    people = _telephones(missing)
    names = accounts.names() if any(one.exception for one in missing) else {}
    return [
        {
            "organisation": one.organisation,
            "data_set": one.data_set,
            "period": one.period,
            "due_on": one.due_on,
            "days": (clock.today() - one.due_on).days,
            "mark": one.mark.mark if one.mark else "",
            "marked_at": one.mark.at if one.mark else None,
            "people": people.get(one.organisation.id, []),
            "locked_since": one.locked_since,
            "exception": exceptions.told(one.exception, names) if one.exception else None,
        }
        for one in missing
    ]


def _telephones(missing: Sequence[late.Late]) -> dict[int, list[Any]]:
    """The present contacts of those who are late, as far as they have a telephone."""
    from_all = present_contacts({one.organisation.id for one in missing})
    return {key: [person for person in people if person.phone] for key, people in from_all.items()}


def chosen(actor: Actor, submissions: Sequence[Submission]) -> dict[str, Any]:
    """What exactly will happen, if these are approved together."""
    two = services.wants_two()
    listed = [
        {
            "public_id": s.public_id,
            "seq": s.last_seq,
            "name": s.organisation.name,
            "form": s.data_set.names,
            "form_code": s.data_set.code,
            "period": s.period,
            "figure": _short(reports.version(s).values.get(queries.headline(s.data_set))),
            "signs": two and services.signed_off_by(s) is None,
        }
        for s in submissions
    ]
    return {"rows": listed, "moves": [] if two else _moves(submissions), "two": two}


def _moves(submissions: Sequence[Submission]) -> list[tuple[dict[str, str], str, str]]:
    """(names, code, words) of each indicator that the figures enter, in the plan's order."""
    reported: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    names: dict[str, dict[str, str]] = {}
    feeds: dict[int, list[tuple[Any, str]]] = {}
    for s in submissions:
        values = reports.version(s).values
        if s.data_set_id not in feeds:
            feeds[s.data_set_id] = reports.fed_by(s.data_set_id, [m.code for m in s.data_set.measures])
        for indicator, code in feeds[s.data_set_id]:
            answer = values.get(code, {})
            if answer.get("state") in ("number", "zero"):
                reported[indicator.code] += 1
                sums[indicator.code] += int(float(answer.get("value") or 0))
                names[indicator.code] = indicator.names
    return [
        (
            names[code],
            code,
            ngettext(
                "%(total)s from %(num)s report", "%(total)s from %(num)s reports", n, total=number(sums[code])
            ),
        )
        for code, n in reported.items()
    ]
