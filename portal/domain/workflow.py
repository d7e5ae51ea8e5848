"""The life of a submission: what happened to it, how that makes its state, who may do what next.

    (nothing) --send--> waiting --approve--> approved --amend--> amended --approve--> approved
                        |  ^ correct                              (the approved version stays in force
                        return                                     until the new one is approved)
                        v
                        returned --correct--> resent --approve--> approved

What staff keyed in for somebody, that somebody may confirm: it is written down, and the state stays.
So it is when the first of two reviewers signs off, where a city wants two (`check`). An approval can be
taken back for ten minutes (`withdraw_approval`); after that the report is amended instead.

The state is never stored on its own: it is the fold of append-only events, so that it and the audit
trail can't disagree. Only the approved version counts, and it counts until another one is approved.
Every change names the last event that its author had seen; if there is a newer one, nothing is done.

Events carry ids, codes and numbers. They are chained by SHA-256, one chain a submission, so that a
removed or altered event shows.

Source: how monthly records travel on paper in the field (提出 → 確認 → 差戻し・訂正 → 承認 → 集計).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from portal.domain.canonical import canonical_json, sha256_of
from portal.domain.errors import Conflict, Invalid, StaleVersion


class Action(StrEnum):
    """What somebody wants to do."""

    SEND = "send"
    CORRECT = "correct"
    RETURN = "return"
    APPROVE = "approve"
    AMEND = "amend"
    WITHDRAW_APPROVAL = "withdraw_approval"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    CHECK = "check"


class EventKind(StrEnum):
    """What happened. The first three and AMENDED, each with a new version's number, bring new figures."""

    SENT = "sent"
    CORRECTED = "corrected"  # a new version before approval, asked for or not
    AMENDED = "amended"  # a new version of an approved report
    RETURNED = "returned"  # with a reason for each field in question
    APPROVED = "approved"  # its figures are posted
    APPROVAL_WITHDRAWN = "approval_withdrawn"  # its postings are reversed
    WITHDRAWN = "withdrawn"  # the version under review is taken back
    CONFIRMED = "confirmed"  # whom it was keyed in for says that the newest version is right
    CHECKED = "checked"  # the first of two reviewers has signed the version off


class State(StrEnum):
    """Where a submission stands. WAITING, RESENT and AMENDED are the reviewer's to act on."""

    WAITING = "waiting"
    RETURNED = "returned"
    RESENT = "resent"
    APPROVED = "approved"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"


PENDING = frozenset({State.WAITING, State.RESENT, State.AMENDED})


class ReturnReason(StrEnum):
    """Why a report is returned, a code a field, so that the reporter reads it in their own language."""

    DIGITS = "digits"  # a digit too many or too few?
    WRONG_MONTH = "wrong_month"
    DUPLICATE = "duplicate"  # this was already in another report
    MISMATCH = "mismatch"  # two figures don't fit each other
    BLANK = "blank"
    OTHER = "other"  # with a note


