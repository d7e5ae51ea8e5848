"""What the demo's commissioner has counted this month, so that the day counter has something in it."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from portal.datasets import queries as datasets
from portal.demo import people
from portal.demo.city import ZONE, stable_id
from portal.extensions import db
from portal.organisations.models import COMMISSIONER_FORM
from portal.reporting.models import Tap

OFTEN = ("visits", "visits", "visits", "daily_support", "for_older", "between_members", "community")


def load(as_of: date) -> None:
    """A few presses on most days of the month before `as_of`; nothing in a plan without the form."""
    area, form = people.cards().get("demo-card-minsei"), datasets.data_set(COMMISSIONER_FORM)
    if area is None or form is None:
        return
    first = as_of.replace(day=1)
    for number in range((as_of - first).days):
        day = first + timedelta(days=number)
        dice = random.Random(f"counted {day.isoformat()}")  # noqa: S311 - a demo, not a secret
        for place in range(dice.randint(0, 5)):
            db.session.add(
                Tap(
                    organisation_id=area.id,
                    data_set_id=form.id,
                    contact_id=people.term(area),
                    day=day,
                    measure=dice.choice(OFTEN),
                    step=1,
                    tap_key=stable_id("tap", day.isoformat(), place),
                    entered_by="system:0",
                    at=datetime.combine(day, time(17, place), ZONE),
                )
            )
    db.session.flush()
