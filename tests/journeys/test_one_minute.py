"""A month takes a minute: touches and keys of a usual month are counted, and docs publish the numbers.

A touch is a finger on the screen: a button, a link, a field that gets the focus, an option. A key is one
press on the number pad. The card has been used before, so the phone is signed in, as in any usual month.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_main_job import use_card
from tests.journeys.test_offline import query
from tests.support.city import Site
from tests.support.machine import ROOT

Open = Callable[..., Page]
PUBLISHED = (ROOT / "docs" / "reporting.md").read_text("utf-8")


class Finger:
    """Counts what a person does."""

    def __init__(self) -> None:
        self.touches = self.keys = 0

    def touch(self, place: Locator) -> None:
        place.click()
        self.touches += 1

    def write(self, field: Locator, figure: str) -> None:
        self.touch(field)
        field.press_sequentially(figure)
        self.keys += len(figure)


def published(what: str, finger: Finger) -> None:
    assert f"| {what} | {finger.touches} | {finger.keys} |" in PUBLISHED, (finger.touches, finger.keys)


def test_a_salon_s_usual_month(own_site: Site, open_page: Open) -> None:
    page, finger = open_page(), Finger()
    use_card(page)
    finger.touch(page.locator("#task ~ .actions a"))
    finger.touch(page.locator("button[value=copy]"))  # what was done is the same as last time
    page.wait_for_url("**/salon/2026-10/")
    finger.write(page.locator("#m-held"), "2")
    finger.write(page.locator("#m-attendance"), "24")
    finger.write(page.locator("#m-helpers"), "4")
    finger.touch(page.locator("button[value=check]"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    expect(page.locator("h1")).to_have_text("届きました")
    assert finger.touches <= 12
    published("salon, a usual month", finger)


def test_a_salon_s_month_like_the_last(own_site: Site, open_page: Open) -> None:
    """Every number of last month is taken in by a touch of its own: none is copied unseen."""
    page, finger = open_page(), Finger()
    use_card(page)
    finger.touch(page.locator("#task ~ .actions a"))
    finger.touch(page.locator("button[value=copy]"))
    page.wait_for_load_state("networkidle")
    for name in ("m-held", "m-attendance", "m-helpers"):
        finger.touch(page.locator(f"button.take[value={name}]"))
        expect(page.locator(f"#{name}")).not_to_have_value("")
    finger.touch(page.locator("button[value=check]"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    assert finger.touches <= 12
    published("salon, a month like the last one", finger)


def test_a_salon_s_month_one_question_a_screen(own_site: Site, open_page: Open) -> None:
    page, finger = open_page(), Finger()
    use_card(page)
    page.goto("/ja/report/salon/2026-10/")
    page.locator("button[name=view]").click()  # chosen once; the phone remembers it
    page.wait_for_load_state("networkidle")
    page.goto("/ja/report/")
    finger.touch(page.locator("#task ~ .actions a"))
    for name in ("m-held", "m-attendance", "m-helpers", "m-people", "m-newcomers"):
        screen = page.locator(f"#at-{name}")
        expect(screen).to_be_visible()
        if name in ("m-held", "m-attendance", "m-helpers"):
            finger.touch(screen.locator(".take"))
            expect(page.locator(f"#{name}")).not_to_have_value("")
        finger.touch(screen.locator(":scope > button[name=at]"))
    finger.touch(page.locator("button[value=copy]"))
    expect(page.locator("[name=m-activities]:checked").first).to_be_visible()
    finger.touch(page.locator("button[value=check]"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    assert finger.touches <= 12
    published("salon, one question a screen", finger)


def test_a_month_without_a_meeting(own_site: Site, open_page: Open) -> None:
    page, finger = open_page(), Finger()
    use_card(page)
    finger.touch(page.locator("section.now form button"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    published("salon, a month without a meeting", finger)


def test_a_commissioner_s_usual_month(own_site: Site, open_page: Open) -> None:
    """Ten items of 29 are not 0; folded sections are opened, the rest is one touch."""
    page, finger = open_page(), Finger()
    use_card(page, "demo-card-minsei")
    finger.touch(page.locator("#task ~ .actions a"))
    page.wait_for_url("**/minsei/2026-10/")
    folds = page.locator("form.report details.fold > summary")
    for place, figures in enumerate(
        (
            {"health": "1", "daily_support": "2"},
            {"for_older": "3"},
            {"events": "4", "community": "5"},
            {"visits": "14", "other_visits": "2", "between_members": "3", "with_agencies": "1"},
            {"days": "11"},
        )
    ):
        if place:  # the first section is open
            finger.touch(folds.nth(place))
        for code, figure in figures.items():
            finger.write(page.locator(f"#m-{code}"), figure)
    finger.touch(page.locator("#zeros"))
    expect(page.locator("#m-housing")).to_have_value("0")
    finger.touch(page.locator("button[value=check]"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    published("commissioner, ten items of 29", finger)


def test_a_commissioner_s_day_in_the_counter(own_site: Site, open_page: Open) -> None:
    """One touch opens it; from then on each +1 is one, where the item is among those counted most."""
    page, finger = open_page(), Finger()
    use_card(page, "demo-card-minsei")
    finger.touch(page.locator("[data-days] a.button"))
    page.wait_for_url("**/minsei/days/")
    for _visit in range(3):
        finger.touch(page.locator("#often-visits"))
    expect(page.locator(".often [data-measure=visits] [data-on-day]")).to_have_text("3")
    published("commissioner, three +1 in the day counter", finger)


def test_a_commissioner_s_month_that_was_counted(own_site: Site, open_page: Open) -> None:
    """Nothing is written any more: the numbers are there, the rest is 0, send."""
    same = "organisation_id, data_set_id, contact_id, measure, step, entered_by, at"
    query(
        own_site,
        f"INSERT INTO taps (tap_key, day, {same})"
        f" SELECT tap_key || '-', date(day, '-1 month'), {same} FROM taps",
    )
    page, finger = open_page(), Finger()
    use_card(page, "demo-card-minsei")
    finger.touch(page.locator("#task ~ .actions a"))
    page.wait_for_url("**/minsei/2026-10/")
    assert int(page.locator("#m-visits").input_value()) > 0
    finger.touch(page.locator("#zeros"))
    finger.touch(page.locator("button[value=check]"))
    page.wait_for_url("**/check/")
    finger.touch(page.locator("main form .actions button").last)
    page.wait_for_url("**/receipt/")
    published("commissioner, a month counted day by day", finger)
