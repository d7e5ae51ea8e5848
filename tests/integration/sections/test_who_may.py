"""Role x scope over every page of the yearly sheets, other people's files among them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reporting.models import SubmissionVersion
from portal.sections.models import SheetLoad
from tests.integration.sections.test_sheets import CHOJU, GOOD, PAGE, SEIKATSU, enter, section, upload, url
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.sheets import fill


def scope(name: str) -> dict[str, Any]:
    return {"organisation_id": section(name).id}


# role, scope -> status of (the list, 長寿はつらつ課's sheet, 社協's sheet, the zip of all)
ROLES = {
    "coordinator": ({"role": "reviewer", "data_set": "annual"}, (200, 200, 404, 200)),
    "reviewer of all": ({"role": "reviewer"}, (200, 200, 200, 200)),
    "reviewer of salons": ({"role": "reviewer", "data_set": "salon"}, (200, 404, 404, 404)),
    "reviewer of a district": ({"role": "reviewer", "district": "d1"}, (200, 404, 404, 404)),
    "own officer": ({"role": "officer", "organisation": CHOJU}, (200, 200, 404, 200)),
    "other officer": ({"role": "officer", "organisation": SEIKATSU}, (200, 404, 404, 200)),
    "committee": ({"role": "committee"}, (403, 403, 403, 403)),
    "administrator": ({"role": "administrator"}, (403, 403, 403, 403)),
}


@pytest.mark.parametrize("who", ROLES)
def test_who_gets_which_sheet(make: Factories, client: Client, who: str) -> None:
    grant, expected = ROLES[who]
    name = grant.get("organisation")
    limits = scope(str(name)) if name else {}
    client.sign_in(make.user({key: value for key, value in grant.items() if key != "organisation"} | limits))
    office = db.session.scalars(select(Organisation.public_id).where(Organisation.code == "shakyo")).one()
    pages = (PAGE, url(CHOJU), f"{PAGE}shakyo_annual/2026-03/{office}.xlsx", PAGE + "2025.zip")
    assert tuple(client.get(page, expect=None).status_code for page in pages) == expected


@pytest.mark.parametrize(
    "address",
    ["annual/2026-02/{}", "annual/x/{}", "office/2026-03/{}", "annual/2027-03/{}", "nothing/2026-03/{}"],
)
def test_no_other_sheets(make: Factories, client: Client, address: str) -> None:
    client.sign_in(make.reviewer())
    client.get(PAGE + address.format(section(CHOJU).public_id) + ".xlsx", expect=404)


def test_a_card_and_a_stranger_get_none(make: Factories, client: Client) -> None:
    target = url(CHOJU)
    for page in (PAGE, target, PAGE + "2025.zip"):
        assert client.get(page, expect=303).headers["Location"].endswith("/sign-in")
    _card, token = make.card(make.group())
    client.use_card(token)
    assert client.get(PAGE).status_code == 200
    assert not client.page.all("main table")
    client.get(target, expect=404)
    client.get(PAGE + "2025.zip", expect=404)


def test_a_section_loads_its_own_sheet_only(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="annual"))
    sheet = fill(client.get(url(CHOJU)).data, GOOD)
    client.browser.delete_cookie("portal")
    client.sign_in(make.user({"role": "officer", **scope(SEIKATSU)}))
    upload(client, sheet)
    assert "ほかの課" in client.page.text("main")
    client.browser.delete_cookie("portal")
    client.sign_in(make.user({"role": "officer", **scope(CHOJU)}))
    upload(client, sheet)
    enter(client)
    assert db.session.scalars(select(SubmissionVersion)).one().source == "department"


def test_what_one_has_read_nobody_else_enters(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="annual"))
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    row = db.session.scalars(select(SheetLoad)).one()
    client.browser.delete_cookie("portal")
    client.sign_in(make.reviewer())
    client.get(PAGE)
    token = client.page.all("input[name=csrf_token]")[0].get("value", "")
    client.get(f"{PAGE}loads/{row.public_id}", expect=404)
    for step in ("", "/drop"):
        client.post(f"{PAGE}loads/{row.public_id}{step}", {"csrf_token": token}, expect=404)


def test_without_its_token_nothing_happens(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="annual"))
    client.post(PAGE, {"year": "2025"}, expect=400)
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    client.post(client.path, {"a": "b"}, expect=400)
    client.post(client.path + "/drop", {"a": "b"}, expect=400)
    assert db.session.scalars(select(SubmissionVersion)).all() == []


def test_thrown_away_files_are_gone(make: Factories, client: Client) -> None:
    client.sign_in(make.reviewer(data_set="annual"))
    upload(client, fill(client.get(url(CHOJU)).data, GOOD))
    client.submit(client.page.form("form.drop"))
    assert db.session.scalars(select(SheetLoad)).all() == []