RETURN_REASONS = tuple(ReturnReason)
WHOLE_REPORT = ""  # the field of a reason that concerns the report as such


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a submission. `reasons`: field -> ReturnReason, of RETURNED only."""

    seq: int
    kind: EventKind
    version: int
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """What the events amount to. `approvals`: the versions approved and not taken back, oldest first.

    `version` is the newest that was sent. In APPROVED it may be one that was withdrawn again: what
    counts is `approved_version`, always.
    """

    state: State
    version: int
    last_seq: int
    approvals: tuple[int, ...] = ()

    @property
    def approved_version(self) -> int | None:
        """The version whose figures count."""
        return self.approvals[-1] if self.approvals else None


class Step(NamedTuple):
    """The event to append, and the state after it."""

    event: Event
    state: SubmissionState


_EVENT_OF = {
    Action.SEND: EventKind.SENT,
    Action.CORRECT: EventKind.CORRECTED,
    Action.RETURN: EventKind.RETURNED,
    Action.APPROVE: EventKind.APPROVED,
    Action.AMEND: EventKind.AMENDED,
    Action.WITHDRAW_APPROVAL: EventKind.APPROVAL_WITHDRAWN,
    Action.WITHDRAW: EventKind.WITHDRAWN,
    Action.CONFIRM: EventKind.CONFIRMED,
    Action.CHECK: EventKind.CHECKED,
}

_ACTION_OF = {kind: action for action, kind in _EVENT_OF.items()}

_NEW_VERSION = frozenset({EventKind.SENT, EventKind.CORRECTED, EventKind.AMENDED})

_NOTED = frozenset({EventKind.CONFIRMED, EventKind.CHECKED})  # they leave the state as it is

_UNDER_REVIEW = frozenset(
    {Action.CORRECT, Action.RETURN, Action.APPROVE, Action.WITHDRAW, Action.CONFIRM, Action.CHECK}
)

UNDO_FOR = timedelta(minutes=10)  # how long an approval can be taken back: before anybody builds on it

# What may be done in each state (None: nothing was sent yet).
ALLOWED: Mapping[State | None, frozenset[Action]] = {
    None: frozenset({Action.SEND}),
    State.WAITING: _UNDER_REVIEW,
    State.RESENT: _UNDER_REVIEW,
    State.AMENDED: _UNDER_REVIEW,
    State.RETURNED: frozenset({Action.CORRECT, Action.WITHDRAW}),
    State.APPROVED: frozenset({Action.AMEND, Action.WITHDRAW_APPROVAL, Action.CONFIRM}),
    State.WITHDRAWN: frozenset({Action.SEND}),
}


def allowed(state: SubmissionState | None, action: Action) -> bool:
    """Whether the state of things admits the action. Whether this person may: see `permissions`."""
    return action in ALLOWED[state.state if state else None]


def fold(events: Iterable[Event]) -> SubmissionState | None:
    """The state that the events make, in order; None for no events.

    Raises Conflict("broken_history") for a row of events that can't have happened: a gap in the numbers,
    a wrong version, an event that its state did not admit. `portal verify` counts on that.
    """
    state: SubmissionState | None = None
    for event in events:
        state = _follow(state, event)
    return state


def apply(
    state: SubmissionState | None,
    action: Action,
    expected_seq: int,
    reasons: Mapping[str, str] | None = None,
) -> Step:
    """The next event, and the state after it. `expected_seq`: the last event the actor saw (0: none).

    Raises StaleVersion if there is a newer event, Conflict("not_in_this_state") if the action does not
    fit the state, Invalid("reason_missing" | "unknown_reason") for a return without good reasons.
    """
    last_seq = state.last_seq if state else 0
    if expected_seq != last_seq:
        raise StaleVersion("stale", expected=expected_seq, actual=last_seq)
    if not allowed(state, action):
        raise Conflict("not_in_this_state", state=state.state.value if state else None, action=action.value)
    if action is Action.RETURN:
        _check_reasons(reasons or {})
    elif reasons:
        raise Invalid("reasons_without_return", action=action.value)
    kind = _EVENT_OF[action]
    event = Event(last_seq + 1, kind, _version_after(state, kind), dict(reasons or {}))
    return Step(event, _follow(state, event))


def _check_reasons(reasons: Mapping[str, str]) -> None:
    if not reasons:
        raise Invalid("reason_missing")
    for where, reason in reasons.items():
        if reason not in set(ReturnReason):
            raise Invalid("unknown_reason", field=where, reason=reason)


def _version_after(state: SubmissionState | None, kind: EventKind) -> int:
    return (state.version if state else 0) + (kind in _NEW_VERSION)


def _follow(state: SubmissionState | None, event: Event) -> SubmissionState:
    """One step of the fold."""
    last_seq = state.last_seq if state else 0
    fits = event.seq == last_seq + 1 and event.version == _version_after(state, event.kind)
    if not fits or not allowed(state, _ACTION_OF[event.kind]):
        raise Conflict("broken_history", seq=event.seq, kind=event.kind.value)
    approvals = state.approvals if state else ()
    if event.kind is EventKind.APPROVED:
        approvals = (*approvals, event.version)
    elif event.kind is EventKind.APPROVAL_WITHDRAWN:
        approvals = approvals[:-1]
    if event.kind in _NOTED and state is not None:
        return replace(state, last_seq=event.seq)
    moved = _state_after(state, event.kind, bool(approvals))
    return SubmissionState(moved, event.version, event.seq, approvals)


def _state_after(state: SubmissionState | None, kind: EventKind, in_force: bool) -> State:
    """The state after an event; `in_force`: whether some version counts after it."""
    if kind is EventKind.APPROVED:
        return State.APPROVED
    if kind is EventKind.RETURNED:
        return State.RETURNED
    if kind is EventKind.WITHDRAWN:
        return State.APPROVED if in_force else State.WITHDRAWN
    if in_force:  # another version waits beside the one that counts
        return State.AMENDED
    was_returned = state is not None and state.state in (State.RETURNED, State.RESENT)
    return State.RESENT if kind is EventKind.CORRECTED and was_returned else State.WAITING


# --- the chain ------------------------------------------------------------------------------------------

GENESIS = "0" * 64  # what the first event is chained to


class Link(NamedTuple):
    """A chained event as stored."""

    payload: Mapping[str, Any]
    previous: str
    hash: str


def chain(previous: str, payload: Mapping[str, Any]) -> str:
    """The hash that ties a payload to everything before it: SHA-256, 64 hexadecimal digits."""
    return sha256_of(f"{previous}\n{canonical_json(payload)}")


def verify_chain(links: Iterable[Link]) -> int | None:
    """The position (from 0) of the first link that does not hold, or None if all do.

    A chain cut off at its end still holds: only the daily seal of heads shows that.
    """
    previous = GENESIS
    for position, link in enumerate(links):
        if link.previous != previous or link.hash != chain(previous, link.payload):
            return position
        previous = link.hash
    return None
