"""On which edition of its form a report is written: a new one never changes it under its writer's hands."""

from __future__ import annotations

from portal.datasets.models import DataSet, DataSetVersion
from portal.organisations.models import Organisation
from portal.reporting import queries

KEY = "edition"  # in a form's hidden field, and beside what a draft keeps


def of_report(
    data_set: DataSet, organisation: Organisation, period: str, written_on: str = "", drafts: bool = True
) -> DataSetVersion:
    """The edition that its page was made of (`written_on`: as the page says); else that of the report which
    is there, else that of its draft, else the one that holds for the period.

    A page may have lain on a phone without a signal, or open on a desk, while a new edition came: what it
    asked is what is sent. It names no edition that never held for its period.
    """
    if len(data_set.versions) == 1:
        return data_set.current
    named = _named(data_set, period, written_on)
    if named is not None:
        return named
    sent = queries.submission(organisation.id, data_set.id, period)
    if sent is not None:
        return queries.version(sent).form
    draft = queries.draft(organisation.id, data_set.id, period) if drafts else None
    kept = _named(data_set, period, str(draft.raw.get(KEY, ""))) if draft else None
    return kept or data_set.edition_for(period)


def _named(data_set: DataSet, period: str, written_on: str) -> DataSetVersion | None:
    if not (written_on.isdecimal() and written_on.isascii() and len(written_on) < 6):
        return None
    found = data_set.edition(int(written_on))
    return found if found and (found.from_period or "") <= period else None
