"""The link in a mail: asks before it does anything, works without signing in, and is nobody else's."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.extensions import db
from portal.organisations.models import Organisation
from portal.reminders import links
from portal.web.locale import LOCALES
from tests.integration.reminders.conftest import Write
from tests.support.client import Client


@pytest.mark.parametrize("slug", sorted(LOCALES))
def test_one_button_and_back_again(group: Organisation, contact_of: Write, client: Client, slug: str) -> None:
    contact = contact_of(group)
    path = urlsplit(links.unsubscribe(contact, slug)).path
    answer = client.get(path)
    assert contact.unsubscribed_at is None  # a mail program that opens links changes nothing
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == (
        "no-referrer",
        "private, no-store",
    )
    assert "もみじ台" not in answer.text
    assert "hana" not in answer.text
    client.follow(client.submit(client.page.form("main form"), press="stop"))
    assert contact.unsubscribed_at is not None
    client.follow(client.submit(client.page.form("main form"), press="again"))
    assert contact.unsubscribed_at is None


def test_a_mail_program_ends_it_without_a_page(
    group: Organisation, contact_of: Write, raw_client: FlaskClient
) -> None:
    contact = contact_of(group)
    path = urlsplit(links.unsubscribe(contact, "vi")).path
    for _ in range(2):
        answer = raw_client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 303
        assert "Set-Cookie" not in answer.headers
    db.session.expire_all()
    assert contact.unsubscribed_at is not None


def test_another_link_is_a_404(group: Organisation, contact_of: Write, client: Client) -> None:
    contact = contact_of(group)
    token = links.unsubscribe(contact, "ja").rpartition("/")[2]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "contact:1", "x"):
        client.get(f"/ja/reminders/{wrong}", expect=404)
        client.post(f"/ja/reminders/{wrong}", {"action": "stop"}, expect=404)
    assert contact.unsubscribed_at is None


def test_a_link_outlives_a_change_of_the_secret_key(
    asaka: Flask, group: Organisation, contact_of: Write, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = urlsplit(links.unsubscribe(contact_of(group), "ja")).path
    old = asaka.config["SECRET_KEY"]
    monkeypatch.setitem(asaka.config, "SECRET_KEY", "another key of the same length 0123456789")
    client.get(path, expect=404)
    monkeypatch.setitem(asaka.config, "SECRET_KEY_FALLBACKS", [old])
    client.get(path)
