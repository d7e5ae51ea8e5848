"""A real SMTP server on loopback, told how to answer.

with Postbox() as box:
    box.answers["gone@example.jp"] = "550 5.1.1 no such user"
    ...                                  # box.url is a PORTAL_SMTP_URL
    assert box.mails[0]["Subject"] == ...
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask

from portal.clock import now
from tests.support.browser import free_port

HANG_UP = "hang up"


class Postbox:
    """`answers`: recipient -> what RCPT says. `data`: what the end of DATA says, in turn ("": 250)."""

    def __init__(self, tls: ssl.SSLContext | None = None, password: str = "") -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.data: list[str] = []
        self.sender_answer = ""
        self.signed_in: list[str] = []
        self._scheme = "smtp+starttls" if tls else "smtp"
        self._account = f"portal:{password}@" if password else ""
        extra: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
        if password:
            extra |= {"authenticator": self._authenticate, "auth_required": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), **extra)
        self._password = password

    def __enter__(self) -> Postbox:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return (
            f"{self._scheme}://{self._account}127.0.0.1:{self._controller.port}?from=portal@shakyo.example.jp"
        )

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> Any:
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self._password)

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.answers.get(address, "")
        if answer == HANG_UP:
            server.transport.close()
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        answer = self.data.pop(0) if self.data else ""
        if answer and answer != HANG_UP:
            return answer
        self.recipients.extend(envelope.rcpt_tos)
        self.raw.append(envelope.original_content)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if answer == HANG_UP:  # it is taken, but nobody hears so
            server.transport.close()
        return "250 OK"


def hand_in_at(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    """Set PORTAL_SMTP_URL for this test."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], smtp_url=url))


def later(app: Flask, monkeypatch: pytest.MonkeyPatch, **much: int) -> None:
    """Put the clock on: `later(app, monkeypatch, minutes=20)`."""
    _pinned, zone = app.extensions["portal_clock"]
    monkeypatch.setitem(app.extensions, "portal_clock", (now() + timedelta(**much), zone))
