from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Conflict, Invalid, StaleVersion
from portal.domain.workflow import (
    ALLOWED,
    GENESIS,
    PENDING,
    RETURN_REASONS,
    WHOLE_REPORT,
    Action,
    Event,
    EventKind,
    Link,
    State,
    SubmissionState,
    allowed,
    apply,
    chain,
    fold,
    verify_chain,
)

SEND, CORRECT, RETURN, APPROVE = Action.SEND, Action.CORRECT, Action.RETURN, Action.APPROVE
AMEND, UNDO, WITHDRAW = Action.AMEND, Action.WITHDRAW_APPROVAL, Action.WITHDRAW
CONFIRM, CHECK = Action.CONFIRM, Action.CHECK
BECAUSE = {"attendance": "digits"}


def play(*actions: Action) -> tuple[list[Event], SubmissionState | None]:
    """What comes of a row of actions, each by somebody who has seen the last."""
    events: list[Event] = []
    state: SubmissionState | None = None
    for action in actions:
        event, state = apply(state, action, len(events), BECAUSE if action is RETURN else None)
        events.append(event)
    return events, state


@pytest.mark.parametrize(
    ("actions", "state", "version", "approved"),
    [
        ([SEND], State.WAITING, 1, None),
        ([SEND, CORRECT], State.WAITING, 2, None),  # put right before anybody looked
        ([SEND, RETURN], State.RETURNED, 1, None),
        ([SEND, RETURN, CORRECT], State.RESENT, 2, None),
        ([SEND, RETURN, CORRECT, CORRECT], State.RESENT, 3, None),
        ([SEND, RETURN, CORRECT, RETURN], State.RETURNED, 2, None),
        ([SEND, RETURN, CORRECT, APPROVE], State.APPROVED, 2, 2),
        ([SEND, APPROVE], State.APPROVED, 1, 1),
        ([SEND, APPROVE, AMEND], State.AMENDED, 2, 1),
        ([SEND, APPROVE, AMEND, CORRECT], State.AMENDED, 3, 1),
        ([SEND, APPROVE, AMEND, RETURN], State.RETURNED, 2, 1),
        ([SEND, APPROVE, AMEND, RETURN, CORRECT], State.AMENDED, 3, 1),
        ([SEND, APPROVE, AMEND, APPROVE], State.APPROVED, 2, 2),
        ([SEND, APPROVE, AMEND, WITHDRAW], State.APPROVED, 2, 1),
        ([SEND, APPROVE, AMEND, WITHDRAW, AMEND], State.AMENDED, 3, 1),
        ([SEND, APPROVE, UNDO], State.WAITING, 1, None),
        ([SEND, APPROVE, AMEND, APPROVE, UNDO], State.AMENDED, 2, 1),
        ([SEND, APPROVE, AMEND, WITHDRAW, UNDO], State.WAITING, 2, None),
        ([SEND, WITHDRAW], State.WITHDRAWN, 1, None),
        ([SEND, RETURN, WITHDRAW, SEND], State.WAITING, 2, None),
        ([SEND, CONFIRM], State.WAITING, 1, None),  # it changes nothing but the trail
        ([SEND, APPROVE, CONFIRM], State.APPROVED, 1, 1),
        ([SEND, APPROVE, AMEND, CONFIRM, APPROVE], State.APPROVED, 2, 2),
        ([SEND, RETURN, CORRECT, CONFIRM, CORRECT], State.RESENT, 3, None),
        ([SEND, CHECK], State.WAITING, 1, None),  # the first of two
        ([SEND, RETURN, CORRECT, CHECK, APPROVE], State.APPROVED, 2, 2),
        ([SEND, APPROVE, AMEND, CHECK, RETURN], State.RETURNED, 2, 1),
    ],
)
def test_stories(actions: list[Action], state: State, version: int, approved: int | None) -> None:
    events, end = play(*actions)
    assert end is not None
    assert (end.state, end.version, end.approved_version) == (state, version, approved)
    assert end.last_seq == len(events) == len(actions)
    assert fold(events) == end


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("action", Action)
def test_what_a_state_does_not_admit_is_a_conflict(state: State | None, action: Action) -> None:
    now = SubmissionState(state, 2, 5, (1,)) if state else None
    reasons = BECAUSE if action is RETURN else None
    if action in ALLOWED[state]:
        assert allowed(now, action)
        assert apply(now, action, 5 if now else 0, reasons).event.seq == (6 if now else 1)
    else:
        assert not allowed(now, action)
        with pytest.raises(Conflict, match="not_in_this_state"):
            apply(now, action, 5 if now else 0, reasons)


