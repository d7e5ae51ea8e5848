"""The demo city: the same day gives the same bytes; the data it makes agrees with itself."""

from __future__ import annotations

import os
import subprocess
import sys

from sqlalchemy import func, select

from config import ROOT
from portal.domain.workflow import State
from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting.models import Submission
from portal.server import verification
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
