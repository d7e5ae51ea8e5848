"""Default deny: every route says who it is for, the list is written down, and roles meet it for real."""

from __future__ import annotations

import json

import pytest

from config import ROOT
from portal.web.access import audience_of
from portal.web.unit_of_work import PortalFlask
from tests.support.client import Client
from tests.support.factories import Factories

TABLE = ROOT / "tests" / "data" / "routes.json"


def routes(app: PortalFlask) -> dict[str, str]:
    """ "GET /path" -> audience, for every rule of the app."""
    found = {}
    for rule in app.url_map.iter_rules():
        who = audience_of(app.view_functions[rule.endpoint])
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            found[f"{method} {rule.rule}"] = str(who)
    return dict(sorted(found.items()))


def test_every_view_declares_its_audience(app: PortalFlask) -> None:
    assert [route for route, who in routes(app).items() if who == "None"] == []


def test_the_table_of_routes_is_the_one_written_down(app: PortalFlask) -> None:
    """A new route, or a wider audience, is a line in this file that a reviewer reads."""
    assert routes(app) == json.loads(TABLE.read_text("utf-8"))


def test_an_undeclared_view_is_refused(app: PortalFlask) -> None:
    endpoint = next(e for e in app.view_functions if e == "publication.summary")
    view = app.view_functions[endpoint]
    app.view_functions[endpoint] = lambda **_values: "open"
    try:
        assert app.test_client().get("/ja/").status_code == 403
    finally:
        app.view_functions[endpoint] = view


STAFF_PAGES = (
    "/staff/",
    "/staff/reports/",
    "/staff/reports/late/letters",
    "/staff/reminders/",
    "/staff/organisations/",
    "/staff/cards/",
    "/staff/import/",
    "/staff/paper/",
    "/staff/subsidies/",
    "/staff/indicators/",
    "/staff/periods/",
    "/staff/releases/",
    "/staff/users/",
    "/staff/audit/",
    "/staff/plan/pending",
    "/staff/texts/",
    "/staff/returns/",
    "/staff/returns/kayoinoba",
    "/staff/returns/subsidy",
    "/staff/returns/handover",
)
ALLOWED = {
    "reviewer": {
        "/staff/",
        "/staff/reports/",
        "/staff/reports/late/letters",
        "/staff/reminders/",
        "/staff/organisations/",
        "/staff/cards/",
        "/staff/import/",
        "/staff/paper/",
        "/staff/subsidies/",
        "/staff/indicators/",
        "/staff/periods/",
        "/staff/releases/",
        "/staff/plan/pending",
        "/staff/texts/",
        "/staff/returns/",
        "/staff/returns/kayoinoba",
        "/staff/returns/subsidy",
        "/staff/returns/handover",
    },
    "officer": {"/staff/", "/staff/paper/", "/staff/indicators/", "/staff/plan/pending", "/staff/returns/"},
    "committee": {"/staff/", "/staff/indicators/", "/staff/plan/pending", "/staff/returns/"},
    "administrator": {
        "/staff/",
        "/staff/reminders/",
        "/staff/organisations/",
        "/staff/cards/",
        "/staff/import/",
        "/staff/indicators/",
        "/staff/periods/",
        "/staff/releases/",
        "/staff/users/",
        "/staff/audit/",
        "/staff/plan/pending",
        "/staff/texts/",
        "/staff/returns/",
        "/staff/returns/handover",
    },
}


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_roles_meet_the_pages_for_real(make: Factories, client: Client, role: str) -> None:
    scope = {"organisation_id": make.office("shakyo").id} if role == "officer" else {}
    client.sign_in(make.user({"role": role, **scope}))
    answers = {page: client.get(page, expect=None).status_code for page in STAFF_PAGES}
    assert answers == {page: 200 if page in ALLOWED[role] else 403 for page in STAFF_PAGES}


def test_a_stranger_is_sent_to_the_way_in(client: Client) -> None:
    for page in STAFF_PAGES:
        answer = client.get(page, expect=303)
        assert answer.headers["Location"].endswith("/sign-in")


def test_a_card_opens_no_staff_page(make: Factories, client: Client) -> None:
    _card, token = make.card(make.group())
    client.use_card(token)
    for page in set(STAFF_PAGES) - {
        "/staff/paper/"
    }:  # to fill in reports is a card's right: the list is empty
        client.get(page, expect=403)
    client.get("/staff/paper/sheets", expect=404)
