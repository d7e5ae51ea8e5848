"""The demo city: the same day gives the same bytes; the data it makes agrees with itself."""

from __future__ import annotations

import os
import subprocess
import sys

from sqlalchemy import func, select

from config import ROOT
from portal.domain.permissions import Actor, Grant, Role
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations.models import Contact, Organisation
from portal.reminders import results
from portal.reporting.models import Submission
from portal.server import verification
from portal.web.locale import LOCALES
from portal.web.unit_of_work import PortalFlask

DIGEST = """
import hashlib
from datetime import date
from portal.demo import city
day = date(2026, 11, 5)
groups = city.groups(day)
print(hashlib.sha256(repr((groups, list(city.reports(groups, day)))).encode()).hexdigest())
"""


def digest(hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_same_day_gives_the_same_city() -> None:
    assert len(digest("1")) == 64
    assert digest("1") == digest("2")


def test_the_city_is_whole(city: PortalFlask) -> None:
    groups = db.session.scalar(
        select(func.count()).select_from(Organisation).where(Organisation.side == "group")
    )
    assert groups == 120
    states = set(db.session.scalars(select(Submission.state).distinct()))
    assert states >= {State.WAITING, State.RETURNED, State.RESENT, State.APPROVED}
    report = verification.verify()
    assert report.mismatch is None
    assert dict(report.counted)["postings"] > 10_000


def test_somebody_can_be_called_and_nobody_is_real(city: PortalFlask) -> None:
    contacts = list(db.session.scalars(select(Contact).where(Contact.role.in_(("leader", "deputy")))))
    groups = db.session.scalars(
        select(Organisation.id).where(Organisation.side == "group", Organisation.closed_on.is_(None))
    )
    assert {contact.organisation_id for contact in contacts} == set(groups)
    assert all((contact.phone or "").startswith("048-000-") for contact in contacts)
    assert all(contact.email is None or contact.email.endswith("@example.jp") for contact in contacts)
    assert all(contact.name is None or contact.name.startswith("見本 ") for contact in contacts)
    assert {contact.language for contact in contacts} == set(LOCALES)
    assert len({contact.phone for contact in contacts}) == len(contacts)


def test_the_reminders_page_has_something_of_each_kind(city: PortalFlask) -> None:
    lines = results.lines(Actor("staff", 1, None, (Grant(Role.REVIEWER),)))
    assert [name for name, holds in results.GROUPS.items() if not any(map(holds, lines))] == []
    assert {line.became for line in lines} >= {"", "sent", "bounced", "unclear"}


def test_letters_carry_the_office_s_number(city: PortalFlask) -> None:
    phones = db.session.scalars(select(Organisation.phone).where(Organisation.side == "office"))
    assert all((phone or "").startswith("048-000-") for phone in phones)
