"""Cores, CPU time of a server, and load: wrk where it is installed, else a loop in Python."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.report import NotMeasured

CORES = sorted(os.sched_getaffinity(0))
TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 16


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run on one core; processes and threads that begin meanwhile stay there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def children(parent: int) -> list[int]:
    """A process's descendants."""
    found = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


def processes_of(url: str) -> list[int]:
    """The server of ours that listens at `url`, and its workers."""
    port = str(urlsplit(url).port)
    for process in children(os.getpid()):
        if port in Path(f"/proc/{process}/cmdline").read_text().split("\0"):
            return [process, *children(process)]
    raise NotMeasured(f"no server of ours at {url}")


def cpu_seconds(processes: list[int]) -> float:
    """What these processes have used so far, in user and in kernel mode."""
    spent = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICK


def log_of(url: str) -> str:
    """What the server at `url` has printed so far."""
    return Path(f"/proc/{processes_of(url)[0]}/fd/1").read_text(errors="replace")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; header names in small letters, `body` as it came over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Wire:
    """One connection that stays open. Thin, since its own time is in everything that it measures."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self._socket = socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def request(self, path: str, headers: Mapping[str, str] | None = None, form: str | None = None) -> bytes:
        """The bytes of a GET, or of a POST where there is a form."""
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
        return ("\r\n".join(lines) + f"\r\n\r\n{form or ''}").encode()

    def ask(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        status, headers, length = int(self._file.readline().split()[1]), [], 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
            if headers[-1][0] == "content-length" and status != 304:
                length = int(headers[-1][1])
        return Answer(status, headers, self._file.read(length))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask(self.request(path, headers))

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def load_program() -> str | None:
    return shutil.which("wrk")


def load(url: str, path: str, headers: Mapping[str, str], seconds: float) -> tuple[int, float]:
    """Ask for one page over 16 connections; (answers, seconds). NotMeasured if one is not 2xx or 3xx."""
    program = load_program()
    return _wrk(program, url + path, headers, seconds) if program else _loop(url, path, headers, seconds)


def _wrk(program: str, url: str, headers: Mapping[str, str], seconds: float) -> tuple[int, float]:
    """wrk counts whole seconds only, so it is stopped by the signal that makes it print its sums."""
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = [program, "-t1", f"-c{CONNECTIONS}", "-d30s", *words, url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(seconds)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=20)
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s)", said)
    if found is None or "Socket errors" in said or "Non-2xx" in said:
        raise NotMeasured(f"{' '.join(command)}: {said}")
    return int(found[1]), float(found[2]) / (1000 if found[3] == "ms" else 1)


def _loop(url: str, path: str, headers: Mapping[str, str], seconds: float) -> tuple[int, float]:
    counts = [0] * CONNECTIONS
    end = time.perf_counter() + seconds

    def ask(place: int) -> None:
        wire = Wire(url)
        request = wire.request(path, headers)
        while time.perf_counter() < end:
            if wire.ask(request).status < 400:
                counts[place] += 1
        wire.close()

    begun = time.perf_counter()
    together(ask, CONNECTIONS)
    return sum(counts), time.perf_counter() - begun


def together(job: Callable[[int], None], count: int) -> None:
    """Run job(0), job(1), ... at the same time, each in a thread of its own."""
    threads = [threading.Thread(target=job, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