def test_the_second_of_two_people_is_told() -> None:
    _events, seen_by_both = play(SEND)
    assert seen_by_both is not None
    _event, after_the_first = apply(seen_by_both, APPROVE, 1)
    with pytest.raises(StaleVersion) as error:
        apply(after_the_first, RETURN, 1, BECAUSE)
    assert error.value.params == {"expected": 1, "actual": 2}
    with pytest.raises(StaleVersion):
        apply(None, SEND, 1)


@pytest.mark.parametrize(
    ("reasons", "code"),
    [({}, "reason_missing"), (None, "reason_missing"), ({"attendance": "because"}, "unknown_reason")],
)
def test_a_return_says_why(reasons: dict[str, str] | None, code: str) -> None:
    _events, state = play(SEND)
    with pytest.raises(Invalid, match=code):
        apply(state, RETURN, 1, reasons)


@pytest.mark.parametrize("reason", RETURN_REASONS)
def test_every_reason_can_be_given_for_a_field_or_the_whole_report(reason: str) -> None:
    _events, state = play(SEND)
    for where in ("attendance", WHOLE_REPORT):
        assert apply(state, RETURN, 1, {where: reason}).event.reasons == {where: reason}


def test_only_a_return_has_reasons() -> None:
    _events, state = play(SEND)
    with pytest.raises(Invalid, match="reasons_without_return"):
        apply(state, APPROVE, 1, BECAUSE)


def test_nothing_sent_is_no_state() -> None:
    assert fold([]) is None
    assert allowed(None, SEND)
    assert not allowed(None, CORRECT)


@pytest.mark.parametrize(
    "events",
    [
        [Event(1, EventKind.APPROVED, 1)],  # approved before it was sent
        [Event(2, EventKind.SENT, 1)],  # the first is gone
        [Event(1, EventKind.SENT, 2)],
        [Event(1, EventKind.SENT, 1), Event(3, EventKind.APPROVED, 1)],
        [Event(1, EventKind.SENT, 1), Event(2, EventKind.APPROVED, 2)],
        [Event(1, EventKind.SENT, 1), Event(2, EventKind.APPROVED, 1), Event(3, EventKind.APPROVED, 1)],
    ],
)
def test_a_history_that_cannot_be_is_found(events: list[Event]) -> None:
    with pytest.raises(Conflict, match="broken_history"):
        fold(events)


@given(st.lists(st.sampled_from(Action), max_size=40))
def test_whatever_people_try_the_history_holds(tried: Sequence[Action]) -> None:
    events: list[Event] = []
    state: SubmissionState | None = None
    for action in tried:
        if not allowed(state, action):
            continue
        step = apply(state, action, len(events), BECAUSE if action is RETURN else None)
        events.append(step.event)
        before, state = state, step.state
        assert fold(events) == state
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        # figures that count were sent and approved, and only an approval or its undoing changes them
        assert state.approved_version is None or 1 <= state.approved_version <= state.version
        if action not in (APPROVE, UNDO):
            assert state.approved_version == (before.approved_version if before else None)
        assert (state.state is State.APPROVED) <= (state.approved_version is not None)
        assert (state.state in PENDING) == allowed(state, APPROVE)


# --- the chain


def linked(payloads: Sequence[dict[str, object]]) -> list[Link]:
    links: list[Link] = []
    for payload in payloads:
        previous = links[-1].hash if links else GENESIS
        links.append(Link(payload, previous, chain(previous, payload)))
    return links


STORY: list[dict[str, object]] = [{"seq": 1, "kind": "sent"}, {"seq": 2, "kind": "approved"}, {"seq": 3}]


def test_a_chain_holds() -> None:
    assert verify_chain([]) is None
    assert verify_chain(linked(STORY)) is None


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_changed_or_missing_link_shows(at: int) -> None:
    links = linked(STORY)
    changed = [*links]
    changed[at] = links[at]._replace(payload={"seq": at + 1, "kind": "changed"})
    assert verify_chain(changed) == at
    hidden = changed[at]._replace(hash=chain(links[at].previous, changed[at].payload))
    assert verify_chain([*links[:at], hidden, *links[at + 1 :]]) == (at + 1 if at < 2 else None)
    assert verify_chain([*links[:at], *links[at + 1 :]]) == (at if at < 2 else None)


def test_a_link_names_the_one_before_it() -> None:
    links = linked(STORY)
    assert verify_chain([links[0], links[1]._replace(previous=GENESIS), links[2]]) == 1


def test_a_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert chain(GENESIS, {"a": 1, "b": "市"}) == chain(GENESIS, {"b": "市", "a": 1})
    assert chain(GENESIS, {"a": 1}) != chain("1" * 64, {"a": 1})
    assert len(GENESIS) == len(chain(GENESIS, {})) == 64


def test_events_are_values() -> None:
    event = Event(1, EventKind.SENT, 1)
    assert replace(event) == event
