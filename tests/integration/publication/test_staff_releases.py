"""Staff's page of releases and the button 公表する."""

from __future__ import annotations

from sqlalchemy import select

from portal.datasets.models import DataSet, Measure
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.ledger import services as ledger
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from portal.publication import queries
from portal.web.unit_of_work import PortalFlask
from tests.support.client import Client
from tests.support.factories import Factories


def signed_in(city: PortalFlask) -> Client:
    client = Client(city)
    client.sign_in(Factories(city).user({"role": "reviewer"}, name="見本 花子"))
    return client


def test_publishing_by_the_button(city: PortalFlask) -> None:
    staff = signed_in(city)
    office = db.session.scalars(select(Organisation).where(Organisation.code == "shakyo")).one()
    office.phone = "048-000-1111"
    db.session.commit()
    staff.get("/staff/releases/")
    answer = staff.submit(staff.page.form("main form"))
    assert answer.headers["Location"].endswith("/staff/releases/?new=1")
    staff.follow(answer)
    newest = queries.latest()
    assert newest is not None
    assert (newest.number, newest.published_by.split(":")[0]) == (2, "staff")
    assert "見本 花子" in staff.page.text("main")


def test_nothing_new_is_said_and_makes_none(city: PortalFlask) -> None:
    staff = signed_in(city)
    staff.get("/staff/releases/")
    answer = staff.submit(staff.page.form("main form"))
    assert answer.headers["Location"].endswith("/staff/releases/?new=0")
    staff.follow(answer)
    newest = queries.latest()
    assert newest is not None
    assert newest.number == 1


def test_what_would_move_is_shown_before(city: PortalFlask) -> None:
    """One more posting of attendance: the page names the figures that the public would see change."""
    salon = db.session.scalars(select(DataSet).where(DataSet.code == "salon")).one()
    measure = db.session.scalars(
        select(Measure).where(Measure.code == "attendance", Measure.data_set_id == salon.id)
    ).one()
    group = db.session.scalars(select(Organisation).where(Organisation.side == "group")).first()
    assert group is not None
    ledger.post([Line(measure.id, group.id, "d1", "2026-09", 2026, 7)], "extra", 1, "group", SYSTEM)
    db.session.commit()
    staff = signed_in(city)
    staff.get("/staff/releases/")
    row = next(r for r in staff.page.all("section tbody tr") if "2-3-p2" in "".join(r.itertext()))
    assert row is not None


def test_committees_and_strangers_may_not(city: PortalFlask) -> None:
    client = Client(city)
    client.get("/staff/releases/", expect=303)
    client.sign_in(Factories(city).user({"role": "committee"}))
    client.get("/staff/releases/", expect=403)
