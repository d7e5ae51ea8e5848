"""The HTML checker of the W3C, once over many pages: starting Java costs more than checking fifty of them.

shelf = Shelf(tmp_path)
shelf.add("/vi/help/", response.text)
assert shelf.messages() == []
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.support.machine import VNU, java

# What it says of good pages, and why it is not followed. Each is a start of its message.
ACCEPTED: dict[str, str] = {}


class Shelf:
    """Pages kept as files until all are checked at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}

    def add(self, name: str, html: str) -> None:
        """Keep a page under the address (or any name) that messages will give."""
        file = self.folder / f"{len(self.names):05}.html"
        file.write_text(html, "utf-8")
        self.names[file.name] = name

    def messages(self) -> list[str]:
        """All errors and warnings, as "address:line: words: extract"."""
        if not self.names:
            return []
        done = subprocess.run(
            [
                str(java()), "-Xss4m", "-jar", str(VNU), "--format", "json", "--stdout", "--exit-zero-always",
                "--no-langdetect", *(str(self.folder / name) for name in sorted(self.names)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the HTML checker failed:\n{done.stderr[-2000:]}")
        found = []
        for message in json.loads(done.stdout)["messages"]:
            if any(message["message"].startswith(start) for start in ACCEPTED):
                continue
            name = self.names.get(Path(message.get("url", "")).name, message.get("url", "?"))
            extract = " ".join(message.get("extract", "").split())
            found.append(f"{name}:{message.get('lastLine', 0)}: {message['message']}: {extract[:120]}")
        return found
