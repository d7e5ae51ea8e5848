"""What operators ask: liveness, readiness, metrics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.server import migrations
from portal.web.unit_of_work import PortalFlask


def test_liveness_and_readiness(app: PortalFlask) -> None:
    browser = app.test_client()
    assert browser.get("/healthz").data == b"ok\n"
    assert browser.get("/readyz").data == b"ready\n"


def test_an_old_schema_is_not_ready(app: PortalFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "head", lambda: "a-later-one")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.data) == (503, b"not ready\n")


def test_metrics_are_a_404_without_the_token(app: PortalFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = app.test_client()
    assert browser.get("/metrics").status_code == 404
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], metrics_token="secret"))
    assert browser.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = browser.get("/metrics", headers={"Authorization": "Bearer secret"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert "portal_release_number 0\n" in answer.text
