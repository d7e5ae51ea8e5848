"""P9: 500 phones at once send a long record, replays and lost answers included: nothing lost or doubled."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask import g, session
from sqlalchemy import create_engine, func, make_url, select, text

from config import from_environment
from portal import clock, create_app
from portal.accounts.models import Card
from portal.accounts.sign_in import start_session
from portal.datasets.models import Assignment, DataSet
from portal.demo.commissioners import CODES
from portal.extensions import db
from portal.organisations.models import Contact, District, Organisation
from portal.reporting.models import Submission, SubmissionEvent, SubmissionVersion
from portal.web.csrf import csrf_field
from portal.web.unit_of_work import PortalFlask
from tests.bench.machine import Wire, log_of, together
from tests.bench.report import Result
from tests.support.browser import portal, serving, settings
from tests.support.city import NOW, PLAN
from tests.support.postgres import postgres_url

PHONES, PATIENCE, GAVE_UP = 500, 120.0, 0
SEND = "/ja/report/minsei/2026-10/send"
Phone = tuple[str, str]  # cookie, form


def measure(folder: Path) -> Iterator[Result]:
    yield _measured("SQLite", f"sqlite:///{folder / 'phones.sqlite3'}")
    server = postgres_url()
    if server is None:
        yield Result("P9", "500 phones, PostgreSQL", "not installed")
        return
    admin = create_engine(make_url(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE phones"))
    admin.dispose()
    url = make_url(server).set(database="phones").render_as_string(hide_password=False)
    yield _measured("PostgreSQL", url)


def _measured(name: str, database: str) -> Result:
    environment = {"PORTAL_ENV": "test", "PORTAL_DATABASE_URL": database, "PORTAL_NOW": NOW}
    portal(environment, "migrate")
    portal(environment, "plan", "load", str(PLAN))
    app = create_app(from_environment(settings(environment)))
    with app.app_context():
        phones = _phones(app)
        db.session.remove()
        db.engine.dispose()
    with serving(environment) as url:
        begun = time.perf_counter()
        statuses = _send(url, phones)
        spent = time.perf_counter() - begun
        locked = log_of(url).count("database is locked")
    with app.app_context():
        kept = [
            db.session.scalar(select(func.count()).select_from(model))
            for model in (Submission, SubmissionVersion, SubmissionEvent)
        ]
        db.session.remove()
        db.engine.dispose()
    refused = sum(count for status, count in statuses.items() if status != 303)
    good = kept == [PHONES] * 3 and refused == 0 and locked == 0
    said = (
        f"{kept[0]} kept of {PHONES}, {kept[1] - kept[0]} doubled, {refused} refused, {locked} locked; "
        f"{spent:.0f} s"
    )
    return Result(
        "P9", f"{PHONES} phones x {len(CODES)} values, each sent twice, {name}", said, "all, none twice", good
    )


def _phones(app: PortalFlask) -> list[Phone]:
    """Areas with a commissioner each, and a signed-in phone for each; made in bulk, not one by one."""
    form_id = db.session.scalars(select(DataSet.id).where(DataSet.code == "minsei")).one()
    district = db.session.scalars(select(District)).first()
    opened = date(2025, 4, 1)
    areas = [
        Organisation(
            public_id=f"{number:032x}", side="commissioner", name=f"区{number}", names={},
            district=district, opened_on=opened,
        )
        for number in range(PHONES)
    ]  # fmt: skip
    db.session.add_all(areas)
    db.session.flush()
    contacts = [
        Contact(organisation_id=a.id, role="commissioner", language="ja", starts_on=opened) for a in areas
    ]
    db.session.add_all(contacts)
    db.session.flush()
    cards = [
        Card(
            organisation=area, contact_role="commissioner", contact_id=contact.id, token_digest=f"{area.id}",
            pin_hash="-", issued_at=clock.now() - timedelta(days=1),
        )
        for area, contact in zip(areas, contacts, strict=True)
    ]  # fmt: skip
    db.session.add_all(cards)
    db.session.add_all(
        Assignment(organisation_id=a.id, data_set_id=form_id, cadence="monthly", starts_on=opened)
        for a in areas
    )
    made = [_signed_in(app, card, number) for number, card in enumerate(cards)]
    db.session.commit()
    return made


def _signed_in(app: PortalFlask, card: Card, number: int) -> Phone:
    with app.test_request_context("/ja/report/"):
        g.signed_in_session = None  # one context for all of them: forget the phone before
        g.pop("csrf_token", None)
        g.pop("csrf_masked", None)
        start_session(card=card, device="android")
        token = re.search('value="([^"]+)"', csrf_field())
        interface = app.session_interface
        cookie = interface.get_signing_serializer(app).dumps(dict(session))
    figures = {f"m-{code}": str((number + place) % 7) for place, code in enumerate(CODES)}
    fields = {"submission_key": f"phone-{number}", "based_on": "0", **figures}
    return f"portal={cookie}", urlencode({**fields, "csrf_token": token[1] if token else ""})


def _send(url: str, phones: list[Phone]) -> Counter[int]:
    """Every phone at once; one in five loses the first answer, and all send again."""
    statuses: Counter[int] = Counter()

    def phone(number: int) -> None:
        cookie, form = phones[number]
        for turn in range(2):
            status = _once(url, cookie, form, listens=turn == 1 or number % 5 != 0)
            if status is not None:
                statuses[status] += 1

    together(phone, len(phones))
    return statuses


def _once(url: str, cookie: str, form: str, *, listens: bool) -> int | None:
    """One sending; again and again while there is no connection, as the outbox does."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        try:
            wire = Wire(url)
            request = wire.request(SEND, {"Cookie": cookie}, form)
            if not listens:
                wire._socket.sendall(request)
                wire.close()  # the answer is lost: nobody knows whether it arrived
                return None
            status = wire.ask(request).status
            wire.close()
        except (OSError, IndexError):
            time.sleep(0.2)
        else:
            return status
    return GAVE_UP
