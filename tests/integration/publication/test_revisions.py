"""A closed year's figures are final; what moves them afterwards is shown as a revision."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from portal.datasets.models import DataSet, Measure
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.home import closing
from portal.ledger import services as ledger
from portal.ledger.services import Line
from portal.organisations.models import Organisation
from portal.periods import queries as periods
from portal.periods import services as years
from portal.publication import queries, revisions, services
from portal.web.page_cache import FrontDoor
from portal.web.unit_of_work import PortalFlask
from tests.integration.publication.conftest import forget
from tests.support.client import Client
from tests.support.factories import Factories

CODE = "1-1-s1"  # 社協's meetings, a flow of its monthly form


def value() -> dict[str, Any]:
    newest = queries.latest()
    assert newest is not None
    row = next(row for row in json.loads(newest.content)["indicators"] if row["code"] == CODE)
    found: dict[str, Any] = next(v for v in row["values"] if v["fiscal_year"] == 2025)
    return found


def amend(by: int, name: str = "extra") -> None:
    office = db.session.scalars(select(Organisation).where(Organisation.code == "shakyo")).one()
    measure = db.session.scalars(
        select(Measure).join(DataSet).where(DataSet.code == "office", Measure.code == "meetings")
    ).one()
    ledger.post([Line(measure.id, office.id, "", "2025-10", 2025, by)], name, 1, "office", SYSTEM)


def close() -> None:
    closing.close(SYSTEM, 2025, True)
    db.session.commit()


def reopen() -> None:
    years.reopen_year(SYSTEM, 2025, "訂正")
    db.session.commit()


def test_closing_publishes_and_later_changes_are_revisions(city: PortalFlask, door: FrontDoor) -> None:
    before = value()["value"]
    close()
    first = periods.first_closings()[2025]
    assert first.release == 2
    assert (value()["provisional"], value()["value"], value().get("revised")) == (False, before, None)
    reopen()
    amend(7)
    close()
    revised = value()["revised"]
    assert value()["value"] == before + 7
    assert (revised["from"], revised["release"]) == (before, 2)
    assert revisions.finals()[CODE, 2025].figure == before
    release, new = services.publish(SYSTEM)  # a night on which nothing happened
    assert (release.number, new) == (3, False)
    forget(door)
    reader, staff = Client(city), Client(city)
    reader.get(f"/ja/indicators/{CODE}")
    assert "改定" in reader.page.text("main")
    assert f"年度を締めたときは{before}件でした" in reader.page.text("main")
    staff.sign_in(Factories(city).reviewer())
    staff.get(f"/staff/indicators/{CODE}")
    assert "改定" in staff.page.text("main")
    assert f"{before}件" in staff.page.text("main")


def test_a_figure_that_is_as_it_was_is_no_revision(city: PortalFlask) -> None:
    close()
    reopen()
    amend(7)
    amend(-7, "back")
    close()
    assert "revised" not in value()


def test_the_page_before_closing_counts_what_is_missing(city: PortalFlask) -> None:
    preview = closing.preview(2025)
    lines = {line.data_set.code: line for line in preview.forms}
    assert lines["office"].here == lines["office"].owed == 12
    assert preview.missing == sum(line.missing for line in preview.forms)
    assert preview.to_judge == 38
