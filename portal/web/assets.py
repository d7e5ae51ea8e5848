"""Files under /static/: content-addressed names, kept in memory; the front door sends them."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
PREFIX = "/static/"


@dataclass(frozen=True)
class Asset:
    """One file: its public path, its type, and its bytes."""

    path: str
    content_type: str
    etag: str
    body: bytes


class Assets:
    """The files of one folder. `url("css/app.css")` is "/static/css/app.<hash>.css"."""

    def __init__(self, folder: Path) -> None:
        self._urls: dict[str, str] = {}
        self.by_path: dict[str, Asset] = {}
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".md":
                self._add(file, file.relative_to(folder).as_posix())

    def _add(self, file: Path, name: str) -> None:
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:12]
        stem, _, suffix = name.rpartition(".")
        path = f"{PREFIX}{stem}.{digest}.{suffix}"
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._urls[name] = path
        self.by_path[path] = Asset(path, kind, f'"{digest}"', body)

    def url(self, name: str) -> str:
        """The address of a file; KeyError for a file that is not there (a test renders every page)."""
        return self._urls[name]


def init_app(app: Flask, folder: Path) -> Assets:
    assets = Assets(folder)
    app.extensions["assets"] = assets
    app.jinja_env.globals["static_url"] = assets.url
    return assets
