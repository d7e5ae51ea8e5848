"""The line between a phone and the portal, with what lines do: down, an answer lost, a server that fails.

Chromium's own switch tells `navigator.onLine`; a real line tells it nothing. Both are tried.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

SEND = re.compile(rb"POST /\S+/send(\?\S*)? HTTP")
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line:
    """Passes everything on to `target`; `url` is what the phone uses instead of it."""

    def __init__(self, target: str) -> None:
        self._port = urlsplit(target).port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.mode = "up"
        self.lost = 0  # answers to 送る that never came back
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.mode = "down"
        _end(self._listener)
        self._thread.join()
        self._cut()

    def goes(self, mode: str) -> None:
        """up, down, loses (answers to 送る), fails (500 to 送る). Open connections are cut."""
        self.mode = mode
        self._cut()

    def _cut(self) -> None:
        with self._lock:
            gone, self._open = self._open, set()
        for one in gone:
            _end(one)

    def _accept(self) -> None:
        while True:
            try:
                phone, _address = self._listener.accept()
            except OSError:
                return
            portal = self._reach()
            if portal is None:
                _end(phone)
                continue
            with self._lock:
                self._open |= {phone, portal}
            silent = threading.Event()
            for pump in (self._ask, self._answer):
                threading.Thread(target=pump, args=(phone, portal, silent), daemon=True).start()

    def _reach(self) -> socket.socket | None:
        if self.mode == "down":
            return None
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", self._port))
        return None

    def _ask(self, phone: socket.socket, portal: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := phone.recv(65536):
                if SEND.match(data) and self.mode == "fails":
                    phone.sendall(FAILED)
                    break
                if SEND.match(data) and self.mode == "loses":
                    silent.set()
                portal.sendall(data)
        _end(phone)
        _end(portal)

    def _answer(self, phone: socket.socket, portal: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := portal.recv(65536):
                if silent.is_set():  # the portal has done its work; nobody will hear of it
                    self.lost += 1
                    break
                phone.sendall(data)
        _end(phone)
        _end(portal)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
