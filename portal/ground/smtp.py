"""One conversation with a mail server. Every step is spoken by itself, so that it is known what a
failure means: before the text is handed over a mail may be tried again, afterwards it may not.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from enum import StrEnum
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

from portal import clock
from portal.ground.mail import Claimed

TIMEOUT = 30.0  # seconds for each answer
LONGEST_LINE = 998  # RFC 5322 2.1.1
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Outcome(StrEnum):
    SENT = "sent"
    LATER = "later"  # not now: busy, greylisted, the line broke before the text was handed over
    BOUNCED = "bounced"  # there is no such address
    FAILED = "failed"  # this mail is not wanted, whoever it is for
    UNCLEAR = "unclear"  # the line broke after the text was handed over


class ServerTrouble(Exception):
    """The server can't be reached or does not want us: no mail can be sent now."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and who it comes from."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str


def server(url: str, public_url: str) -> Server:
    """Read PORTAL_SMTP_URL: smtp://, smtp+starttls:// or smtps://[user:password@]host[:port][?from=address].

    Raises ServerTrouble in words. Without `from` mail comes from no-reply@ the portal's own host.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise ServerTrouble(
            "PORTAL_SMTP_URL is smtp://, smtp+starttls:// or smtps://[user:password@]host[:port][?from=address]"
        )
    named = parse_qs(parts.query).get("from", [""])[0]
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=named or f"no-reply@{urlsplit(public_url).hostname or 'localhost'}",
    )


def message(mail: Claimed, sender: str, name: str) -> bytes:
    """The mail as it is handed over. Its Message-ID is the row's own: a second copy is known as one."""
    made = EmailMessage(policy=POLICY)
    made["From"] = f"{name} <{sender}>"
    made["To"] = mail.recipient
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(clock.local(clock.now()))
    made["Message-ID"] = f"<{mail.public_id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    made.set_content(mail.text, cte="base64")
    return _plainly(mail.headers) + made.as_bytes()


def _plainly(headers: Mapping[str, str]) -> bytes:
    """Headers for machines, each on one line: the library would write a long address as an encoded word,
    which no mail program reads as an address.
    """
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if not all(line.isascii() and line.isprintable() and len(line) < LONGEST_LINE for line in lines):
        raise AssertionError("a header is one printable line")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


class Line:
    """An open line to the server; `with Line(server) as line: line.deliver(...)`."""

    def __init__(self, to: Server) -> None:
        self.to = to
        self.broken = False  # the server hung up: the next mail needs a new line
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Line:
        try:
            self._smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:  # OSError: no connection, a bad certificate
            raise ServerTrouble(
                f"The mail server {self.to.host}:{self.to.port} does not let us in: {error}"
            ) from error
        return self

    def _open(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if self.to.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                self.to.host, self.to.port, timeout=TIMEOUT, context=trusted
            )
        else:
            line = smtplib.SMTP(self.to.host, self.to.port, timeout=TIMEOUT)
        try:
            line.ehlo_or_helo_if_needed()
            if self.to.scheme == "smtp+starttls":
                line.starttls(context=trusted)  # raises where the server does not offer it
                line.ehlo()
            if self.to.user:
                self._sign_in(line)
        except BaseException:
            line.close()
            raise
        return line

    def _sign_in(self, line: smtplib.SMTP) -> None:
        if self.to.scheme == "smtp" and self.to.host not in ("127.0.0.1", "::1", "localhost"):
            raise smtplib.SMTPException("a password is sent over smtps:// or smtp+starttls:// only")
        line.login(self.to.user, self.to.password)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()

    def deliver(self, recipient: str, content: bytes) -> tuple[Outcome, str]:
        """Hand one mail over; ServerTrouble where it is us that the server does not want."""
        assert self._smtp is not None  # noqa: S101 - the line is open inside `with`
        try:
            refused = self._address(self._smtp, recipient)
        except (OSError, smtplib.SMTPException) as error:
            self.broken = True  # perhaps over this very address: it must not keep the others from going
            return Outcome.LATER, type(error).__name__
        return refused or self._hand_over(self._smtp, content)

    def _address(self, line: smtplib.SMTP, recipient: str) -> tuple[Outcome, str] | None:
        """Who it is from and for; what the server has against it, or None."""
        code, words = line.mail(self.to.sender)
        if code != 250:
            raise ServerTrouble(f"The mail server does not take mail from {self.to.sender}: {code}")
        code, words = line.rcpt(recipient)
        if code in (250, 251):
            return None
        line.rset()
        return _meaning(code, words.decode("utf-8", "replace"), recipient=True)

    def _hand_over(self, line: smtplib.SMTP, content: bytes) -> tuple[Outcome, str]:
        try:
            code, words = line.data(content)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
            words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        except (OSError, smtplib.SMTPException) as error:
            self.broken = True
            return Outcome.UNCLEAR, type(error).__name__
        if code == 250:
            return Outcome.SENT, str(code)
        return _meaning(code, words.decode("utf-8", "replace"), recipient=False)


def _meaning(code: int, words: str, *, recipient: bool) -> tuple[Outcome, str]:
    """What a refusal means. 5.7.x is the server's policy (relaying, a blocked sender), not the address.

    Kept of the answer are its numbers: the words often repeat the address.
    """
    enhanced = words.split(" ", 1)[0]
    enhanced = enhanced if enhanced[:2] in ("4.", "5.") else ""
    answer = f"{code} {enhanced}".strip()
    if code < 500:
        return Outcome.LATER, answer
    if recipient and not enhanced.startswith("5.7."):
        return Outcome.BOUNCED, answer
    return Outcome.FAILED, answer
