"""Figures put straight into the ledger, reports sent and confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.measures import RawAnswer
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.reporting import services as reporting
from portal.reporting.answers import Written
from portal.reporting.desk import sit_down
from portal.reporting.models import Submission
from portal.reporting.services import Sending
from portal.review import services as review
from tests.integration.indicators.conftest import put as put
from tests.support.factories import Factories

Send = Callable[..., Submission]


@pytest.fixture
def send(make: Factories) -> Send:
    """send(group, "salon", "2026-10", confirm=True, held=2): a report, as the group's card would send it.

    A value that is a state ("unknown") is ticked in place of a number; a tuple is chosen options.
    """

    def made(
        organisation: Organisation,
        form: str,
        period: str,
        confirm: bool = True,
        contact: Contact | None = None,
        **values: Any,
    ) -> Submission:
        card, _token = make.card(organisation, contact=contact)
        desk = sit_down(make.card_actor(card), organisation, form, period, "reporting")
        sending = Sending(
            reporting.new_key(), 0, Written({code: raw(value) for code, value in values.items()})
        )
        submission = reporting.send(desk, sending)
        if confirm:
            review.approve(SYSTEM, submission, submission.last_seq)
        db.session.commit()
        return submission

    return made


def raw(value: Any) -> RawAnswer:
    if isinstance(value, tuple):
        return RawAnswer(chosen=value)
    return RawAnswer(state=value) if isinstance(value, str) else RawAnswer(text=str(value))
