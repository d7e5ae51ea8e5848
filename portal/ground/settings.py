"""What a city decides: read with a default, changed with an audit event."""

from __future__ import annotations

from typing import Any

from portal.domain.permissions import Actor
from portal.extensions import db
from portal.ground.audit import record
from portal.ground.models import Setting

# May whoever keyed a group's report in from paper approve it too? Unless the city says so, no.
KEYER_MAY_APPROVE = "keyer_may_approve"
# Must two reviewers sign a report off before it counts? Unless the city says so, one.
SECOND_SIGN_OFF = "second_sign_off"
# May one event count in two indicators? The plan does not say (確認待ち); until the city does, in one.
EVENTS_COUNT_IN_TWO = "events.count_in_two"

# Codes of the offices and sections with one person only: whoever enters their figures may confirm them, and
# the figures are marked. Unless the city names some, none.
ONE_PERSON_OFFICES = "one_person_offices"


def get(key: str, default: Any = None) -> Any:
    row = db.session.get(Setting, key)
    return default if row is None else row.value


def put(key: str, value: Any, actor: Actor) -> None:
    """Set `key`; the same value again writes nothing. `value` is JSON and holds no personal data."""
    row = db.session.get(Setting, key)
    if row is not None and row.value == value:
        return
    if row is None:
        db.session.add(Setting(key=key, value=value))
    else:
        row.value = value
    record("setting", key, "changed", actor, value=value)
