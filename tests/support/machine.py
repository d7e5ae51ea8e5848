"""What this machine has for the tests. Asked by the fixtures, and by preflight to say what will not run."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VNU = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


@cache
def chromium() -> str | None:
    """Debian's Chromium; Playwright's own download is never used."""
    return next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)


@cache
def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL; None where a server can't be started.

    PostgreSQL refuses to run as root, so root needs the user `postgres` and runuser.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    found = versions[-1].parent if versions else None
    if found is None and (elsewhere := shutil.which("initdb")):
        found = Path(elsewhere).resolve().parent
    if found and os.geteuid() == 0 and not (shutil.which("runuser") and _has_user("postgres")):
        return None
    return found


def _has_user(name: str) -> bool:
    return any(line.startswith(f"{name}:") for line in Path("/etc/passwd").read_text("utf-8").splitlines())


@cache
def java() -> str | None:
    return shutil.which("java")


@cache
def node() -> str | None:
    return shutil.which("node")


def missing() -> dict[str, str]:
    """{marker: why its tests can't run here}, for the markers browser, node, postgresql and java."""
    why = {}
    if chromium() is None:
        why["browser"] = "Chromium is not installed (apt-get install chromium)"
    elif not AXE.exists():
        why["browser"] = "axe is not installed (npm ci)"
    if node() is None:
        why["node"] = "Node is not installed (apt-get install nodejs)"
    if postgres_programs() is None:
        why["postgresql"] = "PostgreSQL is not installed (apt-get install postgresql)"
    if java() is None:
        why["java"] = "Java is not installed (apt-get install default-jre-headless)"
    elif not VNU.exists():
        why["java"] = "the HTML checker is not installed (npm ci)"
    return why
